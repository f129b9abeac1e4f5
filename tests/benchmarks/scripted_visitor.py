"""A visitor with a tab, photos and a plan, and what is measured of many of them."""

import argparse
import contextlib
import io
import random
import threading
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import requests

from imgclf_core.datasets import sample
from tests.benchmarks.streamlit_client import REFRESHED, Client, NoAnswer
from tests.benchmarks.streamlit_page import Missing

_HOME = "**imgclf**"  # what its link says
PAGES = (_HOME, "Data", "Train", "Evaluate", "Classify", "Share")
_DONE_ICON = ":material/check_circle:"
_SENT = "bytes sent"
_NOT_ANSWERS = (_SENT, REFRESHED)
_DELETE = "Delete everything of mine"
# How often what is done by a visitor who has photos and does not wait for anything.
_WEIGHTS = {"look": 10, "classify": 4, "queue": 3, "upload": 1, "delete": 1}
_LONGEST_WAIT = 300.0  # seconds for a model
_KINDS = ("circle", "square", "star")


class Tally:
    """What was measured, by many threads.

    Attributes:
        errors: Texts of exceptions, and of answers that did not come.
        refusals: Texts of other red boxes.
    """

    def __init__(self):
        self.errors: list[str] = []
        self.refusals: list[str] = []
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._alone = threading.Lock()

    def add(self, kind: str, seconds: float) -> None:
        """One answer more."""
        with self._alone:
            self._seconds[kind].append(seconds)

    def show(self) -> None:
        """Prints the rows of actions, and the errors by their text."""
        print(f"\n{'action':16} {'count':>6} {'median s':>9} {'99 % s':>8} {'worst s':>8}")
        answers = {k: self._seconds[k] for k in sorted(self._seconds) if k not in _NOT_ANSWERS}
        together = {"all answers": [one for taken in answers.values() for one in taken]}
        rest = {kind: self._seconds[kind] for kind in _NOT_ANSWERS}
        for kind, taken in (answers | together | rest).items():
            if taken:
                print(
                    f"{kind:16} {len(taken):6} {np.median(taken):9.3f} "
                    f"{np.quantile(taken, 0.99):8.3f} {max(taken):8.3f}"
                )
        for name, texts in (("errors", self.errors), ("refusals", self.refusals)):
            print(f"{name}: {len(texts) or 'none'}")
            for text, count in Counter(texts).most_common():
                print(f"  {count} times: {text}")


