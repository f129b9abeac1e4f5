"""Many visitors at once: `python -m tests.benchmarks.twenty_visitors --visitors 20 --minutes 10`

Starts the app as a shared server, and lets visitors come who each have a workspace of their own
and do something about every 15 seconds over a real websocket: they bring in a zip of drawn
photos, look at pages, queue a training (they wait for each other, so that nearly always one of
them trains), have a photo classified, and now and then delete everything of theirs. Between that
their pages refresh what goes on, as in a browser. In the end all leave, and once Streamlit has
forgotten them, after two minutes, the memory is read again.

Options: `--visitors 20`; `--minutes 10`; `--every 15` seconds, each time up to a third sooner or
later; `--photos 24` of each of three classes; `--padding 0`, megabytes that make each zip larger;
`--seed 0`; `--log FILE` keeps what the server says. `--idle 10` measures only the memory with so
many visitors who have brought photos in, looked at every page, and do nothing any more.

Rows of actions, in the order of the alphabet: `a choice`, a box or an option before a button;
`classify`, `delete`, `queue`, `upload`, from the click to the page that follows, without the page
on which it is clicked; `drawn anew`, from its beginning, a page whose job has ended while it was
looked at; `first page` of a newcomer; `look: ...`, a link between pages; `all answers`, those
above together; `bytes sent`, a file on its way to the server; `refresh`, a part of a page that
follows a job. Columns: how many; then median, 99th percentile and worst, in seconds from sending
until the script has finished.

Rows of memory: anonymous and resident memory of the server process alone in MB (Linux; resident
has mapped files, too); threads of it; visitors with an open tab; processes of jobs, which go on
or wait for their turn; and since the row before, the share of looks at which a training or its
packing went on, and seconds of processor that the server took, a second.
`errors` are exceptions, the sentence that stands for one, and answers that did not come;
`refusals` are other red boxes, in which the app says that it cannot do something.
"""

import argparse
import contextlib
import math
import tempfile
import time
from pathlib import Path

import psutil

from imgclf_core.config import SHARED
from imgclf_core.jobs import lanes, locks
from tests.benchmarks.scripted_visitor import PAGES, Tally, Visitor
from tests.benchmarks.streamlit_client import Client
from tests.browser import journey

_SECONDS_UNTIL_FORGOTTEN = 130  # Streamlit keeps a session for two minutes after its tab is gone
_SECONDS_IDLE = 60
_SECONDS_BETWEEN_LOOKS = 1.0
_WORKER = "imgclf_core.job_registry"


class Watch:
    """Rows of memory.

    Args:
        server: The app.
        visitors: All of them, here or not.
    """

    def __init__(self, server: journey.Server, visitors: list[Visitor]):
        self._home, self._visitors = server.home, visitors
        self._process = psutil.Process(server.process.pid)
        self._looks: list[bool] = []
        self._since, self._processor = time.perf_counter(), self._processor_seconds()
        print(
            f"{'when':22} {'anonymous MB':>12} {'resident MB':>11} {'threads':>7} "
            f"{'visitors':>8} {'jobs':>4} {'trains':>7} {'processor':>9}"
        )

    def wait(self, until: float) -> None:
        """Waits until that time by `time.perf_counter` and looks whether somebody trains."""
        lane = self._home / "lanes" / lanes.KERAS
        while (now := time.perf_counter()) < until:
            self._looks.append(any(map(locks.is_locked, lane.glob("*.ticket"))))
            time.sleep(min(_SECONDS_BETWEEN_LOOKS, max(until - now, 0)))

    def row(self, when: str) -> None:
        """Prints one."""
        anonymous, resident = memory_of(self._process.pid)
        here, jobs = sum(visitor.here for visitor in self._visitors), len(workers(self._home))
        trains = sum(self._looks) / max(len(self._looks), 1)
        now, processor = time.perf_counter(), self._processor_seconds()
        busy = (processor - self._processor) / (now - self._since)
        print(
            f"{when:22} {anonymous:12.1f} {resident:11.1f} {self._process.num_threads():7} "
            f"{here:8} {jobs:4} {trains:7.0%} {busy:9.2f}",
            flush=True,
        )
        self._looks, self._since, self._processor = [], now, processor

    def _processor_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def memory_of(process: int) -> tuple[float, float]:
    """Anonymous and resident megabytes of a process (Linux)."""
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in status if line.endswith("kB")}
    anonymous, resident = (int(sizes[name]) / 1024 for name in ("RssAnon", "VmRSS"))
    return anonymous, resident


def workers(home: Path) -> list[psutil.Process]:
    """The processes of jobs that lie in this home."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if _WORKER in words and Path(words[-1]).is_relative_to(home.resolve()):
            found.append(process)
    return found


def end_workers(home: Path) -> None:
    """Kills the jobs of this home with all they have started, until there are none."""
    while living := workers(home):
        for worker in living:
            with contextlib.suppress(psutil.Error):
                for process in [*worker.children(recursive=True), worker]:
                    process.kill()
        psutil.wait_procs(living, timeout=10)


def _busy(watch: Watch, visitors: list[Visitor], minutes: float) -> None:
    """Everybody comes, does this and that, and leaves."""
    watch.row("nobody came yet")
    begun = time.perf_counter()
    end = begun + 60 * minutes
    for visitor in visitors:
        visitor.stay(end)
    for minute in range(1, math.ceil(minutes) + 1):
        watch.wait(min(begun + 60 * minute, end - 1))  # before they leave
        watch.row(f"after {minute} min")
    for visitor in visitors:
        visitor.join()


def _idle(watch: Watch, visitors: list[Visitor], home: Path) -> None:
    """Everybody brings photos in, looks at every page, and does nothing any more."""
    watch.row("nobody came yet")
    for visitor in visitors:
        visitor.come()
    watch.row("everybody connected")
    for visitor in visitors:
        visitor.upload()
        visitor.wait_for_model()
    watch.row("everybody has photos")
    for visitor in visitors:
        visitor.classify()
        for page in PAGES:
            visitor.look(page)
    while workers(home):
        watch.wait(time.perf_counter() + 1)
    watch.row("every page was seen")
    until = time.perf_counter() + _SECONDS_IDLE
    while time.perf_counter() < until:
        for visitor in visitors:
            visitor.rest(0.1)
    watch.row(f"idle for {_SECONDS_IDLE} s")
    for visitor in visitors:
        visitor.leave()


def _afterwards(watch: Watch, url: str) -> None:
    """The memory once all have left, before and after Streamlit forgets them."""
    watch.row("all have left")
    watch.wait(time.perf_counter() + _SECONDS_UNTIL_FORGOTTEN)
    # What has run out goes only when somebody else leaves.
    late = Client(url, lambda kind, seconds: None)
    late.start()
    late.close()
    watch.wait(time.perf_counter() + 3)
    watch.row("forgotten by Streamlit")


def main() -> None:
    """Prints the rows of memory, then those of actions."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=15.0)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--padding", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--idle", type=int, metavar="VISITORS")
    parser.add_argument("--log", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        home = Path(name) / "home"
        server = journey.start_server(home, SHARED, log=options.log)
        tally = Tally()
        try:
            count = options.idle or options.visitors
            visitors = [Visitor(number, server.url, options, tally) for number in range(count)]
            watch = Watch(server, visitors)
            if options.idle:
                _idle(watch, visitors, home)
            else:
                _busy(watch, visitors, options.minutes)
            _afterwards(watch, server.url)
            tally.show()
        finally:
            server.kill()
            end_workers(home)


if __name__ == "__main__":
    main()
