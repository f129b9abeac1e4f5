"""Zips that mean harm or are broken, each made here and brought in by the public door.

Every zip that can be opened also holds two good classes, of which all photos must arrive.
"""

import io
import stat
import struct
import time
import tracemalloc
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from imgclf_core.archives import sources
from imgclf_core.config import LIMITS, MEGABYTE, PERSONAL
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.errors import ArchiveError, DatasetError
from tests.conftest import picture, two_classes

GOOD = two_classes(3)
PHOTO = picture(7)


def bring_in(path: Path, reporter) -> Dataset:
    """The data set made of a source, as a job makes it; nothing else may appear beside it."""
    folder = path.parent / "set"
    before = {item.name for item in path.parent.iterdir()}
    ingestion.run(folder, {"source": str(path)}, reporter)
    assert {item.name for item in path.parent.iterdir()} - before == {"set"}
    return store.load(folder)


def names_in(made: Dataset) -> set[str]:
    """Names of the photos that were taken."""
    return {photo.name for photo in made.photos}


def entry(name: str, **fields) -> zipfile.ZipInfo:
    """An entry whose name is not tidied by `zipfile`."""
    made = zipfile.ZipInfo("x")
    made.filename = made.orig_filename = name
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def zipped(path: Path, *extra: tuple[zipfile.ZipInfo | str, bytes], method: int = 0) -> Path:
    """A zip of the two good classes and more entries after them."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in [*GOOD.items(), *extra]:
            file.writestr(name, data)
    return path


def changed(path: Path, name: str, central: dict[int, bytes], local: dict[int, bytes]) -> Path:
    """Overwrites bytes of the line in the list and of the header of one file, by offset."""
    data = bytearray(path.read_bytes())
    line = data.rindex(name.encode()) - 46
    header = data.index(name.encode()) - 30
    for start, places in ((line, central), (header, local)):
        for offset, value in places.items():
            data[start + offset : start + offset + len(value)] = value
    path.write_bytes(data)
    return path


def shorts(value: int) -> bytes:
    """A 16-bit number as it stands in a zip."""
    return struct.pack("<H", value)


def longs(value: int) -> bytes:
    """A 32-bit number as it stands in a zip."""
    return struct.pack("<L", value)


def one_changed(central: dict[int, bytes], local: dict[int, bytes] | None = None):
    """A zip whose last file, `bad/1.jpg`, says something else than is there."""
    return lambda path: changed(
        zipped(path, ("bad/1.jpg", PHOTO)), "bad/1.jpg", central, local or {}
    )


def named(name: str, data: bytes = PHOTO, **fields):
    """A zip with one more file of a name."""
    return lambda path: zipped(path, (entry(name, **fields), data))


def with_broken_data(path: Path) -> Path:
    """A zip with one file whose packed bytes are overwritten."""
    zipped(path, ("bad/1.jpg", PHOTO), method=zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    at = data.index(b"bad/1.jpg") + 9
    data[at + 20 : at + 60] = b"\xff" * 40
    path.write_bytes(data)
    return path


def with_missing_long_size(path: Path) -> Path:
    """A zip with one file whose size should stand in a field that is not there."""
    return one_changed({24: longs(0xFFFFFFFF)})(path)


def with_bad_extra(path: Path) -> Path:
    """A zip with one file whose extra field claims more bytes than there are."""
    extra = struct.pack("<HH", 0x7875, 4) + b"abcd"
    zipped(path, (entry("bad/1.jpg", extra=extra), PHOTO))
    return changed(path, "bad/1.jpg", {46 + 9 + 2: shorts(400)}, {})


def zip_of_zips(path: Path) -> Path:
    """A zip with a zip in it."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("bad/1.jpg", PHOTO)
    return zipped(path, ("more.zip", inner.getvalue()))


