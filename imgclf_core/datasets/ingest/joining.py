"""Photos that join a data set on one side: corrections from Classify, which belong to training.

What is known of a photo of the test set must not be learnt from a copy of it. So photos that are
nearly the same as one of another side, or show the same object, are kept but take no part.
"""

from collections.abc import Sequence
from dataclasses import replace

from imgclf_core.datasets.dataset import LeftOut, Photo, groups_of


def onto_side(
    entries: Sequence[tuple[str, Photo]], left_out: Sequence[LeftOut], side: str
) -> tuple[list[tuple[str, Photo]], list[LeftOut]]:
    """New photos, which have no side yet, all onto one.

    Args:
        entries: Class name and photo of those that take part, old and new, compared already.
        left_out: Those that do not.
        side: `training` mostly.

    Returns:
        The same with sides; new photos that belong with photos of another side are left out.
    """
    groups = groups_of([photo for _, photo in entries]).tolist()
    elsewhere = {
        group: photo.side
        for group, (_, photo) in zip(groups, entries, strict=True)
        if photo.side not in ("", side)
    }
    joined, refused = [], list(left_out)
    for group, (name, photo) in zip(groups, entries, strict=True):
        if photo.side:
            joined.append((name, photo))
        elif group in elsewhere:
            reason = f"nearly the same as a {elsewhere[group]} photo"
            refused.append(LeftOut(replace(photo, side=elsewhere[group]), name, reason))
        else:
            joined.append((name, replace(photo, side=side)))
    return joined, refused
