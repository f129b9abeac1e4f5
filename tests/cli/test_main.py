"""The command line: exit status, sentences, and JSON in the last line."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from imgclf_core.cli import main
from imgclf_core.datasets import store
from imgclf_core.jobs import lanes, queue
from imgclf_core.runs import run_store
from tests.conftest import make_zip, picture, two_classes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def photos(tmp_path) -> str:
    """A zip of two classes."""
    return str(make_zip(tmp_path / "photos.zip", {**two_classes(6), "red/no.jpg": b"%PDF-1.7"}))


@pytest.fixture
def run_cli(capsys):
    """Runs a command in this process: exit status, last line as JSON or text, standard error."""

    def run(*arguments: object) -> tuple[int, object, str]:
        capsys.readouterr()
        try:
            status = main.main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse
            status = end.code
        out, err = capsys.readouterr()
        last = out.strip().splitlines()[-1] if out.strip() else ""
        return status, json.loads(last) if "--json" in arguments and last else out, err

    return run


def assert_said(result: tuple[int, object, str], words: str, status: int = 2) -> None:
    """The command ended with this status and one sentence."""
    assert result[0] == status, result
    assert words in result[2]
    assert "Traceback" not in result[2]


def test_ingest_gives_a_receipt_that_adds_up(run_cli, photos, tmp_path):
    """Photos, classes, skipped files, sides and problems, and a data set on disk."""
    status, receipt, err = run_cli("ingest", photos, "--out", tmp_path / "set", "--json")
    assert status == 0
    assert receipt["images"] == 12
    assert receipt["classes"] == {"blue": 6, "red": 6}
    assert receipt["received"] == receipt["images"] + len(receipt["skipped"])
    assert [entry["name"] for entry in receipt["skipped"]] == ["red/no.jpg"]
    assert {"few photos", "unreadable"} <= {problem["check"] for problem in receipt["problems"]}
    splits = receipt["splits"]
    assert set(splits) == {"training", "validation", "test"}
    assert len(store.load(tmp_path / "set").photos) == 12
    assert "dividing" in err


def test_ingest_speaks_in_sentences_without_json(run_cli, photos, tmp_path):
    """What was taken, what was skipped and why."""
    status, out, _ = run_cli("ingest", photos, "--out", tmp_path / "set")
    assert status == 0
    assert "12 photos in 2 classes, 1 files skipped." in out
    assert "skipped red/no.jpg: it is a PDF file" in out


def test_the_seed_of_ingest_decides_the_split(run_cli, photos, tmp_path):
    """The same seed gives the same sides."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run_cli("ingest", photos, "--out", tmp_path / name, "--seed", seed)
    a, b, c = (store.load(tmp_path / name).sides.tolist() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "COMMAND"),
        (["dance"], "dance"),
        (["ingest", "x.zip"], "--out"),
        (["ingest", "none.zip", "--out", "OUT"], "There is no file or folder 'none.zip'"),
        (["ingest", "PHOTOS", "--out", "FULL"], "is there already and not empty"),
        (["ingest", "PHOTOS", "--out", "PHOTOS/set"], "photos.zip"),
        (["ingest", "FULL/text.zip", "--out", "OUT"], "is not a zip"),
        (["ingest", "FULL", "--out", "OUT"], "No photos in class folders"),
        (["train", "--data", "none", "--model", "scratch_cnn", "--out", "OUT"], "'none'"),
        (["train", "--data", "PHOTOS", "--model", "resnet", "--out", "OUT"], "resnet"),
        (
            [
                "train",
                "--data",
                "PHOTOS",
                "--model",
                "scratch_cnn",
                "--out",
                "OUT",
                "--epochs",
                "0",
            ],
            "'epochs' is 0",
        ),
        (
            [
                "train",
                "--data",
                "PHOTOS",
                "--model",
                "mobilenet_v2",
                "--out",
                "OUT",
                "--image-size",
                "100",
            ],
            "'image size' is 100",
        ),
        (["evaluate", "FULL"], "There is no run in"),
        (["classify", "FULL", "PHOTOS"], "neither the folder of a run nor an exported model"),
        (["export", "FULL", "--out", "OUT"], "There is no run in"),
    ],
)
def test_a_wrong_input_or_option_is_status_2(run_cli, photos, tmp_path, arguments, words):
    """One sentence on standard error and no traceback."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "text.zip").write_text("hello")
    names = {"OUT": tmp_path / "out", "FULL": tmp_path / "full", "PHOTOS": photos}
    for name, path in names.items():
        arguments = [argument.replace(name, str(path)) for argument in arguments]
    assert_said(run_cli(*arguments), words)
    assert not (tmp_path / "out" / "report.json").exists()


def test_a_job_that_was_stopped_is_status_1(run_cli, photos, tmp_path):
    """Nothing was wrong with the input, yet there is no result."""
    folder = tmp_path / "set"

    def stop_when_waiting():
        while not ((status := queue.read(folder)) and status.ahead):
            time.sleep(0.02)
        queue.stop(folder)

    thread = threading.Thread(target=stop_when_waiting)
    with lanes.turn(lanes.LIGHT, lambda ahead: None):
        thread.start()
        result = run_cli("ingest", photos, "--out", folder)
        thread.join()
    assert_said(result, "Stopped", status=1)


def test_the_module_runs_as_a_program():
    """`python -m imgclf_core` passes the status on."""
    done = subprocess.run(
        [sys.executable, "-m", "imgclf_core", "evaluate", "none"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "There is no run in 'none', or it is damaged.\n"


@pytest.mark.slow
def test_train_makes_a_run_that_is_packed(run_cli, photos, tmp_path):
    """A zip goes in; figures, a data set, a run and a bundle come out."""
    status, figures, _ = run_cli(
        "train",
        "--data",
        photos,
        "--model",
        "scratch_cnn",
        "--out",
        tmp_path / "run",
        "--epochs",
        2,
        "--image-size",
        64,
        "--batch-size",
        4,
        "--json",
    )
    assert status == 0
    assert figures["class_names"] == ["blue", "red"]
    assert figures["epochs_run"] == 2
    assert set(figures["seconds"]) >= {"total", "decode", "features", "fit"}
    for side in ("test", "validation"):
        part = figures[side]
        low, high = part["interval"]
        assert low <= part["accuracy"] <= high
        assert {"baseline", "n"} <= part.keys()
    run = run_store.load(tmp_path / "run")
    assert run.packed
    assert run.dataset == (tmp_path / "run" / "dataset").resolve()
    status, made, _ = run_cli("export", run.folder, "--out", tmp_path / "new" / "m.zip", "--json")
    assert (status, made["bytes"]) == (0, (tmp_path / "new" / "m.zip").stat().st_size)
    status, figures, _ = run_cli("classify", tmp_path / "new" / "m.zip", photos, "--json")
    assert (status, len(figures["photos"]), figures["expected"]["n"]) == (0, 12, 12)


@pytest.mark.slow
def test_evaluate_repeats_the_test(run_cli, trained):
    """The same figures as after the training, with the matrix and the mistakes."""
    run = trained("mobilenet_v2")
    status, figures, _ = run_cli("evaluate", run.folder, "--json")
    assert status == 0
    assert figures["accuracy"] == run.report["test"]["accuracy"]
    matrix = figures["confusion_matrix"]
    assert sum(map(sum, matrix)) == figures["n"] == run.report["test"]["n"]
    assert len(figures["mistakes"]) == figures["n"] - figures["right"]
    assert {"balanced_accuracy", "per_class", "class_names"} <= figures.keys()
    status, out, _ = run_cli("evaluate", run.folder)
    assert "Always guessing" in out


@pytest.mark.slow
def test_evaluate_on_other_photos(run_cli, trained, photos, tmp_path):
    """Other photos are tested on; a class the model does not know is named."""
    run = trained("mobilenet_v2")
    status, figures, _ = run_cli("evaluate", run.folder, "--data", photos, "--json")
    assert (status, figures["n"]) == (0, 12)
    foreign = make_zip(tmp_path / "b.zip", {**two_classes(1), "green/1.jpg": picture(1)})
    assert_said(run_cli("evaluate", run.folder, "--data", foreign), "does not know: green")


@pytest.mark.slow
def test_classify_prints_tables_and_copies(run_cli, trained, photos, tmp_path):
    """Scores for each photo, highest first; a table; copies; originals untouched."""
    run, table, copies = trained("mobilenet_v2"), tmp_path / "t.csv", tmp_path / "copies"
    before = Path(photos).read_bytes()
    status, out, err = run_cli("classify", run.folder, photos, "--csv", table, "--copy-to", copies)
    assert status == 0
    assert out.count("Evaluation time (1-image): ") == 12
    assert "red/no.jpg: skipped because it is a PDF file" in err
    assert table.read_text("utf-8").startswith("file,answer,score,blue,red")
    assert len(table.read_text("utf-8").splitlines()) == 13
    assert len(list(copies.iterdir())) == 12
    assert Path(photos).read_bytes() == before


@pytest.mark.slow
def test_classify_without_a_photo_is_status_2(run_cli, trained, tmp_path):
    """Nothing could be read, and the reason of each file is there."""
    (tmp_path / "no.jpg").write_bytes(b"hello")
    result = run_cli("classify", trained("mobilenet_v2").folder, tmp_path / "no.jpg")
    assert_said(result, "No photo could be read")
    assert "no.jpg: skipped because" in result[2]


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--csv", "--copy-to"])
def test_a_place_that_cannot_be_written_is_status_2(run_cli, trained, photos, tmp_path, option):
    """A folder that is a file is the person's to mend."""
    (tmp_path / "file").write_text("x")
    run = trained("mobilenet_v2")
    result = run_cli("classify", run.folder, photos, option, tmp_path / "file" / "below")
    assert_said(result, "file")


def test_a_sentence_does_not_steer_the_terminal(run_cli, tmp_path):
    """The name of a file is quoted without its escape sequences."""
    status, _, said = run_cli("ingest", tmp_path / "\x1b[31mred.zip", "--out", tmp_path / "set")
    assert status == 2
    assert "\x1b" not in said
    assert "[31mred.zip" in said
