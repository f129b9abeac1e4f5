"""What may be wrong with a data set, ranked, in sentences, with ways to mend it.

Here are the checks of classes and of the split; those of single photos are in
`datasets/checks/photo_checks.py`, those of copies in `datasets/checks/copy_checks.py`. All look
only at what is known from bringing the photos in; nothing is decoded. Mending is the person's
choice.
"""

import re
from collections import Counter, defaultdict
from functools import partial

from imgclf_core.datasets.checks import copy_checks, photo_checks
from imgclf_core.datasets.checks.problem import ATTENTION, NOTE, SEVERITIES, URGENT, Problem, Remedy
from imgclf_core.datasets.dataset import AS_IS, SAMPLE_UP, WEIGHTS, Dataset
from imgclf_core.datasets.edits import remedies, resplit
from imgclf_core.datasets.split import SIDES
from imgclf_core.support.wording import count, listed

FEWEST_TO_TRAIN = 3  # one photo a side
FEWEST_ADVISED = 20  # below this, results swing with every photo
IMBALANCE_MENTIONED, IMBALANCE_URGENT = 1.5, 3.0
_SEEDS_TRIED = 5


def find_problems(dataset: Dataset) -> list[Problem]:
    """All problems of a data set, gravest first."""
    found = [
        *_one_class(dataset),
        *_small_classes(dataset),
        *copy_checks.conflicting_labels(dataset),
        *_imbalance(dataset),
        *_similar_names(dataset),
        *copy_checks.leaks(dataset),
        *_missing_sides(dataset),
        *_few_photos(dataset),
        *_skipped(dataset),
        *photo_checks.find(dataset),
        *copy_checks.copies(dataset),
    ]
    return sorted(found, key=lambda problem: SEVERITIES.index(problem.severity))


def too_small_classes(dataset: Dataset) -> list[str]:
    """Classes that cannot be trained: fewer than three photos, or none to train on."""
    return [
        name
        for name, row in zip(dataset.class_names, dataset.counts, strict=True)
        if row.sum() < FEWEST_TO_TRAIN or row[0] == 0
    ]


def can_train(dataset: Dataset) -> bool:
    """Whether at least two classes have enough photos."""
    return len(dataset.class_names) - len(too_small_classes(dataset)) >= 2


def _one_class(dataset: Dataset) -> list[Problem]:
    if len(dataset.class_names) > 1:
        return []
    return [
        Problem(
            "one class",
            URGENT,
            "Only one class",
            f"All photos are of '{dataset.class_names[0]}'. A computer learns to tell apart at "
            "least two kinds: add photos of another one, in a folder of their own.",
        )
    ]


def _small_classes(dataset: Dataset) -> list[Problem]:
    small = too_small_classes(dataset)
    if not small:
        return []
    few = [n for n in small if dataset.counts[dataset.class_names.index(n)].sum() < FEWEST_TO_TRAIN]
    sentences = []
    if few:
        sentences.append(
            f"{listed(few)}: a class needs at least {FEWEST_TO_TRAIN} photos, one each for "
            "training, validation and test."
        )
    if others := [name for name in small if name not in few]:
        sentences.append(f"{listed(others)}: none of its photos is on the training side.")
    rest = len(dataset.class_names) - len(small)
    return [
        Problem(
            "too few to train",
            URGENT,
            "Too few photos to train",
            " ".join(sentences) + " Add photos, or leave the class out.",
            _photos_of(dataset, small),
            (_drop(small),) if rest else (),
        )
    ]


def _few_photos(dataset: Dataset) -> list[Problem]:
    small = too_small_classes(dataset)
    few = [
        name
        for name, row in zip(dataset.class_names, dataset.counts, strict=True)
        if name not in small and row.sum() < FEWEST_ADVISED
    ]
    if not few:
        return []
    rest = len(dataset.class_names) - len(few)
    return [
        Problem(
            "few photos",
            ATTENTION,
            "Few photos",
            f"{listed(few)}: fewer than {FEWEST_ADVISED} photos. Results will swing with every "
            "photo; more of these help most.",
            remedies=(_drop(few),) if rest > 1 else (),
        )
    ]


def _drop(names: list[str]) -> Remedy:
    label = f"Leave '{names[0]}' out" if len(names) == 1 else f"Leave these {len(names)} out"
    return Remedy(label, lambda dataset, _: remedies.drop(dataset, names))


