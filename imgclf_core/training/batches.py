"""Batches for `keras.Model.fit`, drawn from rows on the disk: features or pixels.

Order and variety of an epoch depend on nothing but the seed and the number of the epoch, so a
training can be repeated, and taken up in the middle. Where the rows come from is in
`networks/embeddings.py` and `training/pixels.py`.
"""

from dataclasses import dataclass

import keras
import numpy as np

from imgclf_core.images import augmentation
from imgclf_core.images.augmentation import Augmentation


@dataclass(frozen=True)
class Rows:
    """Photos with their answers.

    Attributes:
        stored: (M, ...), a memory map.
        positions: int64 (n,), the row of each photo in it.
        targets: float32 (n, K), one-hot.
        weights: float32 (n,), how much each photo counts in the loss.
    """

    stored: np.ndarray
    positions: np.ndarray
    targets: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.positions)

    def all(self) -> np.ndarray:
        """The rows themselves, float32 (n, ...)."""
        return self.stored[self.positions].astype(np.float32)


class Batches(keras.utils.PyDataset):
    """Batches of (rows float32 (n, ...), one-hot labels (n, K), weights (n,)).

    Args:
        rows: What to draw from.
        batch_size: Photos a batch.
        seed: Of order and variety; None for the photos as they are, in their order.
        augmentation: Variety of pixel rows, or None.
    """

    def __init__(
        self,
        rows: Rows,
        batch_size: int,
        seed: int | None = None,
        augmentation: Augmentation | None = None,
    ):
        # Drawn one batch after the other by one thread ahead, so that it never has to be awaited.
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self.rows, self._batch_size, self._seed = rows, batch_size, seed
        self._augmentation = augmentation if augmentation and augmentation.active else None
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Sets the order and the variety of an epoch, counted from 0."""
        self._epoch = epoch
        self._order = np.arange(len(self.rows))
        if self._seed is not None:
            self._order = np.random.default_rng((self._seed, epoch)).permutation(self._order)

    def on_epoch_end(self) -> None:
        self.start_epoch(self._epoch + 1)

    def __len__(self) -> int:
        return -(-len(self.rows) // self._batch_size)

    def __getitem__(self, index: int):
        chosen = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        drawn = self.rows.stored[self.rows.positions[chosen]]
        if self._augmentation is not None:
            generator = np.random.default_rng((self._seed, self._epoch, index, 1))
            drawn = np.stack(
                [augmentation.augment(x, self._augmentation, generator) for x in drawn]
            )
        return drawn.astype(np.float32), self.rows.targets[chosen], self.rows.weights[chosen]
