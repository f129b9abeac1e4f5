"""Cases 1 to 3 and 5 to 16: what is no zip, is half a zip, or is a zip that means harm."""

import io
import stat
import zipfile
from pathlib import Path

from imgclf_core.config import MEGABYTE
from tests.archives import test_hostile_zips as hostile
from tests.archives.test_hostile_zips import GOOD, PHOTO, entry, longs, shorts
from tests.conftest import make_zip, picture
from tests.hostile.case import Case
from tests.hostile.visitor import Visitor


def no_bytes(visitor: Visitor) -> str:
    """data.zip of 0 bytes, uploaded on the start page"""
    return visitor.uploads("data.zip", b"")


def other_kinds(visitor: Visitor) -> str:
    """a text, a RAR and a 7-Zip file, each called a.zip"""
    kinds = (b"hello", b"Rar!\x1a\x07" + bytes(99), b"7z\xbc\xaf\x27\x1c" + bytes(99))
    return " ".join(visitor.brings(hostile.bytes_of(data)).said for data in kinds)


def cut_in_half(visitor: Visitor) -> str:
    """the first half of a good zip"""
    return visitor.brings(hostile.cut(0.5)).said


def slip(visitor: Visitor) -> str:
    """`../../app.py` beside two good classes"""
    return visitor.brings(hostile.named("../../app.py"), good=GOOD).said


def absolute_names(visitor: Visitor) -> str:
    """`/etc/1.jpg`, `C:\\x.jpg`, a climb in backslashes, and `red\\5.jpg`, which is harmless"""
    names = ("/etc/1.jpg", "C:\\x.jpg", "bad\\..\\..\\1.jpg", "red\\5.jpg")
    extra = [(entry(name), picture(70 + i)) for i, name in enumerate(names)]
    arrival = visitor.brings(lambda path: hostile.zipped(path, *extra), good=GOOD)
    visitor.holds("backslashes read as folders", "red/5.jpg" in arrival.names, arrival.names)
    return arrival.said


def link(visitor: Visitor) -> str:
    """a symbolic link to /etc/passwd"""
    mode = (stat.S_IFLNK | 0o777) << 16
    make = hostile.named("bad/1.jpg", b"/etc/passwd", external_attr=mode)
    return visitor.brings(make, good=GOOD).said


def one_header_for_all(visitor: Visitor) -> str:
    """a bomb of 50 files on one header"""
    return visitor.brings(hostile.overlap_on_one_header).said


def quoted_overlap(visitor: Visitor) -> str:
    """a bomb of 250 files that quote each other: 45 KB for 5.5 GB"""
    make = lambda path: hostile.quoted_overlap(path, 250, 21_800_000)  # noqa: E731
    return visitor.brings(make).said


def zips_in_zips(visitor: Visitor) -> str:
    """a zip of zips of zips and nothing else"""
    inner = picture(1)
    for depth in range(3):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr(f"cats/{depth}.zip" if depth else "cats/1.jpg", inner)
        inner = buffer.getvalue()
    return visitor.brings(lambda path: path.write_bytes(inner)).said


def ten_gigabytes(visitor: Visitor) -> str:
    """one file of 10 GB of zeros, packed 1000 to 1, beside two good classes"""
    return visitor.brings(with_ten_gigabytes).said


def with_ten_gigabytes(path: Path) -> None:
    """Ten times a thousand packed megabytes of zeros, each ending where the next can begin."""
    kernel = zipfile.zlib.compressobj(9, zipfile.zlib.DEFLATED, -15)
    megabyte = kernel.compress(bytes(MEGABYTE)) + kernel.flush(zipfile.zlib.Z_FULL_FLUSH)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in GOOD.items():
            file.writestr(name, data)
        with file.open("bad/zeros.jpg", "w", force_zip64=True) as target:
            for _ in range(10_240):
                target.write(megabyte)
            target.write(b"\3\0")
        listed = file.filelist[-1]
        listed.compress_type, listed.file_size = zipfile.ZIP_DEFLATED, 10_240 * MEGABYTE
        start = listed.header_offset
    with open(path, "r+b") as file:
        file.seek(start + 8)
        file.write(shorts(zipfile.ZIP_DEFLATED))
        file.seek(start + 30 + len("bad/zeros.jpg") + 4)
        file.write((10_240 * MEGABYTE).to_bytes(8, "little"))


def size_too_small(visitor: Visitor) -> str:
    """a file that declares 4 bytes and holds more"""
    return visitor.brings(hostile.one_changed({24: longs(4)}), good=GOOD).said


