"""What every way of training shares: what it leaves behind, and how it tells its progress."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

    from imgclf_core.runs.checkpoint import State


@dataclass(frozen=True)
class Learnt:
    """What a training leaves.

    Attributes:
        arrays: What it changed, in the order that `training/packaging.py` puts back.
        scores: float32 (N, K), of all photos that take part, rows summing to 1.
        state: How it went; None where there were no epochs.
        decode_seconds: Spent on reading photos, summed over all threads.
        figures: More for the report.
        embed: From positions of photos that take part, int (n,), to what the last layer sees of
            them, float32 (n, D). Asked for few of them only, so that not all need be kept.
    """

    arrays: list[np.ndarray]
    scores: np.ndarray
    state: State | None = None
    decode_seconds: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)
    embed: Callable[[np.ndarray], np.ndarray] | None = None

    @property
    def last_layer_only(self) -> bool:
        """Whether everything before the last layer never saw the training photos."""
        return len(self.arrays) == 2

    def report(self) -> dict[str, Any]:
        """The part of a report that tells how the training went."""
        state = self.state
        return {
            "epochs_run": len(state.history) if state else 0,
            "best_epoch": state.best_epoch if state else 0,
            "stopped": state.stopped if state else "",
            **self.figures,
        }

    @property
    def decode_wall_seconds(self) -> float:
        """Reading photos, as if nothing else had used the cores."""
        return self.decode_seconds / (os.cpu_count() or 1)


def embedder(
    model: keras.Model,
    output: keras.KerasTensor,
    batches: Callable[[np.ndarray], keras.utils.PyDataset],
) -> Callable[[np.ndarray], np.ndarray]:
    """What the last layer of a network sees of photos, as `Learnt.embed`.

    Args:
        model: From photos, or what lower blocks made of them, to scores.
        output: What comes into its last layer; a dropout before that does nothing here.
        batches: From positions of photos to them, as they are and in their order.
    """
    import keras  # here, for the first answer shares this module and never imports it

    inner = keras.Model(model.input, output)
    return lambda chosen: inner.predict(batches(chosen), verbose=0)
