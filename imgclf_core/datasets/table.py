"""The table of photos in a file: one row a photo, readable by people and spreadsheets.

Which table belongs to which version is the business of `datasets/store.py`.
"""

import csv
import io
import json
from pathlib import Path

from imgclf_core.datasets.dataset import Dataset, LeftOut, Photo
from imgclf_core.support import atomic_files, file_system

_COLUMNS = (
    "file",
    "name",
    "class",
    "side",
    "left_out",
    "given",
    "object",
    "alike",
    "height",
    "width",
    "format",
    "bytes",
    "sharpness",
    "brightness",
    "contrast",
    "colourfulness",
    "also",
    "hard",
)
# Tables of the first program end before these.
_ADDED = 2


def write(path: Path, dataset: Dataset) -> None:
    """Replaces the table by the photos of a data set, first those that take part."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for photo in dataset.photos:
        writer.writerow(_row(photo, dataset.class_of(photo), ""))
    for item in dataset.left_out:
        writer.writerow(_row(item.photo, item.class_name, item.reason))
    atomic_files.write_bytes(path, table.getvalue().encode("utf-8"))


def read(path: Path, class_names: tuple[str, ...]) -> tuple[tuple[Photo, ...], tuple[LeftOut, ...]]:
    """The photos that take part, and those left out.

    Raises:
        OSError, ValueError, KeyError: The table is missing or damaged.
    """
    index = {name: k for k, name in enumerate(class_names)}
    photos, left_out = [], []
    with file_system.open_text(path) as file:
        rows = csv.reader(file)
        head = tuple(next(rows, ()))
        if head not in (_COLUMNS, _COLUMNS[:-_ADDED]):
            raise ValueError("the table has other columns")
        missing = [""] * (len(_COLUMNS) - len(head))
        for row in rows:
            row += missing
            class_name, reason = row[2], row[4]
            photo = _photo(row, -1 if reason else index[class_name])
            if reason:
                left_out.append(LeftOut(photo, class_name, reason))
            else:
                photos.append(photo)
    return tuple(photos), tuple(left_out)


def file_names(path: Path) -> set[str]:
    """Names of the stored files in a table."""
    with file_system.open_text(path) as file:
        rows = csv.reader(file)
        next(rows, None)
        return {row[0] for row in rows}


def _row(p: Photo, class_name: str, reason: str) -> tuple:
    measures = (p.sharpness, p.brightness, p.contrast, p.colourfulness)
    return (
        p.file,
        p.name,
        class_name,
        p.side,
        reason,
        p.given,
        p.object,
        p.alike,
        p.height,
        p.width,
        p.format,
        p.bytes,
        *(f"{value:.4g}" for value in measures),
        json.dumps(p.also, ensure_ascii=False) if p.also else "",
        "yes" if p.hard else "",
    )


def _photo(row: list[str], label: int) -> Photo:
    file, name, _, side, _, given, thing, alike, height, width, kind, size, *rest = row
    *measures, also, hard = rest
    return Photo(
        file,
        name,
        label,
        side,
        given,
        int(height),
        int(width),
        kind,
        int(size),
        int(alike),
        thing,
        *map(float, measures),
        tuple(map(str, json.loads(also))) if also else (),
        bool(hard),
    )
