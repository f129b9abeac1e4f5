"""A report as a person opens it: one file, whole, with all figures and nothing from outside."""

import csv
import html
import io
import re
import subprocess
import sys
import time
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from imgclf_core.analysis import mistakes, results
from imgclf_core.datasets import store
from imgclf_core.errors import ModelError
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.reports import write
from imgclf_core.runs import calibration, predictions, run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from tests.conftest import two_classes
from tests.reports.conftest import Page, read

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "<b>x</b>",
    "=1+1",
    "\u202eevil",
    "שלום",
    "L" * 200,
    "$x$ and $y",
    "_hidden",
    "😀",
    "日本",
    '"><script>alert(1)</script>',
    "a  b",
    "a b",
    "</svg></style>",
    "\\frac{1}",
    "%s {x}",
)


def assert_whole(page: Page) -> None:
    """All tags close, nothing runs, nothing is loaded."""
    assert (page.wrong, page.open_tags) == ([], [])
    assert not page.tags & {"script", "iframe", "object", "embed", "link", "base", "form"}
    assert page.handlers == []
    assert all(value.startswith(("#", "data:image/")) for value in page.loaded)
    assert not re.findall(r"url\((?!#|data:)", page.source)
    assert "http" not in page.source.replace("http-equiv", "")
    assert {value[1:] for value in page.loaded if value[0] == "#"} <= set(page.ids)


@pytest.fixture(scope="module")
def report(trained, tmp_path_factory) -> tuple[Run, Page, Path]:
    """The report of a trained run, and the folder of its figures."""
    folder = tmp_path_factory.mktemp("report")
    run = trained("mobilenet_v2")
    write.write(run, "test", folder / "report.html", folder / "figures")
    return run, read(folder / "report.html"), folder / "figures"


@pytest.mark.slow
def test_a_report_is_one_whole_page(report):
    """Well-formed, without script and without anything from outside."""
    _, page, _ = report
    assert_whole(page)
    assert page.source.count("<svg") == 4
    assert "@media print" in page.source


@pytest.mark.slow
def test_all_figures_are_on_the_page(report):
    """Accuracy, interval, baseline, every class, every cell and the averages, to the digit."""
    run, page, _ = report
    figures = results.open_result(run, "test").figures
    low, high = figures.interval
    assert f"Right on {figures.right} of {figures.n} photos it never saw" in page.text
    for share in (figures.accuracy, low, high, figures.baseline, figures.balanced_accuracy):
        assert f"{share:.1%}" in page.text
    for one in (*figures.per_class, *figures.averages):
        row = f"{one.name}{one.precision:.3f}{one.recall:.3f}{one.f1:.3f}{one.support}"
        assert row in page.text
    for name, row in zip(run.class_names, figures.confusion, strict=True):
        assert f"<bdi>{name}</bdi></th>" in page.source
        assert all(f">{count}<" in page.source for count in row)


@pytest.mark.slow
def test_all_that_repeats_it_is_on_the_page(report):
    """Hash of data and weights, libraries, seed, the command, and every term."""
    run, page, _ = report
    assert run.weights["sha256"] in page.text
    assert all(f"{name} {number}" in page.text for name, number in run.versions.items())
    # Its seed is not that of the split, so photos and sides come from the data set.
    command = "python -m imgclf_core train --data photos-version-1.zip --model mobilenet_v2"
    assert command in page.text
    assert "SHA-256" in page.text
    assert "Balanced accuracy" in page.text


@pytest.mark.slow
def test_figures_and_tables_are_files(report):
    """PNG and CSV; the tables have all digits."""
    run, _, folder = report
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "confusion_matrix.png",
        "per_class.png",
        "training_curves.png",
        "reliability.png",
        "ranking.png",
        "division.png",
        "figures.csv",
        "confusion_matrix.csv",
        "per_class.csv",
        "history.csv",
        "reliability.csv",
        "coverage.csv",
        "division.csv",
        "settings.csv",
        *({"mistakes.csv", "confused_pairs.csv", "label_issues.csv"} & names),
    }
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in folder.glob("*.png"))
    result = results.open_result(run, "test")
    table = dict(csv.reader(io.StringIO((folder / "figures.csv").read_text("utf-8"))))
    assert float(table["accuracy"]) == result.figures.accuracy
    assert float(table["log loss"]) == result.figures.log_loss
    matrix = list(csv.reader(io.StringIO((folder / "confusion_matrix.csv").read_text("utf-8"))))
    assert [row[1:] for row in matrix[1:]] == [
        [str(count) for count in row] for row in result.figures.confusion
    ]
    history = list(csv.DictReader(io.StringIO((folder / "history.csv").read_text("utf-8"))))
    assert [float(row["loss"]) for row in history] == [r["loss"] for r in run_store.history(run)]


def test_names_of_strangers_stay_names(make_run, tmp_path, capfd):
    """Tags, formulas, mathematics, emoji and letters of any direction; no word on stderr."""
    run = make_run(HOSTILE, each=12, photo_names=lambda i: f"{HOSTILE[i % len(HOSTILE)]}\ud800{i}")

    write.write(run, "test", tmp_path / "r.html", tmp_path / "figures")

    page = read(tmp_path / "r.html")
    assert_whole(page)
    shown = {html.unescape(name) for name in re.findall(r"<bdi>(.*?)</bdi>", page.source)}
    assert {"<b>x</b>", "=1+1", "$x$ and $y", "_hidden", "😀", "日本", "\\frac{1}"} <= shown
    assert "<b>x</b>" not in page.source
    assert "\u202e" not in page.source
    assert "a b (2)" in page.text
    table = (tmp_path / "figures" / "per_class.csv").read_text("utf-8")
    assert "\n'=1+1," in table
    assert capfd.readouterr() == ("", "")


