"""Changes to one photo, to find out what a model looks at: paint, cover, white out, crop, turn.

Pure functions on pixels. Places are shares of height and width, so they do not depend on the size
at which the photo was shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from imgclf_core.errors import OptionError

PAINT, COVER, WHITE_AROUND, CROP = "paint", "cover", "white around", "crop"
WHITE_BACKGROUND = "white background"
ROTATE, FLIP, BRIGHTNESS, GREY, BLUR = "rotate", "flip", "brightness", "grey", "blur"
WITH_BOX = (PAINT, COVER, WHITE_AROUND, CROP)
KINDS = (*WITH_BOX, WHITE_BACKGROUND, ROTATE, FLIP, BRIGHTNESS, GREY, BLUR)
Box = tuple[float, float, float, float]

# What is dragged by accident is no change.
SMALLEST_BOX = 0.01
_GREY = (128, 128, 128)
_WHITE = (255, 255, 255)
_FLOOD_SIDE = 256  # pixels; the background is found at this size
_SMALLEST_CROP = 8  # pixels


@dataclass(frozen=True)
class Edit:
    """One change.

    Attributes:
        kind: One of `KINDS`.
        box: (top, left, bottom, right), shares of height and width, for those of `WITH_BOX`.
        amount: Degrees for `rotate`, a factor for `brightness` (1 changes nothing), the radius as
            a share of the shorter side for `blur`, the tolerance 0 to 1 for `white background`.
    """

    kind: str
    box: Box = (0.0, 0.0, 1.0, 1.0)
    amount: float = 0.0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise OptionError(f"'{self.kind}' is no change. Choose one of {', '.join(KINDS)}.")
        top, left, bottom, right = self.box
        inside = all(np.isfinite(self.box)) and 0 <= top < bottom <= 1 and 0 <= left < right <= 1
        if not inside or min(bottom - top, right - left) < SMALLEST_BOX:
            raise OptionError(
                "That place is too small, or outside of the photo. Drag a larger one."
            )


def box_of(start: tuple[float, float], end: tuple[float, float]) -> Box:
    """The box between two corners (down, across), cut off at the edges of the photo."""
    down, across = sorted((start[0], end[0])), sorted((start[1], end[1]))
    top, bottom = (float(np.clip(v, 0, 1)) for v in down)
    left, right = (float(np.clip(v, 0, 1)) for v in across)
    return top, left, bottom, right


def apply(pixels: np.ndarray, edits: Sequence[Edit]) -> np.ndarray:
    """The photo with the changes, one after another.

    Turns in a row are one turn, and so are steps of light: many small ones would blur the photo
    and lose what was too bright for a moment.

    Args:
        pixels: uint8 (h, w, 3), 0 to 255; stays as it is.
        edits: In order.

    Returns:
        uint8 (h', w', 3); another size after `crop` or `rotate`.
    """
    image = Image.fromarray(pixels)
    for edit in _merged(edits):
        image = _apply(image, edit)
    return np.asarray(image)


def _merged(edits: Sequence[Edit]) -> list[Edit]:
    found: list[Edit] = []
    for edit in edits:
        last = found[-1] if found else None
        if last and last.kind == edit.kind == ROTATE:
            found[-1] = Edit(ROTATE, amount=last.amount + edit.amount)
        elif last and last.kind == edit.kind == BRIGHTNESS:
            found[-1] = Edit(BRIGHTNESS, amount=last.amount * edit.amount)
        else:
            found.append(edit)
    return found


def _apply(image: Image.Image, edit: Edit) -> Image.Image:
    if edit.kind in WITH_BOX:
        return _within(image, edit)
    if edit.kind == WHITE_BACKGROUND:
        return _white_background(image, edit.amount)
    if edit.kind == ROTATE:
        return image.rotate(edit.amount, Image.Resampling.BILINEAR, True, fillcolor=_WHITE)
    if edit.kind == FLIP:
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if edit.kind == BRIGHTNESS:
        return ImageEnhance.Brightness(image).enhance(edit.amount)
    if edit.kind == GREY:
        return image.convert("L").convert("RGB")
    return image.filter(ImageFilter.GaussianBlur(edit.amount * min(image.size)))


def _within(image: Image.Image, edit: Edit) -> Image.Image:
    """Changes of a place."""
    width, height = image.size
    top, left, bottom, right = edit.box
    corners = (left * width, top * height, right * width, bottom * height)
    if edit.kind == CROP:
        left, right = _cut(left, right, width)
        top, bottom = _cut(top, bottom, height)
        return image.crop((left, top, right, bottom))
    changed = image.copy()
    if edit.kind == COVER:
        ImageDraw.Draw(changed).rectangle(corners, fill=_GREY)
    elif edit.kind == PAINT:
        ImageDraw.Draw(changed).ellipse(corners, fill=(0, 0, 0))
    else:
        mask = Image.new("L", image.size, 0)
        ImageDraw.Draw(mask).ellipse(corners, fill=255)
        changed = Image.composite(image, Image.new("RGB", image.size, _WHITE), mask)
    return changed


def _cut(begins: float, ends: float, side: int) -> tuple[int, int]:
    """Pixels from and to which is kept, never fewer than are decoded again."""
    first = max(min(int(begins * side), side - _SMALLEST_CROP), 0)
    return first, min(max(round(ends * side), first + _SMALLEST_CROP), side)


def _white_background(image: Image.Image, tolerance: float) -> Image.Image:
    """What is joined to the edges of the photo by colours like theirs, in white.

    Flooded from the edges: a place is background while its colour is within the tolerance of the
    nearest of a few colours that the edges are made of.
    """
    small = image.copy()
    small.thumbnail((_FLOOD_SIDE, _FLOOD_SIDE))
    pixels = np.asarray(small.filter(ImageFilter.GaussianBlur(1)), np.int16)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    palette = edge[np.linspace(0, len(edge) - 1, 24).astype(int)]
    away = np.abs(pixels[:, :, None] - palette).max(axis=3).min(axis=2)
    alike = away <= 255 * tolerance
    reached = reached_from_edges(alike)
    mask = Image.fromarray((reached * 255).astype(np.uint8)).resize(
        image.size, Image.Resampling.BILINEAR
    )
    return Image.composite(Image.new("RGB", image.size, _WHITE), image, mask)


def reached_from_edges(free: np.ndarray) -> np.ndarray:
    """The free places that can be walked to from an edge of the photo, in four directions.

    Whole stretches of rows, then of columns, are taken at once: a step a pixel would take
    seconds in a picture like a maze.

    Args:
        free: bool (h, w).
    """
    reached = np.zeros_like(free)
    reached[[0, -1]], reached[:, [0, -1]] = free[[0, -1]], free[:, [0, -1]]
    rows, columns = _stretches(free), _stretches(free.T)
    count = -1
    while (now := np.count_nonzero(reached)) != count:
        count = now
        reached = free & _touched(rows, reached)
        reached = free & _touched(columns, reached.T).T
    return reached


def _stretches(free: np.ndarray) -> np.ndarray:
    """int (h, w): the number of the stretch of equal places in its row that a place is in."""
    begins = np.ones(free.shape, bool)
    begins[:, 1:] = free[:, 1:] != free[:, :-1]
    return begins.ravel().cumsum().reshape(free.shape) - 1


def _touched(stretches: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """bool (h, w): the stretches of which some place is reached."""
    hit = np.zeros(stretches[-1, -1] + 1, bool)
    hit[stretches[reached]] = True
    return hit[stretches]
