"""Visitors of a shared server, each with names that occur nowhere else, and all they ever got.

A visitor keeps every message and every file that the server sent to the browser, so that the
names of another one can be looked for in all of it, drawn or not.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Response, WebSocket

from tests.browser.journey import WAIT, Server, open_step, press, settle
from tests.conftest import make_zip, picture

PHOTOS_A_CLASS = 8
# The other pages were looked at on the way.
PAGES = ("imgclf", "Data", "Evaluate", "Share")


@dataclass(frozen=True)
class Names:
    """What a visitor calls things; every word of it occurs nowhere else.

    Attributes:
        archive: The zip, without its ending.
        classes: Two of them.
        photo: Of the zip, before a number.
        broken: A file of the zip that is no picture.
        new: The photo that is classified.
        sorted: A photo of the folder that is sorted.
        seed: Of the pictures, which are different ones for each visitor.
    """

    archive: str
    classes: tuple[str, str]
    photo: str
    broken: str
    new: str
    sorted: str
    seed: int

    def words(self) -> tuple[str, ...]:
        """All of them."""
        return (self.archive, *self.classes, self.photo, self.broken, self.new, self.sorted)

    def found_in(self, *data: bytes) -> set[str]:
        """Those that occur, in whatever case, as text of one or of two bytes a letter."""
        lower = [one.lower() for one in data]
        return {
            word
            for word in self.words()
            for coded in (word.encode("utf-8"), word.encode("utf-16-le"))
            if any(coded in one for one in lower)
        }


@dataclass
class Visitor:
    """A person with a browser of their own.

    Attributes:
        names: What theirs are called.
        page: The open page.
        received: Every message of the server, the pages drawn, and files that were fetched.
        media: Addresses of pictures and files that the page loaded.
    """

    names: Names
    page: Page
    received: list[bytes] = field(default_factory=list)
    media: set[str] = field(default_factory=set)

    @property
    def token(self) -> str:
        """The key to the workspace, from the address."""
        return re.search(r"[?&]w=([\w-]+)", self.page.url).group(1)

    @property
    def context(self) -> BrowserContext:
        """The browser profile."""
        return self.page.context

    def _hears(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.received.append(_bytes(frame)))

    def _loads(self, response: Response) -> None:
        if urlsplit(response.url).path.startswith("/media/"):
            self.media.add(response.url)

    def look(self) -> None:
        """Keeps the source of the page as it is drawn now."""
        settle(self.page)
        self.received.append(self.page.content().encode("utf-8"))

    def download(self, button: str) -> None:
        """Keeps a file that is offered, with its name."""
        with self.page.expect_download(timeout=WAIT) as download:
            press(self.page, button)
        self.received.append(download.value.suggested_filename.encode("utf-8"))
        self.received.append(download.value.path().read_bytes())

    def fetch(self, url: str) -> tuple[int, bytes]:
        """Status and body of an address, asked for by this browser."""
        response = self.context.request.get(url)
        return response.status, repr(response.headers).encode("utf-8") + response.body()

    def bring_in(self, url: str, folder: Path) -> None:
        """Uploads the zip."""
        names, tints = self.names, (0, 2)
        entries = {
            f"{name}/{names.photo}-{i}.jpg": picture(names.seed + 99 * tint + i, tint=tint)
            for tint, name in zip(tints, names.classes, strict=True)
            for i in range(PHOTOS_A_CLASS)
        }
        entries[f"{names.classes[0]}/{names.broken}.jpg"] = b"no picture"
        archive = make_zip(folder / f"{names.archive}.zip", entries)
        self.page.goto(url)
        settle(self.page)
        self.page.locator("input[type=file]").first.set_input_files(archive)

    def see_data(self) -> None:
        """Photos, and the receipt with what was not taken."""
        open_step(self.page, "Data")
        for tab in ("Photos", "History"):
            self.page.get_by_role("tab", name=tab, exact=True).click()
            self.look()
        self.download("Download the receipt")

    def train(self) -> None:
        """Begins the quickest training as soon as the photos are in."""
        self.page.get_by_text("photos in 2 classes").first.wait_for(timeout=WAIT)
        open_step(self.page, "Train")
        self.page.get_by_text("Quick", exact=True).click()
        settle(self.page)
        press(self.page, "Train")
        self.page.get_by_role("button", name="Stop and keep the best").wait_for(timeout=WAIT)

    def evaluate(self) -> None:
        """Waits for the end of the training and looks at the result."""
        open_step(self.page, "Train")
        self.page.get_by_role("button", name="See the result").wait_for(timeout=3 * WAIT)
        self.look()
        press(self.page, "See the result")
        self.page.get_by_text("Which were taken for which").wait_for(timeout=WAIT)
        self.look()

    def classify(self) -> None:
        """One new photo, and the table."""
        open_step(self.page, "Classify")
        photo = {"name": f"{self.names.new}.jpg", "mimeType": "image/jpeg", "buffer": picture(7)}
        self.page.locator("input[type=file]").set_input_files([photo])
        self.page.get_by_text("Answered in").wait_for(timeout=WAIT)
        self.look()
        self.download("Download the answers")

    def sort(self, folder: Path) -> None:
        """A zip of two photos."""
        self.page.get_by_text("A whole folder", exact=True).click()
        settle(self.page)
        entries = {f"{self.names.sorted}-{i}.jpg": picture(70 + i) for i in range(2)}
        archive = make_zip(folder / f"{self.names.archive}-sorted.zip", entries)
        self.page.locator("input[type=file]").first.set_input_files(archive)
        self.page.get_by_role("button", name="Download the table").wait_for(timeout=WAIT)
        self.look()
        self.download("Download the table")

    def see_every_page(self) -> None:
        """All pages once more, when everybody has everything."""
        for step in PAGES:
            open_step(self.page, step)
            self.received.append(self.page.content().encode("utf-8"))


def arrive(chromium: Browser, names: Names) -> Visitor:
    """Opens a browser of its own for a visitor."""
    page = chromium.new_context(viewport={"width": 1280, "height": 1400}).new_page()
    visitor = Visitor(names, page)
    page.on("websocket", visitor._hears)
    page.on("response", visitor._loads)
    return visitor


def folder_of(server: Server, visitor: Visitor) -> Path:
    """The workspace of a visitor on the disk."""
    return server.home / "workspaces" / visitor.token


def _bytes(frame: bytes | str) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode("utf-8")
