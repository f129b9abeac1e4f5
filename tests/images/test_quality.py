"""Measures of single photos, and what is made of them."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imgclf_core.images import quality


def measured(image: Image.Image) -> quality.Quality:
    """Measures of a picture."""
    image = image.convert("RGB")
    return quality.measure(image, np.asarray(image.resize((16, 16))))


@pytest.fixture
def sharp() -> Image.Image:
    """Coloured tiles with hard edges."""
    tiles = np.random.default_rng(0).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(tiles.repeat(16, 0).repeat(16, 1))


def test_blur_lowers_sharpness_step_by_step(sharp):
    """More blur, less sharpness; a fiftieth of the side is below the threshold of the check."""
    blurred = [measured(sharp.filter(ImageFilter.GaussianBlur(r))).sharpness for r in (0, 1, 2, 4)]
    assert blurred == sorted(blurred, reverse=True)
    assert blurred[0] > 0.5
    assert blurred[3] < 0.2


def test_a_pale_photo_is_not_blurred(sharp):
    """Sharpness goes by the contrast of the photo."""
    pale = sharp.point(lambda value: 100 + value // 8)
    assert measured(pale).sharpness == pytest.approx(measured(sharp).sharpness, rel=0.2)
    assert measured(pale).contrast < measured(sharp).contrast / 5


def test_light_and_colour_are_measured():
    """Mean, spread and colour of plain pictures are known."""
    black, red = Image.new("RGB", (40, 30)), Image.new("RGB", (30, 40), "red")
    half = Image.new("RGB", (40, 40))
    half.paste("white", (0, 0, 20, 40))
    assert measured(black) == quality.Quality(0.0, 0.0, 0.0, 0.0)
    assert (measured(red).brightness, measured(red).colourfulness) == (pytest.approx(76.245), 255.0)
    assert measured(half).brightness == pytest.approx(127.5)
    assert measured(half).contrast == pytest.approx(127.5)
    assert measured(half).colourfulness == 0.0


def test_a_sharp_thing_on_a_soft_ground_is_sharp():
    """Strong edges count, however few; also between colours of the same brightness."""
    ground = np.linspace(0, 255, 128).astype(np.uint8)
    soft = Image.fromarray(np.repeat(np.repeat(ground[None, :, None], 128, 0), 3, 2))
    assert measured(soft).sharpness < 0.2
    soft.paste((40, 200, 90), (40, 40, 70, 70))
    assert measured(soft).sharpness > 0.2
    even = Image.new("RGB", (128, 128), (200, 50, 60))
    even.paste((50, 118, 120), (40, 40, 80, 80))
    assert measured(even).sharpness > 0.2
    assert measured(even).contrast > 30


def test_a_large_photo_counts_as_sharp_as_it_looks_small(sharp):
    """What is soft at twelve megapixels and sharp at the size of the network is sharp."""
    large = sharp.resize((1536, 1536), Image.Resampling.BICUBIC)
    assert measured(large).sharpness > 0.2


def test_the_smallest_photo_is_measured():
    """Eight pixels a side, and long thin ones."""
    for size in ((8, 8), (8, 3000), (3000, 8)):
        assert measured(Image.new("RGB", size, "grey")).sharpness == 0.0
