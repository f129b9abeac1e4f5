"""Random variety: turned, enlarged, moved and mirrored copies of a photo.

The same function makes the preview on screen, the extra views of the pretrained network and
the batches of the scratch CNN, so what is shown is what is trained on. Everything is one
affine map, computed by Pillow.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the variety; all zero and False means none.

    Attributes:
        rotation: Largest turn to either side, in degrees.
        zoom: Largest share by which the photo is enlarged or shrunk.
        shift: Largest move, as a share of the side.
        flip: Whether half of the copies are mirrored left to right.
    """

    rotation: float = 10.0
    zoom: float = 0.15
    shift: float = 0.1
    flip: bool = True

    @property
    def active(self) -> bool:
        return bool(self.rotation or self.zoom or self.shift or self.flip)


def augment(pixels: np.ndarray, ranges: Augmentation, generator: np.random.Generator) -> np.ndarray:
    """One random copy.

    Args:
        pixels: uint8 (h, w, 3), 0 to 255.
        ranges: How far to go.
        generator: Source of the random numbers; five are drawn whatever the ranges.

    Returns:
        uint8 (h, w, 3). What comes in from outside repeats the photo as in a mirror.
    """
    height, width = pixels.shape[:2]
    turn, zoom, right, down, mirror = generator.uniform(-1, 1, size=5)
    angle = np.deg2rad(ranges.rotation * turn)
    scale = 1.0 / (1.0 + ranges.zoom * zoom)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    flip = -1.0 if ranges.flip and mirror > 0 else 1.0
    # Output pixel (x, y) takes its colour from the photo at matrix @ (x, y) + offset,
    # turning about the centre.
    matrix = np.array([[cos * flip, -sin], [sin * flip, cos]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    moved = centre + ranges.shift * np.array([right * width, down * height])
    offset = moved - matrix @ centre
    margin = _margin(matrix, offset, height, width)
    image = Image.fromarray(_reflected(pixels, margin))
    # Pillow samples at pixel centres: (x + 0.5) maps to source + 0.5.
    half = np.array([0.5, 0.5])
    offset = offset + margin + half - matrix @ half
    coefficients = (*matrix[0], offset[0], *matrix[1], offset[1])
    copy = image.transform(
        (width, height), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(copy)


def _reflected(pixels: np.ndarray, margin: int) -> np.ndarray:
    """The photo with a mirrored margin; `np.pad` does the same in five times the time."""
    down, right = (np.abs(np.arange(-margin, n + margin)) for n in pixels.shape[:2])
    down = np.where(down >= pixels.shape[0], 2 * (pixels.shape[0] - 1) - down, down)
    right = np.where(right >= pixels.shape[1], 2 * (pixels.shape[1] - 1) - right, right)
    return pixels.take(down, axis=0).take(right, axis=1)


def _margin(matrix: np.ndarray, offset: np.ndarray, height: int, width: int) -> int:
    """Pixels the map reaches outside of the photo, at most what a reflection can give."""
    corners = np.array([[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]])
    reached = corners @ matrix.T + offset
    outside = max(0.0, -reached.min(), (reached - np.array([width - 1, height - 1])).max())
    return int(min(np.ceil(outside) + 1, min(height, width) - 1))
