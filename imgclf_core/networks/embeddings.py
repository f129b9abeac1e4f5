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

from imgclf_core.images import augmentation, decode
from imgclf_core.images.augmentation import Augmentation
from imgclf_core.networks import litert, mobilenet_v2, weights
from imgclf_core.support import row_store
from imgclf_core.support.parallel_map import map_batches
from imgclf_core.support.row_store import RowStore

# Batches computed between two writes.
_BATCHES_AT_ONCE = 32


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
        fit: See `images.decode.fit`.
        augmentation: Ranges of the extra views.
        part: What is kept of the network: `embedding`, or the name of an inner part.
        shape: Of that.
    """

    backbone: Path
    weights_sha256: str
    image_size: int
    fit: str
    augmentation: Augmentation
    part: str = "embedding"
    shape: tuple[int, ...] = (mobilenet_v2.FEATURES,)

    @property
    def store(self) -> RowStore:
        """Where such features are kept."""
        name = f"{mobilenet_v2.NAME}-{self.weights_sha256[:16]}-{self.image_size}-{self.fit}"
        if self.part != "embedding":
            name += f"-{self.part}"
        return RowStore(row_store.shared(f"features/{name}"), self.shape, "float32")

    def view_key(self, key: str, view: int) -> str:
        """Name of the `view`-th varied copy of a photo; the photo itself is view 0."""
        if view == 0:
            return key
        return hashlib.sha256(f"{key}:{view}:{self.augmentation}".encode()).hexdigest()


@dataclass
class Timing:
    """Seconds spent on reading photos, summed over all threads."""

    seconds: float = 0.0


def compute(
    sources: list[Source],
    recipe: Recipe,
    views: int = 0,
    on_progress: Callable[[int], None] = lambda done: None,
    timing: Timing | None = None,
    embed: Callable[[np.ndarray], np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Features of photos, from the store where they are there.

    Args:
        sources: N photos.
        recipe: How.
        views: Extra varied copies of each photo.
        on_progress: Called with the number of photos finished, also to end the work by raising.
        timing: Filled with the seconds spent on decoding.
        embed: From images (n, s, s, 3) to rows of the store; by default the converted backbone.

    Returns:
        The memory map of all stored rows, float32 (M, ...), and int64 (N, 1 + views), the row of
        each photo and of its copies in it.
    """
    store = recipe.store
    wanted = [[recipe.view_key(s.key, view) for view in range(views + 1)] for s in sources]
    missing = set(store.missing(key for keys in wanted for key in keys))
    todo = [i for i, keys in enumerate(wanted) if missing.intersection(keys)]
    seen: set[str] = set()
    todo = [i for i in todo if not (sources[i].key in seen or seen.add(sources[i].key))]
    embed = embed or _converted(recipe)
    work = _Work(sources, wanted, missing, recipe, timing or Timing(), embed)
    done = len(sources) - len(todo)
    waiting: list[tuple[list[str], np.ndarray]] = []
    try:
        for batch, computed in map_batches(work, todo):
            waiting.append(computed)
            if len(waiting) >= _BATCHES_AT_ONCE:
                _append(store, waiting)
            done += len(batch)
            on_progress(done)
    finally:
        _append(store, waiting)  # also where the person stopped it
    positions = store.positions()
    rows = np.array([[positions[key] for key in keys] for keys in wanted], dtype=np.int64)
    return store.rows(), rows.reshape(-1, views + 1)


def known(sources: list[Source], recipe: Recipe) -> int:
    """How many of the photos have their features already."""
    keys = [source.key for source in sources]
    missing = set(recipe.store.missing(keys))
    return sum(key not in missing for key in keys)


def _converted(recipe: Recipe) -> Callable[[np.ndarray], np.ndarray]:
    pool = litert.pool(recipe.backbone)
    return lambda images: pool.run(images, ["embedding"])["embedding"]


def _append(store: RowStore, waiting: list[tuple[list[str], np.ndarray]]) -> None:
    """Writes what was computed; each write waits for the disk, so it is not done for each batch."""
    if waiting:
        keys = [key for some, _ in waiting for key in some]
        store.append(keys, np.concatenate([rows for _, rows in waiting]))
        waiting.clear()


class _Work:
    """Decodes, varies and embeds one batch; called from several threads."""

    def __init__(self, sources, wanted, missing, recipe: Recipe, timing: Timing, embed):
        self._sources, self._wanted, self._missing = sources, wanted, missing
        self._recipe, self._timing, self._embed = recipe, timing, embed
        self._lock = threading.Lock()

    def __call__(self, batch: list[int]) -> tuple[list[str], np.ndarray]:
        started = time.perf_counter()
        keys, images = [], []
        for i in batch:
            for key, image in self._views(i):
                keys.append(key)
                images.append(image)
        with self._lock:
            self._timing.seconds += time.perf_counter() - started
        return keys, self._embed(np.stack(images))

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
                yield key, augmentation.augment(image, self._recipe.augmentation, generator)


def fixed_recipe() -> Recipe:
    """How features are computed for looking at data, whatever is trained later."""
    chosen = weights.resolve(weights.SHIPPED, mobilenet_v2.DEFAULT_IMAGE_SIZE)
    return Recipe(
        backbone=weights.backbone(chosen),
        weights_sha256=chosen.sha256,
        image_size=mobilenet_v2.DEFAULT_IMAGE_SIZE,
        fit=decode.CROP,
        augmentation=Augmentation(),
    )
