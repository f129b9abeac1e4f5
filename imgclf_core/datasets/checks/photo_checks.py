"""Checks of single photos: too small, blurred, too dark or bright, of odd shape, grey.

The thresholds were set on 450 photos of three kinds (hand signs, film characters, scenes) and on
copies of them that were spoilt on purpose; the figures stand beside them.
"""

from collections.abc import Callable

import numpy as np

from imgclf_core.datasets.checks import outliers
from imgclf_core.datasets.checks.problem import ATTENTION, NOTE, Problem, Remedy
from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.datasets.edits import remedies
from imgclf_core.support.wording import count

SHORT_SIDE = 80  # pixels; smaller photos have little to learn from
# Sharpness, see `images/quality.py`: the least of the photos as they are has 0.49; of copies
# blurred by a fiftieth of the short side all have less than 0.19.
BLURRED = 0.2
# Contrast: the least has 20; of copies at a fifth of the light most have less than 13.
PALE = 15.0
DARK, BRIGHT = 20.0, 240.0  # mean grey of 255
DRAWING = 30.0  # contrast above which a bright picture is a drawing on white paper
LONGEST_SHAPE = 2.5  # long side over short side
GREY = 3.0  # colourfulness
FEW_GREY = 0.2  # share of grey photos up to which they count as odd ones


def find(dataset: Dataset) -> list[Problem]:
    """All problems of single photos."""
    return [
        *_problem(
            dataset,
            "unusual",
            ATTENTION,
            "Unlike the rest of their class",
            outliers.test(dataset),
            "look unlike the other photos of their class: perhaps a wrong label, perhaps only a "
            "rare view. Look before you do anything.",
        ),
        *_problem(
            dataset,
            "blurred",
            NOTE,
            "Blurred",
            _blurred,
            "have no sharp edge at the size the network looks at. Leave them out unless new "
            "photos will be blurred as well.",
        ),
        *_problem(
            dataset,
            "light",
            NOTE,
            "Too dark or too bright",
            _badly_lit,
            "are so dark, bright or pale that little can be seen.",
        ),
        *_problem(
            dataset,
            "small photos",
            NOTE,
            "Very small photos",
            _small,
            f"have under {SHORT_SIDE} pixels on the short side. Small pictures have little to "
            "learn from.",
        ),
        *_problem(
            dataset,
            "shape",
            NOTE,
            "Odd shape",
            _odd_shape,
            f"are more than {LONGEST_SHAPE:g} times as long as wide, or the other way round. The "
            "network sees only the middle: under 'What the network sees' choose to add white "
            "borders, or leave them out.",
        ),
        *_problem(
            dataset,
            "grey",
            NOTE,
            "Grey among colour",
            _grey_test(dataset),
            "are grey while most are in colour. If that goes with one class, the network may "
            "learn the colour in place of the thing.",
        ),
    ]


def _problem(
    dataset: Dataset,
    check: str,
    severity: str,
    title: str,
    test: Callable[[Photo], bool],
    words: str,
) -> list[Problem]:
    found = [i for i, photo in enumerate(dataset.photos) if test(photo)]
    if not found:
        return []
    number = len(found)
    if number == 1:
        words = words.replace("are ", "is ", 1).replace("have ", "has ", 1)
        words = words.replace("look ", "looks ", 1)

    def leave_out(changing: Dataset, photos) -> remedies.Change:
        return remedies.leave_out(changing, photos, title.lower())

    return [
        Problem(
            check,
            severity,
            title,
            f"{count(number, 'photo')} {words}",
            tuple(found),
            (Remedy("Leave out", leave_out, on_photos=True),),
        )
    ]


def _small(photo: Photo) -> bool:
    return min(photo.height, photo.width) < SHORT_SIDE


def _blurred(photo: Photo) -> bool:
    return photo.sharpness < BLURRED and photo.contrast >= PALE / 2


def _badly_lit(photo: Photo) -> bool:
    glaring = photo.brightness > BRIGHT and photo.contrast < DRAWING
    return photo.contrast < PALE or photo.brightness < DARK or glaring


def _odd_shape(photo: Photo) -> bool:
    return max(photo.height, photo.width) > LONGEST_SHAPE * min(photo.height, photo.width)


def _grey_test(dataset: Dataset) -> Callable[[Photo], bool]:
    grey = np.mean([photo.colourfulness < GREY for photo in dataset.photos])
    return lambda photo: grey <= FEW_GREY and photo.colourfulness < GREY
