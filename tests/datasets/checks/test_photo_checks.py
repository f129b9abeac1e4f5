"""Checks of single photos find what was spoilt on purpose, and nothing else."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.edits import remedies
from tests.conftest import picture


def clear(seed: int, size: tuple[int, int] = (96, 96)) -> Image.Image:
    """A colourful picture with hard edges."""
    tiles = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    image = Image.fromarray(tiles.repeat(12, 0).repeat(12, 1))
    return image.resize((size[1], size[0]), Image.Resampling.NEAREST)


def jpeg(image: Image.Image) -> bytes:
    """Its bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


GOOD = {f"{c}/{i}.jpg": jpeg(clear(1000 * (c == "a") + i)) for c in "ab" for i in range(20)}
SPOILT = {
    "blurred": jpeg(clear(5001).filter(ImageFilter.GaussianBlur(4))),
    "light": jpeg(clear(5002).point(lambda value: value // 12)),
    "small photos": jpeg(clear(5003, (70, 90))),
    "shape": jpeg(clear(5004, (90, 300))),
    "grey": jpeg(clear(5005).convert("L")),
}


def test_good_photos_have_no_problem(make_dataset):
    """Nothing is said where nothing is wrong."""
    assert class_checks.find_problems(make_dataset(GOOD)) == []


@pytest.mark.parametrize("check", SPOILT)
def test_a_spoilt_photo_is_found_and_can_be_left_out(make_dataset, check):
    """It alone is shown, and its remedy makes the problem go away."""
    made = make_dataset({**GOOD, "a/spoilt.jpg": SPOILT[check]})
    (problem,) = class_checks.find_problems(made)
    assert problem.check == check
    assert [made.photos[i].name for i in problem.photos] == ["a/spoilt.jpg"]
    assert problem.sentence.startswith("1 photo ")
    change = problem.remedies[0].apply(made, problem.photos)
    assert change.dataset.left_out[0].reason == problem.title.lower()
    assert class_checks.find_problems(change.dataset) == []


def test_an_overexposed_photo_is_found_but_not_a_drawing(make_dataset):
    """White with a little grey is too bright; black lines on white paper are a drawing."""
    glare = clear(5006).point(lambda value: 235 + value // 13)
    drawing = Image.new("RGB", (96, 96), "white")
    drawing.paste("black", (30, 30, 44, 60))
    drawing.paste("red", (60, 60, 70, 70))
    made = make_dataset({**GOOD, "a/glare.jpg": jpeg(glare), "a/drawing.jpg": jpeg(drawing)})
    # A drawing has little colour, which is another matter.
    found = {
        p.check: [made.photos[i].name for i in p.photos] for p in class_checks.find_problems(made)
    }
    assert found == {"light": ["a/glare.jpg"], "grey": ["a/drawing.jpg"]}


def test_a_set_of_grey_photos_is_no_problem(make_dataset):
    """Grey is odd only among colour."""
    entries = {name: jpeg(clear(i).convert("L")) for i, name in enumerate(GOOD)}
    assert class_checks.find_problems(make_dataset(entries)) == []


def test_several_are_counted_in_the_plural(make_dataset):
    """The sentence fits the number."""
    entries = {f"a/s{i}.jpg": jpeg(clear(6000 + i, (60, 60))) for i in range(50, 53)}
    (problem,) = class_checks.find_problems(make_dataset({**GOOD, **entries}))
    assert problem.sentence.startswith("3 photos have under 80 pixels")


def test_only_ticked_photos_are_left_out(make_dataset):
    """The person decides."""
    entries = {f"a/s{i}.jpg": jpeg(clear(6000 + i, (60, 60))) for i in range(50, 53)}
    made = make_dataset({**GOOD, **entries})
    (problem,) = class_checks.find_problems(made)
    change = problem.remedies[0].apply(made, problem.photos[1:2])
    assert len(change.dataset.left_out) == 1
    assert remedies.bring_back(change.dataset, [0]).dataset.photos == made.photos


def test_blurred_noise_is_not_flagged_in_every_test_picture(make_dataset):
    """The pictures that other tests use are blurred on purpose, and say so here."""
    made = make_dataset(
        {f"{c}/{i}.jpg": picture(40 * i + ord(c), (96, 96)) for c in "ab" for i in range(20)}
    )
    assert {problem.check for problem in class_checks.find_problems(made)} <= {"blurred"}
