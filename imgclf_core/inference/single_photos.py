"""A few photos answered at once: the answers as values, the photos as files in a folder.

So they can be shown large, changed, asked about again and added to the data set, while nobody
keeps their bytes in memory. Thousands are the work of a job, see `inference/sort_job.py`.
"""

import hashlib
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imgclf_core.archives.sources import Member, Skipped
from imgclf_core.errors import ImageError
from imgclf_core.inference import batches
from imgclf_core.inference.batches import Classified
from imgclf_core.inference.predictor import Predictor
from imgclf_core.support import file_system, safe_text

# Photos of a session that ended without a word are thrown away by the next one after a day.
_SECONDS_KEPT = 86_400.0


@dataclass(frozen=True)
class Seen:
    """One photo and its answer.

    Attributes:
        name: It came with.
        file: Where its bytes are.
        sha256: Of its bytes, hexadecimal.
        scores: float32 (K,), summing to 1.
        seconds: Time from bytes to scores.
        distance: From the training photos, see `runs/ood_detector.py`; None where nobody knows.
        expected: The class that its folder names; empty where it names none.
    """

    name: str
    file: Path
    sha256: str
    scores: np.ndarray
    seconds: float
    distance: float | None
    expected: str

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            ImageError: It was thrown away meanwhile.
        """
        try:
            return file_system.read(self.file)
        except OSError as error:
            raise ImageError(f"'{self.name}' is not kept any more. Choose it again.") from error


@dataclass(frozen=True)
class Answered:
    """What a model said of some photos.

    Attributes:
        model: Which, by its key.
        folder: Where the photos are.
        photos: Those that were answered, in order.
        skipped: The others that came last, with the reason.
        count: How many were answered last.
        seconds: For these.
    """

    model: str
    folder: Path
    photos: tuple[Seen, ...]
    skipped: tuple[Skipped, ...]
    count: int
    seconds: float

    @property
    def scores(self) -> np.ndarray:
        """float32 (N, K)."""
        return np.stack([photo.scores for photo in self.photos])

    def of(self, photos: Sequence[Seen]) -> "Answered":
        """The same with some of the photos."""
        return replace(self, photos=tuple(photos))


def answer(
    key: str,
    model: Predictor,
    members: Iterable[Member | Skipped],
    parent: Path,
    before: Answered | None = None,
) -> Answered:
    """Answers photos and keeps them in a folder, new ones first.

    Args:
        key: Of the model.
        model: Itself.
        members: The photos.
        parent: Folder of one person in which such folders lie; old ones are thrown away.
        before: Photos of the same model that stay beside the new ones.
    """
    _sweep(parent)
    folder = before.folder if before else parent / safe_text.new_id("photos")
    file_system.make_folder(folder)
    started, seen, skipped = time.perf_counter(), [], []
    for item in batches.classify(model, members, keep_bytes=True):
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        file = folder / secrets.token_hex(6)
        file_system.write(file, item.data)
        seen.append(_seen(model, item, file, hashlib.sha256(item.data).hexdigest()))
    seconds = time.perf_counter() - started
    kept = before.photos if before else ()
    return Answered(key, folder, (*seen, *kept), tuple(skipped), len(seen), seconds)


def again(key: str, model: Predictor, before: Answered) -> Answered:
    """What another model, or the same after more training, says of the same photos."""
    started, seen, skipped = time.perf_counter(), [], []
    members = [Member(photo.name, 0, photo.read) for photo in before.photos]
    items = batches.classify(model, members)
    for photo, item in zip(before.photos, items, strict=True):
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            seen.append(_seen(model, item, photo.file, photo.sha256))
    seconds = time.perf_counter() - started
    return Answered(key, before.folder, tuple(seen), tuple(skipped), len(seen), seconds)


def forget(answered: Answered) -> None:
    """Throws the photos away."""
    file_system.remove_tree(answered.folder)


def _seen(model: Predictor, item: Classified, file: Path, sha256: str) -> Seen:
    expected = "" if item.expected is None else model.class_names[item.expected]
    return Seen(item.name, file, sha256, item.scores, item.seconds, item.distance, expected)


def _sweep(parent: Path) -> None:
    """Throws photos away that were answered more than a day ago."""
    for folder in parent.glob("*"):
        if time.time() - folder.stat().st_mtime > _SECONDS_KEPT:
            file_system.remove_tree(folder)
