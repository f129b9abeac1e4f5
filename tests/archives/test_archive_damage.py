"""What is no zip, and zips that are damaged: always one of our errors."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgclf_core.archives import sources
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.errors import ArchiveError, ImageError
from tests.conftest import make_zip, picture

LIMIT = LIMITS[PERSONAL]


def names_of(path: Path) -> list[str]:
    """Names of the members of a source."""
    with sources.open_source(path, LIMIT) as source:
        return [member.name for member in source.members]


@pytest.mark.parametrize(
    ("start", "word"),
    [
        (b"Rar!\x1a\x07", "a RAR file"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"\xff\xd8\xff\xe0", "a single JPEG picture"),
        (b"\0" * 257 + b"ustar", "a tar file"),
        (b"PK\x03\x04", "incomplete: its end is missing"),
        (b"hello", "is not a zip"),
    ],
)
def test_other_files_are_told_by_their_bytes(tmp_path, start, word):
    """A renamed RAR is called a RAR."""
    path = tmp_path / "a.zip"
    path.write_bytes(start + bytes(300))
    with pytest.raises(ArchiveError, match=word):
        names_of(path)


def test_nothing_and_emptiness_are_told_apart(tmp_path):
    """No such file, and a file of no bytes."""
    with pytest.raises(ArchiveError, match="There is no file or folder"):
        names_of(tmp_path / "none.zip")
    (tmp_path / "a.zip").touch()
    with pytest.raises(ArchiveError, match="is an empty file"):
        names_of(tmp_path / "a.zip")


def test_a_damaged_lzma_file_is_a_file_that_cannot_be_unpacked(tmp_path):
    """The errors of all four compressions are ours."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("cat/1.jpg", picture(1))
    data = bytearray(path.read_bytes())
    packed = data.index(b"cat/1.jpg") + len("cat/1.jpg") + 9
    data[packed : packed + 40] = b"\xff" * 40
    path.write_bytes(data)
    with sources.open_source(path, LIMIT) as source, pytest.raises(ImageError, match="unpacked"):
        source.members[0].read()


def test_a_zip_of_several_disks_is_refused_in_words(tmp_path):
    """Half of a split archive is not a zip that can be read."""
    path = make_zip(tmp_path / "a.zip", {"cat/1.jpg": b"x"})
    data = path.read_bytes()
    at = data.rindex(b"PK\x05\x06")
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 3)
    path.write_bytes(data[:at] + locator + data[at:])
    with pytest.raises(ArchiveError, match="a.zip"):
        names_of(path)


def a_zip(method: int) -> bytes:
    """A small zip of two files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.writestr("cat/1.jpg", b"some bytes " * 20)
        file.writestr("dog/2.jpg", b"others " * 20)
    return buffer.getvalue()


ZIPS = [
    a_zip(method)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
]


@settings(max_examples=300)
@given(
    whole=st.sampled_from(ZIPS),
    damage=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.integers(0, 40),
)
def test_random_damage_only_ever_raises_our_errors(tmp_path_factory, whole, damage, cut):
    """Whatever is wrong with a zip, it is an ArchiveError, an ImageError or still readable."""
    data = bytearray(whole[: len(whole) - cut] if cut > 20 else whole)
    for place, value in damage:
        data[place % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data)
    try:
        with sources.open_source(path, LIMIT) as source:
            for member in source.members:
                try:
                    assert len(member.read()) <= LIMIT.file_bytes
                except ImageError as error:
                    assert str(error)
    except ArchiveError as error:
        assert "damaged.zip" in str(error)
