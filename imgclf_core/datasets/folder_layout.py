"""From the names of files to classes and sides of the split.

Understands wrapper folders (`set/photos/cat/1.jpg`), trees that come divided
(`train/cat/1.jpg`, `seg_test/seg_test/cat/2.jpg`) and nested classes (`uk/1880s/3.jpg`, whose
class is the first folder, the last, or the joined path). Pure functions over names; nothing is
read.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from imgclf_core.datasets.split import TEST, TRAINING, VALIDATION

# Which of several folders names the class.
FIRST, LAST, PATH = "first", "last", "path"
CLASS_FROM = (FIRST, LAST, PATH)

_SIDE_WORDS = {
    "train": TRAINING,
    "training": TRAINING,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
    "dev": VALIDATION,
    "test": TEST,
    "testing": TEST,
}


@dataclass(frozen=True)
class Placement:
    """Where one file belongs.

    Attributes:
        label: Name of its class, or None where the file lies in no class folder.
        side: `training`, `validation` or `test` where the tree says so, otherwise None.
    """

    label: str | None
    side: str | None = None


def place(names: Sequence[str], class_from: str = PATH) -> list[Placement]:
    """Finds class and side of every file.

    Args:
        names: Paths joined by `/`, of pictures only.
        class_from: Which folder names the class where several lie in one another: `first`,
            `last` or the whole `path` joined by `/`.

    Returns:
        One placement a name, in the same order.
    """
    return [Placement(_label(parts, class_from), side) for parts, side in _folders_and_sides(names)]


def readings(names: Sequence[str]) -> dict[str, dict[str, int]]:
    """What each way to read nested folders would give.

    Returns:
        For each of `CLASS_FROM` the classes with their number of files; empty where the folders
        are not nested, so that all ways give the same.
    """
    folders = [parts for parts, _ in _folders_and_sides(names) if parts]
    if all(len(parts) == 1 for parts in folders):
        return {}
    return {
        way: dict(sorted(Counter(_label(parts, way) for parts in folders).items()))
        for way in CLASS_FROM
    }


def _label(parts: tuple[str, ...], class_from: str) -> str | None:
    if not parts:
        return None
    if class_from == FIRST:
        return parts[0]
    return parts[-1] if class_from == LAST else "/".join(parts)


def _folders_and_sides(names: Sequence[str]) -> list[tuple[tuple[str, ...], str | None]]:
    """The folders that can name a class, and the side where the tree says so, of every file."""
    folders = [PurePosixPath(name).parts[:-1] for name in names]
    folders = _without_wrapper(folders)
    tops = {parts[0] for parts in folders if parts}
    sides = {top: _side(top) for top in tops}
    divided = len(tops) > 1 and all(sides.values())
    if not divided:
        return [(parts, None) for parts in folders]
    found: list[tuple[tuple[str, ...], str | None]] = [((), None)] * len(names)
    for top in tops:
        members = [i for i, parts in enumerate(folders) if parts and parts[0] == top]
        inner = _without_wrapper([folders[i][1:] for i in members])
        for i, parts in zip(members, inner, strict=True):
            found[i] = (parts, sides[top])
    return found


def _without_wrapper(folders: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Drops leading folders that all files share, but never the last one, the class."""
    filled = [parts for parts in folders if parts]
    while filled and all(len(parts) > 1 for parts in filled):
        if len({parts[0] for parts in filled}) > 1:
            break
        filled = [parts[1:] for parts in filled]
        folders = [parts[1:] for parts in folders]
    return _without_partial_wrapper(folders)


def _without_partial_wrapper(folders: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Drops a wrapper that also holds loose files: `set/readme.png` beside `set/cat/1.jpg`."""
    filled = [parts for parts in folders if parts]
    if len({parts[0] for parts in filled}) == 1 and len({parts[:2] for parts in filled}) > 2:
        return [parts[1:] for parts in folders]
    return folders


def _side(folder: str) -> str | None:
    """The side a folder name stands for: `train`, `Seg_Test`, `validation-images` …"""
    words = [word for word in re.split(r"[^a-z]+", folder.lower()) if word]
    found = {_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS}
    return found.pop() if len(found) == 1 else None
