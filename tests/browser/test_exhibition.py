"""Visitors in a real browser: one model, and no way to anything else."""

import pytest
from playwright.sync_api import expect

from imgclf_core import config
from tests.browser import journey
from tests.bundles import sealing
from tests.conftest import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_visitors_ask_the_model_and_reach_nothing_else(start, page, tmp_path, monkeypatch):
    """A photo is answered; the address of every other page shows a sentence and no controls."""
    bundle = sealing.write(tmp_path / "model.zip", *sealing.parts())
    monkeypatch.setenv(config.MODEL_VARIABLE, str(bundle))
    server = start()
    page.goto(server.url)
    journey.settle(page)
    expect(page.get_by_role("heading", name="My model")).to_be_visible(timeout=journey.WAIT)
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)

    photo = {"name": "sky.jpg", "mimeType": "image/jpeg", "buffer": picture(77, (300, 400))}
    page.locator("input[type=file]").set_input_files([photo])
    expect(page.get_by_text("sky.jpg", exact=True)).to_be_visible(timeout=journey.WAIT)
    journey.settle(page)
    journey.no_error(page)
    journey.take_picture(page, tmp_path / "exhibition.png")

    for name in ("Data", "Train", "Evaluate", "Classify", "Share"):
        page.goto(f"{server.url}/{name}")
        journey.settle(page)
        expect(page.get_by_text("one finished model")).to_be_visible(timeout=journey.WAIT)
        assert page.get_by_role("button").count() == 0
    page.get_by_role("link", name="Open the model").click()
    expect(page.get_by_role("heading", name="My model")).to_be_visible(timeout=journey.WAIT)
    assert not (server.home / "workspaces").exists()
