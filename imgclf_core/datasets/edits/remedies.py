"""Ways to mend a data set: photos left out, classes renamed, merged or balanced.

Pure functions from a data set to a changed one with the sentence for its history. Nothing is
written here; `datasets/store.py` makes a version of it, so everything can be taken back. Photos
are named by their position in `Dataset.photos`. Dividing anew is in `datasets/edits/resplit.py`,
what a person says of single photos in `datasets/edits/decisions.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from imgclf_core.datasets.dataset import BALANCES, Dataset, LeftOut, Photo, checked_class_name
from imgclf_core.datasets.edits.change import Change, assembled, entries_of
from imgclf_core.datasets.split import SIDES, TEST
from imgclf_core.errors import OptionError
from imgclf_core.support.wording import photos_in_words


def leave_out(dataset: Dataset, positions: Sequence[int], reason: str = "by you") -> Change:
    """Photos take no part any more; they stay on the disk and can come back."""
    chosen = checked_positions(dataset, positions)
    active, left = entries_of(dataset)
    gone = [LeftOut(photo, name, reason) for i, (name, photo) in enumerate(active) if i in chosen]
    kept = [entry for i, entry in enumerate(active) if i not in chosen]
    return Change(
        assembled(dataset, kept, [*left, *gone]),
        f"Left out {photos_in_words(len(gone))} ({reason}).",
    )


def bring_back(dataset: Dataset, positions: Sequence[int]) -> Change:
    """Photos that were left out take part again, in their class and on their side.

    Args:
        dataset: Of which.
        positions: In `Dataset.left_out`.
    """
    chosen = set(positions)
    if not chosen or not chosen <= set(range(len(dataset.left_out))):
        raise OptionError("Choose at least one photo that was left out.")
    active, left = entries_of(dataset)
    back = [(item.class_name, item.photo) for i, item in enumerate(left) if i in chosen]
    rest = [item for i, item in enumerate(left) if i not in chosen]
    return Change(
        assembled(dataset, [*active, *back], rest), f"Brought {photos_in_words(len(back))} back."
    )


def rename(dataset: Dataset, class_name: str, new_name: str) -> Change:
    """A class gets another name; where that is the name of a class, the two become one."""
    _known(dataset, [class_name])
    wanted = checked_class_name(new_name)
    if wanted == class_name:
        raise OptionError(f"The class is called '{class_name}' already.")
    merged = wanted in dataset.class_names
    words = (
        f"Merged '{class_name}' into '{wanted}'."
        if merged
        else (f"Renamed '{class_name}' to '{wanted}'.")
    )
    return Change(_relabelled(dataset, {class_name: wanted}), words)


def merge(dataset: Dataset, class_names: Sequence[str], into: str) -> Change:
    """Several classes become one."""
    _known(dataset, class_names)
    others = [name for name in class_names if name != into]
    if not others:
        raise OptionError("Choose at least two classes to merge.")
    listed = ", ".join(f"'{name}'" for name in others)
    return Change(
        _relabelled(dataset, dict.fromkeys(others, into)), f"Merged {listed} into '{into}'."
    )


def drop(dataset: Dataset, class_names: Sequence[str]) -> Change:
    """All photos of some classes take no part any more."""
    _known(dataset, class_names)
    gone = [i for i, photo in enumerate(dataset.photos) if dataset.class_of(photo) in class_names]
    change = leave_out(dataset, gone, "class left out")
    listed = ", ".join(f"'{name}'" for name in class_names)
    return Change(change.dataset, f"Left out the class {listed} ({photos_in_words(len(gone))}).")


def keep_one(dataset: Dataset, positions: Sequence[int]) -> Change:
    """Of photos that are alike only the largest takes part.

    Photos of the test side come first, so that the test set stays as it is.
    """
    chosen = checked_positions(dataset, positions)
    groups: dict[int, list[int]] = defaultdict(list)
    for i in sorted(chosen):
        groups[dataset.photos[i].alike].append(i)

    def worth(i: int) -> tuple:
        photo = dataset.photos[i]
        return (photo.side == TEST, photo.height * photo.width, photo.bytes, -i)

    gone = [i for members in groups.values() for i in members if i != max(members, key=worth)]
    if not gone:
        raise OptionError("Among these photos there are no two copies of the same one.")
    change = leave_out(dataset, gone, "copy")
    number = "1 copy" if len(gone) == 1 else f"{len(gone):,} copies"
    return Change(change.dataset, f"Kept one of each photo; left out {number}.")


def sample_down(dataset: Dataset, most: int, seed: int = 0) -> Change:
    """Leaves photos out at random until no class has more than `most`, alike on all sides."""
    if most < len(SIDES):
        raise OptionError(f"Each class must keep at least {len(SIDES)} photos, one a side.")
    generator = np.random.default_rng(seed)
    gone: list[int] = []
    for k, row in enumerate(dataset.counts):
        for side, keep in zip(SIDES, _fewer(row, most), strict=True):
            members = np.flatnonzero((dataset.labels == k) & (dataset.sides == side))
            gone.extend(generator.permutation(members)[keep:].tolist())
    if not gone:
        raise OptionError(f"No class has more than {photos_in_words(most)}.")
    change = leave_out(dataset, gone, "balance")
    return Change(
        change.dataset, f"Sampled down to {photos_in_words(most)} a class; left out {len(gone):,}."
    )


def balance(dataset: Dataset, how: str) -> Change:
    """How classes of different size are treated in training; see `Dataset.balance`."""
    if how not in BALANCES:
        raise OptionError(f"'{how}' is no way to balance. Choose one of {', '.join(BALANCES)}.")
    words = {
        "weights": "Rare classes count more in training.",
        "sample up": "Rare classes are shown more often in training.",
        "as is": "Classes count by their number of photos.",
    }
    return Change(replace(dataset, balance=how), words[how])


def _relabelled(dataset: Dataset, new_names: Mapping[str, str]) -> Dataset:
    active, left = entries_of(dataset)

    def renamed(name: str, photo: Photo) -> tuple[str, Photo]:
        own = new_names.get(name, name)
        if not photo.also:
            return own, photo
        also = dict.fromkeys(new_names.get(other, other) for other in photo.also)
        return own, replace(photo, also=tuple(other for other in also if other != own))

    kept = []
    for item in left:
        own, photo = renamed(item.class_name, item.photo)
        kept.append(replace(item, class_name=own, photo=photo))
    return assembled(dataset, [renamed(name, photo) for name, photo in active], kept)


def checked_positions(dataset: Dataset, positions: Iterable[int]) -> set[int]:
    """The positions.

    Raises:
        OptionError: There are none, or they are not in the data set.
    """
    chosen = {int(i) for i in positions}
    if not chosen:
        raise OptionError("Choose at least one photo first.")
    if not chosen <= set(range(len(dataset.photos))):
        raise OptionError("These photos are not in the data set any more. Choose them again.")
    return chosen


def _known(dataset: Dataset, class_names: Sequence[str]) -> None:
    for name in class_names:
        if name not in dataset.class_names:
            raise OptionError(f"There is no class '{name}' here.")


def _fewer(row: np.ndarray, most: int) -> list[int]:
    """How many photos of one class each side keeps: in proportion, at least one where it has."""
    total = int(row.sum())
    if total <= most:
        return row.tolist()
    keep = np.maximum(row * most // total, np.minimum(row, 1))
    while keep.sum() < most:
        keep[int(np.argmax(row * most / total - keep))] += 1
    while keep.sum() > most:
        keep[int(keep.argmax())] -= 1
    return keep.tolist()
