"""The built-in sample: always the same, with faults to find."""

import io
import zipfile
from collections import Counter

import numpy as np
import pytest

from imgclf_core.datasets import sample


@pytest.fixture(scope="module")
def entries(tmp_path_factory) -> dict[str, bytes]:
    """Names and bytes of the sample."""
    path = tmp_path_factory.mktemp("sample") / "sample.zip"
    sample.write_zip(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_seed_draws_the_same_bytes(tmp_path):
    """Two machines have the same sample."""
    for name in ("a.zip", "b.zip"):
        sample.write_zip(tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_it_has_the_faults_it_promises(entries):
    """Some copies, some wrong labels, and every picture under a class."""
    assert len(entries) == sum(sample.COUNTS.values()) + sample.COPIES
    twins = [count for count in Counter(entries.values()).values() if count > 1]
    assert sum(twins) - len(twins) == sample.COPIES
    wrong = [name for name in entries if name.split("/")[1] != name.split("/")[2].split(" ")[0]]
    assert len(wrong) == sample.WRONG_LABELS


@pytest.mark.parametrize("kind", sample.COUNTS)
def test_the_box_holds_the_shape(kind):
    """Nothing is drawn outside of the picture, and the box lies inside."""
    for seed in range(5):
        image, (left, top, right, bottom) = sample.draw_shape(kind, np.random.default_rng(seed))
        assert image.size == (sample.SIDE, sample.SIDE)
        assert -1 <= left < right <= sample.SIDE + 1
        assert -1 <= top < bottom <= sample.SIDE + 1


def test_the_template_shows_the_layout_and_holds_no_photo():
    """Two class folders, each with a note for the person."""
    with zipfile.ZipFile(io.BytesIO(sample.template_zip())) as archive:
        names = archive.namelist()
    assert {name.split("/")[1] for name in names} == {"first class", "second class"}
    assert all(name.endswith(".txt") for name in names)