def _imbalance(dataset: Dataset) -> list[Problem]:
    totals = dataset.counts.sum(axis=1)
    ratio = totals.max() / max(totals.min(), 1)
    if ratio < IMBALANCE_MENTIONED:
        return []
    largest = dataset.class_names[int(totals.argmax())]
    smallest = dataset.class_names[int(totals.argmin())]
    now = {
        WEIGHTS: "In training, rare classes count more, so that all weigh alike.",
        SAMPLE_UP: "In training, rare classes are shown more often, so that all weigh alike.",
        AS_IS: "In training, every photo counts alike, so the large class wins in doubt.",
    }[dataset.balance]
    ways = [
        Remedy(label, partial(_balance, how=how))
        for how, label in (
            (WEIGHTS, "Let rare classes count more"),
            (SAMPLE_UP, "Show rare classes more often"),
            (AS_IS, "Leave it as it is"),
        )
        if how != dataset.balance
    ]
    least = max(int(totals.min()), len(SIDES))
    if totals.max() > least:
        ask = ("Photos a class", len(SIDES), int(totals.max()), least)
        ways.insert(0, Remedy("Sample down", _sample_down, number=ask))
    return [
        Problem(
            "imbalance",
            URGENT if ratio >= IMBALANCE_URGENT else NOTE,
            "Unequal classes",
            f"'{largest}' has {ratio:.1f} times as many photos as '{smallest}'. {now}",
            remedies=tuple(ways),
        )
    ]


def _balance(dataset: Dataset, _, how: str):
    return remedies.balance(dataset, how)


def _sample_down(dataset: Dataset, _, most: int):
    return remedies.sample_down(dataset, most, dataset.seed)


def _similar_names(dataset: Dataset) -> list[Problem]:
    """Names that differ only by capitals, spaces, dashes or underscores."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in dataset.class_names:
        alike[re.sub(r"[\s_-]+", "", name).casefold() or name].append(name)
    sets = [names for names in alike.values() if len(names) > 1]
    if not sets:
        return []
    sizes = dict(zip(dataset.class_names, dataset.counts.sum(axis=1), strict=True))
    ways = []
    for names in sets:
        into = max(names, key=lambda name: sizes[name])
        others = listed([name for name in names if name != into])
        ways.append(
            Remedy(
                f"Merge {others} into '{into}'",
                lambda dataset, _, names=names, into=into: remedies.merge(dataset, names, into),
            )
        )
    return [
        Problem(
            "similar names",
            ATTENTION,
            "Class names that are nearly the same",
            " ".join(
                f"{listed(names)} differ only in capitals, spaces or dashes." for names in sets
            )
            + " If they mean the same, merge them.",
            remedies=tuple(ways),
        )
    ]


def _missing_sides(dataset: Dataset) -> list[Problem]:
    missing = [
        f"'{name}' in {side}"
        for name, row in zip(dataset.class_names, dataset.counts, strict=True)
        for side, number in zip(SIDES, row, strict=True)
        if number == 0 and row.sum() >= FEWEST_TO_TRAIN
    ]
    if not missing:
        return []
    return [
        Problem(
            "missing side",
            ATTENTION,
            "A class is missing on one side",
            f"No photo of {listed(missing, quote=False)}. Its score cannot be told from there.",
            remedies=(Remedy("Divide anew", _divide_until_all_have),),
        )
    ]


def _divide_until_all_have(dataset: Dataset, _):
    """Divides by the next seeds until one leaves no side of a class empty that could be filled."""
    changes = [
        resplit.divide_anew(dataset, seed=dataset.seed + i, keep_given=False)
        for i in range(1, _SEEDS_TRIED + 1)
    ]
    return min(changes, key=lambda change: (change.dataset.counts == 0).sum())


def _skipped(dataset: Dataset) -> list[Problem]:
    receipt, problems = dataset.receipt, []
    if receipt.skipped:
        reasons = Counter(reason for _, reason in receipt.skipped).most_common(2)
        problems.append(
            Problem(
                "unreadable",
                ATTENTION,
                "Files that were not taken",
                f"{count(len(receipt.skipped), 'file')} skipped; most often because "
                f"{' or '.join(reason for reason, _ in reasons)}. The receipt lists each. Mend "
                "and add them if you need them; the rest is unaffected.",
            )
        )
    if receipt.empty_classes:
        problems.append(
            Problem(
                "empty class",
                ATTENTION,
                "Empty folders",
                f"No photo could be read in {listed(receipt.empty_classes)}, so there is no such "
                "class.",
            )
        )
    return problems


def _photos_of(dataset: Dataset, names: list[str]) -> tuple[int, ...]:
    return tuple(i for i, p in enumerate(dataset.photos) if dataset.class_of(p) in names)
