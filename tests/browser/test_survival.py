"""What a refresh, the Back button, a dead server and a dead worker cannot lose."""

import re
import signal
import time
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from imgclf_core.jobs import locks
from imgclf_core.runs import run_store
from tests.browser import journey
from tests.conftest import make_zip, two_classes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STEPS = ("Data", "Train", "Evaluate", "Classify", "Share")


def upload(page, server, tmp_path, count: int = 8) -> None:
    """Brings a small set in."""
    page.goto(server.url)
    journey.settle(page)
    archive = make_zip(tmp_path / "kept.zip", two_classes(count))
    page.locator("input[type=file]").first.set_input_files(archive)
    page.get_by_text(f"{2 * count} photos in 2 classes").wait_for(timeout=journey.WAIT)
    journey.settle(page)


def train_for_long(page, server, tmp_path) -> Path:
    """Brings photos in and starts a training that takes a while; the folder of its run."""
    upload(page, server, tmp_path, count=40)
    journey.press(page, "Train a network")
    journey.settle(page)
    page.get_by_text("Scratch CNN", exact=True).first.click()
    journey.settle(page)
    page.get_by_text("Thorough").first.click()
    journey.settle(page)
    journey.press(page, "Train")
    page.get_by_text("Training · epoch").wait_for(timeout=journey.WAIT)
    (folder,) = trainings(server)
    return folder


def token(page) -> str:
    """The workspace that the address names."""
    return re.search(r"[?&]w=([\w-]+)", page.url).group(1)


def test_a_visitor_keeps_the_workspace(start, page, tmp_path):
    """On a shared server F5, Back, a new tab and many page switches keep one workspace."""
    server = start(profile="shared")
    upload(page, server, tmp_path)
    first = token(page)

    for step in STEPS:
        journey.open_step(page, step)
        assert token(page) == first
        page.reload()
        journey.settle(page)
        expect(page.get_by_text("kept.zip").first).to_be_visible(timeout=journey.WAIT)
        assert token(page) == first
    page.go_back()
    journey.settle(page)
    assert token(page) == first
    for step in (*STEPS, "imgclf"):
        link = page.get_by_test_id("stSidebar").get_by_role("link", name=step, exact=True)
        with page.context.expect_page() as opened:
            link.click(button="middle")
        journey.settle(opened.value)
        assert token(opened.value) == first
        expect(opened.value.get_by_text("kept.zip").first).to_be_visible(timeout=journey.WAIT)
        opened.value.close()
    for number in range(50):
        step = STEPS[number % len(STEPS)]
        page.get_by_test_id("stSidebar").get_by_role("link", name=step, exact=True).click()
        page.wait_for_url(re.compile(f"/{step}"), timeout=journey.WAIT)
    journey.settle(page)
    assert token(page) == first
    assert len(list((server.home / "workspaces").iterdir())) == 1


def test_strangers_do_not_see_each_other(start, chromium, page, tmp_path):
    """A second visitor of a shared server starts with nothing of the first."""
    server = start(profile="shared")
    upload(page, server, tmp_path)

    stranger = chromium.new_context().new_page()
    stranger.goto(server.url)
    journey.settle(stranger)

    assert token(stranger) != token(page)
    expect(stranger.get_by_text("No photos yet")).to_be_visible(timeout=journey.WAIT)
    expect(stranger.get_by_text("kept.zip")).to_have_count(0)
    stranger.context.close()


def test_a_training_outlives_the_server_and_its_own_death_is_told(start, page, tmp_path):
    """The server is killed: the run goes on. The worker is killed: it counts as interrupted."""
    server = start()
    folder = train_for_long(page, server, tmp_path)
    wait_for_epochs(folder, 3)

    server.kill()
    before = epochs(folder)
    again = start(port=int(server.url.rsplit(":", 1)[1]))
    page.goto(f"{again.url}/Train")

    expect(page.get_by_text("Training · epoch")).to_be_visible(timeout=journey.WAIT)
    wait_for_epochs(folder, before + 2)
    kill_worker(folder)
    expect(page.get_by_text("This was interrupted")).to_be_visible(timeout=journey.WAIT)
    expect(page.get_by_text("Right answers")).to_be_visible()
    journey.open_step(page, "Data")
    expect(page.get_by_text("80 photos in 2 classes")).to_be_visible(timeout=journey.WAIT)

    journey.open_step(page, "Train")
    reached = run_store.history(run_store.load(folder))
    journey.press(page, f"Resume after epoch {len(reached)}")
    page.get_by_text("Training · epoch").wait_for(timeout=journey.WAIT)
    wait_for_epochs(folder, epochs(folder) + 1)
    assert run_store.history(run_store.load(folder))[: len(reached)] == reached
    journey.press(page, "Stop and keep the best")
    expect(page.get_by_text("Stopped by you; the best epoch")).to_be_visible(timeout=journey.WAIT)


def test_a_lost_connection_loses_nothing_and_cancel_discards(start, page, tmp_path):
    """Cut off and back, in a second browser too; then cancelled, and nothing is left of it."""
    server = start()
    folder = train_for_long(page, server, tmp_path)
    before = epochs(folder)
    page.context.set_offline(True)
    wait_for_epochs(folder, before + 2)
    page.context.set_offline(False)
    expect(page.get_by_text(re.compile(r"Training · epoch \d+ of"))).not_to_have_text(
        re.compile(f"epoch [0-{before}] of"), timeout=journey.WAIT
    )
    other = page.context.browser.new_context().new_page()
    other.goto(f"{server.url}/Train")
    expect(other.get_by_text("Training · epoch")).to_be_visible(timeout=journey.WAIT)
    other.context.close()

    journey.press(page, "Cancel")
    expect(page.get_by_text("Training · epoch")).to_have_count(0, timeout=journey.WAIT)
    journey.settle(page)
    assert trainings(server) == []


def trainings(server) -> list:
    """Folders of the runs that somebody started, without the first answer."""
    runs = (server.home / "workspaces" / "personal" / "runs").iterdir()
    return [folder for folder in runs if not folder.name.startswith("first-")]


def epochs(folder) -> int:
    """Epochs recorded so far."""
    path = folder / "events.jsonl"
    return path.read_text("utf-8").count('"epoch"') if path.exists() else 0


def wait_for_epochs(folder, count: int) -> None:
    """Waits until that many epochs are recorded."""
    for _ in range(600):
        if epochs(folder) >= count:
            return
        time.sleep(0.2)
    raise TimeoutError(f"{epochs(folder)} epochs, {count} awaited")


def kill_worker(folder) -> None:
    """Kills the worker of a job the hard way."""
    for process in psutil.process_iter(["cmdline"]):
        if str(folder) in (process.info["cmdline"] or []):
            process.send_signal(signal.SIGKILL)
    for _ in range(50):
        if not locks.is_locked(folder / locks.LOCK_FILE):
            return
        time.sleep(0.1)
