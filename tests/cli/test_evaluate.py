"""`evaluate`: figures, calibration, labels in doubt, and the report, from the command line."""

import json
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.cli import main
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import decisions
from imgclf_core.runs import run_store
from tests.conftest import make_zip, two_classes

pytestmark = pytest.mark.slow  # a trained network is needed


def evaluated(capsys, *arguments: str) -> dict:
    """The last line of `evaluate --json`."""
    assert main.main(["evaluate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def run(trained):
    """A small pretrained run."""
    return trained("mobilenet_v2")


def test_figures_calibration_and_all_labels_are_told(run, capsys):
    """Before and after temperature scaling; every photo of every side in the queue, ranked."""
    figures = evaluated(capsys, str(run.folder))
    dataset = store.load(run.dataset)
    assert figures["side"] == "test"
    assert figures["n"] == len(dataset.indices("test"))
    told = figures["calibration"]
    for name in ("log_loss", "expected_calibration_error"):
        assert set(told[name]) == {"before", "after"}
    assert told["log_loss"]["after"] == pytest.approx(figures["log_loss"])
    issues = figures["label_issues"]
    assert {issue["name"] for issue in issues} == {photo.name for photo in dataset.photos}
    assert {"name", "label", "suggestion", "score", "side", "flagged"} <= set(issues[0])
    assert [issue["score"] for issue in issues] == sorted(issue["score"] for issue in issues)
    assert figures["counting_tags"]["right"] == figures["right"]


def test_another_side_and_other_photos_can_be_asked(run, capsys, tmp_path):
    """Training photos of its own, or a zip; labels need not be judged."""
    assert evaluated(capsys, str(run.folder), "--side", "training")["side"] == "training"
    source = make_zip(tmp_path / "more.zip", two_classes(5))
    figures = evaluated(capsys, str(run.folder), "--data", str(source), "--no-labels")
    assert figures["n"] == 10
    assert figures["label_issues"] is None


def test_second_tags_have_an_accuracy_of_their_own(run, capsys, tmp_path):
    """Tags of photos the run saw count once they are in the version that is asked."""
    source = make_zip(tmp_path / "more.zip", two_classes(5))
    assert main.main(["ingest", str(source), "--out", str(tmp_path / "set")]) == 0
    dataset = store.load(tmp_path / "set")
    for name in dataset.class_names:
        own = [i for i, photo in enumerate(dataset.photos) if dataset.class_of(photo) != name]
        dataset = store.commit(replace(decisions.also_shows(dataset, own, name).dataset), "tags")
    capsys.readouterr()
    figures = evaluated(capsys, str(run.folder), "--data", str(dataset.folder), "--no-labels")
    assert figures["counting_tags"] == {"accuracy": 1.0, "right": 10, "tagged": 10}


def test_the_report_and_its_figures_are_written(run, capsys, tmp_path):
    """One HTML file, and PNG and CSV beside it."""
    page, folder = tmp_path / "report.html", tmp_path / "figures"
    evaluated(capsys, str(run.folder), "--report", str(page), "--figures", str(folder))
    assert page.read_text("utf-8").lstrip().lower().startswith("<!doctype html")
    assert {path.suffix for path in folder.iterdir()} == {".png", ".csv"}


def test_people_are_told_the_same_in_words(run, capsys):
    """Without `--json`: the score, the calibration, and labels worth a look."""
    assert main.main(["evaluate", str(run.folder)]) == 0
    words = capsys.readouterr().out
    assert "expected calibration error" in words
    assert "Right on" in words


@pytest.mark.parametrize(
    "arguments", [("--data", "x.zip", "--report", "r.html"), ("--data", "nowhere.zip")]
)
def test_what_cannot_be_is_refused_in_a_sentence(run, capsys, arguments):
    """Exit status 2 and one line."""
    assert main.main(["evaluate", str(run.folder), *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()[-1:]) == 1


def test_a_side_without_photos_is_said(run, capsys, tmp_path):
    """Not another side in its place, which a script would not notice."""
    from imgclf_core.runs import predictions

    folder = tmp_path / "run"
    run_store.save(replace(run, folder=folder))
    kept = predictions.load(run.folder / run_store.PREDICTIONS_FILE).of("training")
    predictions.save(folder / run_store.PREDICTIONS_FILE, kept)
    (folder / run_store.REPORT_FILE).write_text("{}")
    assert np.unique(kept.sides).tolist() == ["training"]
    assert main.main(["evaluate", str(folder)]) == 2
    assert "no test photos" in capsys.readouterr().err