SKIPPED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "slip": (named("../../app.py"), "points outside of the zip"),
    "slip-with-backslashes": (named("bad\\..\\..\\1.jpg"), "points outside of the zip"),
    "absolute": (named("/etc/1.jpg"), "absolute path"),
    "drive": (named("C:\\x.jpg"), "absolute path"),
    "share": (named("\\\\server\\x.jpg"), "absolute path"),
    "nul": (named("bad/1.jpg\0.txt"), "forbidden character"),
    "no-name": (named(""), "it has no name"),
    "long-name": (named("bad/" + "n" * 300 + ".jpg"), "longer than 200 letters"),
    "deep": (named("a/b/c/d/e/f/g/h.jpg"), "more than 6 folders deep"),
    "link": (
        named("bad/1.jpg", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16),
        "it is a link",
    ),
    "zip-in-zip": (zip_of_zips, "an archive inside the archive is not opened"),
    "empty-file": (named("bad/1.jpg", b""), "it is empty"),
    "password": (one_changed({8: shorts(1)}, {6: shorts(1)}), "protected by a password"),
    "strong-password": (one_changed({8: shorts(0x41)}), "protected by a password"),
    "aes": (one_changed({10: shorts(99)}, {8: shorts(99)}), "protected by a password"),
    "deflate64": (one_changed({10: shorts(9)}), "(deflate64) is not supported"),
    "xz": (one_changed({10: shorts(95)}), "(xz) is not supported"),
    "implode": (one_changed({10: shorts(6)}), "(implode) is not supported"),
    "unknown-method": (one_changed({10: shorts(77)}), "(number 77) is not supported"),
    "too-small-size": (one_changed({24: longs(4)}), "its size is not the one"),
    "too-large-size": (one_changed({24: longs(90_000)}), "its size is not the one"),
    "wrong-checksum": (one_changed({16: longs(1)}), "its checksum is wrong"),
    "broken-data": (with_broken_data, "its packed bytes are damaged"),
    "no-header": (one_changed({}, {0: b"XXXX"}), "not where the zip says"),
    "reaches-too-far": (one_changed({20: longs(900_000)}), "its declared size is wrong"),
    "long-size-missing": (with_missing_long_size, "its sizes are missing"),
    "broken-extra-field": (with_bad_extra, "its line in the list of files is damaged"),
    "ten-gigabytes": (
        one_changed({24: longs(0x7FFFFFFF)}),
        "it is larger than 50 MB",
    ),
}


@pytest.mark.parametrize(("make", "reason"), SKIPPED.values(), ids=SKIPPED)
def test_one_bad_file_is_skipped_and_all_others_are_taken(tmp_path, reporter, make, reason):
    """The receipt names the file and says why; every good photo is there."""
    made = bring_in(make(tmp_path / "a.zip"), reporter)
    assert names_in(made) == set(GOOD)
    ((name, why),) = made.receipt.skipped
    assert name
    assert reason in why


def test_a_bomb_of_zeros_is_skipped_without_unpacking_it(tmp_path, reporter):
    """Forty megabytes of zeros in forty kilobytes are not unpacked; memory stays flat."""
    path = zipped(
        tmp_path / "a.zip", ("bad/1.jpg", bytes(40 * MEGABYTE)), method=zipfile.ZIP_DEFLATED
    )
    tracemalloc.start()
    made = bring_in(path, reporter)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert names_in(made) == set(GOOD)
    assert "times its size" in made.receipt.skipped[0][1]
    assert peak < 20 * MEGABYTE


def test_a_dictionary_of_gigabytes_is_not_made(tmp_path, reporter):
    """LZMA is read, and what it asks for in memory is not believed."""
    path = zipped(tmp_path / "a.zip", ("red/lzma.jpg", PHOTO), method=zipfile.ZIP_LZMA)
    data = path.read_bytes().replace(b"\x5d\0\0\x80\0", b"\x5d\xff\xff\xff\xff")
    path.write_bytes(data)
    assert names_in(bring_in(path, reporter)) == {*GOOD, "red/lzma.jpg"}


def overlap_on_one_header(path: Path) -> Path:
    """Fifty lines for one file of a megabyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("cat/0.jpg", bytes(1_000_000))
        for i in range(1, 50):
            twin = entry(f"cat/{i}.jpg")
            for field in ("compress_size", "file_size", "CRC", "header_offset", "compress_type"):
                setattr(twin, field, getattr(file.filelist[0], field))
            file.filelist.append(twin)
    return path


def quoted_overlap(path: Path, files: int = 100, unpacked: int = 1_000_000) -> Path:
    """Every file quotes the headers of all after it: the bomb of 42 KB for gigabytes."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = kernel.compress(bytes(unpacked)) + kernel.flush()
    headers = [
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, 0, 0, 9, 0) + b"%03d/1.jpg" % i
        for i in range(files)
    ]
    body, lines, at = b"".join(headers) + packed, b"", 0
    for i, header in enumerate(headers):
        size = len(body) - at - len(header)
        lines += (
            struct.pack(
                "<4s6H3L5H2L",
                b"PK\1\2",
                20,
                20,
                0,
                8,
                0,
                0,
                0,
                size,
                unpacked,
                9,
                0,
                0,
                0,
                0,
                0,
                at,
            )
            + b"%03d/1.jpg" % i
        )
        at += len(header)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, files, files, len(lines), len(body), 0)
    path.write_bytes(body + lines + end)
    return path


