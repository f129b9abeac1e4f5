"""A bundle is opened only where not one byte was changed."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.bundles.reader import imported
from imgclf_core.errors import ModelError
from tests.bundles.sealing import LIMITS, refused


@given(st.data())
def test_a_changed_byte_anywhere_is_refused(honest, tmp_path_factory, data):
    """Whichever byte it is, in a photo, a header of the zip or the seal itself."""
    content = bytearray(honest.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1), "place")
    content[place] ^= data.draw(st.integers(1, 255), "bits")
    path = tmp_path_factory.mktemp("changed") / "model.zip"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.zip"):
        imported.check(path, LIMITS)


def test_every_byte_of_the_frame_counts(honest, tmp_path):
    """Not one byte of the list of files, its end and the seal can be changed."""
    content, path = honest.read_bytes(), tmp_path / "model.zip"
    for place in range(content.rfind(b"PK\1\2"), len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(ModelError):
            imported.check(path, LIMITS)


@given(st.data())
def test_what_was_cut_or_grew_is_refused(honest, tmp_path_factory, data):
    """A part of a bundle, or one with something behind or before it."""
    content = honest.read_bytes()
    cut = content[: data.draw(st.integers(0, len(content) - 1), "length")]
    more = data.draw(st.binary(min_size=1, max_size=20), "more")
    path = tmp_path_factory.mktemp("cut") / "model.zip"
    for changed in (cut, content + more, more + content):
        path.write_bytes(changed)
        with pytest.raises(ModelError):
            imported.check(path, LIMITS)


def test_the_changed_file_is_named(honest, tmp_path):
    """The sentence tells which file of the bundle is another one now."""
    content = honest.read_bytes()
    with zipfile.ZipFile(honest) as archive:
        offsets = {one.filename: one.header_offset for one in archive.infolist()}
    for name in ("model.tflite", "weights.npz", "samples/3.png", "labels.json"):
        place = offsets[name] + 30 + len(name) + 5
        path = tmp_path / "model.zip"
        path.write_bytes(content[:place] + bytes([content[place] ^ 8]) + content[place + 1 :])
        refused(path, f"changed after it was exported: '{name}'")
