"""The one way from bytes to pixels, for training, evaluation, prediction and export.

`read_picture` turns the bytes of a file into an upright RGB array; `fit` brings it to the
size a network takes. Both are part of what a saved model promises. Modes of colour are left to
`images/colour.py`, what damage looks like to `images/integrity.py`. Scaling 0 to 255 into the
range a network likes happens inside the network.
"""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageOps

from imgclf_core.config import LIMITS, PERSONAL, Limits
from imgclf_core.errors import ImageError
from imgclf_core.images import colour, integrity

CROP, PAD, STRETCH = "crop", "pad", "stretch"
FIT_MODES = (CROP, PAD, STRETCH)

# Only decoders we mean to expose; "JPEG" covers MPO. HEIF comes from pillow-heif.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
FILE_ENDINGS = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif")

# Odd metadata only warns in Pillow. Silenced once for all, because to do so around each photo is
# not safe among threads.
warnings.filterwarnings("ignore", module=r"PIL\..*")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

SMALLEST_SIDE = 8
_WHITE = (255, 255, 255)

# What Pillow raises on damaged files, one list for all decoders.
_DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    RuntimeError,
    NotImplementedError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


@dataclass(frozen=True)
class UprightImage:
    """A decoded photo, before it becomes an array.

    Attributes:
        image: Upright, RGB; see `Picture.pixels`.
        size: Upright (height, width) of the original.
        format: Pillow's name of the format, such as `JPEG`.
    """

    image: Image.Image
    size: tuple[int, int]
    format: str


@dataclass(frozen=True)
class Picture:
    """A decoded photo.

    Attributes:
        pixels: Upright RGB, uint8 of shape (height, width, 3), 0 to 255. JPEG may come at
            reduced scale when `at_least` allowed it.
        size: Upright (height, width) of the original.
        format: Pillow's name of the format, such as `JPEG`.
    """

    pixels: np.ndarray
    size: tuple[int, int]
    format: str


def read_picture(
    data: bytes, at_least: int | None = None, limits: Limits = LIMITS[PERSONAL]
) -> Picture:
    """Decodes the bytes of one file to an array.

    Arguments and errors are those of `read_image`.
    """
    upright = read_image(data, at_least, limits)
    return Picture(np.asarray(upright.image), upright.size, upright.format)


def read_image(
    data: bytes, at_least: int | None = None, limits: Limits = LIMITS[PERSONAL]
) -> UprightImage:
    """Decodes the bytes of one file.

    Args:
        data: The whole file.
        at_least: Neither side need be larger than this; lets JPEG be decoded at 1/2, 1/4 or
            1/8 of its size. None decodes at full size.
        limits: Bounds in pixels, checked before anything is decoded.

    Raises:
        ImageError: It is no picture, is damaged or is too large; the message is a reason
            that can follow "skipped because".
    """
    _register_heif()
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image, limits)
            integrity.check_before(data, image)
            return _decode(data, image, at_least)
    except ImageError:
        raise
    except _DECODE_ERRORS as error:
        raise ImageError(integrity.why_not(data, error)) from error


def fit(pixels: np.ndarray, image_size: tuple[int, int], mode: str = CROP) -> np.ndarray:
    """Brings an upright RGB array to the size of a network.

    Args:
        pixels: uint8 (h, w, 3), 0 to 255.
        image_size: (height, width) wanted.
        mode: `crop` keeps the centre, `pad` adds white borders, `stretch` changes the shape.

    Returns:
        uint8 of shape (height, width, 3).
    """
    return np.asarray(_fitted(Image.fromarray(pixels), image_size, mode))


def _fitted(image: Image.Image, image_size: tuple[int, int], mode: str) -> Image.Image:
    size = (image_size[1], image_size[0])  # Pillow counts (width, height).
    resample = Image.Resampling.BILINEAR
    if image.size == size:
        return image
    if mode == CROP:
        return ImageOps.fit(image, size, method=resample)
    if mode == PAD:
        return ImageOps.pad(image, size, method=resample, color=_WHITE)
    return image.resize(size, resample)


def load(data: bytes, image_size: tuple[int, int], mode: str = CROP) -> np.ndarray:
    """Bytes to the array a network takes: `read_image`, then `fit`.

    Returns:
        uint8 of shape (height, width, 3), 0 to 255.
    """
    upright = read_image(data, at_least=max(image_size))
    return np.asarray(_fitted(upright.image, image_size, mode))


def to_jpeg(pixels: np.ndarray, longest_side: int | None = None, quality: int = 85) -> bytes:
    """An RGB array as a JPEG file, for showing; made smaller where `longest_side` asks."""
    image = Image.fromarray(pixels)
    if longest_side:
        image.thumbnail((longest_side, longest_side))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _register_heif() -> None:
    if "HEIF" not in Image.OPEN:
        import pillow_heif

        pillow_heif.register_heif_opener()


def _check_size(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    # Only JPEG is decoded at reduced scale, and a progressive one holds all of itself meanwhile.
    is_scaled = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    most = limits.jpeg_pixels if is_scaled else limits.pixels
    if width * height > most:
        raise ImageError(
            f"it has too many pixels ({width} x {height}; "
            f"at most {most // 1_000_000} million are taken)"
        )
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(f"it is too small ({width} x {height} pixels)")


def _decode(data: bytes, image: Image.Image, at_least: int | None) -> UprightImage:
    width, height = image.size
    name = image.format or ""
    if at_least and name in ("JPEG", "MPO"):
        # Twice what is needed on the short side, so that the resize still has detail to use.
        scale = min(width, height) / (2 * at_least)
        if scale > 1:
            image.draft("RGB", (int(width / scale), int(height / scale)))
    image.load()
    integrity.check_after(data, image)
    orientation = _orientation(image)  # asked only now, for Pillow turns a TIFF while it loads it
    upright = _turn(colour.to_rgb(image), orientation)
    size = (width, height) if orientation >= 5 else (height, width)
    return UprightImage(upright, size, "JPEG" if name == "MPO" else name)


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1 to 8; broken metadata counts as upright."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
        return value if value in range(1, 9) else 1
    except _DECODE_ERRORS:
        return 1


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image