class Visitor:
    """Somebody with a tab and photos of their own.

    Args:
        number: Tells visitors and their photos apart.
        url: Of the app.
        options: Of the command.
        tally: Where seconds and errors go.
    """

    def __init__(self, number: int, url: str, options: argparse.Namespace, tally: Tally):
        seed = 1000 * options.seed + number
        self._random = random.Random(seed)
        self._zip, self._photo = draw(seed, options.photos, options.padding)
        self._name, self._url, self._tally = f"photos {number}.zip", url, tally
        self._every, self._until = options.every, 0.0
        self._client: Client | None = None
        self._thread = threading.Thread(target=self._visit, daemon=True)

    @property
    def here(self) -> bool:
        """Whether the tab is open."""
        return self._client is not None

    def stay(self, until: float) -> None:
        """Comes and does something every now and then, in a thread, until that time.

        Args:
            until: By `time.perf_counter`.
        """
        self._until = until
        self._thread.start()

    def join(self) -> None:
        """Waits until the visitor has left."""
        self._thread.join()

    def _visit(self) -> None:
        due = time.perf_counter() + self._random.uniform(0, self._every)
        time.sleep(max(due - time.perf_counter(), 0))
        self._guarded(self.come)
        while self.here and due < self._until:
            due += self._every * self._random.uniform(2 / 3, 4 / 3)
            self._guarded(lambda: self._client.idle(min(due, self._until)))  # noqa: B023 - at once
            if due < self._until:
                self._guarded(self._act)
        self.leave()

    def live(self) -> int:
        """Comes, brings photos in, has one classified, trains and leaves; returns how far it came:
        1 with photos, 2 with a trained network, too."""
        reached = 0

        def everything() -> None:
            nonlocal reached
            self.come()
            self.upload()
            self.wait_for_model()
            reached = 1
            self.classify()
            self._queue()
            self._wait_for_training()
            reached = 2

        self._guarded(everything)
        self.leave()
        return reached

    def look_in(self) -> None:
        """Comes and leaves."""
        self._guarded(self.come)
        self.leave()

    def come(self) -> None:
        """Opens the start page."""
        self._client = Client(self._url, self._tally.add)
        self._tally.add("first page", self._client.start())

    def leave(self) -> None:
        """Closes the tab."""
        if self._client is not None:
            self._client.close()
            self._tally.errors += self._client.bugs
            self._tally.refusals += self._client.refusals
            self._client = None

    def rest(self, seconds: float) -> None:
        """Does nothing; what refreshes itself goes on."""
        self._client.idle(time.perf_counter() + seconds)

    def look(self, page: str) -> None:
        """Follows the link to a page."""
        self._tally.add(f"look: {page.strip('*')}", self._client.open(page))

    def upload(self) -> None:
        """Brings the zip in, as a new data set."""
        self.look(_HOME)
        self._send("upload", "A zip with one folder for each class", self._name, self._zip)

    def wait_for_model(self) -> None:
        """Stays on the Data page until the first answer is there."""
        until = time.perf_counter() + _LONGEST_WAIT
        while not self._done("Evaluate"):
            if time.perf_counter() > until:
                raise NoAnswer(f"No first answer within {_LONGEST_WAIT:.0f} seconds.")
            self.rest(0.5)

    def classify(self) -> None:
        """Has a photo classified, if a model is there."""
        self.look("Classify")
        if self._client.page.has("file_uploader", "New photos"):
            self._send("classify", "New photos", "new.jpg", self._photo)

    def _queue(self) -> None:
        """Starts a short training, which waits for its turn; one of one's own at a time."""
        self.look("Train")
        page = self._client.page
        if page.has("button", "Train") and not page.has("button", "Stop and keep the best"):
            self._tally.add("a choice", self._client.choose("How thorough", "Quick"))
            self._tally.add("queue", self._client.press("Train"))

    def _wait_for_training(self) -> None:
        """Looks at the Train page until a network is there and packed."""
        until = time.perf_counter() + _LONGEST_WAIT
        while not self._done("Share"):
            if time.perf_counter() > until:
                raise NoAnswer(f"No network within {_LONGEST_WAIT:.0f} seconds.")
            self.rest(2.0)
            self.look("Train")

    def _delete(self) -> None:
        self.look(_HOME)
        words = "Yes, delete all my photos, models and results"
        self._tally.add("a choice", self._client.tick(words))
        self._tally.add("delete", self._client.press(_DELETE))

    def _act(self) -> None:
        arriving = self._client.page.has("button", "Cancel")  # stands below photos on their way
        kind = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        if not self._done("Data") and not arriving:
            kind = "upload"
        if kind == "look" or arriving:
            self.look(self._random.choice(PAGES))
            return
        actions = {"upload": self.upload, "classify": self.classify, "queue": self._queue}
        actions.get(kind, self._delete)()

    def _done(self, page: str) -> bool:
        """Whether the sidebar has a tick at this page."""
        return self._client.page.find("page_link", page).value.icon == _DONE_ICON

    def _send(self, kind: str, label: str, name: str, data: bytes) -> None:
        sent, answered = self._client.send_file(label, name, data)
        self._tally.add(_SENT, sent)
        self._tally.add(kind, answered)

    def _guarded(self, what: Callable[[], None]) -> None:
        """Does it, and counts what goes wrong."""
        try:
            what()
        except (NoAnswer, Missing, OSError, requests.RequestException) as error:
            self._tally.errors.append(f"{type(error).__name__}: {error}")


def draw(seed: int, photos: int, padding: float) -> tuple[bytes, bytes]:
    """A zip of class folders, and one photo more.

    Args:
        seed: Of the drawings.
        photos: Of each class.
        padding: Megabytes of bytes that are no photo, to make the zip larger.
    """
    generator, target = np.random.default_rng(seed), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for kind in _KINDS:
            for number in range(photos):
                archive.writestr(f"shapes/{kind}/{number:03d}.jpg", _jpeg(kind, generator))
        if padding:
            archive.writestr("shapes/notes.bin", generator.bytes(int(padding * 2**20)))
    return target.getvalue(), _jpeg(_KINDS[0], generator)


def _jpeg(kind: str, generator: np.random.Generator) -> bytes:
    out = io.BytesIO()
    with contextlib.closing(sample.draw_shape(kind, generator)[0]) as image:
        image.save(out, "JPEG", quality=88)
    return out.getvalue()
