"""A few photos answered and kept on disk, for as long as they are looked at."""

import os

import numpy as np
import pytest

from imgclf_core.archives.sources import Member, Skipped
from imgclf_core.errors import ImageError
from imgclf_core.inference import single_photos
from imgclf_core.inference.predictor import Outputs, Predictor
from tests.conftest import picture


def model(turned=False) -> Predictor:
    """Says how red and how blue a photo is."""

    def run(images: np.ndarray) -> Outputs:
        red = images[..., 0].mean(axis=(1, 2)) + 1.0
        blue = images[..., 2].mean(axis=(1, 2)) + 1.0
        scores = np.stack([blue, red] if turned else [red, blue], axis=1)
        scores = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
        return Outputs(scores, scores, None)

    return Predictor("colours", ("red", "blue"), 32, "crop", run)


def member(name: str, data: bytes) -> Member:
    return Member(name, len(data), lambda: data)


def test_photos_are_answered_and_kept_new_ones_first(tmp_path):
    """With the class that their folder names; what is no photo is told with its reason."""
    red, blue = picture(1, tint=0), picture(2, tint=2)
    first = single_photos.answer("m", model(), [member("red/a.jpg", red)], tmp_path)
    both = single_photos.answer(
        "m", model(), [member("b.jpg", blue), member("c.jpg", b"text")], tmp_path, first
    )

    assert [photo.name for photo in both.photos] == ["b.jpg", "red/a.jpg"]
    assert [photo.expected for photo in both.photos] == ["", "red"]
    assert both.photos[0].read() == blue
    assert [item.name for item in both.skipped] == ["c.jpg"]
    assert both.scores.shape == (2, 2)


def test_another_model_answers_for_the_same_photos(tmp_path):
    """Nothing is uploaded again, and the photos stay the same."""
    before = single_photos.answer("m", model(), [member("a.jpg", picture(1, tint=0))], tmp_path)
    after = single_photos.again("n", model(turned=True), before)

    assert after.model == "n"
    assert after.photos[0].file == before.photos[0].file
    assert np.allclose(after.scores, before.scores[:, ::-1])


def test_photos_that_were_thrown_away_are_said_to_be_gone(tmp_path):
    """By a sentence, and those that are there are answered."""
    found = single_photos.answer(
        "m", model(), [member(f"{i}.jpg", picture(i)) for i in range(2)], tmp_path
    )
    found.photos[0].file.unlink()
    with pytest.raises(ImageError, match="not kept any more"):
        found.photos[0].read()
    left = single_photos.again("n", model(), found)
    assert [photo.name for photo in left.photos] == ["1.jpg"]
    assert isinstance(left.skipped[0], Skipped)
    single_photos.forget(found)
    assert list(tmp_path.iterdir()) == []


def test_photos_of_yesterday_are_swept(tmp_path):
    """A session that ended without a word leaves nothing behind for long."""
    old = single_photos.answer("m", model(), [member("a.jpg", picture(1))], tmp_path)
    os.utime(old.folder, (1, 1))
    new = single_photos.answer("m", model(), [member("b.jpg", picture(2))], tmp_path)
    assert list(tmp_path.iterdir()) == [new.folder]
