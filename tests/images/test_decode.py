"""One way from bytes to pixels, whatever the file."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.errors import ImageError
from imgclf_core.images import decode
from tests.conftest import picture


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    """An image as a file."""
    decode.read_picture(picture(0))  # makes HEIF known to Pillow
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def corners(size: tuple[int, int] = (40, 24)) -> Image.Image:
    """White, with a red corner at the top left."""
    image = Image.new("RGB", size, "white")
    image.paste((255, 0, 0), (0, 0, 12, 12))
    return image


def is_red(pixel: np.ndarray) -> bool:
    """Whether a pixel is clearly red."""
    return bool(pixel[0] > 180 and pixel[1] < 90 and pixel[2] < 90)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"])
def test_every_format_gives_upright_rgb(kind):
    """All formats come out alike: uint8 (h, w, 3) with the right corner red."""
    got = decode.read_picture(encoded(corners(), kind))
    assert (got.format, got.size, got.pixels.dtype) == (kind, (24, 40), np.uint8)
    assert got.pixels.shape == (24, 40, 3)
    assert is_red(got.pixels[3, 3])
    assert not is_red(got.pixels[20, 36])


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, "tl"), (2, "tr"), (3, "br"), (4, "bl"), (5, "tl"), (6, "tr"), (7, "br"), (8, "bl")],
)
def test_photos_are_turned_upright(orientation, corner):
    """All eight EXIF orientations are applied, to pixels and size alike."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    got = decode.read_picture(encoded(corners(), "JPEG", exif=exif, quality=95))
    assert got.size == got.pixels.shape[:2] == ((40, 24) if orientation >= 5 else (24, 40))
    y, x = {"t": 3, "b": -4}[corner[0]], {"l": 3, "r": -4}[corner[1]]
    assert is_red(got.pixels[y, x])


def test_broken_metadata_does_not_cost_the_photo():
    """EXIF that cannot be read counts as upright."""
    got = decode.read_picture(encoded(corners(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert is_red(got.pixels[3, 3])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_white(mode):
    """Transparency is laid over white paper in every mode that has it."""
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0)).convert("RGBA" if mode == "PA" else mode)
    data = encoded(image, "GIF") if mode == "PA" else encoded(image)
    assert decode.read_picture(data).pixels.min() == 255


def test_sixteen_bits_are_scaled_and_not_clipped():
    """A ramp over 16 bits stays a ramp."""
    ramp = np.tile(np.linspace(0, 65535, 64), (16, 1)).astype(np.uint16)
    got = decode.read_picture(encoded(Image.fromarray(ramp))).pixels[0, :, 0].astype(int)
    assert got[0] == 0
    assert got[-1] == 255
    assert np.abs(got - np.linspace(0, 255, 64)).max() <= 1


def test_floating_point_is_scaled_and_not_clipped():
    """Values from 0 to 1 are not black, and what is not a number does no harm."""
    values = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (16, 1))
    values[3, 3] = np.nan
    got = decode.read_picture(encoded(Image.fromarray(values), "TIFF")).pixels
    assert (int(got[0, 0, 0]), int(got[0, -1, 0])) == (0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK"])
def test_other_modes_become_rgb(mode):
    """White stays white in every mode of colour."""
    kind = "JPEG" if mode == "CMYK" else "PNG"
    got = decode.read_picture(encoded(Image.new("RGB", (20, 20), "white").convert(mode), kind))
    assert got.pixels.shape == (20, 20, 3)
    assert got.pixels.min() > 250


def test_only_the_first_frame_is_read():
    """An animation gives its first frame."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "white")]
    got = decode.read_picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert is_red(got.pixels[0, 0])


def test_large_jpegs_are_decoded_at_reduced_scale():
    """Enough for the network is decoded, and the size is still that of the photo."""
    data = encoded(Image.new("RGB", (1600, 1200), "red"), "JPEG")
    got = decode.read_picture(data, at_least=96)
    assert got.size == (1200, 1600)
    assert 96 <= min(got.pixels.shape[:2]) <= 300


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_too_many_pixels_are_refused_before_decoding(kind):
    """The bound is on pixels, for JPEG one of its own."""
    limits = replace(LIMITS[PERSONAL], pixels=900, jpeg_pixels=900)
    with pytest.raises(ImageError, match="too many pixels"):
        decode.read_picture(encoded(corners(), kind), limits=limits)


def test_a_bomb_of_pixels_is_refused():
    """A small file of 90 million pixels is never decoded."""
    with pytest.raises(ImageError, match="too many pixels"):
        decode.read_picture(encoded(Image.new("1", (9400, 9400))))


def test_a_tiny_picture_is_refused():
    """Under eight pixels there is nothing to learn."""
    with pytest.raises(ImageError, match="too small"):
        decode.read_picture(encoded(Image.new("RGB", (100, 7))))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7", "a PDF file"),
        (b"<svg xmlns='x'/>", "an SVG drawing"),
        (b"<!DOCTYPE html>", "a web page"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript file"),
        (b"hello", "not a picture in a format we read"),
        (b"", "not a picture in a format we read"),
    ],
)
def test_what_is_no_photo_is_named(data, reason):
    """The reason can follow the words "skipped because"."""
    with pytest.raises(ImageError, match=reason):
        decode.read_picture(data)


def test_a_photo_cut_off_is_refused():
    """Half a photo is not filled up with grey."""
    data = picture(1, (200, 200))
    with pytest.raises(ImageError, match="damaged or cut off"):
        decode.read_picture(data[: len(data) // 2])


@pytest.mark.parametrize("mode", decode.FIT_MODES)
@pytest.mark.parametrize("shape", [(40, 24), (24, 40), (8, 3000), (3000, 8), (96, 96)])
def test_every_shape_fits(mode, shape):
    """Also a strip of 8 by 3,000 pixels comes to the size of the network."""
    pixels = np.zeros((*shape, 3), np.uint8)
    assert decode.fit(pixels, (96, 96), mode).shape == (96, 96, 3)


def test_the_three_ways_to_fit_differ_as_they_say():
    """Crop keeps the centre, pad adds white at the sides, stretch keeps all."""
    pixels = np.zeros((50, 100, 3), np.uint8)
    pixels[:, :20] = (255, 0, 0)
    assert decode.fit(pixels, (50, 50), decode.CROP).max() == 0
    padded = decode.fit(pixels, (50, 50), decode.PAD)
    assert padded[0].min() == 255
    assert is_red(padded[25, 2])
    assert is_red(decode.fit(pixels, (50, 50), decode.STRETCH)[0, 2])


def test_to_jpeg_bounds_the_longest_side():
    """A picture for the screen is no larger than asked for."""
    data = decode.to_jpeg(np.zeros((30, 90, 3), np.uint8), longest_side=45)
    assert decode.read_picture(data).size == (15, 45)


FILES = [picture(3)] + [
    encoded(corners(), kind) for kind in ("PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "HEIF")
]


@settings(max_examples=300)
@given(
    data=st.sampled_from(FILES),
    damage=st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 255)), min_size=1, max_size=9),
    keep=st.integers(1, 100),
)
def test_random_damage_only_ever_raises_our_error(data, damage, keep):
    """Whatever is wrong with a photo, it is an ImageError or still a picture."""
    damaged = bytearray(data)
    for place, value in damage:
        damaged[place % len(damaged)] = value
    damaged = damaged[: max(1, len(damaged) * min(keep * 2, 100) // 100)]
    try:
        assert decode.load(bytes(damaged), (32, 32)).shape == (32, 32, 3)
    except ImageError as error:
        assert str(error)
