"""What may be wrong with a data set, ranked, in sentences.

Looks only at what is known from bringing the photos in; nothing is decoded. Mending is the
person's choice and not done here.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from imgclf_core.data.dataset import Dataset, Photo
from imgclf_core.data.layout import SIDES

URGENT, ATTENTION, NOTE = "urgent", "attention", "note"
_ORDER = {URGENT: 0, ATTENTION: 1, NOTE: 2}

FEWEST_TO_TRAIN = 3  # one photo a side
FEWEST_ADVISED = 20  # below this, results swing with every photo
IMBALANCE_MENTIONED, IMBALANCE_URGENT = 1.5, 3.0
SHORT_SIDE = 80  # pixels; smaller photos have little to learn from


@dataclass(frozen=True)
class Problem:
    """One thing to look at.

    Attributes:
        check: Name of the check.
        severity: `urgent`, `attention` or `note`.
        title: A few words.
        sentence: What it is, why it matters and what to do.
        photos: Positions in `Dataset.photos`, at most those worth showing.
    """

    check: str
    severity: str
    title: str
    sentence: str
    photos: tuple[int, ...] = ()


def find_problems(dataset: Dataset) -> list[Problem]:
    """All problems of a data set, gravest first."""
    found = [
        *_small_classes(dataset),
        *_imbalance(dataset),
        *_copies(dataset),
        *_leaks(dataset),
        *_missing_sides(dataset),
        *_skipped(dataset),
        *_small_photos(dataset),
    ]
    return sorted(found, key=lambda problem: _ORDER[problem.severity])


def too_small_classes(dataset: Dataset) -> list[str]:
    """Classes that cannot be trained: fewer than three photos, or none to train on."""
    return [
        name
        for name, row in zip(dataset.class_names, dataset.counts, strict=True)
        if row.sum() < FEWEST_TO_TRAIN or row[0] == 0
    ]


def _small_classes(dataset: Dataset) -> list[Problem]:
    problems = []
    too_small = too_small_classes(dataset)
    if too_small:
        problems.append(
            Problem(
                "too few to train",
                URGENT,
                "Too few photos to train",
                f"{_listed(too_small)}: a class needs at least {FEWEST_TO_TRAIN} photos, one each "
                "for training, validation and test. Add photos, or train without it.",
            )
        )
    few = [
        name
        for name, row in zip(dataset.class_names, dataset.counts, strict=True)
        if name not in too_small and row.sum() < FEWEST_ADVISED
    ]
    if few:
        problems.append(
            Problem(
                "few photos",
                ATTENTION,
                "Few photos",
                f"{_listed(few)}: fewer than {FEWEST_ADVISED} photos. Results will swing with "
                "every photo; more of these help most.",
            )
        )
    return problems


def _imbalance(dataset: Dataset) -> list[Problem]:
    totals = dataset.counts.sum(axis=1)
    ratio = totals.max() / max(totals.min(), 1)
    if ratio < IMBALANCE_MENTIONED:
        return []
    largest = dataset.class_names[int(totals.argmax())]
    smallest = dataset.class_names[int(totals.argmin())]
    return [
        Problem(
            "imbalance",
            URGENT if ratio >= IMBALANCE_URGENT else NOTE,
            "Unequal classes",
            f"'{largest}' has {ratio:.1f} times as many photos as '{smallest}'. "
            "Training weighs every class alike unless you switch that off.",
        )
    ]


def _copies(dataset: Dataset) -> list[Problem]:
    groups: dict[int, list[int]] = defaultdict(list)
    for i, photo in enumerate(dataset.photos):
        groups[photo.group].append(i)
    alike = [members for members in groups.values() if len(members) > 1]
    across = [m for m in alike if len({dataset.photos[i].label for i in m}) > 1]
    inside = [m for m in alike if m not in across]
    problems = []
    if across:
        problems.append(
            Problem(
                "conflicting labels",
                URGENT,
                "The same photo in two classes",
                f"{_count(len(across), 'photo')} (or nearly the same) lie in more than one class. "
                "One of the labels must be wrong.",
                tuple(i for members in across for i in members),
            )
        )
    if inside:
        problems.append(
            Problem(
                "copies",
                NOTE,
                "Copies",
                f"{_count(sum(len(m) - 1 for m in inside), 'photo')} nearly the same as another "
                "one of the class. Copies are kept on one side of the split, so the test stays "
                "fair.",
                tuple(i for members in inside for i in members),
            )
        )
    return problems


def _leaks(dataset: Dataset) -> list[Problem]:
    sides: dict[int, set[str]] = defaultdict(set)
    for photo in dataset.photos:
        sides[photo.group].add(photo.side)
    leaking = [i for i, photo in enumerate(dataset.photos) if len(sides[photo.group]) > 1]
    if not leaking:
        return []
    return [
        Problem(
            "leak",
            ATTENTION,
            "Test photos that are also in training",
            f"{_count(len(leaking), 'photo')} stand nearly the same on two sides of the split "
            "that came with the data, so the test score may be too good.",
            tuple(leaking),
        )
    ]


def _missing_sides(dataset: Dataset) -> list[Problem]:
    missing = [
        f"'{name}' in {side}"
        for name, row in zip(dataset.class_names, dataset.counts, strict=True)
        for side, count in zip(SIDES, row, strict=True)
        if count == 0 and row.sum() >= FEWEST_TO_TRAIN
    ]
    if not missing:
        return []
    return [
        Problem(
            "missing side",
            ATTENTION,
            "A class is missing on one side",
            f"No photo of {_listed(missing, quote=False)}. Its score cannot be told from there.",
        )
    ]


def _skipped(dataset: Dataset) -> list[Problem]:
    receipt, problems = dataset.receipt, []
    if receipt.skipped:
        reasons = Counter(reason for _, reason in receipt.skipped).most_common(2)
        problems.append(
            Problem(
                "skipped",
                ATTENTION,
                "Files that were not taken",
                f"{_count(len(receipt.skipped), 'file')} skipped; most often because "
                f"{' or '.join(reason for reason, _ in reasons)}. The receipt lists each.",
            )
        )
    if receipt.empty_classes:
        problems.append(
            Problem(
                "empty class",
                ATTENTION,
                "Empty folders",
                f"No photo could be read in {_listed(receipt.empty_classes)}, so there is no such "
                "class.",
            )
        )
    return problems


def _small_photos(dataset: Dataset) -> list[Problem]:
    small = [i for i, photo in enumerate(dataset.photos) if _short_side(photo) < SHORT_SIDE]
    if not small:
        return []
    return [
        Problem(
            "small photos",
            NOTE,
            "Very small photos",
            f"{_count(len(small), 'photo')} under {SHORT_SIDE} pixels on the short side. Small "
            "pictures have little to learn from.",
            tuple(small),
        )
    ]


def _short_side(photo: Photo) -> int:
    return min(photo.height, photo.width)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _listed(names, quote: bool = True, most: int = 5) -> str:
    shown = [f"'{name}'" if quote else name for name in list(names)[:most]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
