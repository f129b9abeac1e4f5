"""What a training says, in plain sentences: while it runs, and when it has ended.

Rules of thumb over the last epochs; nothing decides anything by them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from imgclf_core.jobs import events

# Epochs that count as recent.
_RECENT = 5
# Training this much better than validation is learning by heart.
_GAP = 0.15
# A model that gives one answer to this share of photos, where no class is nearly as large, has
# collapsed.
_ONE_ANSWER, _LARGEST_CLASS = 0.95, 0.85
# Epochs with exactly the same, low validation accuracy before it is called stuck.
_STUCK = 4


def sentence(history: Sequence[Mapping]) -> str:
    """One sentence on the course of a training.

    Args:
        history: Records of `run_store.history`, oldest first.
    """
    if len(history) < 3:
        return "Too early to tell."
    first, last = history[0], history[-1]
    best = max((r["epoch"] for r in history if r.get("best")), default=last["epoch"])
    if last["loss"] > 1.5 * first["loss"]:
        return "The loss grows: the learning rate is probably too high. Try a third of it."
    if stuck(history):
        return (
            "It does not learn: the share of right answers has not moved at all. It may give every "
            "photo the same class. Try a learning rate three times smaller, or more photos."
        )
    if last["accuracy"] - last["val_accuracy"] > _GAP and last["epoch"] - best >= 3:
        return (
            "It now learns the training photos by heart: validation no longer follows. The best "
            "epoch is kept; more photos or more variety would help."
        )
    if last["epoch"] - best >= _RECENT:
        return f"No longer improving since epoch {best}; that epoch is kept."
    if last["val_accuracy"] >= 0.995:
        return "As good as it gets on the validation photos."
    if _flat(history):
        return "Hardly anything changes any more: this is about what these settings can reach."
    return "Still improving; validation follows training closely."


def _flat(history: Sequence[Mapping]) -> bool:
    """Whether the validation loss has fallen by less than a fiftieth over the recent half."""
    half = len(history) // 2
    if half < _RECENT or "val_loss" not in history[-1]:
        return False
    earlier, recent = (
        min(r["val_loss"] for r in part) for part in (history[:half], history[half:])
    )
    return recent > 0.98 * earlier


def stuck(history: Sequence[Mapping]) -> bool:
    """Whether training and validation stand still at a low share of right answers."""
    recent = history[-_STUCK:]
    if len(recent) < _STUCK:
        return False
    last, best = recent[-1], max(record["val_accuracy"] for record in history)
    same = all(record["val_accuracy"] == best for record in recent)
    return same and best < 0.9 and last["accuracy"] < 0.7


def answers_one_class(confusion: Sequence[Sequence[int]]) -> int | None:
    """The class that nearly all photos are given, or None.

    Args:
        confusion: int (K, K), rows true classes, columns guesses.
    """
    counts = np.asarray(confusion)
    total = max(counts.sum(), 1)
    guessed = counts.sum(axis=0) / total
    largest = counts.sum(axis=1).max() / total
    if guessed.max() >= _ONE_ANSWER and largest < _LARGEST_CLASS:
        return int(guessed.argmax())
    return None


_STOPPED = {
    events.PERSON: "Stopped by you",
    events.TOO_LONG: "Stopped because a training may take no longer here",
    events.UNWATCHED: "Stopped because nobody had looked at it for ten minutes",
}


def after(report: Mapping[str, Any]) -> list[str]:
    """How a training ended, from its report."""
    best, sentences = report["best_epoch"], []
    if report["stopped"] in _STOPPED:
        sentences.append(f"{_STOPPED[report['stopped']]}; the best epoch, number {best}, was kept.")
    elif report["stopped"] == "patience":
        sentences.append(f"It stopped by itself: no better after epoch {best}.")
    if tuned := report.get("fine_tuning"):
        sentences.append(_fine_tuning(tuned))
    return sentences


def warnings(report: Mapping[str, Any], class_names: Sequence[str]) -> list[str]:
    """What went wrong although there is a result, each with a remedy."""
    found = []
    if report["stopped"] == "not finite":
        found.append(
            f"The training ran away after epoch {report['best_epoch']}, which was kept. Choose a "
            "learning rate ten times smaller."
        )
    part = report.get("validation") or report["training"]
    one = answers_one_class(part["confusion_matrix"])
    if one is not None:
        found.append(
            f"It answers '{class_names[one]}' for nearly every photo, so it has not learnt to "
            "tell them apart. Try a learning rate three times smaller, more epochs, or the "
            "pretrained network."
        )
    return found


def what_training_may_add(right: int, n: int) -> str:
    """One sentence after the first answer, from its score on validation photos."""
    wrong = n - right
    if wrong == 0:
        return "Training has nothing left to add on these photos; test it on new ones."
    if right / n >= 0.97:
        return (
            f"Training can add little: {wrong} of {n} are left. Looking at those photos first may "
            "be worth more."
        )
    return (
        f"Training with varied copies, and fine-tuning under *Thorough*, may get some of the "
        f"{wrong} that are left. A scratch CNN will hardly do better on few photos."
    )


def _fine_tuning(tuned: Mapping[str, Any]) -> str:
    before, later = tuned["before"], tuned["after"]
    if not later:
        return "It was stopped before fine-tuning; the last layer alone was kept."
    gain = later["val_accuracy"] - before["val_accuracy"]
    cost = f"Fine-tuning took {later['seconds']:.0f} s more"
    if not tuned["kept"]:
        return f"{cost} and was not better on the validation photos, so it was not kept."
    if gain > 0:
        return f"{cost} and made {gain:.1%} more of the validation photos right; it was kept."
    return (
        f"{cost}; as many validation photos were right, with scores closer to the truth (loss "
        f"{before['val_loss']:.3f} to {later['val_loss']:.3f}), so it was kept."
    )
