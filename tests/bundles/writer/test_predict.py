"""The program that goes along sees every photo as the app does, and is told apart from it."""

import csv
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from imgclf_core.bundles.writer import model_card, predict
from imgclf_core.images import decode
from imgclf_core.inference import predictor
from imgclf_core.support import safe_text
from tests.bundles.exporting import export
from tests.bundles.odd_pictures import every_kind
from tests.conftest import picture

ODD = every_kind()


@pytest.mark.parametrize("name", ODD)
def test_it_decodes_as_the_app_does(name):
    """Every odd picture, every fit, two sizes: the same pixels."""
    for fit in decode.FIT_MODES:
        for side in (96, 160):
            ours = decode.load(ODD[name], (side, side), fit)
            assert np.array_equal(predict.load(ODD[name], side, fit), ours)


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "\0x", "x", "", "a=b"])
def test_cells_are_as_safe_as_those_of_the_app(text):
    """No spreadsheet runs a class name."""
    assert predict.cell(text) == safe_text.csv_cell(text)


@pytest.fixture(scope="module")
def unpacked(trained, tmp_path_factory):
    """A bundle unpacked somewhere, as its receiver does."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(export(trained("mobilenet_v2"), folder / "model.zip")) as archive:
        archive.extractall(folder)
    return folder


def answered(folder, *arguments: str) -> subprocess.CompletedProcess:
    """Runs it where nothing of the app can be imported."""
    command = [sys.executable, "-I", str(folder / "predict.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.slow
def test_it_gives_the_scores_of_the_app(unpacked, trained, tmp_path):
    """On a hundred photos of all kinds, within 1e-4, doubts included."""
    photos = {**ODD, **{f"{i}.jpg": picture(i, (60 + i, 80)) for i in range(100 - len(ODD))}}
    for name, data in photos.items():
        (tmp_path / name).write_bytes(data)

    done = answered(unpacked, str(tmp_path), "--csv", str(tmp_path / "answers.csv"))

    assert done.returncode == 0, done.stderr
    model = predictor.open_run(trained("mobilenet_v2"))
    with open(tmp_path / "answers.csv", encoding="utf-8", newline="") as file:
        rows = {row["file"].split("/")[-1]: row for row in csv.DictReader(file)}
    assert len(rows) == len(photos) == 100
    for name, data in photos.items():
        answer = model.answer(data)
        scores = [float(rows[name][k]) for k in model.class_names]
        np.testing.assert_allclose(scores, answer.scores, atol=1e-4)
        assert rows[name]["reason"] == "; ".join(answer.doubts)
        assert (rows[name]["answer"] == "not sure") == bool(answer.doubts)


@pytest.mark.slow
def test_what_is_no_photo_is_skipped_and_said(unpacked, tmp_path):
    """The rest goes on; only where nothing was answered is it an error."""
    (tmp_path / "text.jpg").write_text("text")
    (tmp_path / "photo.jpg").write_bytes(picture(1))
    done = answered(unpacked, str(tmp_path))
    assert done.returncode == 0
    assert "text.jpg was skipped" in done.stderr
    assert "Evaluation time (1-image)" in done.stdout
    assert answered(unpacked, str(tmp_path / "text.jpg")).returncode == 1


@pytest.mark.slow
def test_the_snippet_works_as_it_is_shown(unpacked, tmp_path):
    """On the page and in the model card: two lines."""
    (unpacked / "photo.jpg").write_bytes(picture(1, tint=0))
    done = subprocess.run(
        [sys.executable, "-c", model_card.SNIPPET],
        capture_output=True,
        text=True,
        check=False,
        cwd=unpacked,
    )
    assert done.returncode == 0, done.stderr
    assert "'scores': {" in done.stdout
    assert model_card.SNIPPET in (unpacked / "model_card.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["\x1b[31mred.jpg", "gpj\u202e.exe", "a\rb", "a\x9bb"])
def test_no_name_steers_the_terminal(name):
    """Escape sequences and marks of direction are question marks; other letters stay."""
    assert predict.plain(name).isprintable()
    assert predict.plain("Löwe 獅子 (1).jpg") == "Löwe 獅子 (1).jpg"
