"""What opening pages costs a training: `python -m tests.benchmarks.pages_while_training [ZIP]`

A worker trains the scratch CNN in the background; the seconds of its epochs are taken while
nothing else happens, while every page of the app is run in turn over the websocket, one every 3
seconds, and while nothing happens again, which shows how steady the machine is. With `--chromium`
a real browser then does the same, and takes its share of the same cores. The workspace has a
finished run, so that every page has something to show.

Options: `--seconds 60` a condition; `--photos 1000`; `--image-size N`; `--every 3` seconds.

Columns: condition; epochs that lie within it as a whole; seconds from the end of an epoch to the
end of the next, median; slowdown of the median and of the mean, in percent of the first quiet
time; pages driven; seconds a page, median: until the script has finished, or in the browser until
nothing moves any more, which is waited for with 0.9 seconds at least.

The websocket is driven as Streamlit's own client does it: `rerun_script` with the hash of a page,
then messages are read until `script_finished`. Parts that a browser refreshes by itself every few
seconds are refreshed in Chromium only.
"""

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from imgclf_core.config import PERSONAL
from imgclf_core.jobs import events
from imgclf_core.networks import scratch_cnn
from imgclf_core.runs import run_store
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.workspaces import trainings
from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.benchmarks.features_speed import write_photos
from tests.benchmarks.training_memory import end_worker, ingested, wait_for
from tests.browser import journey

_WARM_UP = 3  # epochs that are not counted
_MANY_EPOCHS = 1000
_STEPS = ("Data", "Train", "Evaluate", "Classify", "Share")
_LONGEST_PAGE = 60.0
_STRANGER = "w="  # in the address of whoever is not the owner
_CUT_SHORT = ForwardMsg.FINISHED_EARLY_FOR_RERUN
Drive = Callable[[], float]


class Pages:
    """Runs pages over the websocket, one after the other.

    Args:
        url: Of the server.
    """

    def __init__(self, url: str, connection: ClientConnection):
        self._url, self._connection, self._number = url, connection, 0
        self._hashes: list[str] = []
        self.failures = 0
        self._run("")

    def next(self) -> float:
        """Runs the next page; returns the seconds until its script has finished."""
        self._number += 1
        return self.open(self._number - 1)

    def open(self, number: int) -> float:
        """Runs one page, counted from the start page; returns its seconds."""
        started = time.perf_counter()
        self._run(self._hashes[number % len(self._hashes)])
        return time.perf_counter() - started

    def _run(self, page_hash: str) -> None:
        message = BackMsg()
        message.rerun_script.page_script_hash = page_hash
        message.rerun_script.context_info.url = self._url
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.context_info.locale = "en"
        self._connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._connection.recv(timeout=_LONGEST_PAGE))
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self._hashes = [page.page_script_hash for page in answer.navigation.app_pages]
            elif kind == "page_info_changed" and _STRANGER in answer.page_info_changed.query_string:
                raise RuntimeError("The server shows the empty workspace of a stranger.")
            elif kind == "delta" and answer.delta.new_element.HasField("exception"):
                self.failures += 1
            elif kind == "script_finished" and answer.script_finished != _CUT_SHORT:
                return


@contextlib.contextmanager
def by_websocket(url: str) -> Iterator[Pages]:
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None) as connection:
        pages = Pages(url, connection)
        yield pages
        if pages.failures:
            print(f"{pages.failures} pages showed an exception")


@contextlib.contextmanager
def _chromium(url: str) -> Iterator[Drive]:
    with journey.browser() as chromium:
        page, number = chromium.new_page(), 0
        page.goto(url)
        journey.settle(page)

        def drive() -> float:
            nonlocal number
            started = time.perf_counter()
            journey.open_step(page, _STEPS[number % len(_STEPS)])
            number += 1
            return time.perf_counter() - started

        yield drive


def _drive(drive: Drive | None, seconds: float, every: float) -> list[float]:
    """Seconds of each page, one begun every so often."""
    end, taken = time.monotonic() + seconds, []
    while drive and time.monotonic() < end - every:
        begun = time.monotonic()
        taken.append(drive())
        time.sleep(max(0.0, begun + every - time.monotonic()))
    time.sleep(max(0.0, end - time.monotonic()))
    return taken


