"""What can be measured of a single photo: sharpness, light, colour.

Measured once, when a photo is brought in, at about the size networks look at, so that a photo
counts as blurred when it is blurred for the network. What is too little is decided in
`data/checks.py`.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

# The short side at which photos are compared, in pixels. Larger ones are reduced to it.
MEASURED_SIDE = 128


@dataclass(frozen=True)
class Quality:
    """Measures of one photo.

    Attributes:
        sharpness: Standard deviation of Laplace's operator over the greys, in grey levels
            divided by their contrast, so that a pale photo is not taken for a blurred one; 0 for
            one colour, below 0.15 blurred.
        brightness: Mean grey, 0 to 255.
        contrast: Standard deviation of the greys, 0 to 127.
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
    reduction = min(image.size) // MEASURED_SIDE
    if reduction > 1:
        image = image.reduce(reduction)
    grey = np.asarray(image.convert("L")).astype(np.float32)
    brightness, contrast = _moments(grey)
    # Laplace's operator: how far each pixel is from the mean of its four neighbours.
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1]
    edges += grey[1:-1, :-2]
    edges += grey[1:-1, 2:]
    edges -= 4 * grey[1:-1, 1:-1]
    _, spread = _moments(edges)
    return Quality(
        sharpness=spread / contrast if contrast else 0.0,
        brightness=brightness,
        contrast=contrast,
        colourfulness=_colourfulness(small),
    )


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation, float32 in; three times as fast as NumPy's own."""
    mean = float(values.mean())
    apart = (values - mean).ravel()
    return mean, float(np.sqrt(np.dot(apart, apart) / apart.size))


def _colourfulness(small: np.ndarray) -> float:
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    strongest = np.maximum(np.maximum(red, green), blue)
    weakest = np.minimum(np.minimum(red, green), blue)
    return float((strongest - weakest).mean())
