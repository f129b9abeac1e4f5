"""A changed data set that is not written yet, and how one is put together.

What changes there are is in `datasets/edits/remedies.py` and `datasets/edits/resplit.py`;
`datasets/store.py` makes versions of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from imgclf_core.datasets.dataset import Dataset, LeftOut, Photo
from imgclf_core.errors import DatasetError


@dataclass(frozen=True)
class Change:
    """A changed data set, not yet written, and what was done in words."""

    dataset: Dataset
    sentence: str


def entries_of(
    dataset: Dataset,
) -> tuple[list[tuple[str, Photo]], list[LeftOut]]:
    """Class name and photo of those that take part, and those that do not."""
    return [(dataset.class_of(photo), photo) for photo in dataset.photos], list(dataset.left_out)


def assembled(
    dataset: Dataset, entries: Iterable[tuple[str, Photo]], left_out: Iterable[LeftOut]
) -> Dataset:
    """The data set with these photos, sorted, and the classes they have.

    Args:
        dataset: Gives everything else.
        entries: Class name and photo of those that take part.
        left_out: Those that do not.

    Raises:
        DatasetError: No photo would take part.
    """
    ordered = sorted(entries, key=lambda entry: (entry[0], entry[1].name, entry[1].file))
    if not ordered:
        raise DatasetError("At least one photo must stay. Nothing was changed.")
    names = tuple(dict.fromkeys(name for name, _ in ordered))
    index = {name: k for k, name in enumerate(names)}
    out = [replace(item, photo=replace(item.photo, label=-1)) for item in left_out]
    return replace(
        dataset,
        class_names=names,
        photos=tuple(
            photo if photo.label == index[name] else replace(photo, label=index[name])
            for name, photo in ordered
        ),
        left_out=tuple(sorted(out, key=lambda item: (item.class_name, item.photo.name))),
    )
