"""The shipped weights, and files that people bring along."""

import functools
import hashlib

import numpy as np
import pytest

from imgclf_core.errors import WeightsError
from imgclf_core.networks import weights
from tests.networks.conftest import SIZE


def test_the_shipped_files_are_what_their_hashes_say():
    """Neither file was changed since it was made."""
    lines = (weights.SHIPPED_FOLDER / "SHA256SUMS").read_text("utf-8").splitlines()
    named = dict(reversed(line.split()) for line in lines)
    assert named.keys() == {weights.SHIPPED_WEIGHTS.name, weights.SHIPPED_BACKBONE.name}
    for name, digest in named.items():
        assert hashlib.sha256((weights.SHIPPED_FOLDER / name).read_bytes()).hexdigest() == digest


def test_a_damaged_shipped_file_is_named(tmp_path, monkeypatch):
    """A broken download of the app is not taken for a bad network."""
    for file in weights.SHIPPED_FOLDER.glob("*2*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(weights, "SHIPPED_FOLDER", tmp_path)
    monkeypatch.setattr(weights, "_shipped", functools.cache(weights._shipped.__wrapped__))
    assert weights.resolve(weights.SHIPPED, 160).source == "shipped"
    weights._shipped.cache_clear()
    backbone = tmp_path / weights.SHIPPED_BACKBONE.name
    backbone.write_bytes(backbone.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsError, match="'mobilenet_v2_160.tflite'.*is damaged"):
        weights.resolve(weights.SHIPPED, 160)


def test_the_shipped_weights_need_nothing():
    """No network, no cache, and the converted backbone lies beside them."""
    chosen = weights.resolve(weights.SHIPPED, 160)
    assert (chosen.source, chosen.path, chosen.note) == ("shipped", weights.SHIPPED_WEIGHTS, "")
    assert weights.backbone(chosen) == weights.backbone_path(chosen.sha256)
    assert weights.backbone(chosen) == weights.SHIPPED_BACKBONE


def test_every_source_has_a_sentence():
    """The page can say where weights came from."""
    for source in (weights.IMAGENET, weights.SHIPPED, weights.FILE):
        assert weights.describe(source).endswith(".")


def test_a_file_of_our_own_format_is_taken(tmp_path):
    """The way of a user who brings weights along."""
    path = tmp_path / "mine.npz"
    path.write_bytes(weights.SHIPPED_WEIGHTS.read_bytes())
    chosen = weights.resolve(str(path), 160)
    assert (chosen.source, chosen.path) == ("file", path)
    assert path in weights.known_files(str(path))


@pytest.mark.slow
def test_a_file_of_keras_is_taken_and_converted_once(tmp_path, official_file):
    """The user's weights answer through a backbone of their own."""
    path = tmp_path / "mine.h5"
    path.write_bytes(official_file)
    chosen = weights.resolve(str(path), SIZE)
    converted = weights.backbone(chosen)
    assert converted == weights.backbone_path(chosen.sha256)
    before = converted.stat().st_mtime_ns
    assert weights.backbone(chosen).stat().st_mtime_ns == before


@pytest.mark.parametrize("ending", ["npz", "h5"])
@pytest.mark.parametrize("kind", ["hello", "cut off", "empty", "pickle"])
@pytest.mark.slow
def test_a_damaged_file_is_said(tmp_path, official_file, ending, kind):
    """Whatever is wrong with the user's file, it is one sentence with its name."""
    path = tmp_path / f"mine.{ending}"
    whole = official_file if ending == "h5" else weights.SHIPPED_WEIGHTS.read_bytes()
    if kind == "pickle":
        with open(path, "wb") as file:
            np.savez(file, array_000=np.array([{}], dtype=object))
    else:
        path.write_bytes({"hello": b"hello", "empty": b"", "cut off": whole[:100_000]}[kind])
    with pytest.raises(WeightsError, match=f"'mine.{ending}' is damaged"):
        weights.resolve(str(path), SIZE)


def test_numbers_that_are_none_are_refused(tmp_path):
    """One NaN in the weights would make every answer NaN."""
    arrays = weights.arrays_of(weights.SHIPPED_WEIGHTS)
    arrays[3].flat[0] = np.nan
    path = tmp_path / "mine.npz"
    np.savez(path, **{f"array_{i:03d}": array for i, array in enumerate(arrays)})
    with pytest.raises(WeightsError, match="not finite"):
        weights.resolve(str(path), SIZE)


def test_a_missing_file_names_the_choices():
    """A misspelt choice is taken for a path, so the sentence lists both."""
    with pytest.raises(WeightsError, match="Give auto, imagenet, shipped or the path of a file"):
        weights.resolve("imagenett", SIZE)
