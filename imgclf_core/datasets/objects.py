"""Which photos show the same object, so that they stay on one side of the split.

Told either by a pattern in the names of the files or by a table. Patterns know two signs only,
`{object}` and `*`, and are matched in one go, so that no name can make them run for ever.
"""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from imgclf_core.errors import OptionError
from imgclf_core.support import file_system, safe_text

OBJECT_MARK = "{object}"
_MOST_STARS = 2
LARGEST_TABLE = 5 * 1024 * 1024  # bytes; read in the server


def teller(
    pattern: str = "", table: str | None = None
) -> Callable[[Sequence[str]], dict[str, str]] | None:
    """How to tell the objects of photos by their names, checked before any photo is read.

    Args:
        pattern: See `by_pattern`.
        table: Path of a CSV, see `by_table`; goes before the pattern.

    Returns:
        A function from names to objects, or None where neither is given.

    Raises:
        OptionError: It is no pattern, or no such table.
    """
    if table:
        try:
            data = file_system.read(Path(table))
        except OSError as error:
            raise OptionError(f"The table '{table}' cannot be read ({error.strerror}).") from error
        _rows(data)
        return lambda names: by_table(names, data)
    if pattern:
        _parts(pattern)
        return lambda names: by_pattern(names, pattern)
    return None


def by_pattern(names: Sequence[str], pattern: str) -> dict[str, str]:
    """Objects by the names of the files.

    Args:
        names: Of photos, with folders.
        pattern: Such as `{object}_*`, in which `{object}` stands for the name of the object and
            `*` for anything. It is held against the name of the file without its ending; one
            with a `/` against the name with its folders.

    Returns:
        Photo name to object name, of those that fit.

    Raises:
        OptionError: It is no such pattern.
    """
    left, right = _parts(pattern)
    with_folders = "/" in pattern
    objects = {}
    for name in names:
        path = PurePosixPath(name)
        text = str(path.with_suffix("")) if with_folders else path.stem
        found = _object_in(text, left, right)
        if found:
            # The same words in two folders are two objects.
            folder = "" if with_folders else f"{path.parent}/"
            objects[name] = folder + found
    return objects


def by_table(names: Sequence[str], data: bytes) -> dict[str, str]:
    """Objects by a CSV with the columns `file` and `group`.

    Args:
        names: Of photos, with folders.
        data: The CSV, in UTF-8, with commas, semicolons or tabs. A file is named with its
            folders, or without where only one photo is called so.

    Returns:
        Photo name to object name, of those the table names.

    Raises:
        OptionError: It is no such table.
    """
    endings: dict[str, str | None] = {}  # every way to name a photo; None where two share it
    for name in names:
        parts = name.split("/")
        for k in range(len(parts)):
            ending = "/".join(parts[k:])
            endings[ending] = None if ending in endings else name
    endings.update((name, name) for name in names)
    objects = {}
    for file, group in _rows(data):
        name = endings.get(file.replace("\\", "/").strip("/"))
        if name and group:
            objects[name] = safe_text.clean(group)
    return objects


def _rows(data: bytes) -> list[tuple[str, str]]:
    if len(data) > LARGEST_TABLE:
        raise OptionError("The table is larger than 5 MB. Leave columns out.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OptionError("The table is not in UTF-8. Save it again as CSV UTF-8.") from error
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        if not {"file", "group"} <= set(columns):
            raise OptionError(
                "The table needs a first line with the columns 'file' and 'group'; it has "
                f"'{safe_text.clean(head)}'."
            )
        file, group = columns.index("file"), columns.index("group")
        longest = max(file, group)
        return [(row[file].strip(), row[group].strip()) for row in rows if len(row) > longest]
    except csv.Error as error:
        raise OptionError(f"The table cannot be read ({error}). Save it again as CSV.") from error


def _parts(pattern: str) -> tuple[list[str], list[str]]:
    """The literal pieces left and right of the object, cut at the stars."""
    pattern = pattern.strip()
    if pattern.count(OBJECT_MARK) != 1 or pattern.count("*") > _MOST_STARS:
        raise OptionError(
            f"'{safe_text.clean(pattern)}' is no pattern. Write {OBJECT_MARK} once where the name "
            f"of the object stands, and * for anything, at most twice: {OBJECT_MARK}_*"
        )
    left, right = pattern.split(OBJECT_MARK)
    return left.split("*"), right.split("*")


def _object_in(text: str, left: list[str], right: list[str]) -> str:
    """What stands for the object in a text; empty where the pattern does not fit.

    Never goes back to try another way, so it takes no longer than reading the text: stars take
    as little as they can, and the object as much.
    """
    if not (text.startswith(left[0]) and text.endswith(right[-1])):
        return ""
    start, end = len(left[0]), len(text) - len(right[-1])
    for piece in left[1:]:
        found = text.find(piece, start)
        if found < 0:
            return ""
        start = found + len(piece)
    for piece in reversed(right[:-1]):
        end = text.rfind(piece, start, max(end, start))
        if end < 0:
            return ""
    return text[start:end]
