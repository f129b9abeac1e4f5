"""Every figure of the Evaluate page opened with the mouse and with the keyboard."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from imgclf_core.analysis import embedding_map
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.datasets import store
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.browser import journey
from tests.browser.journey import WAIT, press, settle
from tests.conftest import picture
from tests.pages.conftest import add_photos, add_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLASSES = 3


@pytest.fixture
def evaluated(start, page, tmp_path, monkeypatch) -> Page:
    """The Evaluate page with a run that errs now and then, a map, and judged labels."""
    monkeypatch.setenv("IMGCLF_HOME", str(tmp_path / "home"))
    workspace = Workspace(PERSONAL_TOKEN)
    entries = {
        f"{side}/class {tint}/{i}.jpg": picture(1000 * tint + i + 500 * (side == "test"), tint=tint)
        for side in ("train", "test")
        for tint in range(CLASSES)
        for i in range(14)
    }
    add_photos(workspace, tmp_path, entries)
    add_run(workspace, "first")
    _err(workspace)
    dataset = workspace.datasets()[0]
    label_job.save(dataset, label_job.compute(dataset))
    files = np.array([photo.file for photo in dataset.photos])
    xy = np.random.default_rng(0).normal(size=(len(files), 2)).astype(np.float32)
    embedding_map.save(dataset, embedding_map.Projection(files, xy))
    page.set_viewport_size({"width": 1440, "height": 1600})
    page.goto(f"{start(profile='personal').url}/Evaluate")
    page.get_by_text("Which were taken for which").wait_for(timeout=WAIT)
    settle(page)
    yield page
    journey.no_error(page)


def _err(workspace: Workspace) -> None:
    """Turns the scores of every fifth photo round."""
    path = workspace.run("first").folder / run_store.PREDICTIONS_FILE
    found = predictions.load(path)
    scores = found.scores.copy()
    scores[::5] = np.roll(scores[::5], 1, axis=1)
    predictions.save(path, Predictions(found.files, found.names, found.labels, found.sides, scores))


def photos(page: Page) -> Locator:
    """Photos of all galleries on the page."""
    return page.get_by_role("option")


def plot(page: Page, number: int) -> dict:
    """Where the drawing of a chart is; the matrix is chart 0."""
    area = page.locator(".js-plotly-plot").nth(number).locator(".nsewdrag").first
    area.hover(timeout=WAIT)  # waits until it stands still, also while the page is drawn anew
    return area.bounding_box()


def click_at(page: Page, number: int, across: float, down: float) -> None:
    """Clicks a chart at shares of its width and height."""
    box = plot(page, number)
    x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
    page.mouse.move(x, y)
    page.wait_for_timeout(200)
    page.mouse.click(x, y)
    settle(page)


def open_tab(page: Page, name: str, closer: str = "") -> None:
    """A tab, and a part of *Look closer*."""
    page.get_by_role("tab", name=name).click()
    settle(page)
    if closer:
        page.get_by_text(closer, exact=True).click()
        settle(page)


def current() -> store.Dataset:
    """The data set as it is now."""
    return Workspace(PERSONAL_TOKEN).datasets()[0]


def test_squares_of_the_matrix_open_their_photos(evaluated):
    """A click, the same click again, and the boxes by keyboard."""
    for true, guess in ((0, 0), (1, 1), (1, 1), (0, 1)):
        click_at(evaluated, 0, (guess + 0.5) / CLASSES, (true + 0.5) / CLASSES)
        words = (
            f"class {true}, guessed right"
            if true == guess
            else (f"class {true}, taken for class {guess}")
        )
        expect(evaluated.get_by_text(words)).to_be_visible(timeout=WAIT)
    box = evaluated.get_by_role("combobox", name=re.compile("True class"))
    box.focus()
    evaluated.keyboard.press("Enter")
    evaluated.keyboard.type("class 2")
    evaluated.keyboard.press("Enter")
    settle(evaluated)
    expect(evaluated.get_by_text("class 2, taken for class 1")).to_be_visible(timeout=WAIT)


def test_a_photo_is_looked_into_and_decided_about_by_keyboard(evaluated):
    """Enter opens, arrows turn pages, a number moves, u takes back, Escape closes."""
    first = photos(evaluated).first
    first.focus()
    evaluated.keyboard.press("Enter")
    dialog = evaluated.get_by_role("dialog")
    expect(dialog.get_by_text("Filed as")).to_be_visible(timeout=WAIT)
    expect(dialog.get_by_text("Training photos most like it")).to_be_visible(timeout=WAIT)
    own = int(re.search(r"Filed as class (\d)", dialog.inner_text()).group(1))
    before = current().counts.sum(axis=1)
    evaluated.keyboard.press(str((own + 1) % CLASSES + 1))
    expect(evaluated.get_by_text("Moved 1 photo to").first).to_be_visible(timeout=WAIT)
    after = current().counts.sum(axis=1)
    assert (after - before)[(own + 1) % CLASSES] == 1
    settle(evaluated)
    evaluated.keyboard.press("u")
    expect(evaluated.get_by_text("Taken back").first).to_be_visible(timeout=WAIT)
    assert current().counts.sum(axis=1).tolist() == before.tolist()
    evaluated.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_several_photos_are_ticked_by_keyboard_and_left_out(evaluated):
    """Space ticks, arrows move, a button leaves out; the cards say so."""
    open_tab(evaluated, "Look closer", "all photos")
    grid = evaluated.get_by_role("listbox").last
    grid.get_by_role("option").first.focus()
    evaluated.keyboard.press(" ")
    evaluated.keyboard.press("ArrowRight")
    evaluated.keyboard.press(" ")
    settle(evaluated)
    expect(evaluated.get_by_role("button", name=re.compile("Leave out 2"))).to_be_visible()
    evaluated.keyboard.press("x")  # a key alone acts on nothing but the photo that is looked into
    settle(evaluated)
    assert len(current().left_out) == 0
    press(evaluated, "Leave out 2")
    expect(evaluated.get_by_text("Left out 2 photos").first).to_be_visible(timeout=WAIT)
    assert len(current().left_out) == 2
    settle(evaluated)
    expect(evaluated.get_by_text("2 photos left out")).to_be_visible(timeout=WAIT)


def test_bars_points_and_bins_open_photos(evaluated):
    """Reliability, a class, a point of a curve, a bar of scores."""
    open_tab(evaluated, "Look closer", "Confidence")
    click_at(evaluated, 1, 0.93, 0.9)
    expect(evaluated.get_by_text("Guessed with 90% to 100%").first).to_be_visible(timeout=WAIT)
    press(evaluated, "See the photos it is not sure of")
    expect(evaluated.get_by_text("Not sure below 0%")).to_be_visible(timeout=WAIT)
    open_tab(evaluated, "For a report")
    click_at(evaluated, 1, 0.05, 0.23)  # recall of the first class
    expect(evaluated.get_by_text("All class 0")).to_be_visible(timeout=WAIT)
    click_at(evaluated, 1, 0.05, 0.43)  # precision of the second
    expect(evaluated.get_by_text("Guessed class 1")).to_be_visible(timeout=WAIT)


def test_a_lasso_on_the_map_opens_what_it_holds(evaluated):
    """All of the map, by mouse; a part of it by its edges."""
    open_tab(evaluated, "Look closer", "Map")
    box = plot(evaluated, 1)
    corners = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.03))
    for i, (across, down) in enumerate(corners):
        x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
        evaluated.mouse.move(x, y, steps=8)
        if i == 0:
            evaluated.mouse.down()
    evaluated.mouse.up()
    settle(evaluated)
    expect(evaluated.get_by_text("On this part of the map")).to_be_visible(timeout=WAIT)
    tests = len(current().indices("test"))
    expect(evaluated.get_by_text(f"{tests} photos").last).to_be_visible()
