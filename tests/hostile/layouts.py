"""Cases 17 to 23: names and trees of folders that are not what one would expect."""

import unicodedata
from pathlib import Path

from tests.archives import test_hostile_zips as hostile
from tests.archives.test_hostile_zips import GOOD
from tests.conftest import make_zip, picture
from tests.hostile.case import Case
from tests.hostile.visitor import Visitor

_NAMES = {
    "Zoé".encode("cp437"): "Zoé",
    unicodedata.normalize("NFD", "Zoé").encode(): "Zoé",
    "ねこ".encode("cp932"): "ねこ",
}


def photos(folder: str, count: int, first: int = 0) -> dict[str, bytes]:
    """Photos of a folder, all different."""
    return {f"{folder}/{i}.jpg": picture(7 * first + i, tint=first % 3) for i in range(count)}


def old_names(visitor: Visitor) -> str:
    """a class named in CP437, in Unicode taken apart, and in Shift-JIS"""
    said = []
    for raw, name in _NAMES.items():
        arrival = visitor.brings(lambda path, raw=raw: hostile.raw_named(path, raw), good=GOOD)
        found = set(arrival.dataset.class_names)
        visitor.holds("one readable class each", found == {"red", "blue", name}, found)
        said.append(name)
    return ", ".join(said)


def capitals(visitor: Visitor) -> str:
    """`Cat/` and `cat/`"""
    arrival = visitor.brings_photos(photos("Cat", 6, 1) | photos("cat", 6, 2) | photos("dog", 6, 3))
    offered = [button.label for button in visitor.page("Data").button]
    visitor.holds("the page opens", offered)
    return arrival.problems


def wrappers(visitor: Visitor) -> str:
    """wrapper/wrapper2/classes"""
    tree = photos("wrapper/wrapper2/red", 4, 1) | photos("wrapper/wrapper2/blue", 4, 2)
    arrival = visitor.brings_photos(tree)
    found = arrival.dataset.class_names
    visitor.holds("wrappers dropped", found == ("blue", "red"), found)
    return ", ".join(found)


def divided(visitor: Visitor) -> str:
    """train, val and test, with a class missing in val"""
    tree = {}
    for number, side in enumerate(("train", "val", "test")):
        tree |= photos(f"{side}/red", 4, 3 * number)
        tree |= photos(f"{side}/blue", 4, 3 * number + 2) if side != "val" else {}
    arrival = visitor.brings_photos(tree)
    counts = arrival.dataset.counts.tolist()
    visitor.holds("the division it came with", counts == [[4, 0, 4], [4, 4, 4]], counts)
    return arrival.problems


def flat(visitor: Visitor) -> str:
    """photos without any folder, uploaded on the start page"""
    path = visitor.temporary / "flat.zip"
    make_zip(path, {f"{i}.jpg": picture(i) for i in range(6)})
    data = path.read_bytes()
    path.unlink()
    return visitor.uploads("flat.zip", data)


def one_class(visitor: Visitor) -> str:
    """photos of one class"""
    return visitor.brings_photos(photos("cat", 6)).problems


def small_classes(visitor: Visitor) -> str:
    """a class without photos, and one with a single photo, beside two good ones"""

    def make(path: Path) -> None:
        make_zip(path, {"empty/notes.txt": b"x", "one/1.jpg": picture(77), **GOOD})

    arrival = visitor.brings(make, good=GOOD)
    visitor.holds("no class without photos", "empty" not in arrival.dataset.class_names)
    return f"{arrival.said} {arrival.problems}"


CASES = (
    Case(17, "Names of old programs", ("Zoé", "ねこ"), old_names),
    Case(18, "Cat and cat", ("'Cat'", "'cat'", "differ only"), capitals),
    Case(19, "Wrapper folders", ("blue, red",), wrappers),
    Case(20, "A class missing on a side", ("'blue'", "validation"), divided),
    Case(
        21,
        "No folders",
        ("No photos in class folders in 'flat.zip'", "Make one folder for each class"),
        flat,
    ),
    Case(22, "One class", ("All photos are of 'cat'", "add photos of another one"), one_class),
    Case(
        23,
        "Empty and tiny classes",
        ("'one'", "at least 3 photos", "leave the class out"),
        small_classes,
    ),
)