def _measure(folder: Path, drive: Drive | None, options) -> tuple[list[float], list[float]]:
    """Seconds of the epochs that lie within the time as a whole, and of the pages."""
    begun = time.time()
    pages = _drive(drive, options.seconds, options.every)
    ended = time.time()
    ends = [one["time"] for one in run_store.history(run_store.load(folder))]
    within = [(one, other) for one, other in pairwise(ends) if begun <= one and other <= ended]
    epochs = [other - one for one, other in within]
    if not epochs:
        raise RuntimeError("No epoch lies within the time. Give more --seconds or fewer --photos.")
    return epochs, pages


def _prepared(photos: Path, options: argparse.Namespace) -> Path:
    """Makes a workspace with a finished run; the folder of a training that has warmed up."""
    own = Workspace(PERSONAL_TOKEN)
    folder = own.new_dataset("photos.zip")
    dataset = ingested(photos, folder)
    own.remember(dataset=dataset.id)
    finished = own.add_run(dataset, TrainingSettings(epochs=5, weights="shipped"), PERSONAL)
    wait_for(
        lambda: run_store.load(finished).packed or _failed(finished / run_store.PACK_FOLDER), 0.5
    )
    settings = TrainingSettings(
        model=scratch_cnn.NAME, epochs=_MANY_EPOCHS, image_size=options.image_size
    )
    folder = own.folder / "runs" / "going-on"
    trainings.start(folder, "Going on", dataset, settings, PERSONAL)
    wait_for(
        lambda: len(run_store.history(run_store.load(folder))) >= _WARM_UP or _failed(folder), 0.2
    )
    return folder


def _failed(folder: Path) -> bool:
    status = events.read_status(folder)
    return status is not None and status.ended


def _print_row(condition: str, epochs, pages, quiet: list[float]) -> None:
    median = statistics.median(epochs)
    slower = [100 * (f(epochs) / f(quiet) - 1) for f in (statistics.median, statistics.mean)]
    page = f"{statistics.median(pages):7.2f}" if pages else f"{'-':>7}"
    print(
        f"{condition:12} {len(epochs):6} {median:9.3f} {slower[0]:9.1f} {slower[1]:9.1f} "
        f"{len(pages):6} {page}",
        flush=True,
    )


def _print_all(folder: Path, url: str, options: argparse.Namespace) -> None:
    own = Workspace(PERSONAL_TOKEN)
    print(
        f"{'condition':12} {'epochs':>6} {'s/epoch':>9} {'median %':>9} {'mean %':>9} "
        f"{'pages':>6} {'s/page':>7}"
    )
    with by_websocket(url) as pages:  # what a page does only once is not in what follows
        for _ in _STEPS:
            pages.next()
    wait_for(lambda: all(run.status.ended or run.folder == folder for run in own.runs()), 0.2)
    quiet, _ = _measure(folder, None, options)
    _print_row("quiet", quiet, [], quiet)
    with by_websocket(url) as pages:
        _print_row("pages", *_measure(folder, pages.next, options), quiet)
    _print_row("quiet again", *_measure(folder, None, options), quiet)
    if options.chromium:
        with _chromium(url) as drive:
            _print_row("Chromium", *_measure(folder, drive, options), quiet)


def main() -> None:
    """Prints a row a condition."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zip", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=3.0)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--image-size", type=int, default=scratch_cnn.DEFAULT_IMAGE_SIZE)
    parser.add_argument("--chromium", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        home = Path(name) / "home"
        os.environ["IMGCLF_HOME"] = str(home)
        photos = write_photos(Path(name) / "photos.zip", options.zip, options.photos)
        training = _prepared(photos, options)
        server = journey.start_server(home, PERSONAL)
        try:
            _print_all(training, server.url, options)
        finally:
            server.kill()
            end_worker(training)


if __name__ == "__main__":
    main()
