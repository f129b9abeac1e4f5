"""Sentences of the report: what the figures mean. Plain text, not yet markup."""

from imgclf_core.datasets.split import TEST, TRAINING, VALIDATION
from imgclf_core.metrics.classification import Evaluation
from imgclf_core.reports.report_data import Gathered

# Below so many photos one photo more or less moves the score visibly.
_FEW = 100

_SEEN = {
    TEST: "photos it never saw",
    VALIDATION: "validation photos",
    TRAINING: "training photos",
}
_CAUTION = {
    VALIDATION: "These photos chose the best moment of the training, so the score is a little too "
    "kind. Only photos that took no part tell how good it is on new ones.",
    TRAINING: "The network has learnt from these very photos, so the score says nothing about new "
    "ones.",
}


def percent(share: float) -> str:
    """A share with one decimal."""
    return f"{share:.1%}"


def answer(gathered: Gathered) -> str:
    """How many were right, on what."""
    figures, side = gathered.result.figures, gathered.result.side
    return (
        f"Right on {figures.right:,} of {figures.n:,} {_SEEN[side]}: {percent(figures.accuracy)}."
    )


def likely(figures: Evaluation) -> str:
    """The interval."""
    low, high = figures.interval
    return f"On all photos of this kind it is likely between {percent(low)} and {percent(high)}."


def meaning(figures: Evaluation) -> str:
    """Whether the network has learnt anything, and how far the figure can be trusted."""
    low, high = figures.interval
    if low > figures.baseline:
        said = "That is clearly better than guessing without looking."
    elif high < figures.baseline:
        said = "That is worse than guessing without looking: something went wrong."
    else:
        said = "That is not clearly better than guessing without looking."
    if figures.balanced_accuracy < figures.accuracy - 0.05:
        said += " Small classes are found less often than large ones."
    if figures.n < _FEW:
        said += (
            f" With {figures.n:,} photos, one photo is {1 / figures.n:.1%}; more would tell more."
        )
    return said


def second_tags(gathered: Gathered) -> str:
    """The accuracy that also counts second tags; empty where there are none."""
    found = gathered.tagged
    if found is None:
        return ""
    return (
        f"Counting second tags it is right on {found.right:,} of {found.n:,} "
        f"({percent(found.right / found.n)}); photos that also show another class: "
        f"{found.tagged:,}."
    )


def caution(side: str) -> str:
    """What to mind of photos that were not sealed; empty for the test photos."""
    return _CAUTION.get(side, "")


def confidence(gathered: Gathered) -> str:
    """Whether its scores can be believed."""
    before, after = gathered.before.error, gathered.after.error
    if gathered.result.calibration.temperature == 1.0:
        return (
            f"Its scores are {after * 100:.1f} points away from how often it is right, on average."
        )
    return (
        f"Its scores are {after * 100:.1f} points away from how often it is right, on average; "
        f"before temperature scaling it was {before * 100:.1f}."
    )


def threshold(gathered: Gathered) -> str:
    """What the chosen threshold leaves, or what one of 90 % would."""
    chosen = gathered.result.calibration.threshold
    one = gathered.coverage[round((chosen or 0.9) * 100)]
    if not one.answered:
        left = "no photo is answered"
    else:
        left = (
            f"{percent(one.coverage)} of the photos are answered, {percent(one.accuracy)} of "
            "these right"
        )
    start = "It answers only when at least" if chosen else "If it answered only when at least"
    return f"{start} {one.threshold:.0%} sure, {left}."
