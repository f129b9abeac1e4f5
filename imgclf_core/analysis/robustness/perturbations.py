"""Photos changed on purpose, to see what an answer hangs on. Pure functions on pictures.

Each takes and gives an upright RGB picture, uint8 (h, w, 3), 0 to 255, of the same size unless
it says otherwise, and does the same to the same picture every time. Lengths are shares of the
picture, so that the network sees about the same whatever the number of pixels. Light, blur,
noise and compression are of the kinds of D. Hendrycks and T. Dietterich, "Benchmarking Neural
Network Robustness to Common Corruptions and Perturbations", 2019, at strengths at which a person
has no trouble. Who answers for the changed photos is in `analysis/robustness/robustness_job.py`.
"""

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageFilter

from imgclf_core.images import decode

PLAIN = "plain"
BORDER_HIDDEN, BORDER_ONLY = "border hidden", "only the border"
DARKER, LIGHTER, BLURRED, ROTATED, CROPPED = "darker", "lighter", "blurred", "rotated", "cropped"
RECOMPRESSED, RECOLOURED, GREY, NOISE = "recompressed", "recoloured", "grey", "noise"

BOX_SIDE = 0.5**0.5  # a box of this share of both sides holds half of the area
DARK, LIGHT = 0.5, 1.5  # what all values are multiplied by
BLUR = 0.015  # standard deviation of the blur, as a share of the short side
DEGREES = 15
KEPT = 0.8  # share of both sides that is left by cropping
JPEG_QUALITY = 15
WARM = (1.25, 1.0, 0.75)  # what red, green and blue are multiplied by, about as under a lamp
NOISE_DEVIATION = 25.0  # of 255
NOISE_GRAINS = 160  # grains along the short side: a network averages finer ones away
# Larger pictures are reduced to this many times the side of the network before they are changed.
_WORKING = 2


