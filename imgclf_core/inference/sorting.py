"""Answers for whole collections: a folder, a zip, single files; a table and sorted copies.

Photos are streamed; only names and scores are kept. Where they lie in folders named like the
classes of the model, the folder is taken as the expected answer.
"""

import contextlib
import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from imgclf_core import naming
from imgclf_core.config import Limits
from imgclf_core.data import archive
from imgclf_core.data.archive import Member, Skipped
from imgclf_core.errors import ImageError, InputError
from imgclf_core.evaluation.calibration import NOT_SURE
from imgclf_core.inference.batch import map_batches
from imgclf_core.inference.predictor import Predictor

NAMES, FOLDERS = "names", "folders"


@dataclass(frozen=True)
class Classified:
    """The answer for one photo of a collection.

    Attributes:
        name: The name it came with.
        scores: float32 (K,), summing to 1.
        seconds: Time from bytes to scores.
        expected: Index of the class its folder names, or None.
        data: The original bytes, where they were asked for.
        distance: From the training photos; None where nobody knows.
        doubts: Why the model is not sure; empty where it is.
    """

    name: str
    scores: np.ndarray
    seconds: float
    expected: int | None = None
    data: bytes | None = None
    distance: float | None = None
    doubts: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        return not self.doubts

    @property
    def guess(self) -> int:
        return int(self.scores.argmax())

    def answer(self, class_names: Sequence[str]) -> str:
        """The guess, or that the model is not sure."""
        return class_names[self.guess] if self.sure else NOT_SURE


@contextlib.contextmanager
def opened(paths: Iterable[Path], limits: Limits) -> Iterator[list[Member | Skipped]]:
    """The files of zips, folders and single photos; zips stay open inside the block.

    Raises:
        InputError: There is nothing at a path, or a zip cannot be read.
    """
    with contextlib.ExitStack() as stack:
        members: list[Member | Skipped] = []
        for path in map(check_input, paths):
            if path.is_file() and path.suffix.lower() != ".zip":
                members.append(_single(path, limits))
            else:
                source = stack.enter_context(archive.open_source(path, limits))
                members += [*source.skipped, *source.members]
        yield members


def _single(path: Path, limits: Limits) -> Member:
    return Member(path.name, path.stat().st_size, lambda: _read_file(path, limits))


def classify(
    predictor: Predictor, members: Iterable[Member | Skipped], keep_bytes: bool = False
) -> Iterator[Classified | Skipped]:
    """Classifies a stream of files, in order.

    Args:
        predictor: The model.
        members: See `opened`.
        keep_bytes: Whether answers carry the original bytes, for copying.

    Yields:
        An answer for each photo, or the file and the reason why there is none.
    """
    expected = Expected(predictor.class_names)

    def one(batch: list[Member | Skipped]) -> Classified | Skipped:
        member = batch[0]
        if isinstance(member, Skipped):
            return member
        try:
            data = member.read()
            answer = predictor.answer(data)
        except ImageError as error:
            return Skipped(member.name, str(error))
        return Classified(
            member.name, answer.scores, answer.seconds, expected.of(member.name),
            data if keep_bytes else None, answer.distance, answer.doubts,
        )  # fmt: skip

    for _, result in map_batches(one, members, size=1):
        yield result


class Expected:
    """Finds the class that the folders of a name spell out."""

    def __init__(self, class_names: tuple[str, ...]):
        self._index = {name: k for k, name in enumerate(class_names)}

    def of(self, name: str) -> int | None:
        folders = name.split("/")[:-1]
        for start in range(len(folders)):
            for end in range(len(folders), start, -1):
                k = self._index.get("/".join(folders[start:end]))
                if k is not None:
                    return k
        return None


class Table:
    """Writes answers as CSV: `file,answer,score`, one column a class, then `expected` and `guess`.

    `answer` and `guess` differ only where the model is not sure.

    Args:
        file: Opened for text with `newline=""`.
        class_names: K names.
    """

    def __init__(self, file: TextIO, class_names: tuple[str, ...]):
        self._names = class_names
        self._writer = csv.writer(file, lineterminator="\n")
        cells = [naming.csv_cell(name) for name in class_names]
        self._writer.writerow(["file", "answer", "score", *cells, "expected", "guess"])

    def add(self, item: Classified) -> None:
        """One row."""
        expected = "" if item.expected is None else self._names[item.expected]
        self._writer.writerow(
            [
                naming.csv_cell(item.name),
                naming.csv_cell(item.answer(self._names)),
                f"{item.scores[item.guess]:.6f}",
                *(f"{score:.6f}" for score in item.scores),
                naming.csv_cell(expected),
                naming.csv_cell(self._names[item.guess]),
            ]
        )


class Copies:
    """Copies photos under names that tell the answer; originals are not touched.

    Args:
        folder: Where to; made if need be.
        class_names: K names.
        layout: `names` for `<class>-[score].<ext>` side by side, `folders` for one folder a
            class with the names as they came.
    """

    def __init__(self, folder: Path, class_names: tuple[str, ...], layout: str = NAMES):
        self._folder, self._layout = folder, layout
        # Class names are the person's own; only what file systems cannot bear is replaced.
        self._class_names: list[str] = []
        for name in class_names:
            self._class_names.append(_unlike(_path_part(name), self._class_names))
        self._not_sure = _unlike(NOT_SURE, self._class_names)
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, item: Classified) -> Path:
        """Copies one photo and returns its new path."""
        name = self._class_names[item.guess] if item.sure else self._not_sure
        original = item.name.split("/")[-1]
        if self._layout == NAMES:
            score = f"{item.scores[item.guess]:.5f}"
            path = self._folder / f"{name}-[{score}]{_ending(original) or '.jpg'}"
        else:
            stem = os.path.splitext(original)[0]
            path = self._folder / name / (_path_part(stem) + _ending(original))
        return _write_new(path, item.data or b"")


def _ending(name: str) -> str:
    """The ending of a file name, as far as every system takes it."""
    kept = "".join(c for c in os.path.splitext(name)[1].lower() if c.isalnum())[:10]
    return f".{kept}" if kept else ""


def _path_part(text: str) -> str:
    """The text as one part of a path that Windows, macOS and Linux all take."""
    kept = "".join("_" if c in '<>:"/\\|?*' else c for c in naming.clean(text)).strip(" .")
    plain = naming.file_name(kept, "class")
    reserved = plain.startswith("_") and not kept.startswith("_")
    return f"_{kept}" if reserved else kept or plain


def _unlike(name: str, taken: list[str]) -> str:
    """The name, with a number where it is taken; capitals do not make a difference on disks."""
    lowered, number, result = {other.lower() for other in taken}, 1, name
    while result.lower() in lowered:
        number += 1
        result = f"{name}-{number}"
    return result


def _write_new(path: Path, data: bytes) -> Path:
    """Writes beside what is there: a second `elsa-[0.99621].jpg` becomes `elsa-[0.99621]-2.jpg`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, candidate = 1, path
    while True:
        try:
            with open(candidate, "xb") as file:
                file.write(data)
            return candidate
        except FileExistsError:
            number += 1
            candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")


def _read_file(path: Path, limits: Limits) -> bytes:
    if path.stat().st_size > limits.file_bytes:
        raise ImageError("it is too large")
    return path.read_bytes()


def check_input(path: Path) -> Path:
    """The path itself.

    Raises:
        InputError: There is nothing there.
    """
    if not path.exists():
        raise InputError(f"There is no file or folder '{path}'. Check the name.")
    return path
