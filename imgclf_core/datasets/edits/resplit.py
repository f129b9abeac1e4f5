"""Dividing the photos of a data set anew, and what a division depends on.

Pure functions like those of `datasets/edits/remedies.py`; the dividing itself is in
`datasets/split.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from imgclf_core.datasets import folder_layout, split
from imgclf_core.datasets.dataset import Dataset, Photo, groups_of
from imgclf_core.datasets.edits.change import Change, assembled, entries_of
from imgclf_core.datasets.split import SIDES, TEST, TRAINING, VALIDATION
from imgclf_core.errors import OptionError

SMALLEST_SHARE, LARGEST_SHARE = 0.05, 0.40  # of validation and of test


def divide_anew(
    dataset: Dataset,
    shares: Mapping[str, float] | None = None,
    seed: int | None = None,
    keep_given: bool = True,
) -> Change:
    """Divides all photos into the three sides again.

    Args:
        dataset: Of which.
        shares: Wanted share of each side; by default as before.
        seed: Of the random order; by default as before.
        keep_given: Whether parts that came with the data stay as they are.
    """
    shares = dict(shares or dataset.shares)
    check_shares(shares)
    seed = dataset.seed if seed is None else seed
    everyone = [*dataset.photos, *(item.photo for item in dataset.left_out)]
    if not keep_given:
        everyone = [replace(photo, given="") for photo in everyone]
    names = [
        *(dataset.class_of(p) for p in dataset.photos),
        *(item.class_name for item in dataset.left_out),
    ]
    count = len(dataset.photos)
    # Those that take part fill the shares; the others follow, so that coming back breaks nothing.
    taking_part = divided(names[:count], everyone[:count], shares, seed)
    kept = [*taking_part, *[None] * len(dataset.left_out)]
    sides = divided(names, everyone, shares, seed, kept) if dataset.left_out else taking_part
    everyone = [replace(p, side=side) for p, side in zip(everyone, sides, strict=True)]
    changed = assembled(
        replace(dataset, shares=shares, seed=seed),
        list(zip(names[:count], everyone[:count], strict=True)),
        [
            replace(item, photo=photo)
            for item, photo in zip(dataset.left_out, everyone[count:], strict=True)
        ],
    )
    parts = " / ".join(f"{shares[side]:.0%}" for side in SIDES)
    words = (
        "Divided anew"
        if keep_given or not dataset.divided
        else ("Divided anew, without the sides that came with the data")
    )
    return Change(changed, f"{words}: {parts}, seed {seed}.")


def name_classes(dataset: Dataset, class_from: str) -> Change:
    """Reads nested folders in another way; the photos are divided anew."""
    if class_from not in folder_layout.CLASS_FROM:
        raise OptionError(f"'{class_from}' is not one of {', '.join(folder_layout.CLASS_FROM)}.")
    active, left = entries_of(dataset)
    everyone = [photo.name for _, photo in active] + [item.photo.name for item in left]
    now = [
        place.label
        for place in folder_layout.place(everyone, dataset.class_from or folder_layout.PATH)
    ]
    then = [place.label for place in folder_layout.place(everyone, class_from)]

    def renamed(name: str, position: int) -> str:
        """The class by the new reading; one that is not by the old reading was given by hand."""
        return then[position] or name if name == now[position] else name

    names = [(renamed(name, i), photo) for i, (name, photo) in enumerate(active)]
    others = [
        replace(item, class_name=renamed(item.class_name, len(active) + i))
        for i, item in enumerate(left)
    ]
    changed = assembled(replace(dataset, class_from=class_from), names, others)
    words = {
        folder_layout.FIRST: "The first folder names the class.",
        folder_layout.LAST: "The last folder names the class.",
        folder_layout.PATH: "All folders together name the class.",
    }[class_from]
    return Change(divide_anew(changed).dataset, words)


def group_objects(
    dataset: Dataset, objects: Mapping[str, str], how: str, pattern: str = ""
) -> Change:
    """Photos of one object stay on one side; the photos are divided anew.

    Args:
        dataset: Of which.
        objects: Name of a photo to name of its object; others have none.
        how: In words, for the history.
        pattern: The pattern that told them, if one did; photos added later follow it.
    """
    if not objects:
        raise OptionError("No photo belongs to an object this way. Nothing was changed.")
    active, left = entries_of(dataset)
    named = [(name, replace(p, object=objects.get(p.name, ""))) for name, p in active]
    others = [
        replace(item, photo=replace(item.photo, object=objects.get(item.photo.name, "")))
        for item in left
    ]
    changed = assembled(replace(dataset, object_pattern=pattern), named, others)
    number = len(set(objects.values()))
    words = f"Photos of one object stay together: {number:,} objects by {how}."
    return Change(divide_anew(changed).dataset, words)


def divided(
    names: Sequence[str],
    everyone: Sequence[Photo],
    shares: Mapping[str, float],
    seed: int,
    kept: Sequence[str | None] | None = None,
) -> list[str]:
    """Sides for photos of named classes, by `datasets/split.py`."""
    index = {name: k for k, name in enumerate(sorted(set(names)))}
    labels = np.array([index[name] for name in names], dtype=np.int64)
    given = [photo.given or None for photo in everyone]
    return split.divide(labels, groups_of(everyone), given, dict(shares), seed, kept)


def check_shares(shares: Mapping[str, float]) -> None:
    """Raises `OptionError` where the shares cannot be used."""
    for side in (VALIDATION, TEST):
        if not SMALLEST_SHARE <= shares[side] <= LARGEST_SHARE:
            raise OptionError(
                f"The share of {side} is {shares[side]:.0%}; it must lie between "
                f"{SMALLEST_SHARE:.0%} and {LARGEST_SHARE:.0%}."
            )
    if abs(sum(shares[side] for side in (TRAINING, VALIDATION, TEST)) - 1) > 1e-6:
        raise OptionError("The shares of the three sides must add up to 100 %.")