def working_copy(pixels: np.ndarray, image_size: int) -> np.ndarray:
    """The picture, reduced until its short side is at most twice that of the network."""
    height, width = pixels.shape[:2]
    scale = _WORKING * image_size / min(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def box(height: int, width: int, fit: str = decode.STRETCH) -> tuple[slice, slice]:
    """Rows and columns of the central box that holds half of what the network sees.

    Args:
        height, width: Of the picture.
        fit: How it is brought to the network; `crop` shows only the central square.
    """
    seen = (min(height, width),) * 2 if fit == decode.CROP else (height, width)
    return tuple(
        _middle(whole, round(part * BOX_SIDE))
        for whole, part in zip((height, width), seen, strict=True)
    )


def border_hidden(pixels: np.ndarray, fit: str = decode.STRETCH) -> np.ndarray:
    """Only the central box; outside is its mean colour, which tells nothing of what is hidden."""
    rows, columns = box(*pixels.shape[:2], fit)
    inside = pixels[rows, columns]
    hidden = np.empty_like(pixels)
    hidden[:] = _mean_colour(inside.reshape(-1, 3))
    hidden[rows, columns] = inside
    return hidden


def border_only(pixels: np.ndarray, fit: str = decode.STRETCH) -> np.ndarray:
    """Everything but the central box, which gets the mean colour of what is outside of it."""
    rows, columns = box(*pixels.shape[:2], fit)
    outside = np.ones(pixels.shape[:2], dtype=bool)
    outside[rows, columns] = False
    shown = pixels.copy()
    shown[rows, columns] = _mean_colour(pixels[outside])
    return shown


def darker(pixels: np.ndarray) -> np.ndarray:
    """Half of every value."""
    return _scaled(pixels, DARK)


def lighter(pixels: np.ndarray) -> np.ndarray:
    """Every value half as much again; what gets too bright is white."""
    return _scaled(pixels, LIGHT)


def blurred(pixels: np.ndarray) -> np.ndarray:
    """A Gaussian blur of 1.5 % of the short side."""
    radius = BLUR * min(pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def rotated(pixels: np.ndarray) -> np.ndarray:
    """Turned by 15 degrees against the clock; corners repeat the photo as in a mirror."""
    height, width = pixels.shape[:2]
    angle = np.deg2rad(DEGREES)
    cos, sin = np.cos(angle), np.sin(angle)
    down = max(0, int(np.ceil((height * (cos - 1) + width * sin) / 2))) + 1
    right = max(0, int(np.ceil((width * (cos - 1) + height * sin) / 2))) + 1
    padded = np.pad(pixels, ((down, down), (right, right), (0, 0)), mode="symmetric")
    turned = Image.fromarray(padded).rotate(DEGREES, Image.Resampling.BILINEAR)
    return np.asarray(turned)[down : down + height, right : right + width]


def cropped(pixels: np.ndarray) -> np.ndarray:
    """The middle 80 % of both sides; a smaller picture."""
    rows, columns = (_middle(side, max(1, round(KEPT * side))) for side in pixels.shape[:2])
    return pixels[rows, columns]


def recompressed(pixels: np.ndarray) -> np.ndarray:
    """Saved as a JPEG of quality 15 and read again."""
    with Image.open(io.BytesIO(decode.to_jpeg(pixels, quality=JPEG_QUALITY))) as image:
        return np.asarray(image.convert("RGB"))


def recoloured(pixels: np.ndarray) -> np.ndarray:
    """A warmer light: a quarter more red, a quarter less blue."""
    return _scaled(pixels, np.array(WARM, dtype=np.float32))


def grey(pixels: np.ndarray) -> np.ndarray:
    """Without colour (luma of ITU-R 601)."""
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def noise(pixels: np.ndarray) -> np.ndarray:
    """Gaussian noise in every channel, the same for all pictures of a size."""
    height, width = pixels.shape[:2]
    grain = max(1.0, min(height, width) / NOISE_GRAINS)
    rows, columns = ((np.arange(side) / grain).astype(int) for side in (height, width))
    generator = np.random.default_rng(0)
    grains = generator.standard_normal((rows[-1] + 1, columns[-1] + 1, 3), dtype=np.float32)
    added = NOISE_DEVIATION * grains.take(rows, axis=0).take(columns, axis=1)
    return _to_bytes(pixels + added)


CHANGES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = MappingProxyType(
    {
        DARKER: darker,
        LIGHTER: lighter,
        BLURRED: blurred,
        ROTATED: rotated,
        CROPPED: cropped,
        RECOMPRESSED: recompressed,
        RECOLOURED: recoloured,
        GREY: grey,
        NOISE: noise,
    }
)
# The order in which `views` gives them.
NAMES = (PLAIN, BORDER_HIDDEN, BORDER_ONLY, *CHANGES)


def views(pixels: np.ndarray, image_size: int, fit: str) -> np.ndarray:
    """A picture as the network sees it, plain and changed in every way.

    Args:
        pixels: Upright RGB, uint8 (h, w, 3).
        image_size: Side of the square the network sees.
        fit: See `images.decode.fit`.

    Returns:
        uint8 (V, image_size, image_size, 3), in the order of `NAMES`; the first is exactly what
        the model sees of an unchanged photo.
    """
    copy = working_copy(pixels, image_size)
    changed = [border_hidden(copy, fit), border_only(copy, fit)]
    changed += [change(copy) for change in CHANGES.values()]
    size = (image_size, image_size)
    return np.stack([decode.fit(picture, size, fit) for picture in (pixels, *changed)])


def _middle(whole: int, part: int) -> slice:
    start = (whole - part) // 2
    return slice(start, start + part)


def _mean_colour(colours: np.ndarray) -> np.ndarray:
    """uint8 (3,), of colours (n, 3)."""
    return np.rint(colours.mean(axis=0, dtype=np.float64)).astype(np.uint8)


def _scaled(pixels: np.ndarray, factor: float | np.ndarray) -> np.ndarray:
    return _to_bytes(pixels * np.asarray(factor, dtype=np.float32))


def _to_bytes(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)
