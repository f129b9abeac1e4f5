"""A real server and a real Chromium, and the steps a person takes in them.

Used by the browser tests and by `pictures.py`, which makes the pictures of the README.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# No background traffic, and a sandbox only where the system has one for us.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 60_000  # milliseconds; a busy machine is slow, a broken page never comes


@dataclass
class Server:
    """A running app.

    Attributes:
        url: Of the start page, without a slash at the end.
        home: Its `IMGCLF_HOME`.
        process: Of Streamlit.
    """

    url: str
    home: Path
    process: subprocess.Popen

    def kill(self) -> None:
        """Ends the server at once, as a crash would; its jobs live on."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def chromium() -> str | None:
    """Path of the system's Chromium."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def start_server(
    home: Path,
    profile: str | None = None,
    port: int | None = None,
    log: Path | None = None,
    program: Sequence[str] = ("-m", "streamlit"),
) -> Server:
    """Starts the app as the README says and waits until it answers.

    Args:
        home: Its `IMGCLF_HOME`.
        profile: `personal` or `shared`; None lets the app find out.
        port: None takes one that is free.
        log: What it says goes into this file; None throws it away.
        program: What Python runs; takes the arguments of `streamlit`.
    """
    port = port or free_port()
    environment = {**os.environ, "IMGCLF_HOME": str(home)}
    environment.pop("IMGCLF_PROFILE", None)
    if profile:
        environment["IMGCLF_PROFILE"] = profile
    with open(log or os.devnull, "ab") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                *program,
                "run",
                "app.py",
                "--server.port",
                str(port),
                "--server.headless",
                "true",
            ],
            cwd=PROJECT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    url = f"http://localhost:{port}"
    for _ in range(240):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health"):
            return Server(url, home, process)
        time.sleep(0.25)
    process.kill()
    raise TimeoutError(f"The app did not start on port {port}.")


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(
            executable_path=chromium(), args=CHROMIUM_OPTIONS, chromium_sandbox=False
        )
        yield instance
        instance.close()


def settle(page: Page) -> None:
    """Waits until the script behind the page has run to its end and nothing moves."""
    page.wait_for_timeout(400)
    status = page.get_by_test_id("stStatusWidget")
    expect(status).to_have_count(0, timeout=WAIT)
    page.wait_for_timeout(500)


def press(page: Page, name: str) -> None:
    """Clicks a button by its words."""
    button = page.get_by_role("button", name=name, exact=True)
    button.wait_for(timeout=WAIT)
    button.click()


def open_step(page: Page, name: str) -> None:
    """Follows a link of the sidebar, which is folded on narrow screens."""
    link = page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
    if not link.is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
    link.click()
    settle(page)


def no_error(page: Page) -> None:
    """Fails where the page shows an error or a traceback."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something went wrong")).to_have_count(0)


def take_picture(page: Page, path: Path) -> None:
    """A picture of the whole page; Streamlit scrolls inside, so the window grows first."""
    size = page.viewport_size
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(max(height, 700), 3000)})
    page.mouse.move(2, 2)
    page.wait_for_timeout(900)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.set_viewport_size(size)


def walk_sample(page: Page, url: str, pictures: Path) -> None:
    """The guided run: from the sample to a classified photo in six clicks, then Share."""
    page.goto(url)
    settle(page)
    take_picture(page, pictures / "home.png")
    press(page, "Try it with drawn shapes")
    page.get_by_role("button", name="Train a network").wait_for(timeout=WAIT)
    settle(page)
    take_picture(page, pictures / "data.png")
    press(page, "Train a network")
    settle(page)
    press(page, "Train")
    page.get_by_role("button", name="See the result").wait_for(timeout=3 * WAIT)
    settle(page)
    take_picture(page, pictures / "train.png")
    press(page, "See the result")
    settle(page)
    take_picture(page, pictures / "evaluate.png")
    press(page, "Classify new photos")
    settle(page)
    press(page, "Try a test photo")
    page.get_by_text("Answered in").wait_for(timeout=WAIT)  # it may be a photo it is not sure of
    settle(page)
    take_picture(page, pictures / "classify.png")
    open_step(page, "Share")
    page.get_by_role("button", name="Download the model").wait_for(timeout=3 * WAIT)
    settle(page)
    take_picture(page, pictures / "share.png")
    no_error(page)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
