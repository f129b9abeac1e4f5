"""What the frozen backbone says of a photo, computed once and kept.

1,280 numbers a photo, from LiteRT, stored under the SHA-256 of the photo's bytes in a store
that is named by everything else they depend on. Adding ten photos computes ten.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclf_core.data import augment, cache, decode
from imgclf_core.data.augment import Augmentation
from imgclf_core.data.cache import RowStore
from imgclf_core.inference.batch import map_batches
from imgclf_core.models import litert, mobilenet_v2


@dataclass(frozen=True)
class Source:
    """A photo to compute features of.

    Attributes:
        key: SHA-256 of its bytes.
        read: Returns the bytes.
    """

    key: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Recipe:
    """Everything that features depend on besides the photo.

    Attributes:
        backbone: The converted network.
        weights_sha256: Of its weights.
        image_size: Side in pixels.
        fit: See `data.decode.fit`.
        augmentation: Ranges of the extra views.
    """

    backbone: Path
    weights_sha256: str
    image_size: int
    fit: str
    augmentation: Augmentation

    @property
    def store(self) -> RowStore:
        name = f"{mobilenet_v2.NAME}-{self.weights_sha256[:16]}-{self.image_size}-{self.fit}"
        return RowStore(cache.shared(f"features/{name}"), (mobilenet_v2.FEATURES,), "float32")

    def view_key(self, key: str, view: int) -> str:
        """Name of the `view`-th varied copy of a photo; the photo itself is view 0."""
        if view == 0:
            return key
        return hashlib.sha256(f"{key}:{view}:{self.augmentation}".encode()).hexdigest()


@dataclass
class Timing:
    """Seconds spent on decoding, counted over all threads."""

    decode: float = 0.0


def compute(
    sources: list[Source],
    recipe: Recipe,
    views: int = 0,
    on_progress: Callable[[int], None] = lambda done: None,
    timing: Timing | None = None,
) -> np.ndarray:
    """Features of photos, from the store where they are there.

    Args:
        sources: N photos.
        recipe: How.
        views: Extra varied copies of each photo.
        on_progress: Called with the number of photos finished, also to end the work by raising.
        timing: Filled with the seconds spent on decoding.

    Returns:
        float32 (N, 1 + views, 1280).
    """
    store = recipe.store
    wanted = [[recipe.view_key(s.key, view) for view in range(views + 1)] for s in sources]
    missing = set(store.missing(key for keys in wanted for key in keys))
    todo = [i for i, keys in enumerate(wanted) if missing.intersection(keys)]
    seen: set[str] = set()
    todo = [i for i in todo if not (sources[i].key in seen or seen.add(sources[i].key))]
    work = _Work(sources, wanted, missing, recipe, timing or Timing())
    done = len(sources) - len(todo)
    for batch, (keys, rows) in map_batches(work, todo):
        store.append(keys, rows)
        done += len(batch)
        on_progress(done)
    rows, positions = store.rows(), store.positions()
    index = np.array([[positions[key] for key in keys] for keys in wanted], dtype=np.int64)
    return np.asarray(rows[index.reshape(-1, views + 1)], dtype=np.float32)


class _Work:
    """Decodes, varies and embeds one batch; called from several threads."""

    def __init__(self, sources, wanted, missing, recipe: Recipe, timing: Timing):
        self._sources, self._wanted, self._missing = sources, wanted, missing
        self._recipe, self._timing = recipe, timing
        self._pool = litert.pool(recipe.backbone)
        self._lock = threading.Lock()

    def __call__(self, batch: list[int]) -> tuple[list[str], np.ndarray]:
        started = time.perf_counter()
        keys, images = [], []
        for i in batch:
            for key, image in self._views(i):
                keys.append(key)
                images.append(image)
        with self._lock:
            self._timing.decode += time.perf_counter() - started
        return keys, self._pool.run(np.stack(images))["embedding"]

    def _views(self, i: int):
        side, source = self._recipe.image_size, self._sources[i]
        image = decode.load(source.read(), (side, side), self._recipe.fit)
        for view, key in enumerate(self._wanted[i]):
            if key not in self._missing:
                continue
            if view == 0:
                yield key, image
            else:
                # Seeded by content, so that the same view is the same on every machine.
                generator = np.random.default_rng(int(key[:16], 16))
                yield key, augment.augment(image, self._recipe.augmentation, generator)