def ten_times_limit(path: Path) -> Path:
    """Files that together would unpack to more than a whole zip may."""
    files = [(f"bad/{i:03}.jpg", b"x" * 300) for i in range(100)]
    zipped(path, *files)
    for name, _ in files:
        changed(path, name, {24: longs(49 * MEGABYTE)}, {})
    return path


def line_bytes(name: bytes, offset: int = 0) -> bytes:
    """One line of a list of files."""
    fields = (20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name


def many_lines(path: Path, declared: int) -> Path:
    """A zip that lists 300,000 files; `declared` is what its last record says."""
    lines = b"".join(line_bytes(b"a/%06d.jpg" % i) for i in range(300_000))
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, declared, declared, len(lines), 0
    )
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(lines), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(lines + record + locator + end)
    return path


def cut(share: float):
    """A good zip of which the rest did not arrive."""

    def make(path: Path) -> Path:
        data = zipped(path).read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return path

    return make


def cut_after_an_inner_zip(path: Path) -> Path:
    """What is left ends in the list of a zip that was stored inside."""
    data = zip_of_zips(path).read_bytes()
    path.write_bytes(data[: data.index(b"PK\5\6") + 22])
    return path


def without_its_middle(path: Path) -> Path:
    """Some kilobytes in the middle did not arrive."""
    data = zipped(path).read_bytes()
    path.write_bytes(data[:1000] + data[3000:])
    return path


def of_several_disks(path: Path) -> Path:
    """The last part of a zip that was divided."""
    data = bytearray(zipped(path).read_bytes())
    struct.pack_into("<H", data, data.rindex(b"PK\5\6") + 4, 1)
    path.write_bytes(data)
    return path


def with_a_broken_line(path: Path) -> Path:
    """A line in the middle of the list does not begin as lines do."""
    data = zipped(path).read_bytes()
    at = data.rindex(b"PK\1\2")
    path.write_bytes(data[:at] + b"PKxx" + data[at + 4 :])
    return path


