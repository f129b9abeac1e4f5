"""Names of sorted copies, and copies in a folder; originals are never touched.

A copy is named `<class>-[score].<ext>`, or keeps its name in a folder of its class. Class names
are the person's own; only what some file system cannot bear is replaced.
"""

import os
import secrets
from pathlib import Path

from imgclf_core.inference.batches import Classified
from imgclf_core.runs.calibration import NOT_SURE
from imgclf_core.support import file_system, safe_text

NAMES, FOLDERS = "names", "folders"
LAYOUTS = (NAMES, FOLDERS)


# File systems take 255 bytes. Score, number and ending need 70 at most, and a letter up to 4: sixty
# Chinese letters fit, sixty emoji do not.
_MOST_BYTES = 180


class CopyNames:
    """Gives each photo the name of its copy, each name once.

    Args:
        class_names: K names.
        layout: `names` for `<class>-[score].<ext>` side by side, `folders` for one folder a
            class with the names as they came.
    """

    def __init__(self, class_names: tuple[str, ...], layout: str = NAMES):
        self._layout = layout
        self._class_names: list[str] = []
        for name in class_names:
            self._class_names.append(_unlike(_path_part(name), self._class_names))
        self._not_sure = _unlike(NOT_SURE, self._class_names)
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def of(self, item: Classified, chosen: int | None = None) -> str:
        """The name of a copy, with `/` between folder and file.

        Args:
            item: The photo.
            chosen: Its class where the person said it, in place of the answer.
        """
        folder, stem, ending = self._parts(item, chosen)
        base = f"{folder}/{stem}" if folder else stem
        number = self._numbers.get(base.casefold(), 0)
        while True:
            number += 1
            name = base + (f"-{number}" if number > 1 else "") + ending
            if name.casefold() not in self._taken:  # capitals are one letter on many disks
                break
        self._numbers[base.casefold()] = number
        self._taken.add(name.casefold())
        return name

    def _parts(self, item: Classified, chosen: int | None) -> tuple[str, str, str]:
        """Folder, name and ending."""
        if chosen is not None:
            name = self._class_names[chosen]
        else:
            name = self._class_names[item.guess] if item.sure else self._not_sure
        original = item.name.split("/")[-1]
        ending = _ending(original)
        if self._layout == NAMES:
            score = item.scores[item.guess if chosen is None else chosen]
            return "", f"{name}-[{score:.5f}]", ending or ".jpg"
        return name, _path_part(os.path.splitext(original)[0]), ending


class Copies:
    """Copies photos into a folder, which may hold other files.

    Args:
        folder: Where to; made if need be.
        class_names, layout: See `CopyNames`.
    """

    def __init__(self, folder: Path, class_names: tuple[str, ...], layout: str = NAMES):
        self._folder, self._names = folder, CopyNames(class_names, layout)
        file_system.make_folder(folder)

    def add(self, item: Classified) -> Path:
        """Copies one photo, under a name that is free, and returns its new path."""
        while True:
            path = self._folder / self._names.of(item)
            if not path.exists():
                break
        file_system.make_folder(path.parent)
        temporary = path.with_name(f".{secrets.token_hex(6)}.tmp")  # a copy is whole or not there
        try:
            file_system.write(temporary, item.data or b"")
            file_system.rename(temporary, path)
        finally:
            file_system.remove(temporary)
        return path


def _ending(name: str) -> str:
    """The ending of a file name, as far as every system takes it."""
    kept = "".join(c for c in os.path.splitext(name)[1].lower() if c.isalnum())[:10]
    return f".{kept}" if kept else ""


def _path_part(text: str) -> str:
    """The text as one part of a path that Windows, macOS and Linux all take."""
    kept = "".join("_" if c in '<>:"/\\|?*' else c for c in safe_text.clean(text)).strip(" .")
    if len(kept.encode()) > _MOST_BYTES:
        kept = kept.encode()[: _MOST_BYTES - 3].decode(errors="ignore") + "…"
    plain = safe_text.file_name(kept, "class")
    reserved = plain.startswith("_") and not kept.startswith("_")
    return f"_{kept}" if reserved else kept or plain


def _unlike(name: str, taken: list[str]) -> str:
    """The name, with a number where it is taken; capitals do not make a difference on disks."""
    folded, number, result = {other.casefold() for other in taken}, 1, name
    while result.casefold() in folded:
        number += 1
        result = f"{name}-{number}"
    return result
