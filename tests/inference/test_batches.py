"""Answers for whole collections: streamed and tabled."""

import csv
import io

import numpy as np
import pytest

from imgclf_core.archives.sources import Skipped
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.errors import InputError
from imgclf_core.inference import batches
from imgclf_core.inference.batches import Classified, Expected, Table
from imgclf_core.inference.predictor import Outputs, Predictor
from tests.conftest import make_zip, picture, two_classes

LIMIT = LIMITS[PERSONAL]


def by_colour(images: np.ndarray) -> Outputs:
    """A network that sees whether a photo is more blue or more red."""
    means = images.astype(np.float32).mean(axis=(1, 2))[:, [2, 0]]
    scores = means / means.sum(axis=1, keepdims=True)
    return Outputs(scores, means, np.zeros((len(images), 1, 1, 2), np.float32))


COLOURS = Predictor("colours", ("blue", "red"), 32, "crop", by_colour)


def answers_of(path, keep_bytes: bool = False) -> list[Classified | Skipped]:
    """Answers for everything in a path."""
    with batches.opened([path], LIMIT) as members:
        return list(batches.classify(COLOURS, members, keep_bytes))


def test_a_zip_is_answered_in_order_with_what_was_expected(tmp_path):
    """Folders named like classes are taken as the expected answer."""
    entries = two_classes(10)
    got = answers_of(make_zip(tmp_path / "a.zip", entries))
    assert [item.name for item in got] == sorted(entries)
    assert not [item.reason for item in got if isinstance(item, Skipped)]
    for item in got:
        assert COLOURS.class_names[item.guess] == item.name.split("/")[0]
        assert item.expected == item.guess
        assert item.data is None


def test_a_folder_and_a_single_photo_are_answered_like_a_zip(tmp_path):
    """The way in does not matter, and the original bytes are there where asked for."""
    data = picture(1, tint=0)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jpg").write_bytes(data)
    for path in (tmp_path / "in", tmp_path / "in" / "x.jpg"):
        (item,) = answers_of(path, keep_bytes=True)
        assert (item.name, item.guess, item.expected, item.data) == ("x.jpg", 1, None, data)


def test_what_is_no_photo_is_skipped_with_its_reason(tmp_path):
    """One bad file among good ones costs nothing else."""
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"%PDF-1.7", "b.jpg": picture(1), "c.zip": b"x"})
    got = {item.name: getattr(item, "reason", "answered") for item in answers_of(path)}
    assert got["b.jpg"] == "answered"
    assert "a PDF file" in got["a.jpg"]
    assert "archive inside" in got["c.zip"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("red/1.jpg", 1),
        ("my photos/red/1.jpg", 1),
        ("red/more/1.jpg", 1),
        ("uk/old/1.jpg", 2),
        ("set/uk/old/1.jpg", 2),
        ("red.jpg", None),
        ("green/1.jpg", None),
        ("", None),
    ],
)
def test_a_folder_anywhere_in_the_name_may_be_the_class(name, expected):
    """Wrappers and deeper folders do not hide it, and joined names are found."""
    assert Expected(("blue", "red", "uk/old")).of(name) == expected


def test_the_table_begins_as_promised_and_runs_no_formula():
    """`file,answer,score`, one column a class, the rest after; formulas are quoted."""
    file = io.StringIO(newline="")
    table = Table(file, ("=evil", "b,c"))
    table.add(Classified("@photo, 1.jpg", np.array([0.75, 0.25], np.float32), 0.1, expected=1))
    table.add(Classified("x.jpg", np.array([0.25, 0.75], np.float32), 0.1, doubts=("low score",)))
    rows = list(csv.reader(io.StringIO(file.getvalue())))
    assert rows == [
        ["file", "answer", "score", "'=evil", "b,c", "expected", "guess", "reason"],
        ["'@photo, 1.jpg", "'=evil", "0.750000", "0.750000", "0.250000", "b,c", "'=evil", ""],
        ["x.jpg", "not sure", "0.750000", "0.250000", "0.750000", "", "b,c", "low score"],
    ]


def test_nothing_there_is_said(tmp_path):
    """The name is in the sentence."""
    with pytest.raises(InputError, match=r"There is no file or folder '.*none\.jpg'"):
        answers_of(tmp_path / "none.jpg")
