"""Checks for photos that are the same, or nearly: inside a class, across classes and sides."""

from collections import defaultdict

from imgclf_core.datasets.checks.problem import ATTENTION, NOTE, URGENT, Problem, Remedy
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import remedies
from imgclf_core.datasets.edits.change import Change
from imgclf_core.datasets.split import TEST
from imgclf_core.support.wording import count


def conflicting_labels(dataset: Dataset) -> list[Problem]:
    """The same photo in two classes."""
    across = [members for members in _alike(dataset) if _several_classes(dataset, members)]
    if not across:
        return []
    return [
        Problem(
            "conflicting labels",
            URGENT,
            "The same photo in two classes",
            f"{count(len(across), 'photo')} {'lies' if len(across) == 1 else 'lie'} in more than "
            "one class, the same or nearly. One of the labels must be wrong: tick the wrong ones "
            "and move them or leave them out.",
            tuple(i for members in across for i in members),
            (Remedy("Leave out", _leave_out("conflicting labels"), on_photos=True),),
        )
    ]


def copies(dataset: Dataset) -> list[Problem]:
    """The same photo several times in one class."""
    inside = [members for members in _alike(dataset) if not _several_classes(dataset, members)]
    if not inside:
        return []
    surplus = sum(len(members) - 1 for members in inside)
    verb = "is" if surplus == 1 else "are"
    return [
        Problem(
            "copies",
            NOTE,
            "Copies",
            f"{count(surplus, 'photo')} {verb} the same as another one of the class, or nearly. "
            "Copies are kept on one side of the split, so the test stays fair; they only count "
            "double.",
            tuple(i for members in inside for i in members),
            (Remedy("Keep one of each", remedies.keep_one, on_photos=True),),
        )
    ]


def leaks(dataset: Dataset) -> list[Problem]:
    """Photos that belong together on two sides.

    They came so, or a photo added later is like one on either side.
    """
    sides: dict[int, set[str]] = defaultdict(set)
    for group, photo in zip(dataset.groups, dataset.photos, strict=True):
        sides[int(group)].add(photo.side)
    leaking = [i for i, group in enumerate(dataset.groups) if len(sides[int(group)]) > 1]
    if not leaking:
        return []
    leaking.sort(key=lambda i: (dataset.groups[i], i))
    return [
        Problem(
            "leak",
            ATTENTION,
            "Test photos that are also in training",
            f"{count(len(leaking), 'photo')} stand nearly the same, or show the same object, on "
            "two sides of the split, so the score may be too good. Leaving the copies out keeps "
            "the test as it is.",
            tuple(leaking),
            (Remedy("Leave out the copies that are not in the test", _unleak),),
        )
    ]


def _unleak(dataset: Dataset, _) -> Change:
    """Leaves out what is on a less sealed side than another photo of its group."""
    sealed = {"training": 0, "validation": 1, TEST: 2}
    most: dict[int, int] = defaultdict(int)
    for group, photo in zip(dataset.groups, dataset.photos, strict=True):
        most[int(group)] = max(most[int(group)], sealed[photo.side])
    gone = [
        i
        for i, (group, photo) in enumerate(zip(dataset.groups, dataset.photos, strict=True))
        if sealed[photo.side] < most[int(group)]
    ]
    return remedies.leave_out(dataset, gone, "copy of a test photo")


def _leave_out(reason: str):
    return lambda dataset, photos: remedies.leave_out(dataset, photos, reason)


def _alike(dataset: Dataset) -> list[list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for i, photo in enumerate(dataset.photos):
        groups[photo.alike].append(i)
    return [members for members in groups.values() if len(members) > 1]


def _several_classes(dataset: Dataset, members: list[int]) -> bool:
    return len({dataset.photos[i].label for i in members}) > 1
