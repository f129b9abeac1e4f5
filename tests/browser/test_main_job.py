"""The main job in a real browser, with real training."""

import csv
import io
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser import journey
from tests.conftest import make_zip, picture, two_classes

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_sample_leads_to_a_classified_photo(start, page, tmp_path):
    """From the start page six clicks lead to an answer, and every page can be photographed."""
    server = start()

    journey.walk_sample(page, server.url, tmp_path / "pictures")

    names = {path.stem for path in (tmp_path / "pictures").glob("*.png")}
    assert names == {"home", "data", "train", "evaluate", "classify", "share"}


def test_own_photos_are_trained_classified_and_taken_along(start, page, tmp_path):
    """A zip goes in, a network is trained, new photos are answered, the model comes out."""
    server = start()
    archive = make_zip(tmp_path / "colours [1].zip", two_classes(14))
    page.goto(server.url)
    journey.settle(page)

    page.locator("input[type=file]").first.set_input_files(archive)
    page.get_by_text("28 photos in 2 classes").wait_for(timeout=journey.WAIT)
    journey.press(page, "Train a network")
    journey.settle(page)
    page.get_by_text("Quick", exact=True).click()
    journey.press(page, "Train")
    page.get_by_role("button", name="See the result").wait_for(timeout=3 * journey.WAIT)
    journey.open_step(page, "Classify")
    new = {"name": "sky.jpg", "mimeType": "image/jpeg", "buffer": picture(77, tint=2)}
    other = {"name": "rose.jpg", "mimeType": "image/jpeg", "buffer": picture(78, tint=0)}
    page.locator("input[type=file]").set_input_files([new, other])
    expect(page.get_by_text("blue, with a score of")).to_be_visible(timeout=journey.WAIT)
    expect(page.get_by_text("red, with a score of")).to_be_visible()
    with page.expect_download() as download:
        journey.press(page, "Download the answers")
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))

    assert {row["file"]: row["answer"] for row in rows} == {"sky.jpg": "blue", "rose.jpg": "red"}
    journey.open_step(page, "Share")
    page.get_by_role("button", name="Download the model").wait_for(timeout=3 * journey.WAIT)
    with page.expect_download() as download:
        journey.press(page, "Download the model")
    with zipfile.ZipFile(download.value.path()) as bundle:
        assert {"model.keras", "model.tflite", "labels.json"} <= set(bundle.namelist())
    journey.no_error(page)


def test_what_cannot_be_used_is_said_and_what_was_open_stays(start, page, tmp_path):
    """A zip without photos is refused in a sentence, and the set from before is still there."""
    server = start()
    page.goto(server.url)
    journey.settle(page)
    good = make_zip(tmp_path / "good.zip", two_classes(6))
    page.locator("input[type=file]").first.set_input_files(good)
    page.get_by_text("12 photos in 2 classes").wait_for(timeout=journey.WAIT)
    journey.open_step(page, "imgclf")
    bad = make_zip(tmp_path / "bad.zip", {f"cats/{i}.jpg": b"no photo" for i in range(4)})

    page.locator("input[type=file]").first.set_input_files(bad)

    reason = page.get_by_text("skipped because it is not a picture")
    expect(reason).to_be_visible(timeout=journey.WAIT)
    expect(page.get_by_text("12 photos in 2 classes")).to_be_visible()
