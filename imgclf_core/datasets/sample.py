"""A data set of drawn shapes that comes with the app, with faults to find.

Four kinds of shape, varied in place, size, colour, rotation and background. On purpose it has
unequal classes, a few copies and three wrong labels, so that every page has something to show.
"""

import io
import math
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from imgclf_core.support import file_system

SIDE = 160
COUNTS = {"circle": 70, "square": 60, "star": 45, "triangle": 55}
COPIES = 4
WRONG_LABELS = 3
NAME = "Drawn shapes"


def draw_shape(kind: str, generator: np.random.Generator) -> tuple[Image.Image, tuple]:
    """Draws one shape.

    Args:
        kind: A key of `COUNTS`.
        generator: Source of all variety.

    Returns:
        The picture, RGB of `SIDE` x `SIDE`, and the box (left, top, right, bottom) in pixels
        that holds the shape.
    """
    image = _background(generator)
    radius = generator.uniform(0.16, 0.34) * SIDE
    x, y = generator.uniform(radius, SIDE - radius, size=2)
    points = _outline(kind, x, y, radius, generator.uniform(0, 2 * math.pi))
    draw = ImageDraw.Draw(image)
    colour = tuple(int(c) for c in generator.integers(0, 256, size=3))
    draw.polygon(points, fill=colour, outline=tuple(255 - c for c in colour))
    if generator.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(generator.uniform(0.3, 1.2)))
    left, top = np.min(points, axis=0)
    right, bottom = np.max(points, axis=0)
    return image, (float(left), float(top), float(right), float(bottom))


def write_zip(path: Path, seed: int = 7) -> None:
    """Writes the sample as a zip of class folders, the same bytes for the same seed."""
    generator = np.random.default_rng(seed)
    pictures = {
        f"{kind}/{kind} {number:03d}.jpg": _jpeg(draw_shape(kind, generator)[0])
        for kind, count in COUNTS.items()
        for number in range(1, count + 1)
    }
    names = sorted(pictures)
    for i, name in enumerate(generator.choice(names, COPIES, replace=False)):
        pictures[name.replace(".jpg", f" copy {i + 1}.jpg")] = pictures[name]
    for name in generator.choice(names, WRONG_LABELS, replace=False):
        kind, file = name.split("/")
        others = [other for other in COUNTS if other != kind]
        pictures[f"{generator.choice(others)}/{file}"] = pictures.pop(name)
    with file_system.open(path, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        for name in sorted(pictures):
            archive.writestr(zipfile.ZipInfo(f"shapes/{name}"), pictures[name])


def template_zip() -> bytes:
    """An empty zip with the layout we read: two class folders with a note in each."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("first class", "second class"):
            archive.writestr(
                f"my photos/{name}/put the photos of this class here.txt",
                "Rename this folder to the name of the class, put its photos inside, "
                "and zip the folder 'my photos' again.\n",
            )
    return buffer.getvalue()


def _outline(kind: str, x: float, y: float, radius: float, turn: float) -> list[tuple]:
    corners = {"circle": 48, "square": 4, "triangle": 3, "star": 10}[kind]
    points = []
    for corner in range(corners):
        reach = radius * (0.45 if kind == "star" and corner % 2 else 1.0)
        angle = turn + 2 * math.pi * corner / corners
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _background(generator: np.random.Generator) -> Image.Image:
    """A slope between two colours, with noise."""
    first, second = generator.integers(30, 226, size=(2, 3))
    slope = np.linspace(0, 1, SIDE)[:, None, None]
    if generator.random() < 0.5:
        slope = slope.transpose(1, 0, 2)
    pixels = first + (second - first) * slope + generator.normal(0, 9, size=(SIDE, SIDE, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
