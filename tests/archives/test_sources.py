"""Zips and folders are read without trusting a word of them."""

import stat
import struct
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from imgclf_core.archives import sources
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.errors import ArchiveError, ImageError
from tests.conftest import make_zip

LIMIT = LIMITS[PERSONAL]


def names_of(path: Path, limits=LIMIT) -> list[str]:
    """Names of the members of a source."""
    with sources.open_source(path, limits) as source:
        return [member.name for member in source.members]


def reasons_of(path: Path, limits=LIMIT) -> dict[str, str]:
    """Why each skipped file of a source was skipped."""
    with sources.open_source(path, limits) as source:
        assert source.members == []
        return {skipped.name: skipped.reason for skipped in source.skipped}


def test_members_come_in_order_with_their_bytes(tmp_path):
    """Name, size and bytes of every file, sorted by name."""
    path = make_zip(tmp_path / "a.zip", {"b/2.jpg": b"two", "a/1.jpg": b"one"})
    with sources.open_source(path, LIMIT) as source:
        got = [(m.name, m.size, m.read()) for m in source.members]
    assert got == [("a/1.jpg", 3, b"one"), ("b/2.jpg", 3, b"two")]
    assert source.name == "a.zip"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../evil.jpg", "points outside of the zip"),
        ("a/../b.jpg", "points outside of the zip"),
        ("a\\..\\..\\b.jpg", "points outside of the zip"),
        ("/etc/evil.jpg", "absolute path"),
        ("C:\\evil.jpg", "absolute path"),
        ("C:/evil.jpg", "absolute path"),
        ("\\\\server\\evil.jpg", "absolute path"),
        ("a/b\0.jpg", "forbidden character"),
        ("a/" + "n" * 300 + ".jpg", "longer than 200 letters"),
        ("a/b/c/d/e/f/g/h.jpg", "more than 6 folders deep"),
        ("a/more.zip", "archive inside the archive is not opened"),
        ("a/more.tar.gz", "archive inside the archive is not opened"),
    ],
)
def test_names_that_mean_harm_are_skipped_with_a_reason(tmp_path, name, reason):
    """Such a file is neither read nor written, and the receipt says why."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        entry = zipfile.ZipInfo("x")
        # Set afterwards, for ZipInfo tidies what it is given.
        entry.filename = entry.orig_filename = name
        file.writestr(entry, b"data")
    reasons = reasons_of(path)
    assert len(reasons) == 1
    assert reason in next(iter(reasons.values()))


def test_links_are_not_followed(tmp_path):
    """A symbolic link in a zip is skipped."""
    entry = zipfile.ZipInfo("cat/link.jpg")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(entry, "/etc/passwd")
    assert reasons_of(path) == {"cat/link.jpg": "it is a link, not a file"}


def patched(path: Path, central: int, local: int, value: int) -> Path:
    """Writes a 16-bit number at an offset in the central and the local header of the one file."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + central, value)
    struct.pack_into("<H", data, data.index(b"PK\x03\x04") + local, value)
    path.write_bytes(data)
    return path


def test_a_password_is_named(tmp_path):
    """An encrypted file says what to do."""
    path = patched(make_zip(tmp_path / "a.zip", {"cat/1.jpg": b"data"}), 8, 6, 0x1)
    assert "make a zip without one" in reasons_of(path)["cat/1.jpg"]


@pytest.mark.parametrize(("method", "word"), [(9, "deflate64"), (6, "implode"), (77, "number 77")])
def test_an_unknown_compression_is_named(tmp_path, method, word):
    """Compression that Python cannot undo is named, with the way out."""
    path = patched(make_zip(tmp_path / "a.zip", {"cat/1.jpg": b"data"}), 10, 8, method)
    reason = reasons_of(path)["cat/1.jpg"]
    assert word in reason
    assert "zip it again" in reason