def test_sixty_classes_are_shown_as_colours(make_run, tmp_path):
    """No square per pair, but the pairs that are confused most; quick and small."""
    run = make_run(tuple(f"class {k}" for k in range(60)), each=80)
    began = time.monotonic()

    write.write(run, "test", tmp_path / "r.html", None)

    assert time.monotonic() - began < 15  # about 1 s; machines are shared
    page = read(tmp_path / "r.html")
    assert_whole(page)
    assert len(page.source) < 3_000_000
    assert "image/png" in page.source
    assert "Most often confused" in page.text
    assert page.source.count('<th scope="row"') < 60 * 3


def test_a_run_whose_photos_were_deleted_keeps_its_report(make_run, tmp_path):
    """The figures stay; that photos and receipts are gone is said."""
    write.write(make_run(), "test", tmp_path / "r.html", None)

    page = read(tmp_path / "r.html")
    assert_whole(page)
    assert "The data set was deleted since" in page.text
    assert "photo not there" in page.text
    assert "The photos were deleted here" in page.text


def test_mistakes_are_photos(make_run, make_dataset, tmp_path):
    """At most 24, small, with name, true class, guess and both scores; a lost one is said."""
    dataset = make_dataset()
    run = make_run(dataset.class_names, dataset=dataset)
    wrong = mistakes.find_mistakes(
        results.open_result(run, "training").answers, dataset.class_names
    )
    (dataset.folder / "images" / wrong[0].file).unlink()

    write.write(run, "training", tmp_path / "r.html", None)

    page = read(tmp_path / "r.html")
    assert_whole(page)
    assert page.source.count("data:image/jpeg") == min(len(wrong), 24) - 1
    for mistake in wrong[:24]:
        assert mistake.name in page.text
        assert f"is {mistake.true_class} {mistake.true_score:.3f}" in page.text
        assert f"guess {mistake.guess} {mistake.guess_score:.3f}" in page.text
    assert "says nothing about new" in page.text


def test_notes_and_receipts_are_told(make_run, make_dataset, tmp_path):
    """Where photos come from, who may use them, and what was not taken."""
    dataset = make_dataset({**two_classes(6), "red/no.jpg": b"%PDF-1.7"})
    store.write_notes(dataset.folder, "found in <attic>", "ask first")
    run = make_run(dataset.class_names, dataset=dataset)

    write.write(run, "test", tmp_path / "r.html", None)

    page = read(tmp_path / "r.html")
    assert "found in <attic>" in page.text
    assert "ask first" in page.text
    assert "1: it is a PDF file" in page.text


def test_the_same_run_gives_the_same_report(make_run, tmp_path):
    """To the last letter, but for the date."""
    run = make_run(("a", "b", "c"))
    for name in ("1", "2"):
        write.write(run, "test", tmp_path / name / "r.html", tmp_path / name / "figures")

    one, two = (sorted(p for p in (tmp_path / n).rglob("*") if p.is_file()) for n in "12")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_a_job_leaves_both_files(make_run, tmp_path):
    """They are found for the side they were made for, until the run or its threshold changes."""
    run = make_run()
    folder = run.folder / run_store.REPORT_FOLDER
    folder.mkdir()
    assert write.files(run, "test") is None

    write.run_job(folder, {"side": "test"}, Reporter(folder))

    page, figures = write.files(run, "test")
    assert_whole(read(page))
    with zipfile.ZipFile(figures) as archive:
        assert {"reliability.png", "per_class.csv"} <= set(archive.namelist())
        assert archive.testzip() is None
    assert write.files(run, "validation") is None
    calibration.choose_threshold(run.folder, 0.75)
    assert write.files(run, "test") is None


def test_a_run_without_answers_is_said(tmp_path):
    """No report of nothing."""
    run = Run(tmp_path, "run", 0.0, tmp_path, "set", TrainingSettings(), ("a", "b"))

    with pytest.raises(ModelError, match="Train again"):
        write.write(run, "test", tmp_path / "r.html", None)
    assert not (tmp_path / "r.html").exists()


def test_one_photo_of_one_class_is_enough(make_run, tmp_path):
    """Where nothing can be divided by, a dash stands or the curve is left out."""
    run = make_run()
    path = run.folder / run_store.PREDICTIONS_FILE
    answers = predictions.load(path)
    keep = (answers.sides != "test") | (np.arange(len(answers)) == 2)
    fewer = {field.name: getattr(answers, field.name)[keep] for field in fields(answers)}
    predictions.save(path, Predictions(**fewer))

    write.write(run, "test", tmp_path / "r.html", tmp_path / "figures")

    page = read(tmp_path / "r.html")
    assert_whole(page)
    assert "photos of one class only" in page.text
    assert "nan" not in page.text.lower()


def test_pages_may_import_the_door():
    """It draws nothing until it is asked to, so Matplotlib stays out of the server."""
    code = (
        "import sys, imgclf_core.reports.write\n"
        "print(*{'matplotlib', 'tensorflow', 'scipy', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_second_tags_are_counted(make_run, make_dataset, tmp_path):
    """Tags given after the training count, too: as a figure of its own."""
    dataset = make_dataset()
    run = make_run(dataset.class_names, dataset=dataset)
    photos = [
        replace(photo, also=(dataset.class_names[1 - photo.label],)) for photo in dataset.photos
    ]
    store.commit(replace(dataset, photos=tuple(photos)), "tagged")

    write.write(run, "test", tmp_path / "r.html", None)

    n = results.open_result(run, "test").figures.n
    assert (
        f"Counting second tags it is right on {n} of {n} (100.0%)" in read(tmp_path / "r.html").text
    )
