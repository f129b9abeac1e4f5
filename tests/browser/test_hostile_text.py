"""Hostile names in a real browser: nothing is asked for elsewhere, nothing opens, nothing runs."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.browser import journey
from tests.browser.journey import WAIT, open_step, settle
from tests.conftest import picture
from tests.pages import hostility

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Elements that such a name would have become.
_MADE = "img[src='x'], img[src*='evil'], a[href*='evil'], a[href^='javascript'], [onerror]"


@pytest.fixture
def pages(start, page, tmp_path, monkeypatch) -> Page:
    """The Data page of a workspace full of hostile names."""
    monkeypatch.setenv("IMGCLF_HOME", str(tmp_path / "home"))
    hostility.fill(Workspace(PERSONAL_TOKEN), tmp_path)
    page.set_viewport_size({"width": 1280, "height": 2000})
    page.goto(f"{start(profile='personal').url}/Data")
    page.get_by_text("photos in 1").first.wait_for(timeout=WAIT)
    return page


def test_no_name_reaches_out_or_runs(pages):
    """Over all pages no request leaves for another host, no dialog opens, no such element is."""
    asked, opened, made = [], [], []
    pages.on("request", lambda request: asked.append(request.url))
    pages.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))

    def look() -> None:
        settle(pages)
        made.append(pages.locator(_MADE).count())
        journey.no_error(pages)

    for tab in ("Photos", "Problems", "History"):
        pages.get_by_role("tab", name=tab).click()
        look()
    for step in ("Train", "Evaluate"):
        open_step(pages, step)
        look()
    pages.locator(".js-plotly-plot .nsewdrag").first.hover()  # a name in the box beside the mouse
    for tab in ("For a report", "Compare"):
        pages.get_by_role("tab", name=tab).click()
        look()
    open_step(pages, "Classify")
    names = [f"{one.replace('/', '_')}.jpg" for one in hostility.HOSTILE[:3]]
    pages.locator("input[type=file]").set_input_files(
        [
            {"name": one, "mimeType": "image/jpeg", "buffer": picture(i)}
            for i, one in enumerate(names)
        ]
    )
    pages.get_by_text("with a score of").or_(pages.get_by_text("Not sure.")).first.wait_for(
        timeout=WAIT
    )
    look()
    open_step(pages, "Share")
    look()

    assert asked
    assert {urlsplit(url).hostname for url in asked if url.startswith("http")} == {"localhost"}
    assert not opened
    assert not any(made)
