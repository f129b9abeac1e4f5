"""The history of a data set: which versions there are and how one led to another.

Values only; reading and writing them is done in `datasets/store.py`.
"""

from dataclasses import dataclass
from typing import Any

from imgclf_core.errors import DatasetError


@dataclass(frozen=True)
class Version:
    """One entry of the history.

    Attributes:
        number: From 1.
        parent: The version below, None for the first.
        sentence: What was done, in words.
        created: Seconds since 1970.
        photos, classes: How many take part.
        receipts: Which of the receipts count, by their position.
        settings: Class names, seed, shares, balance and class_from of this version.
    """

    number: int
    parent: int | None
    sentence: str
    created: float
    photos: int
    classes: int
    receipts: list[int]
    settings: dict[str, Any]


@dataclass(frozen=True)
class History:
    """The versions of a data set.

    Attributes:
        name: Of the data set.
        created: Seconds since 1970.
        versions: All there ever were, oldest first.
        current: Number of the one that is open.
        undone: Numbers that redo would bring back, the next one last.
        earlier: Sentences from before the photos were brought in here.
    """

    name: str
    created: float
    versions: tuple[Version, ...]
    current: int
    undone: tuple[int, ...] = ()
    earlier: tuple[str, ...] = ()

    def version(self, number: int) -> Version:
        """The entry of a version.

        Raises:
            DatasetError: There is none of this number.
        """
        for version in self.versions:
            if version.number == number:
                return version
        raise DatasetError(f"The data set '{self.name}' has no version {number}.")

    @property
    def line(self) -> tuple[Version, ...]:
        """The versions that led to the current one, oldest first."""
        line, number = [], self.current
        while number is not None:
            line.append(self.version(number))
            number = line[-1].parent
        return tuple(reversed(line))

    @property
    def undoable(self) -> Version | None:
        """The change that undo takes back."""
        current = self.version(self.current)
        return current if current.parent is not None else None

    @property
    def redoable(self) -> Version | None:
        """The change that redo brings back."""
        return self.version(self.undone[-1]) if self.undone else None
