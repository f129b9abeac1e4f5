"""From every mode of colour that a picture file can have to plain RGB.

Transparent parts are laid over white paper; deep greys are brought to 8 bits by the range they
use. Opening and decoding files is left to `images/decode.py`.
"""

import numpy as np
from PIL import Image

_WHITE = (255, 255, 255)


def to_rgb(image: Image.Image) -> Image.Image:
    """A decoded picture of any mode as RGB of 8 bits a channel."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey_to_rgb(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (*_WHITE, 255))
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")


def _deep_grey_to_rgb(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating grey to 8 bits by the range it really uses.

    Pillow's own conversion clips at 255, which turns such photos white. Many instruments fill
    only 10 or 12 of 16 bits, which would be black if the full range were taken.
    """
    with np.errstate(invalid="ignore"):  # damaged files hold numbers that are none
        values = np.asarray(image, dtype=np.float64)
    is_number = np.isfinite(values)
    if not is_number.all():
        values = np.where(is_number, values, values[is_number].min() if is_number.any() else 0)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255.0 / (high - low)) if high > low else np.full_like(values, 128)
    return Image.fromarray(scaled.round().astype(np.uint8)).convert("RGB")