def test_overlapping_files_reject_the_zip(tmp_path):
    """Two entries on one local header are a bomb (CVE-2024-0450)."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("cat/1.jpg", bytes(100_000))
        twin = zipfile.ZipInfo("cat/2.jpg")
        first = file.filelist[0]
        for field in ("compress_size", "file_size", "CRC", "header_offset", "compress_type"):
            setattr(twin, field, getattr(first, field))
        file.filelist.append(twin)
        file.NameToInfo[twin.filename] = twin
    with pytest.raises(ArchiveError, match="overlap"):
        names_of(path)


def test_a_file_that_grows_without_measure_is_skipped(tmp_path):
    """Two megabytes of zeros in two kilobytes are not unpacked."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("cat/1.jpg", bytes(2_000_000))
    assert "times its size" in reasons_of(path)["cat/1.jpg"]


def test_a_lying_size_never_gives_more_than_the_limit(tmp_path):
    """A file that declares four bytes and holds more ends as one that cannot be unpacked."""
    path = make_zip(tmp_path / "a.zip", {"cat/1.jpg": b"x" * 5000})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 4)
    path.write_bytes(data)
    with sources.open_source(path, LIMIT) as source:
        (member,) = source.members
        with pytest.raises(ImageError, match="cannot be unpacked"):
            member.read()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"zip_bytes": 100}, "can be taken. Leave photos out"),
        ({"entries": 2}, "lists 3 files; at most 2"),
        ({"total_bytes": 1000}, "would unpack to"),
    ],
)
def test_a_zip_too_large_as_a_whole_is_refused(tmp_path, change, match):
    """Bytes, files and unpacked bytes are bounded before anything is read."""
    path = make_zip(tmp_path / "a.zip", {f"cat/{i}.jpg": bytes(900) for i in range(3)})
    with pytest.raises(ArchiveError, match=match):
        names_of(path, replace(LIMIT, **change))


def test_a_file_too_large_is_skipped(tmp_path):
    """The others are taken all the same."""
    path = make_zip(tmp_path / "a.zip", {"cat/1.jpg": bytes(900), "cat/2.jpg": b"x"})
    assert names_of(path, replace(LIMIT, file_bytes=500)) == ["cat/2.jpg"]


@pytest.mark.parametrize(
    "name",
    ["__MACOSX/cat/._1.jpg", "cat/.DS_Store", "cat/Thumbs.db", "desktop.ini", ".git/1.jpg"],
)
def test_files_of_operating_systems_are_counted_and_ignored(tmp_path, name):
    """They are neither members nor skipped photos."""
    path = make_zip(tmp_path / "a.zip", {name: b"x", "cat/1.jpg": b"x"})
    with sources.open_source(path, LIMIT) as source:
        assert [member.name for member in source.members] == ["cat/1.jpg"]
    assert (source.skipped, source.system_files) == ([], 1)


def test_two_files_of_one_name_are_both_there(tmp_path):
    """Neither hides the other."""
    path = tmp_path / "a.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")
        file.writestr("cat/1.jpg", b"one")
        file.writestr("cat/1.jpg", b"two")
    with sources.open_source(path, LIMIT) as source:
        assert sorted(member.read() for member in source.members) == [b"one", b"two"]


def test_names_of_old_programs_are_read(tmp_path):
    """UTF-8 without its flag is understood, and accents come in one form."""
    path = tmp_path / "a.zip"
    make_zip(path, {"Zoé/1.jpg": b"x"})
    data = path.read_bytes().replace(b"\x00\x08", b"\x00\x00")
    path.write_bytes(data)
    assert names_of(path) == ["Zoé/1.jpg"]


def test_a_folder_is_read_like_a_zip(tmp_path):
    """Members, system files, links and empty files of a folder are judged by the same rules."""
    (tmp_path / "set" / "cat").mkdir(parents=True)
    (tmp_path / "set" / "cat" / "1.jpg").write_bytes(b"one")
    (tmp_path / "set" / "cat" / "empty.jpg").touch()
    (tmp_path / "set" / "cat" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "set" / "cat" / "link.jpg").symlink_to(tmp_path / "secret")
    with sources.open_source(tmp_path / "set", LIMIT) as source:
        assert [(m.name, m.read()) for m in source.members] == [("cat/1.jpg", b"one")]
    reasons = {s.name: s.reason for s in source.skipped}
    assert reasons == {"cat/empty.jpg": "it is empty", "cat/link.jpg": "it is a link, not a file"}
    assert (source.name, source.system_files, source.folders) == ("set", 1, ["cat"])
