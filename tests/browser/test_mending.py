"""Every remedy in a real browser, on photos with faults put in on purpose, and taken back."""

import re

import pytest
from PIL import ImageFilter
from playwright.sync_api import Page, expect

from tests.browser import journey
from tests.browser.journey import WAIT, press, settle
from tests.conftest import make_zip, picture
from tests.datasets.checks.test_photo_checks import clear, jpeg

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def faulty() -> dict[str, bytes]:
    """Four classes with one fault of each kind."""
    entries = {f"bird/{i}.jpg": jpeg(clear(i)) for i in range(30)}
    entries |= {f"Fish/{i}.jpg": jpeg(clear(100 + i)) for i in range(6)}
    entries |= {f"fish/{i}.jpg": jpeg(clear(200 + i)) for i in range(8)}
    entries |= {"cow/1.jpg": jpeg(clear(300))}
    entries |= {"bird/copy.jpg": entries["bird/3.jpg"], "fish/stray.jpg": entries["bird/4.jpg"]}
    entries |= {"bird/soft.jpg": jpeg(clear(400).filter(ImageFilter.GaussianBlur(4)))}
    entries |= {"bird/night.jpg": jpeg(clear(401).point(lambda value: value // 12))}
    entries |= {"bird/tiny.jpg": jpeg(clear(402, (60, 60)))}
    entries |= {"bird/long.jpg": jpeg(clear(403, (90, 300)))}
    return entries | {"bird/grey.jpg": jpeg(clear(404).convert("L")), "bird/bad.jpg": b"x"}


@pytest.fixture
def mending(start, page, tmp_path) -> Page:
    """The Data page with these photos."""
    page.goto(start().url)
    settle(page)
    source = make_zip(tmp_path / "faulty.zip", faulty())
    page.locator("input[type=file]").first.set_input_files(source)
    page.get_by_role("button", name="Train a network").wait_for(timeout=WAIT)
    settle(page)
    yield page
    journey.no_error(page)


def open_tab(page: Page, name: str) -> None:
    """Brings a tab to the front."""
    page.get_by_role("tab", name=name).click()
    settle(page)


def headline(page: Page) -> str:
    """Such as `52 photos in 4 classes`."""
    return page.get_by_text(re.compile(r"photos in \d+ class")).first.inner_text().split(".")[0]


REMEDIES = [
    "Leave 'cow' out",
    "Leave out: all 2",
    "Sample down",
    "Show rare classes more often",
    "Leave it as it is",
    "Merge 'Fish' into 'fish'",
    "Keep one of each: all 2",
]


def test_every_remedy_is_done_and_undone(mending):
    """Each button changes the photos, and one click brings back exactly what was there."""
    page = mending
    open_tab(page, "Problems")
    before = headline(page)
    labels = page.get_by_role("button", name=re.compile(r"^(Leave|Keep|Merge|Sample|Show|Divide)"))
    offered = [label.split("\n")[-1] for label in labels.all_inner_texts()]  # after the icon
    assert set(REMEDIES) <= set(offered)
    for number in range(len(offered)):
        labels.nth(number).click()
        page.get_by_text("You can undo it").wait_for(timeout=WAIT)
        settle(page)
        press(page, "Undo")
        page.get_by_text("Taken back").wait_for(timeout=WAIT)
        settle(page)
        assert headline(page) == before
        assert len(labels.all()) == len(offered)


def test_photos_move_to_a_new_class_that_is_then_renamed(mending):
    """Names are typed; the photos are found under them."""
    page = mending
    open_tab(page, "Photos")
    page.get_by_role("option").first.click()
    settle(page)
    box = page.get_by_role("combobox", name="Move to")
    box.fill("unicorn")
    box.press("Enter")
    settle(page)
    press(page, "Move 1 photo")
    page.get_by_text("to 'unicorn'").first.wait_for(timeout=WAIT)
    assert headline(page).endswith("5 classes")
    chooser = page.get_by_role("combobox", name="Class")
    chooser.fill("unicorn")
    chooser.press("Enter")
    settle(page)
    press(page, "Change this class")
    new_name = page.get_by_role("combobox", name="New name")
    new_name.fill("narwhal")
    new_name.press("Enter")
    settle(page)
    press(page, "Rename")
    page.get_by_text("Renamed 'unicorn' to 'narwhal'").first.wait_for(timeout=WAIT)


def test_loose_photos_begin_a_data_set_of_their_own(start, page):
    """A class is named, two photos are chosen, and the gallery says what is missing."""
    page.goto(start().url)
    settle(page)
    page.get_by_text("Other ways").click()
    settle(page)
    box = page.get_by_role("combobox", name="Class")
    box.fill("otter")
    box.press("Enter")
    settle(page)
    files = [{"name": f"{i}.jpg", "mimeType": "image/jpeg", "buffer": picture(i)} for i in range(2)]
    page.locator("input[type=file]").last.set_input_files(files)
    settle(page)
    press(page, "Add 2 photos")
    page.get_by_text("2 photos in 1 class").wait_for(timeout=WAIT)
    expect(page.get_by_text("Only one class").first).to_be_visible()
    journey.no_error(page)


def test_a_folder_is_uploaded_with_its_class_folders(start, page, tmp_path):
    """The directory uploader hands over names with folders; system files are not counted."""
    for name, data in {
        **{f"set/red/{i}.jpg": picture(i, tint=0) for i in range(4)},
        **{f"set/blue/{i}.jpg": picture(50 + i, tint=2) for i in range(4)},
        "set/.DS_Store": b"x",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    page.goto(start().url)
    settle(page)
    page.locator("input[type=file][webkitdirectory]").set_input_files(tmp_path / "set")
    page.get_by_text("8 photos in 2 classes").wait_for(timeout=WAIT)
    journey.no_error(page)
