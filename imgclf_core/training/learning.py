"""What every way of training shares: what it leaves behind, and how it tells its progress."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from imgclf_core.jobs.events import Reporter

if TYPE_CHECKING:
    from imgclf_core.training.checkpoint import State


@dataclass(frozen=True)
class Learnt:
    """What a training leaves.

    Attributes:
        arrays: What it changed, in the order that `export/pack.py` puts back.
        scores: float32 (N, K), of all photos that take part, rows summing to 1.
        state: How it went; None where there were no epochs.
        decode_seconds: Spent on reading photos, summed over all threads.
        figures: More for the report.
    """

    arrays: list[np.ndarray]
    scores: np.ndarray
    state: State | None = None
    decode_seconds: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)

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


def progress_of(reporter: Reporter) -> Callable[[int], None]:
    """A function that tells how many photos are done, and ends the work when asked to."""

    def progress(done: int) -> None:
        reporter.progress(done)
        reporter.raise_if_stopped()

    return progress
