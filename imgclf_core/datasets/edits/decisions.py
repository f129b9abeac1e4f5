"""What a person says of single photos they have looked at: the label is wrong, it is hard.

Pure functions from a data set to a changed one, like `datasets/edits/remedies.py`, which mends many
at once. The Evaluate page knows photos by their file, because its run may have seen an earlier
version; `positions_of` finds them in this one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from imgclf_core.datasets.dataset import Dataset, Photo, checked_class_name
from imgclf_core.datasets.edits.change import Change, assembled, entries_of
from imgclf_core.datasets.edits.remedies import checked_positions
from imgclf_core.errors import OptionError
from imgclf_core.support.wording import photos_in_words


def positions_of(dataset: Dataset, files: Iterable[str]) -> list[int]:
    """Positions of the photos with these files that take part in the data set."""
    wanted = set(files)
    return [i for i, photo in enumerate(dataset.photos) if photo.file in wanted]


def move(dataset: Dataset, positions: Sequence[int], class_name: str) -> Change:
    """Photos belong to another class, which may be new; their side of the split stays."""
    return relabel(dataset, dict.fromkeys(positions, class_name))


def relabel(dataset: Dataset, class_names: Mapping[int, str]) -> Change:
    """Each of these photos belongs to the class given for it; sides stay.

    Args:
        dataset: Of which.
        class_names: Position to class, which may be new.

    Raises:
        OptionError: No photo was chosen, it is gone, or the class has no name, or they are all
            of it already.
    """
    checked_positions(dataset, class_names)
    wanted = {i: checked_class_name(name) for i, name in class_names.items()}
    here = {i: name for i, name in wanted.items() if dataset.class_of(dataset.photos[i]) == name}
    if len(here) == len(wanted):
        raise OptionError(f"'{next(iter(here.values()))}' is their class already. Choose another.")
    wanted = {i: name for i, name in wanted.items() if i not in here}
    active, left = entries_of(dataset)
    moved = [
        (wanted[i], _without_tag(photo, wanted[i])) if i in wanted else (name, photo)
        for i, (name, photo) in enumerate(active)
    ]
    targets = list(dict.fromkeys(wanted.values()))
    where = f"to '{targets[0]}'" if len(targets) == 1 else f"to {len(targets)} classes"
    return Change(assembled(dataset, moved, left), f"Moved {photos_in_words(len(wanted))} {where}.")


def also_shows(dataset: Dataset, positions: Sequence[int], class_name: str) -> Change:
    """Photos show a second class besides their own, so that guessing it is no mistake.

    Raises:
        OptionError: It is the class of all of them already, or no class of the data set.
    """
    chosen = checked_positions(dataset, positions)
    if class_name not in dataset.class_names:
        raise OptionError(f"There is no class '{class_name}' here.")

    def tagged(photo: Photo) -> Photo:
        return replace(photo, also=tuple(dict.fromkeys([*photo.also, class_name])))

    new = {i for i in chosen if dataset.class_of(dataset.photos[i]) != class_name}
    if not new:
        raise OptionError(f"'{class_name}' is their class already. Choose another one.")
    words = f"Noted that {photos_in_words(len(new))} also {'shows' if len(new) == 1 else 'show'}"
    return Change(_changed(dataset, new, tagged), f"{words} '{class_name}'.")


def mark_hard(dataset: Dataset, positions: Sequence[int]) -> Change:
    """Photos were looked at: their label is right, they are just hard."""
    chosen = checked_positions(dataset, positions)
    marked = _changed(dataset, chosen, lambda photo: replace(photo, hard=True))
    return Change(marked, f"Marked {photos_in_words(len(chosen))} as hard but right.")


def forget_notes(dataset: Dataset, positions: Sequence[int]) -> Change:
    """Takes second classes and *hard* away from photos."""
    chosen = checked_positions(dataset, positions)
    plain = _changed(dataset, chosen, lambda photo: replace(photo, also=(), hard=False))
    return Change(plain, f"Removed the notes of {photos_in_words(len(chosen))}.")


def _changed(dataset: Dataset, positions: set[int], change) -> Dataset:
    photos = tuple(change(p) if i in positions else p for i, p in enumerate(dataset.photos))
    return replace(dataset, photos=photos)


def _without_tag(photo: Photo, class_name: str) -> Photo:
    if class_name not in photo.also and not photo.hard:
        return photo
    also = tuple(name for name in photo.also if name != class_name)
    return replace(photo, also=also, hard=False)