def many_entries(visitor: Visitor) -> str:
    """a list of 300,000 files, with a true and with a false count"""
    said = [
        visitor.brings(lambda path, n=declared: hostile.many_lines(path, n)).said
        for declared in (300_000, 3)
    ]
    return " ".join(said)


def passwords(visitor: Visitor) -> str:
    """one file behind a password of the old kind, one behind AES"""
    changes = {
        "bad/1.jpg": ({8: shorts(1)}, {6: shorts(1)}),
        "bad/2.jpg": ({10: shorts(99)}, {8: shorts(99)}),
    }
    return visitor.brings(lambda path: changed(path, changes), good=GOOD).said


def changed(path: Path, changes: dict[str, tuple[dict, dict]]) -> None:
    """A zip of good photos and one file for each name, whose headers say something else."""
    hostile.zipped(path, *((name, PHOTO) for name in changes))
    for name, (central, local) in changes.items():
        hostile.changed(path, name, central, local)


def methods(visitor: Visitor) -> str:
    """deflate64 and xz, which cannot be read, and LZMA, which can"""
    changes = {f"bad/{i}.jpg": ({10: shorts(method)}, {}) for i, method in ((1, 9), (2, 95))}

    def make(path: Path) -> None:
        changed(path, changes)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as file:
            file.writestr("red/lzma.jpg", picture(60))

    return visitor.brings(make, good=[*GOOD, "red/lzma.jpg"]).said


def one_name_twice(visitor: Visitor) -> str:
    """`red/0.jpg` twice, once as another photo and once as the same"""
    same = GOOD["red/0.jpg"]
    taken = []
    for second in (PHOTO, same):
        # Opened by hand, for `zipfile` warns of such a thing.
        entries = [*((entry(n), d) for n, d in GOOD.items()), (entry("red/0.jpg"), second)]
        arrival = visitor.brings(lambda path, e=entries: twice(path, e), good=GOOD)
        taken.append(arrival)
    numbers = [len(one.dataset.photos) for one in taken]
    visitor.holds("two photos under one name", numbers == [len(GOOD) + 1] * 2, numbers)
    return taken[1].problems


def twice(path: Path, entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
    """A zip in which names may repeat."""
    with zipfile.ZipFile(path, "w") as file:
        for info, data in entries:
            file.NameToInfo.pop(info.filename, None)
            file.writestr(info, data)


def no_photos(visitor: Visitor) -> str:
    """only `__MACOSX` and `.DS_Store`, uploaded on the start page"""
    path = visitor.temporary / "mac.zip"
    make_zip(path, {"__MACOSX/cat/._1.jpg": b"x", "cat/.DS_Store": b"x"})
    data = path.read_bytes()
    path.unlink()
    return visitor.uploads("mac.zip", data)


CASES = (
    Case(1, "No bytes", ("'data.zip' is an empty file",), no_bytes),
    Case(2, "No zip", ("is not a zip", "is a RAR file", "is a 7-Zip file"), other_kinds),
    Case(3, "Half a zip", ("'a.zip' is incomplete", "Upload it again"), cut_in_half),
    Case(
        4,
        "Files of the system only",
        ("No photos in class folders in 'mac.zip'", "Make one folder for each class"),
        no_photos,
    ),
    Case(5, "Out of the zip", ("'../../app.py'", "points outside of the zip"), slip),
    Case(
        6, "Absolute names", ("'/etc/1.jpg'", "absolute path", "outside of the zip"), absolute_names
    ),
    Case(7, "A link", ("'bad/1.jpg' was skipped because it is a link",), link),
    Case(8, "One header for all", ("'a.zip'", "its files overlap"), one_header_for_all),
    Case(9, "Quoted overlap", ("'a.zip'", "its files overlap"), quoted_overlap),
    Case(10, "Zips in zips", ("No photos in class folders", "archive inside"), zips_in_zips),
    Case(
        11,
        "Ten gigabytes of zeros",
        ("'a.zip' would unpack to 10,240 MB", "at most"),
        ten_gigabytes,
    ),
    Case(12, "Larger than declared", ("'bad/1.jpg'", "its size is not the one"), size_too_small),
    Case(13, "300,000 files", ("lists 300,000 files", "at most 250,000"), many_entries),
    Case(14, "Passwords", ("'bad/1.jpg'", "'bad/2.jpg'", "protected by a password"), passwords),
    Case(
        15,
        "Compression we cannot undo",
        ("(deflate64) is not supported", "(xz) is not supported"),
        methods,
    ),
    Case(16, "One name twice", ("Copies are kept on one side",), one_name_twice),
)
