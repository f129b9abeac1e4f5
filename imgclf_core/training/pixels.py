"""Photos as batches for the scratch CNN.

Every photo is decoded once to the network's size and kept in a memory map; batches are drawn
from it, varied anew every epoch. The order of an epoch depends on nothing but the seed and the
number of the epoch, so a training can be repeated and taken up again.
"""

from collections.abc import Callable

import keras
import numpy as np

from imgclf_core.data import augment, cache, decode
from imgclf_core.data.augment import Augmentation
from imgclf_core.data.cache import RowStore
from imgclf_core.inference.batch import map_batches
from imgclf_core.training.features import Source


def stored(
    sources: list[Source],
    image_size: int,
    fit: str,
    on_progress: Callable[[int], None] = lambda done: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Decodes what is not decoded yet.

    Args:
        sources: N photos.
        image_size: Side in pixels.
        fit: See `data.decode.fit`.
        on_progress: Called with the number of photos finished.

    Returns:
        The memory map of all stored photos, uint8 (M, s, s, 3), and int64 (N,), the row of
        each photo in it.
    """
    store = RowStore(
        cache.shared(f"pixels/{image_size}-{fit}"), (image_size, image_size, 3), "uint8"
    )
    by_key = {source.key: source for source in sources}
    todo = store.missing(by_key)
    done = len(sources) - len(todo)

    def decoded(keys: list[str]) -> np.ndarray:
        size = (image_size, image_size)
        return np.stack([decode.load(by_key[key].read(), size, fit) for key in keys])

    for keys, rows in map_batches(decoded, todo, size=32):
        store.append(keys, rows)
        done += len(keys)
        on_progress(done)
    positions = store.positions()
    return store.rows(), np.array([positions[source.key] for source in sources], dtype=np.int64)


class Batches(keras.utils.PyDataset):
    """Batches of (images float32 (n, s, s, 3), one-hot labels (n, K), weights (n,)).

    Args:
        rows: uint8 (M, s, s, 3).
        positions: int64 (N,), rows to use.
        targets: float32 (N, K), one-hot.
        weights: float32 (N,), weight of each photo in the loss.
        batch_size: Photos a batch.
        augmentation: Variety, or None for the photos as they are, in their order.
        seed: Of order and variety.
    """

    def __init__(
        self, rows: np.ndarray, positions: np.ndarray, targets: np.ndarray,
        weights: np.ndarray, batch_size: int, augmentation: Augmentation | None, seed: int,
    ):  # fmt: skip
        # One thread ahead: drawing a batch takes far less than learning from it.
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=4)
        self._rows, self._positions, self._targets = rows, positions, targets
        self._weights, self._batch_size = weights, batch_size
        self._augmentation, self._seed = augmentation, seed
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Sets the order and the variety of an epoch."""
        self._epoch = epoch
        count = len(self._positions)
        if self._augmentation is None:
            self._order = np.arange(count)
        else:
            self._order = np.random.default_rng((self._seed, epoch)).permutation(count)

    def on_epoch_end(self) -> None:
        self.start_epoch(self._epoch + 1)

    def __len__(self) -> int:
        return -(-len(self._positions) // self._batch_size)

    def __getitem__(self, index: int):
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        images = self._rows[self._positions[chosen]]  # (n, s, s, 3)
        if self._augmentation is not None and self._augmentation.active:
            generator = np.random.default_rng((self._seed, self._epoch, index, 1))
            images = np.stack(
                [augment.augment(image, self._augmentation, generator) for image in images]
            )
        return images.astype(np.float32), self._targets[chosen], self._weights[chosen]