def bytes_of(data: bytes):
    """A file of given bytes."""

    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no-bytes": (bytes_of(b""), "is an empty file"),
    "text": (bytes_of(b"hello"), "is not a zip"),
    "rar": (bytes_of(b"Rar!\x1a\x07" + bytes(99)), "is a RAR file, not a zip"),
    "seven-zip": (bytes_of(b"7z\xbc\xaf\x27\x1c" + bytes(99)), "is a 7-Zip file, not a zip"),
    "cut-in-half": (cut(0.5), "is incomplete: its end is missing. Upload it again"),
    "cut-near-the-end": (cut(0.99), "is incomplete: its end is missing. Upload it again"),
    "cut-after-inner-zip": (cut_after_an_inner_zip, "is incomplete: part of it is missing"),
    "middle-missing": (without_its_middle, "is incomplete: part of it is missing"),
    "several-disks": (of_several_disks, "one part of a zip in several parts"),
    "broken-line": (with_a_broken_line, "The list of files in 'a.zip' is damaged"),
    "one-header-for-all": (overlap_on_one_header, "its files overlap, as zip bombs are"),
    "quoted-overlap": (quoted_overlap, "its files overlap, as zip bombs are"),
    "too-much-in-all": (ten_times_limit, "would unpack to 4,900 MB"),
    "300000-files": (lambda path: many_lines(path, 300_000), "lists 300,000 files"),
    "300000-files-denied": (lambda path: many_lines(path, 3), "lists 250,001 files"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_a_zip_that_cannot_be_trusted_is_refused(tmp_path, reporter, make, message):
    """In one sentence or two that name it, in under two seconds, with hardly any memory."""
    path = make(tmp_path / "a.zip")
    started = time.perf_counter()
    with pytest.raises(ArchiveError, match=message) as caught:
        bring_in(path, reporter)
    assert time.perf_counter() - started < 2
    assert "'a.zip'" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("declared", [300_000, 3])
def test_a_list_of_many_files_is_never_held_in_memory(tmp_path, declared):
    """300,000 lines are counted, not kept, whatever the last record says of them."""
    path = many_lines(tmp_path / "a.zip", declared)
    tracemalloc.start()
    with (
        pytest.raises(ArchiveError, match="at most 250,000"),
        sources.open_source(path, LIMITS[PERSONAL]),
    ):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEGABYTE


def test_only_system_files_are_no_photos(tmp_path, reporter):
    """The message shows how folders should lie."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("__MACOSX/cat/._1.jpg", b"x")
        file.writestr("cat/.DS_Store", b"x")
    with pytest.raises(DatasetError, match="Make one folder for each class"):
        bring_in(path, reporter)


def test_files_of_operating_systems_are_counted(tmp_path, reporter):
    """They are no photos and no losses."""
    names = ["desktop.ini", "red/Thumbs.db", "__MACOSX/red/._0.jpg", "red/.DS_Store", ".git/x.jpg"]
    made = bring_in(zipped(tmp_path / "a.zip", *((name, b"x") for name in names)), reporter)
    assert names_in(made) == set(GOOD)
    assert (made.receipt.skipped, made.receipt.system_files) == ((), 5)


def test_a_program_in_front_does_no_harm(tmp_path, reporter):
    """A zip that unpacks itself on Windows is read like any other."""
    path = zipped(tmp_path / "a.zip")
    path.write_bytes(b"MZ" + bytes(5000) + path.read_bytes())
    assert names_in(bring_in(path, reporter)) == set(GOOD)


@pytest.mark.parametrize("comment", [b"taken in spring", b"PK\5\6" + bytes(18), b"PK\5\6"])
def test_a_comment_does_no_harm(tmp_path, reporter, comment):
    """Not even one that looks like the end of a zip."""
    path = zipped(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as file:
        file.comment = comment
    assert names_in(bring_in(path, reporter)) == set(GOOD)


def test_a_zip_written_as_a_stream_is_read(tmp_path, reporter):
    """Sizes after the data and long fields (zip64) are ordinary."""

    class Stream(io.RawIOBase):
        """Can be written but not gone back in."""

        def __init__(self):
            self.data = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.data += data
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in GOOD.items():
            with file.open(name, "w", force_zip64=True) as target:
                target.write(data)
    (tmp_path / "a.zip").write_bytes(stream.data)
    assert names_in(bring_in(tmp_path / "a.zip", reporter)) == set(GOOD)


def raw_named(path: Path, raw: bytes, extra: bytes = b"") -> Path:
    """A zip of good photos in which `XX/1.jpg` and `XX/2.jpg` get a folder of other bytes."""
    stand_in = b"X" * len(raw)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in GOOD.items():
            file.writestr(name, data)
        for i in (1, 2):
            own = raw + b"/%d.jpg" % i
            made = entry(f"{stand_in.decode()}/{i}.jpg")
            made.extra = extra.replace(b"CRC4", zlib.crc32(own).to_bytes(4, "little"))
            file.writestr(made, picture(90 + i))
    path.write_bytes(path.read_bytes().replace(stand_in, raw))
    return path


@pytest.mark.parametrize(
    ("raw", "class_name"),
    [
        ("Zoé".encode(), "Zoé"),
        (unicodedata.normalize("NFD", "Zoé").encode(), "Zoé"),
        ("Zoé".encode("cp437"), "Zoé"),
        ("château".encode("cp437"), "château"),
        ("表ソ写真".encode("cp932"), "表ソ写真"),
        ("ねこ".encode("cp932"), "ねこ"),
        (b"\xff\xfe", "\u25a0"),
    ],
    ids=["utf8", "nfd", "cp437", "cp437-like-kana", "shift-jis-backslash", "shift-jis", "junk"],
)
def test_names_of_other_times_and_places_are_one_readable_class(
    tmp_path, reporter, raw, class_name
):
    """Whatever program wrote the name, it is one class that can be read or renamed."""
    made = bring_in(raw_named(tmp_path / "a.zip", raw), reporter)
    assert set(made.class_names) == {"red", "blue", class_name}


@pytest.mark.parametrize(
    ("checksum", "before", "first"),
    [(b"CRC4", b"", "ねこ"), (b"CRC4", b"\2junk", "ねこ"), (b"abcd", b"", "cat")],
    ids=["valid", "after-junk", "of-other-name"],
)
def test_the_field_of_the_real_name_counts_where_it_fits(
    tmp_path, reporter, checksum, before, first
):
    """The Unicode path is taken if its checksum is that of the name it stands for."""
    contents = (before, b"\1" + checksum + "ねこ/1.jpg".encode())
    extra = b"".join(struct.pack("<HH", 0x7075, len(c)) + c for c in contents)
    made = bring_in(raw_named(tmp_path / "a.zip", b"cat", extra), reporter)
    assert set(made.class_names) == {"red", "blue", first}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice_is_two_photos(tmp_path, reporter):
    """Neither file hides the other."""
    path = zipped(tmp_path / "a.zip", ("red/0.jpg", PHOTO))
    assert len(bring_in(path, reporter).photos) == len(GOOD) + 1
