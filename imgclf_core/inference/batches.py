"""Answers for whole collections: a folder, a zip, single files; and the table of them.

Photos are streamed; only names and scores are kept. Where they lie in folders named like the
classes of the model, the folder is taken as the expected answer. Sorted copies are made in
`inference/copies.py`, thousands by the job in `inference/sort_job.py`.
"""

import contextlib
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from imgclf_core.archives import sources
from imgclf_core.archives.sources import Member, Skipped
from imgclf_core.config import Limits
from imgclf_core.errors import ImageError, InputError
from imgclf_core.inference.predictor import Predictor
from imgclf_core.runs.calibration import NOT_SURE
from imgclf_core.support import file_system, safe_text
from imgclf_core.support.parallel_map import map_batches


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
                source = stack.enter_context(sources.open_source(path, limits))
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
            member.name,
            answer.scores,
            answer.seconds,
            expected.of(member.name),
            data if keep_bytes else None,
            answer.distance,
            answer.doubts,
        )

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
    """Writes answers as CSV: `file,answer,score`, one column a class, `expected,guess,reason`.

    `answer` and `guess` differ only where the model is not sure; `reason` tells why.

    Args:
        file: Opened for text with `newline=""`.
        class_names: K names.
    """

    def __init__(self, file: TextIO, class_names: tuple[str, ...]):
        self._names = class_names
        self._writer = csv.writer(file, lineterminator="\n")
        cells = [safe_text.csv_cell(name) for name in class_names]
        self._writer.writerow(["file", "answer", "score", *cells, "expected", "guess", "reason"])

    def add(self, item: Classified) -> None:
        """One row."""
        expected = "" if item.expected is None else self._names[item.expected]
        self._writer.writerow(
            [
                safe_text.csv_cell(item.name),
                safe_text.csv_cell(item.answer(self._names)),
                f"{item.scores[item.guess]:.6f}",
                *(f"{score:.6f}" for score in item.scores),
                safe_text.csv_cell(expected),
                safe_text.csv_cell(self._names[item.guess]),
                "; ".join(item.doubts),
            ]
        )


def _read_file(path: Path, limits: Limits) -> bytes:
    if path.stat().st_size > limits.file_bytes:
        raise ImageError("it is too large")
    return file_system.read(path)


def check_input(path: Path) -> Path:
    """The path itself.

    Raises:
        InputError: There is nothing there.
    """
    if not path.exists():
        raise InputError(f"There is no file or folder '{path}'. Check the name.")
    return path
