"""New photos on the Classify page in a real browser: answered, explained, told, taught."""

import pytest
from playwright.sync_api import Page, expect

from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.browser import journey
from tests.browser.journey import WAIT, press, settle
from tests.conftest import picture, two_classes
from tests.pages.conftest import add_photos, add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def classify(start, page, tmp_path, monkeypatch) -> Page:
    """The Classify page with a finished run."""
    monkeypatch.setenv("IMGCLF_HOME", str(tmp_path / "home"))
    workspace = Workspace(PERSONAL_TOKEN)
    add_photos(workspace, tmp_path, two_classes(14))
    add_run(workspace, "first")
    page.set_viewport_size({"width": 1280, "height": 1400})
    page.goto(f"{start(profile='personal').url}/Classify")
    page.get_by_text("New photos").wait_for(timeout=WAIT)
    settle(page)
    yield page
    journey.no_error(page)


def upload(page: Page, *names: str) -> None:
    """Chooses photos, each of another colour."""
    files = [
        {"name": name, "mimeType": "image/jpeg", "buffer": picture(90 + i, tint=2 * (i % 2))}
        for i, name in enumerate(names)
    ]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_text("with a score of").nth(len(names) - 1).wait_for(timeout=WAIT)
    settle(page)


def tell(page: Page, number: int, name: str) -> None:
    """Types what the photo of a card really is, by keyboard alone."""
    box = page.get_by_role("combobox", name="What is it really?").nth(number)
    box.focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    settle(page)


def test_photos_are_explained_and_told_apart(classify):
    """Why, all scores, ticks against what was typed; a second upload keeps the first."""
    upload(classify, "rose.jpg")
    classify.get_by_text("Why?", exact=True).click()
    expect(classify.get_by_text("Training photos most like it")).to_be_visible(timeout=WAIT)
    tell(classify, 0, "red")
    expect(classify.get_by_text("as expected")).to_be_visible(timeout=WAIT)
    upload(classify, "sky.jpg", "sea.jpg")
    expect(classify.get_by_text("All 3 photos")).to_be_visible(timeout=WAIT)
    expect(classify.get_by_text("as expected")).to_be_visible()
    tell(classify, 0, "heron")
    expect(classify.get_by_text("expected heron")).to_be_visible(timeout=WAIT)


def test_corrections_become_a_version_of_the_photos(classify):
    """The job runs beside the page, which then offers to train again."""
    upload(classify, "rose.jpg")
    tell(classify, 0, "heron")
    press(classify, "Add 1 photo to my data set")
    classify.get_by_role("button", name="Train again and see what changed").wait_for(timeout=WAIT)
    dataset = Workspace(PERSONAL_TOKEN).datasets()[0]
    assert dataset.version == 2
    assert dataset.counts[dataset.class_names.index("heron")].tolist() == [1, 0, 0]
