"""Classes guessed without looking: only where there is something to guess from."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from imgclf_core.analysis.robustness import metadata_probe
from imgclf_core.analysis.robustness.metadata_probe import (
    COLOUR,
    COLUMNS,
    DATE,
    EVERYTHING,
    FILE,
    KINDS,
    SIZE,
)
from tests.conftest import picture


def photo(day: str = "", maker: str = "", model: str = "") -> bytes:
    """A JPEG with metadata."""
    exif = Image.Exif()
    if day:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = day
    if maker:
        exif[ExifTags.Base.Make] = maker
    if model:
        exif[ExifTags.Base.Model] = model
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (90, 80, 70)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def by_name(clues) -> dict:
    return {clue.name: clue for clue in clues}


def guessed(labels, told: str, groups=None) -> dict:
    """Clues of photos whose class is told by the first column of one kind; the rest is noise."""
    labels = np.asarray(labels)
    table = np.random.default_rng(0).normal(size=(len(labels), COLUMNS))
    table[:, KINDS[told].start] = 10 * labels
    groups = np.arange(len(labels)) if groups is None else groups
    return by_name(metadata_probe.guess(table, labels, groups))


@pytest.mark.parametrize("told", list(KINDS))
def test_the_clue_that_tells_is_found(told):
    """It is nearly always right, as is everything together; the others are not."""
    clues = guessed([0, 1, 2] * 25, told)

    assert clues[told].accuracy > 0.95
    assert clues[EVERYTHING].accuracy > 0.9
    for name in set(KINDS) - {told}:
        assert clues[name].interval[0] < clues[name].baseline + 0.05


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=24),
    st.integers(1, 24),
    st.integers(0, 10**6),
    st.floats(0, 1),
)
@settings(max_examples=15)
def test_any_photos_can_be_guessed(labels, group_count, seed, missing):
    """Small classes, one class, few groups and missing clues do not crash."""
    generator, labels = np.random.default_rng(seed), np.array(labels)
    table = generator.integers(0, 3, (len(labels), COLUMNS)).astype(float)
    table[generator.random(table.shape) < missing] = np.nan

    clues = metadata_probe.guess(table, labels, generator.integers(0, group_count, len(labels)))

    assert [clue.name for clue in clues] == [EVERYTHING, *KINDS]
    for clue in clues:
        assert clue.n in (0, len(labels))
        assert set(clue.guesses) <= set(labels)
        assert clue.interval[0] <= clue.accuracy <= clue.interval[1] or not clue.n
        assert 0 < clue.baseline <= 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=60))
def test_what_belongs_together_is_in_one_fold(pairs):
    """Groups are never divided, and single photos of a class are spread evenly."""
    labels, groups = np.array(pairs).T

    folds = metadata_probe.deal(labels, groups)

    assert all(len(set(folds[groups == group])) == 1 for group in groups)
    alone = metadata_probe.deal(labels, np.arange(len(labels)))
    for label in set(labels):
        counts = np.bincount(alone[labels == label], minlength=metadata_probe.FOLDS)
        assert counts.max() - counts.min() <= 1


def test_copies_do_not_tell_on_each_other():
    """Photos that belong together are not guessed from one another, nor counted as many."""
    labels = np.random.default_rng(1).integers(0, 2, 12).repeat(10)
    groups = np.arange(12).repeat(10)
    table = np.zeros((120, COLUMNS))
    table[:, KINDS[COLOUR]] = groups[:, None]

    apart = by_name(metadata_probe.guess(table, labels, np.arange(120)))[COLOUR]
    together = by_name(metadata_probe.guess(table, labels, groups))[COLOUR]

    assert apart.accuracy > 0.95 > together.accuracy
    assert (apart.weight, together.weight) == (120, 12)
    assert together.interval[0] < together.baseline


def test_a_date_only_one_class_has_is_a_clue():
    """That a photo tells no date may tell where it comes from."""
    labels = np.array([0, 1] * 20)
    table = np.full((40, COLUMNS), np.nan)
    table[labels == 0, KINDS[DATE].start] = 19_000.0

    clue = by_name(metadata_probe.guess(table, labels, np.arange(40)))[DATE]

    assert (clue.known, clue.right) == (20, 40)


def test_nothing_known_is_not_guessed():
    """Where no photo has a date or camera there is no answer."""
    table = np.full((10, COLUMNS), np.nan)

    clue = by_name(metadata_probe.guess(table, np.array([0, 1] * 5), np.arange(10)))[DATE]

    assert (clue.known, clue.n, clue.accuracy, clue.interval) == (0, 0, 0.0, (0.0, 1.0))


def test_date_and_camera_are_read():
    """From the metadata, as far as they are there and make sense."""
    assert metadata_probe.date_and_camera(photo("1970:01:02 12:00:00", "Acme", "One")) == (
        1.5,
        "Acme One",
    )
    for unknown in (photo(), photo("0000:00:00 00:00:00"), photo("tomorrow"), picture(1)):
        day, camera = metadata_probe.date_and_camera(unknown)
        assert np.isnan(day)
        assert camera == ""


@given(st.binary(max_size=60))
def test_damaged_metadata_is_no_metadata(junk):
    """Whatever stands where the metadata should."""
    good = photo("2020:01:01 00:00:00", "Acme")
    start = good.index(b"Exif") + 6
    day, camera = metadata_probe.date_and_camera(good[:start] + junk + good[start + len(junk) :])
    assert isinstance(camera, str)
    assert isinstance(day, float)


def test_photos_are_measured_and_unreadable_ones_counted(make_dataset):
    """Red and blue photos are told by their mean colour, and not by their size."""
    made = make_dataset()
    gone = made.photos[0]
    (made.folder / "images" / gone.file).unlink()
    seen = []

    table = metadata_probe.measure(made, made.photos, made.labels, seen.append)

    assert (table.skipped, len(table.files)) == (1, len(made.photos) - 1)
    assert gone.file not in table.files
    assert seen == list(range(1, len(made.photos) + 1))
    assert table.of(COLOUR).accuracy == 1
    assert table.of(SIZE).interval[0] < table.of(SIZE).baseline
    assert table.of(FILE).known == len(table.files)
    assert table.of(DATE).known == 0
