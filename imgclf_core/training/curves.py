"""What the curves of a training say, in one plain sentence.

Rules of thumb over the last epochs; nothing decides anything by them.
"""

from collections.abc import Mapping, Sequence

# Epochs that count as recent.
_RECENT = 5
# Training this much better than validation is learning by heart.
_GAP = 0.15


def sentence(history: Sequence[Mapping]) -> str:
    """One sentence on the course of a training.

    Args:
        history: Records of `Run.history`, oldest first.
    """
    if len(history) < 3:
        return "Too early to tell."
    first, last = history[0], history[-1]
    best = max((r["epoch"] for r in history if r.get("best")), default=last["epoch"])
    if last["loss"] > 1.5 * first["loss"]:
        return "The loss grows: the learning rate is probably too high. Try a third of it."
    if last["accuracy"] - last["val_accuracy"] > _GAP and last["epoch"] - best >= 3:
        return (
            "It now learns the training photos by heart: validation no longer follows. The best "
            "epoch is kept; more photos or more variety would help."
        )
    if last["epoch"] - best >= _RECENT:
        return f"No longer improving since epoch {best}; that epoch is kept."
    if last["val_accuracy"] >= 0.995:
        return "As good as it gets on the validation photos."
    return "Still improving; validation follows training closely."
