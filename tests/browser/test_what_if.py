"""What if? in a real browser: painted with the mouse, by keyboard, and taken along."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.browser import journey
from tests.browser.journey import WAIT, press, settle
from tests.conftest import picture, two_classes
from tests.pages.conftest import add_photos, add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def what_if(start, page, tmp_path, monkeypatch) -> Page:
    """The part, opened for one photo."""
    monkeypatch.setenv("IMGCLF_HOME", str(tmp_path / "home"))
    workspace = Workspace(PERSONAL_TOKEN)
    add_photos(workspace, tmp_path, two_classes(14))
    add_run(workspace, "first")
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(f"{start(profile='personal').url}/Classify")
    photo = {"name": "rose.jpg", "mimeType": "image/jpeg", "buffer": picture(90)}
    page.locator("input[type=file]").set_input_files([photo])
    page.get_by_text("Answered in").wait_for(timeout=WAIT)
    settle(page)
    page.get_by_text("What if it looked different?").click()
    expect(page.get_by_text("what does the answer hang on")).to_be_visible(timeout=WAIT)
    settle(page)
    yield page
    journey.no_error(page)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags over the photo, between two places (across, down), shares of its sides."""
    canvas: Locator = page.locator(".canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    (x0, y0), (x1, y1) = (
        (box["x"] + across * box["width"], box["y"] + down * box["height"])
        for across, down in (start, end)
    )
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=5)
    page.mouse.up()
    settle(page)


def taken_along(page: Page, tmp_path) -> np.ndarray:
    """The changed photo, downloaded."""
    with page.expect_download(timeout=WAIT) as download:
        press(page, "Download the changed photo")
    download.value.save_as(tmp_path / "changed.png")
    return np.asarray(Image.open(tmp_path / "changed.png"))


def test_a_place_is_painted_where_it_was_dragged(what_if, tmp_path):
    """Black there and nowhere else; the way of the drag makes no difference."""
    what_if.get_by_text("As a table, and to take along").click()
    settle(what_if)
    before = taken_along(what_if, tmp_path)
    drag(what_if, (0.8, 0.75), (0.4, 0.25))
    expect(what_if.get_by_text("Painting this")).to_be_visible(timeout=WAIT)
    after = taken_along(what_if, tmp_path)
    down, across = (before != after).any(axis=2).nonzero()
    height, width = before.shape[:2]
    found = (down.min() / height, down.max() / height, across.min() / width, across.max() / width)
    assert found == pytest.approx((0.25, 0.75, 0.4, 0.8), abs=0.03)
    assert (after[height // 2, round(0.6 * width)] == 0).all()
    press(what_if, "Undo")
    expect(what_if.get_by_text("what does the answer hang on")).to_be_visible(timeout=WAIT)


def test_all_of_it_is_reached_by_keyboard(what_if):
    """Tool, place and undo, without a mouse."""
    what_if.get_by_role("radio", name="Paint black").focus()
    what_if.keyboard.press("ArrowRight")
    what_if.keyboard.press("Enter")
    settle(what_if)
    what_if.locator("summary", has_text="By numbers, without a mouse").focus()
    what_if.keyboard.press("Enter")
    go = what_if.get_by_role("button", name="Cover, there")
    go.wait_for(timeout=WAIT)
    go.focus()
    what_if.keyboard.press("Enter")
    expect(what_if.get_by_text("Covering this")).to_be_visible(timeout=WAIT)
    what_if.get_by_role("button", name="As it was").focus()
    what_if.keyboard.press("Enter")
    expect(what_if.get_by_text("what does the answer hang on")).to_be_visible(timeout=WAIT)
