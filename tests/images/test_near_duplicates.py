"""Copies of a photo are found, other photos are not, and no set makes the comparing explode."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from imgclf_core.images import alignment, near_duplicates


def photo(seed: int, side: int = 120, cells: int = 12) -> Image.Image:
    """Blurred noise with as much detail as a photo, different for every seed."""
    coarse = np.random.default_rng(seed).integers(0, 200, (cells, cells, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def saved(image: Image.Image, quality: int = 90) -> Image.Image:
    """The picture after a round through JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def cropped(image: Image.Image, left: float, top: float, right: float, bottom: float):
    """The picture without these shares of its width and height."""
    width, height = image.size
    box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    return saved(image.crop(tuple(map(round, box))))


def grouped(pictures: list[Image.Image]) -> list[int]:
    """The groups of pictures, through both public functions."""
    return near_duplicates.group_similar(
        np.stack([near_duplicates.fingerprint(p) for p in pictures])
    ).tolist()


def dots(count: int) -> np.ndarray:
    """Fingerprints of small things that lie about on the same plain, unevenly lit table."""
    generator = np.random.default_rng(0)
    light = np.linspace(120, 220, 32)[:, None, None] + np.zeros((1, 32, 3))
    rows = np.clip(light + generator.normal(0, 2, (count, 32, 32, 3)), 0, 255).astype(np.uint8)
    for row in rows:
        y, x = generator.integers(2, 28, 2)
        row[y : y + 3, x : x + 3] = generator.integers(0, 255, 3)
    return rows


CHANGES = {
    "JPEG 40": lambda image: saved(image, 40),
    "half size": lambda image: saved(image.resize((image.width // 2, image.height // 2))),
    "brighter": lambda image: saved(ImageEnhance.Brightness(image).enhance(1.2)),
    "darker": lambda image: saved(ImageEnhance.Brightness(image).enhance(0.8)),
    "centre": lambda image: cropped(image, 0.025, 0.025, 0.025, 0.025),
    "each border": lambda image: cropped(image, 0.05, 0.05, 0.05, 0.05),
    "left": lambda image: cropped(image, 0.05, 0, 0, 0),
    "top": lambda image: cropped(image, 0, 0.05, 0, 0),
    "corner, size kept": lambda image: cropped(image, 0.05, 0.05, 0, 0).resize(image.size),
}


@pytest.mark.parametrize("change", CHANGES)
def test_copies_are_grouped_with_their_original(change):
    """Nine of ten copies of each kind share the group of their original."""
    originals = [photo(seed) for seed in range(30)]
    groups = grouped(originals + [CHANGES[change](image) for image in originals])
    assert groups[:30] == list(range(30))
    assert sum(a == b for a, b in zip(groups[:30], groups[30:], strict=True)) >= 27


def test_other_photos_are_not_grouped():
    """Photos that only share their broad colours stay apart."""
    broad = photo(0, cells=3)
    others = [Image.blend(broad, photo(seed), 0.3) for seed in range(1, 60)]
    assert grouped(others) == list(range(59))


def test_a_thing_that_moved_is_no_crop():
    """A small thing on a plain table, a little further on, is another photo."""
    pictures = []
    for shift in (0, 5):
        image = Image.new("RGB", (100, 100), (230, 230, 225))
        image.paste((40, 60, 150), (40 + shift, 45, 52 + shift, 57))
        pictures.append(image)
    assert grouped(pictures) == [0, 1]


def test_flat_pictures_are_the_same_only_in_colour():
    """One-colour pictures go together when their colours nearly agree, and with nothing else."""
    colours = [(200, 30, 30), (30, 30, 200), (201, 31, 30), (30, 200, 30)]
    flat = [saved(Image.new("RGB", (60, 60), colour)) for colour in colours]
    assert grouped([*flat, photo(1)]) == [0, 1, 0, 3, 4]


def test_flat_pictures_do_not_chain():
    """Colours that change step by step do not become one group from black to white."""
    flat = [Image.new("RGB", (40, 40), (grey,) * 3) for grey in range(0, 256, 2)]
    groups = grouped(flat)
    assert max(groups.count(group) for group in groups) <= 4


def test_exact_copies_need_no_comparing(monkeypatch):
    """Thousands of equal photos are one group before anything is compared."""
    monkeypatch.setattr(alignment, "same_photo", None)
    rows = np.repeat(near_duplicates.fingerprint(photo(3))[None], 3000, axis=0)
    assert not near_duplicates.group_similar(rows).any()


def test_plain_backgrounds_stay_cheap(monkeypatch):
    """However many photos share a background, only a few comparisons are made for each."""
    compared = []
    same_photo = alignment.same_photo

    def counted(left, right):
        compared.append(len(left))
        return same_photo(left, right)

    monkeypatch.setattr(alignment, "same_photo", counted)
    groups = near_duplicates.group_similar(dots(600))
    assert sum(compared) <= 600 * near_duplicates._COMPARED
    assert np.bincount(groups).max() <= 600 * 0.05


def test_a_group_goes_by_its_smallest_index():
    """Each photo is told the first of its group, wherever the others lie."""
    first, second = photo(1), photo(2)
    assert grouped([first, second, saved(second, 60), saved(first, 60), first]) == [0, 1, 1, 0, 0]


def test_no_photos_and_a_single_one():
    """Nothing gives nothing, and one photo is its own group."""
    none = np.empty((0, *near_duplicates.FINGERPRINT_SHAPE), np.uint8)
    assert near_duplicates.group_similar(none).shape == (0,)
    assert near_duplicates.group_similar(none).dtype == np.int64
    assert grouped([photo(1)]) == [0]


def test_a_read_only_memory_map_is_accepted(tmp_path):
    """Fingerprints may lie in a file; the result is the same as in memory."""
    rows = np.stack([near_duplicates.fingerprint(photo(seed % 5)) for seed in range(10)])
    np.save(tmp_path / "rows.npy", rows)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert near_duplicates.group_similar(mapped).tolist() == [0, 1, 2, 3, 4] * 2


@pytest.mark.parametrize("size", [(8, 8), (8, 900), (2000, 30), (33, 32)])
def test_fingerprints_have_one_shape(size):
    """Pictures of any shape have a fingerprint of the same shape."""
    row = near_duplicates.fingerprint(Image.new("RGB", size, (10, 20, 30)))
    assert row.shape == near_duplicates.FINGERPRINT_SHAPE
    assert row.dtype == np.uint8
    assert (row == (10, 20, 30)).all()
