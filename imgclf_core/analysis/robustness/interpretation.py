"""What answers for changed photos mean: a plain sentence each, and a warning where it matters.

The figures are made in `analysis/robustness/robustness_job.py` and
`analysis/robustness/metadata_probe.py`. A sentence says no more than the figures do, and nothing
within chance is warned of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imgclf_core.analysis import comparison
from imgclf_core.analysis.robustness import metadata_probe, perturbations
from imgclf_core.analysis.robustness.metadata_probe import Appearance, Clue
from imgclf_core.analysis.robustness.robustness_results import Shortcuts, Variation
from imgclf_core.support.wording import count

# Nine changes are tested, and only a loss is warned of: at this two-sided level one in twenty
# models that lose nothing gets a false warning (C. Bonferroni, 1936: 9 * 0.01 / 2 < 0.05).
LEVEL = 0.01
FEWEST = 8  # photos; of fewer, even all turning wrong would not reach that level
LEAST_LOSS = 0.05  # a smaller loss of accuracy is not worth the work
# The border is warned of where its interval begins this much above always guessing the largest
# class, and it keeps most of what whole photos have above that; or half of it, if the middle is
# not clearly better. Photos of places are told by every part of them, and best by the middle.
LEAST_ABOVE, LEAST_KEPT, MOST_KEPT = 0.02, 0.5, 0.75
# Hiding the border is warned of where it leaves no more than this of it, within chance of nothing.
LOST_KEPT = 0.25
# A clue is warned of where its interval begins above this share of the way from always guessing
# the largest class to being always right. Colour may well belong to a class, so it takes more.
LEAST_TOLD = {
    metadata_probe.EVERYTHING: 0.75,
    metadata_probe.SIZE: 0.25,
    metadata_probe.FILE: 0.25,
    metadata_probe.DATE: 0.25,
    metadata_probe.COLOUR: 0.5,
}

_CHANGED = {
    perturbations.DARKER: ("Darker photos", "add some dark ones"),
    perturbations.LIGHTER: ("Lighter photos", "add some bright ones"),
    perturbations.BLURRED: ("Blurred photos", "add some blurred ones"),
    perturbations.ROTATED: (
        "Tilted photos",
        "add some tilted ones, or let training turn photos further",
    ),
    perturbations.CROPPED: (
        "Photos cropped to the middle",
        "add some that show less of the surroundings",
    ),
    perturbations.RECOMPRESSED: ("Strongly compressed photos", "add some of poor quality"),
    perturbations.RECOLOURED: ("Photos in warmer light", "add some taken under other lights"),
    perturbations.GREY: (
        "Photos without colour",
        "if colours do not tell the classes, add some in others",
    ),
    perturbations.NOISE: ("Noisy photos", "add some taken in little light"),
}
_CLUES = {
    metadata_probe.EVERYTHING: "All clues together",
    metadata_probe.SIZE: "Width, height and shape alone",
    metadata_probe.FILE: "File size and format alone",
    metadata_probe.DATE: "Date and camera alone",
    metadata_probe.COLOUR: "Mean colours alone",
}
_SOURCES = (
    "the classes seem to come from different sources, and the model may learn the source. Mix "
    "photos of every source into every class."
)
_TOLD = {
    metadata_probe.EVERYTHING: "the classes seem to come from different sources.",
    metadata_probe.SIZE: _SOURCES,
    metadata_probe.FILE: _SOURCES,
    metadata_probe.DATE: "add photos of every class taken on the same days and with the same "
    "camera.",
    metadata_probe.COLOUR: "that is fine if the colours belong to the things themselves; "
    "otherwise light or background may give the class away.",
}


@dataclass(frozen=True)
class Finding:
    """One result in words.

    Attributes:
        name: Of the variation or clue.
        sentence: What was found, and what to do about it where it warns.
        warns: Whether the person should look at it.
    """

    name: str
    sentence: str
    warns: bool = False


def of_variations(found: Shortcuts) -> tuple[Finding, ...]:
    """One finding for each variation but the plain one, in their order."""
    changes = [of_change(found.of(name)) for name in perturbations.CHANGES]
    return (_hidden(found), _only(found), *changes)


def of_clues(table: Appearance) -> tuple[Finding, ...]:
    """One finding for each clue, in their order."""
    return tuple(_of_clue(clue, table.clues) for clue in table.clues)


def summary(found: Shortcuts) -> Finding:
    """All findings in one sentence."""
    findings = (*of_variations(found), *of_clues(found.appearance))
    warned = sum(finding.warns for finding in findings)
    if warned:
        sentence = f"{warned} of {len(findings)} checks found something to look at."
    elif found.plain.n < FEWEST:
        sentence = f"With {count(found.plain.n, 'photo')} these checks cannot tell much."
    else:
        sentence = f"None of the {len(findings)} checks found anything to worry about."
    return Finding("summary", sentence, warned > 0)


def which_photos(found: Shortcuts) -> str:
    """Which photos the answers are for, and how many could not be read."""
    n = found.plain.n
    asked = n + found.skipped
    if asked < found.of_side:
        words = f"{n:,} of {count(found.of_side, found.side + ' photo')}, a fair sample."
    else:
        words = f"{count(n, found.side + ' photo')}."
    unread = f" {count(found.skipped, 'photo')} could not be read." if found.skipped else ""
    return words + unread


def of_change(changed: Variation) -> Finding:
    """What one change costs; a variation named in `perturbations.CHANGES`."""
    words, advice = _CHANGED[changed.name]
    if not _clear(changed):
        return Finding(changed.name, f"{words}: {_within_chance(changed)}")
    if changed.loss < 0:
        return Finding(changed.name, f"{words} do better: {_before_and_now(changed)}.")
    sentence = f"{words} cost {_points(changed.loss)} ({_before_and_now(changed)})"
    if changed.loss < LEAST_LOSS:
        return Finding(changed.name, f"{sentence}: little, but more than chance.")
    return Finding(changed.name, f"{sentence}: {advice}.", True)


def _hidden(found: Shortcuts) -> Finding:
    hidden = found.of(perturbations.BORDER_HIDDEN)
    if not _clear(hidden):
        return Finding(hidden.name, f"With the border hidden: {_within_chance(hidden)}")
    if hidden.loss < 0:
        sentence = f"Hiding the border helps: {_before_and_now(hidden)}."
        return Finding(hidden.name, sentence)
    sentence = f"Hiding the border costs {_points(hidden.loss)} ({_before_and_now(hidden)})"
    if _only(found).warns and hidden.loss >= LEAST_LOSS:
        return Finding(hidden.name, f"{sentence}: it needs the border.", True)
    above = found.plain.accuracy - found.baseline
    guessing = hidden.interval[0] <= found.baseline < found.plain.interval[0]
    if guessing and hidden.accuracy - found.baseline <= LOST_KEPT * above:
        end = "the middle alone does not tell the classes, so it may be learning the background"
        return Finding(hidden.name, f"{sentence}: {end}.", True)
    # On its own this is no bad sign: what the photos show may reach into the border.
    return Finding(hidden.name, f"{sentence}: part of what it looks at is there.")


def _only(found: Shortcuts) -> Finding:
    only, plain = found.of(perturbations.BORDER_ONLY), found.plain
    right, largest = f"{only.right:,} of {only.n:,}", round(found.baseline * only.n)
    if len(np.unique(found.labels)) < 2:
        sentence = "All photos here are of one class, so the border cannot tell anything."
        return Finding(only.name, sentence)
    begin = f"Seeing only the border it is right on {right}"
    guessing = f"always guessing the largest class would be on {largest:,}"
    if plain.interval[0] <= found.baseline:
        sentence = f"{begin}; but whole photos are not clearly better than guessing either."
        return Finding(only.name, sentence)
    if only.interval[0] <= found.baseline:
        few = only.n < FEWEST
        end = "too few photos to tell" if few else "the border alone does not tell the classes"
        return Finding(only.name, f"{begin}, {guessing}: {end}.")
    hidden = found.of(perturbations.BORDER_HIDDEN)
    kept = (only.accuracy - found.baseline) / (plain.accuracy - found.baseline)
    enough = MOST_KEPT if _clearly_better(hidden, only) else LEAST_KEPT
    if only.interval[0] < found.baseline + LEAST_ABOVE or kept < enough:
        end = f"the border helps, but whole photos give {plain.right:,}"
        return Finding(only.name, f"{begin}, {guessing}: {end}.")
    sentence = f"Still right on {right} seeing only the border: it may be learning the background."
    if not _clear(hidden):
        sentence += (
            f" Seeing only the middle it is right on {hidden.right:,}, so it knows that too."
        )
    return Finding(only.name, sentence, True)


def _of_clue(clue: Clue, clues: Sequence[Clue]) -> Finding:
    words = _CLUES[clue.name]
    if not clue.known:
        what = "its date or camera" if clue.name == metadata_probe.DATE else "anything of this kind"
        return Finding(clue.name, f"No photo tells {what}.")
    if not clue.n:
        return Finding(clue.name, "Too few different photos to tell.")
    if len(np.unique(clue.labels)) < 2:
        return Finding(clue.name, "All photos are of one class, so there is nothing to guess.")
    if clue.known < clue.n:
        words += f" (told by {clue.known:,} of {clue.n:,} photos)"
    right, low = f"{clue.right:,} of {count(clue.n, 'photo')}", clue.interval[0]
    largest = f"always guessing the largest class on {round(clue.baseline * clue.n):,}"
    if low <= clue.baseline:
        sentence = f"{words} are right on {right}, {largest}: no clear sign."
        return Finding(clue.name, sentence)
    if low - clue.baseline < LEAST_TOLD[clue.name] * (1 - clue.baseline):
        sentence = f"{words} are right on {right}, {largest}: a hint, but not enough to worry."
        return Finding(clue.name, sentence)
    sentence = f"{words} tell the classes apart in {right}: {_TOLD[clue.name]}"
    if clue.name == metadata_probe.EVERYTHING:
        best = max(clues[1:], key=lambda one: one.right)
        sentence += f" The best clue is {best.name} ({best.right:,} of {best.n:,})."
    return Finding(clue.name, sentence, True)


def _clear(changed: Variation) -> bool:
    return changed.chance < LEVEL


def _clearly_better(one: Variation, other: Variation) -> bool:
    first, second = one.guesses == one.labels, other.guesses == other.labels
    more, less = int((first & ~second).sum()), int((second & ~first).sum())
    return more > less and comparison.mcnemar(more, less) < LEVEL


def _within_chance(changed: Variation) -> str:
    now, before = f"{changed.right:,} of {changed.n:,} right", _right_before(changed)
    if changed.n < FEWEST:
        return f"{now}, too few photos to tell."
    if changed.right == before:
        return f"{now}, as many as before."
    return f"{now}, {before:,} before. That may be chance."


def _before_and_now(changed: Variation) -> str:
    return f"{changed.right:,} of {changed.n:,} right, {_right_before(changed):,} before"


def _right_before(changed: Variation) -> int:
    return int((changed.before == changed.labels).sum())


def _points(loss: float) -> str:
    points = round(100 * loss)
    return count(points, "point") if points else "less than a point"
