"""What can be measured of a single photo: sharpness, light, colour.

Measured once, when a photo is brought in, at about the size networks look at, so that a photo
counts as blurred when it is blurred for the network. What is too little is decided in
`datasets/checks/class_checks.py`.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

# The short side at which photos are compared, in pixels. Larger ones are reduced to it.
MEASURED_SIDE = 128


# Rec. 601, as Pillow's own conversion to grey.
_LUMINANCE = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Quality:
    """Measures of one photo.

    Attributes:
        sharpness: Strength of Laplace's operator over the channel that varies most, divided by
            the contrast, so that a pale photo is not taken for a blurred one; 0 for one colour,
            below 0.2 blurred.
        brightness: Mean grey, 0 to 255.
        contrast: Standard deviation of the channel that varies most, 0 to 127; a coloured thing
            on a ground of equal brightness has contrast, too.
        colourfulness: Mean difference between the strongest and the weakest channel, 0 to 255;
            0 is grey.
    """

    sharpness: float
    brightness: float
    contrast: float
    colourfulness: float


def measure(image: Image.Image, small: np.ndarray) -> Quality:
    """Measures a photo.

    Args:
        image: Upright, RGB.
        small: The same photo reduced to a few pixels, uint8 RGB (s, s, 3).
    """
    cells = small.reshape(-1, 3).astype(np.float32)
    colour = cells.mean(axis=0)
    liveliest = int(np.argmax(((cells - colour) ** 2).sum(axis=0)))
    reduction = min(image.size) // MEASURED_SIDE
    if reduction > 1:
        image = image.reduce(reduction)
    plane = np.asarray(image.getchannel(liveliest)).astype(np.float32)
    contrast = _deviation(plane)
    # Laplace's operator: how far each pixel is from the mean of its four neighbours.
    edges = plane[:-2, 1:-1] + plane[2:, 1:-1]
    edges += plane[1:-1, :-2]
    edges += plane[1:-1, 2:]
    edges -= 4 * plane[1:-1, 1:-1]
    return Quality(
        sharpness=_strength(edges) / contrast if contrast else 0.0,
        brightness=float(colour @ _LUMINANCE),
        contrast=contrast,
        colourfulness=_colourfulness(small),
    )


def _deviation(values: np.ndarray) -> float:
    """Standard deviation, float32 in; three times as fast as NumPy's own."""
    apart = (values - values.mean()).ravel()
    return float(np.sqrt(np.dot(apart, apart) / apart.size))


def _strength(edges: np.ndarray) -> float:
    """Fourth root of the mean fourth power: one sharp edge on a soft ground counts."""
    squares = (edges * edges).ravel()
    return float(np.sqrt(np.sqrt(np.dot(squares, squares) / squares.size)))


def _colourfulness(small: np.ndarray) -> float:
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    strongest = np.maximum(np.maximum(red, green), blue)
    weakest = np.minimum(np.minimum(red, green), blue)
    return float((strongest - weakest).mean())
