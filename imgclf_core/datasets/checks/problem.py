"""What a check of the data says: a problem, its photos, and ways to mend it.

Values only. The checks are in `datasets/checks/class_checks.py` and its two neighbours, what the
remedies do in `datasets/edits/remedies.py` and `datasets/edits/resplit.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits.change import Change

URGENT, ATTENTION, NOTE = "urgent", "attention", "note"
SEVERITIES = (URGENT, ATTENTION, NOTE)


@dataclass(frozen=True)
class Remedy:
    """A way to mend a problem with one click.

    Attributes:
        label: Words of the button; for one that acts on photos it is followed by how many.
        change: Called with the data set and positions of photos.
        on_photos: Whether it acts on the photos that are shown, or those of them that the person
            picked; otherwise it is called with none.
        number: (words, least, most, default) of a number the person sets first, which `change`
            gets as its third argument.
    """

    label: str
    change: Callable[..., Change]
    on_photos: bool = False
    number: tuple[str, int, int, int] | None = None

    def apply(self, dataset: Dataset, photos: Sequence[int], number: int | None = None) -> Change:
        """The changed data set.

        Raises:
            OptionError, DatasetError: It cannot be done; the message says why.
        """
        chosen = photos if self.on_photos else ()
        return self.change(dataset, chosen, *(() if number is None else (number,)))


@dataclass(frozen=True)
class Problem:
    """One thing to look at.

    Attributes:
        check: Name of the check.
        severity: `urgent`, `attention` or `note`.
        title: A few words.
        sentence: What it is, why it matters and what to do.
        photos: Positions in `Dataset.photos`; for copies those of one group follow each other.
        remedies: Ways to mend it, the advised one first.
    """

    check: str
    severity: str
    title: str
    sentence: str
    photos: tuple[int, ...] = ()
    remedies: tuple[Remedy, ...] = ()
