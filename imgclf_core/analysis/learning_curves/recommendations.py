"""Learning curves in words: what to do next for each class, and which class first.

Rules of thumb over `analysis/learning_curves/learning_curve.py`. Errors of classifiers fall about
as a * n^-b with the number n of photos (J. Hestness et al., "Deep Learning Scaling is Predictable,
Empirically", 2017; T. Viering and M. Loog, "The Shape of Learning Curves: a Review", 2022). That
law is drawn on from what was measured, at most to twice the photos.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imgclf_core.analysis.learning_curves.learning_curve import FEWEST, Curves
from imgclf_core.support.wording import count

MORE, ENOUGH, CLEAN, UNCLEAR = "more", "enough", "clean", "unclear"
GOOD = 0.9  # recall from which a flat class is called good
# A climb is believed where a doubling gains 1.64 standard errors (one-sided 95 %), and worth the
# work where it takes away a tenth of the mistakes and a hundredth of the photos.
_BELIEVED = 1.64
_LEAST_SHARE, _LEAST_LIFT = 0.1, 0.01
# A poor class is called flat only where a climb of this much a doubling cannot hide in the noise.
_HIDDEN = 0.06
# The law is asked how many photos take away a quarter of the mistakes.
_AIM = 0.25
_STEEPEST = 1.0  # b; few errors are steeper, and noise easily is
# Numbers that sound like the estimates they are.
_KIND_NUMBERS = np.array([m * 10**e for e in range(6) for m in (1, 1.5, 2, 3, 4, 5, 6, 8)])
_FEWEST_MORE = 5


@dataclass(frozen=True)
class ClassAdvice:
    """What to do for one class.

    Attributes:
        name: The class.
        kind: `more` photos help, there are `enough`, `clean` first, or `unclear`.
        sentence: In words, with names as they are.
        recall: Share of its photos found by heads that had not learnt from them; NaN for none.
        more: Photos to bring in, of which the usual share comes to be learnt from; or 0.
        lift: What they are expected to add to the recall.
    """

    name: str
    kind: str
    sentence: str
    recall: float
    more: int = 0
    lift: float = 0.0


@dataclass(frozen=True)
class Advice:
    """What to do next.

    Attributes:
        sentence: For all classes together: which first.
        by_class: K, in the order of the classes.
    """

    sentence: str
    by_class: tuple[ClassAdvice, ...]


def advice(curves: Curves, overlapping: Sequence[tuple[str, str]] = ()) -> Advice:
    """What the curves mean.

    Args:
        curves: Of a version.
        overlapping: Pairs of class names that something else found to be hard to tell apart.
    """
    by_class = tuple(_of_class(curves, k, overlapping) for k in range(len(curves.class_names)))
    return Advice(_overall(by_class), by_class)


def _of_class(curves: Curves, k: int, overlapping: Sequence[tuple[str, str]]) -> ClassAdvice:
    name, recall = curves.class_names[k], float(curves.unseen.recall[-1, k])
    learnt = curves.photos_by_class[:, k]
    if learnt[-1] < FEWEST or learnt[-2] < 1.5 * learnt[1] or np.isnan(curves.unseen.gain[k]):
        return ClassAdvice(name, UNCLEAR, _too_few(name, learnt), recall)
    noise = _BELIEVED * curves.unseen.noise[k]
    gain = curves.unseen.gain[k]
    now, power = _law(curves, k)
    doubled = now * (1 - 2.0**-power)
    if gain > noise and doubled >= max(_LEAST_LIFT, _LEAST_SHARE * now):
        return _climbs(curves, k, now, power)
    if recall >= GOOD:
        sentence = f"'{name}' is flat at {_percent(recall)}: more photos of it will not help."
        return ClassAdvice(name, ENOUGH, sentence, recall)
    if max(gain, 0) + noise > _HIDDEN:
        sentence = (
            f"'{name}' is at about {_percent(recall)}, and so few photos cannot tell whether more "
            f"would help. {_look_alike(curves, k)}"
        )
        return ClassAdvice(name, UNCLEAR, sentence.strip(), recall)
    return ClassAdvice(name, CLEAN, _poor(curves, k, recall, overlapping), recall)


def _too_few(name: str, learnt: np.ndarray) -> str:
    if learnt[-1] < FEWEST:
        return (
            f"'{name}' has only {count(int(learnt[-1]), 'photo')} to learn from, too few to tell. "
            f"Bring it to {FEWEST} or more first."
        )
    return (
        f"The photos of '{name}' are of too few different things to tell. Photos of others will "
        "show more."
    )


def _law(curves: Curves, k: int) -> tuple[float, float]:
    """Error with all photos there are, and the power b, by least squares of the logarithms."""
    errors = 1 - curves.unseen.recall[:, k]
    photos = np.log(curves.photos_by_class[:-1, k])
    # No mistake at all among n photos is counted as half of one.
    judged = curves.photos_by_class[-1, k] + curves.validated[k]
    errors = np.log(np.maximum(errors, 0.5 / judged))
    power = float(np.clip(-np.polyfit(photos, errors, 1)[0], 0.0, _STEEPEST))
    height = float(np.mean(errors + power * photos))
    return float(np.exp(height - power * np.log(curves.to_learn_from[k]))), power


def _climbs(curves: Curves, k: int, now: float, power: float) -> ClassAdvice:
    name, there = curves.class_names[k], float(curves.to_learn_from[k])
    wanted = min(there * ((1 - _AIM) ** (-1 / power) - 1), there)
    # Of the photos that are brought in, only some come to be learnt from.
    more = _kind_number(wanted / curves.training_share, there / curves.training_share)
    factor = 1 + more * curves.training_share / there
    lift = now * (1 - factor**-power)
    sentence = (
        f"'{name}' still climbs: about {more:,} more photos of it could lift it from "
        f"{_percent(1 - now)} to about {_percent(1 - now + lift)}."
    )
    return ClassAdvice(name, MORE, sentence, 1 - now, more, lift)


def _poor(curves: Curves, k: int, recall: float, overlapping: Sequence[tuple[str, str]]) -> str:
    name = curves.class_names[k]
    sentences = [
        f"'{name}' is flat at {_percent(recall)}: clean it first, more photos will not help yet.",
        _look_alike(curves, k),
    ]
    others = [b if a == name else a for a, b in overlapping if name in (a, b)]
    if others:
        sentences.append(f"It overlaps with '{others[0]}': perhaps the two are one class.")
    return " ".join(filter(None, sentences))


def _look_alike(curves: Curves, k: int) -> str:
    """Which classes its suspects were taken for; empty where there are none."""
    own = suspects_of(curves, k)
    if not len(own):
        return ""
    found = Counter(curves.suspect_guesses[own].tolist()).most_common(2)
    words = " or ".join(f"'{curves.class_names[other]}' ({times})" for other, times in found)
    verb = "looks" if len(own) == 1 else "look"
    return f"{count(len(own), 'photo')} of it {verb} like another class: {words}."


def suspects_of(curves: Curves, k: int) -> np.ndarray:
    """int: which of `Curves.suspects` are of class `k`, the clearest first."""
    return np.flatnonzero(curves.suspect_labels == k)


def _overall(by_class: Sequence[ClassAdvice]) -> str:
    climbing = sorted((one for one in by_class if one.kind == MORE), key=lambda one: -one.lift)
    poor = sorted((one for one in by_class if one.kind == CLEAN), key=lambda one: one.recall)
    unclear = [one.name for one in by_class if one.kind == UNCLEAR]
    if climbing:
        best = climbing[0]
        sentence = f"About {best.more:,} more photos of '{best.name}' are the best next step."
        return f"{sentence} Clean '{poor[0].name}' as well." if poor else sentence
    if poor:
        return f"More photos will not help much now. Clean '{poor[0].name}' first."
    if len(unclear) == len(by_class):
        return "There are too few photos to tell yet; a few more of each class will show it."
    if unclear:
        names = "'" + "', '".join(unclear[:3]) + "'" + (" and others" if len(unclear) > 3 else "")
        return f"More photos of {names} will show whether they have enough; the other classes do."
    return "You have enough photos: more of them would hardly change the answers."


def _kind_number(wanted: float, most: float) -> int:
    """The nearest number that is kind to the ear, no more than `most` where that is possible."""
    allowed = _KIND_NUMBERS[(most >= _KIND_NUMBERS) & (_KIND_NUMBERS >= _FEWEST_MORE)]
    if not len(allowed):
        return _FEWEST_MORE
    return int(allowed[np.abs(np.log(allowed / wanted)).argmin()])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
