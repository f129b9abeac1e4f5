"""What sorting a collection left, kept in a folder: names, scores, and why there is no answer.

photos.jsonl    one JSON array a photo: name, place among the files, seconds, expected, distance
scores.f32      float32, K numbers a photo
sorted.json     what was sorted, by which model; written last, and by it a result counts
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from imgclf_core.inference.batches import Classified
from imgclf_core.support import atomic_files, file_system

PHOTOS_FILE, SCORES_FILE, ABOUT_FILE = "photos.jsonl", "scores.f32", "sorted.json"
UNSURE, SUREST, BY_NAME = "most unsure first", "surest first", "by name"
ORDERS = (UNSURE, SUREST, BY_NAME)
_MOST_SKIPPED = 1000


@dataclass(frozen=True)
class Sorted:
    """Answers for N photos of a collection.

    Attributes:
        folder: Of the job.
        class_names: K names.
        sources: Paths of the zips, folders and files they lie in.
        names: N names.
        places: int64 (N,), which of the files of the sources each one is.
        scores: float32 (N, K).
        seconds: float32 (N,), from bytes to scores.
        expected: int64 (N,), the class that its folder names, or -1.
        distances: float32 (N,), from the training photos; NaN where nobody knows.
        skipped: (name, reason) of files that have no answer, the first ones of many.
        stopped: Whether it was stopped before the end.
        total: Files there were.
        took: Seconds in all.
    """

    folder: Path
    class_names: tuple[str, ...]
    sources: tuple[Path, ...]
    names: tuple[str, ...]
    places: np.ndarray
    scores: np.ndarray
    seconds: np.ndarray
    expected: np.ndarray
    distances: np.ndarray
    skipped: tuple[tuple[str, str], ...]
    stopped: bool
    total: int
    took: float

    @cached_property
    def guesses(self) -> np.ndarray:
        """int64 (N,)."""
        return self.scores.argmax(axis=1)

    @cached_property
    def best(self) -> np.ndarray:
        """float32 (N,), scores of the guesses."""
        return self.scores.max(axis=1)

    def ordered(self, members: np.ndarray, order: str = UNSURE) -> np.ndarray:
        """Positions in one of `ORDERS`."""
        if order == BY_NAME:
            return members[np.argsort(np.array(self.names, dtype=object)[members], kind="stable")]
        best = self.best[members]
        return members[np.argsort(best if order == UNSURE else -best, kind="stable")]

    def where(self, guess: int | None = None, least: float = 0.0, most: float = 1.0) -> np.ndarray:
        """int64 (n,): photos guessed to be of a class, or any, with a score within bounds."""
        fits = (self.best >= least - 1e-6) & (self.best <= most + 1e-6)
        return np.flatnonzero(fits if guess is None else fits & (self.guesses == guess))

    def item(self, i: int, doubts: tuple[str, ...] = ()) -> Classified:
        """One of them as a row."""
        distance = float(self.distances[i])
        return Classified(
            self.names[i],
            self.scores[i],
            float(self.seconds[i]),
            int(self.expected[i]) if self.expected[i] >= 0 else None,
            distance=None if np.isnan(distance) else distance,
            doubts=doubts,
        )

    def expected_names(self) -> list[str]:
        """N names of classes, empty where it is not known."""
        return [self.class_names[k] if k >= 0 else "" for k in self.expected.tolist()]


class Writer:
    """Writes the answers as they come; memory does not grow with their number.

    Args:
        folder: Of the job.
        class_names: K names.
        sources: What is sorted.
        total: Files there are.
    """

    def __init__(
        self, folder: Path, class_names: Sequence[str], sources: Sequence[Path], total: int
    ):
        file_system.remove(folder / ABOUT_FILE)
        self._folder, self._names = folder, list(class_names)
        self._sources, self._total = [str(source) for source in sources], total
        with contextlib.ExitStack() as opened:  # the first is closed where the second fails
            self._photos = opened.enter_context(file_system.open_text(folder / PHOTOS_FILE, "w"))
            self._scores = opened.enter_context(file_system.open(folder / SCORES_FILE, "wb"))
            self._opened = opened.pop_all()
        self._skipped: list[tuple[str, str]] = []
        self.count = 0

    def add(self, place: int, item: Classified) -> None:
        """One answer; `place` tells which of the files of the sources it is."""
        row = [item.name, place, round(item.seconds, 5), item.expected, item.distance]
        self._photos.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._scores.write(item.scores.astype("<f4").tobytes())
        self.count += 1

    def skip(self, name: str, reason: str) -> None:
        """One file that has no answer."""
        if len(self._skipped) < _MOST_SKIPPED:
            self._skipped.append((name, reason))

    def finish(self, stopped: bool, took: float) -> None:
        """Makes it a result."""
        self.close()
        atomic_files.write_json(
            self._folder / ABOUT_FILE,
            {
                "class_names": self._names,
                "sources": self._sources,
                "count": self.count,
                "total": self._total,
                "skipped": self._skipped,
                "stopped": stopped,
                "took": round(took, 3),
            },
        )

    def close(self) -> None:
        """Closes the files; without `finish` they count for nothing."""
        self._opened.close()


def load(folder: Path) -> Sorted | None:
    """The result in the folder of a job; None where there is none, or it is damaged."""
    about = atomic_files.read_json(folder / ABOUT_FILE)
    if not isinstance(about, dict):
        return None
    try:
        rows = list(_rows(folder))
        names = tuple(about["class_names"])
        scores = np.frombuffer(file_system.read(folder / SCORES_FILE), "<f4").reshape(
            -1, len(names)
        )
        if not len(rows) == len(scores) == about["count"]:
            return None
        return Sorted(
            folder,
            names,
            tuple(map(Path, about["sources"])),
            tuple(row[0] for row in rows),
            np.array([row[1] for row in rows], np.int64),
            scores,
            np.array([row[2] for row in rows], np.float32),
            np.array([-1 if row[3] is None else row[3] for row in rows], np.int64),
            np.array([np.nan if row[4] is None else row[4] for row in rows], np.float32),
            tuple((name, reason) for name, reason in about["skipped"]),
            about["stopped"],
            about["total"],
            about["took"],
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _rows(folder: Path) -> Iterator[list]:
    with file_system.open_text(folder / PHOTOS_FILE) as file:
        for line in file:
            yield json.loads(line)
