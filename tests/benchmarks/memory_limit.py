"""The whole main job inside a control group with little memory, as on a small shared server.

`python -m tests.benchmarks.memory_limit [ZIP] --limits 1200 900 690`; needs root and Linux. The
server, which is asked for its health all along, and its jobs share one group. Columns: the limit,
what was done, how it ended, seconds, most anonymous memory of the group as sampled, how often the
limit was hit (pages of files are let go of then), and the sentence where it was refused.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from imgclf_core.data import sample
from imgclf_core.export import bundling
from imgclf_core.inference import opening
from imgclf_core.jobs import queue
from imgclf_core.training import presets
from imgclf_core.workspace import Workspace, new_token
from tests.browser.journey import start_server

_ROOT = Path("/sys/fs/cgroup")
_V1 = _ROOT / "memory"
_MEGABYTE = 1024 * 1024


class Group:
    """A control group of version 1 or 2 with a limit."""

    def __init__(self, megabytes: int):
        self._old = _V1.is_dir()
        self.folder = (_V1 if self._old else _ROOT) / f"imgclf-{os.getpid()}-{megabytes}"
        self.folder.mkdir()
        limit = "memory.limit_in_bytes" if self._old else "memory.max"
        (self.folder / limit).write_text(str(megabytes * _MEGABYTE))
        self.peak, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def enter(self) -> None:
        """Puts this process into it, and so all that it starts."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def hits(self) -> int:
        """How often the limit was reached."""
        if self._old:
            return int((self.folder / "memory.failcnt").read_text())
        lines = (self.folder / "memory.events").read_text().split()
        return int(lines[lines.index("max") + 1])

    def close(self) -> None:
        """Removes it; nobody may be inside any more."""
        self._ended.set()
        self._thread.join()
        (self.folder.parent / "cgroup.procs").write_text(str(os.getpid()))
        for _ in range(50):
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                break
            time.sleep(0.1)

    def _look(self) -> None:
        name = "total_rss" if self._old else "anon"
        while not self._ended.wait(0.1):
            for line in (self.folder / "memory.stat").read_text().splitlines():
                key, _, value = line.partition(" ")
                if key == name:
                    self.peak = max(self.peak, int(value))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zip", nargs="?", type=Path)
    parser.add_argument("--limits", nargs="+", type=int, default=[1200, 900, 690])
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        _inside(options.inside, options.zip)
        return
    print("| limit MB | step | ended as | s | anonymous MB | limit hit | said |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        source = options.zip or Path(folder) / "shapes.zip"
        if options.zip is None:
            sample.write_zip(source)
        for limit in options.limits:
            command = [sys.executable, "-m", __spec__.name, str(source), "--inside", str(limit)]
            subprocess.run(command, check=False)


def _inside(limit: int, source: Path) -> None:
    group = Group(limit)
    group.enter()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"IMGCLF_HOME": home, "IMGCLF_PROFILE": "shared"}
        server = start_server(Path(home), "shared")
        alive = Health(server.url)
        try:
            for name, work in _steps(Workspace(new_token()), source):
                _row(limit, name, work, group)
        finally:
            print(f"| {limit} | the server | {alive.words()} | | | | |", flush=True)
            server.process.terminate()
            server.process.wait()
    group.close()


def _row(limit: int, name: str, work: Callable[[], tuple[str, str]], group: Group) -> None:
    group.peak, hits, started = 0, group.hits(), time.monotonic()
    try:
        state, message = work()
    except Exception as error:  # noqa: BLE001 - the table tells of it
        state, message = type(error).__name__, str(error)
    took = time.monotonic() - started
    row = (limit, name, state, f"{took:.0f}", group.peak // _MEGABYTE, group.hits() - hits, message)
    print(f"| {' | '.join(map(str, row))} |", flush=True)


def _steps(mine: Workspace, source: Path):
    """The main job, a step at a time."""

    def ingest():
        folder = mine.new_dataset(source.name)
        mine.bring_in(folder, {"source": str(source), "name": source.name, "profile": "shared"})
        return _ended(folder)

    def first():
        dataset = mine.datasets()[0]
        mine.begin_first_answer(dataset, "shared")
        return _ended(mine.first_answer(dataset).folder)

    def train(model: str, preset: str):
        dataset = mine.datasets()[0]
        chosen = presets.settings(model, len(dataset.photos), preset)
        if preset == presets.THOROUGH:
            chosen = replace(chosen, epochs=10, views=1, fine_tune_epochs=2)
        return _ended(mine.add_run(dataset, chosen, "shared"))

    def pack():
        return _ended(mine.runs()[0].folder / "pack")

    def bundle():
        bundling.begin(mine.runs()[0])
        return _ended(mine.runs()[0].folder / bundling.FOLDER)

    def classify():
        dataset = mine.datasets()[0]
        finished = next(run for run in mine.runs() if run.finished)
        model = opening.open_model(finished.folder)
        answer = model.answer(dataset.read(dataset.photos[0]))
        return "done", f"{model.name}, {answer.scores.max():.2f}"

    yield "bring photos in", ingest
    yield "first answer", first
    yield "classify", classify
    for model, preset in (
        ("scratch_cnn", presets.QUICK), ("mobilenet_v2", presets.QUICK),
        ("mobilenet_v2", presets.THOROUGH),
    ):  # fmt: skip
        yield f"train {model}, {preset}", lambda m=model, p=preset: train(m, p)
        yield "pack", pack
        yield "bundle, proven", bundle
        yield "classify", classify


def _ended(folder: Path) -> tuple[str, str]:
    for _ in range(100):
        if queue.read(folder) is not None:
            break
        time.sleep(0.1)
    status = queue.follow(folder)
    queue.wait_until_free(folder)
    return status.state, status.message


class Health:
    """Asks the server once a second whether it lives."""

    def __init__(self, url: str):
        self._url, self._slowest, self._asked, self._silent = url, 0.0, 0, 0
        threading.Thread(target=self._ask, daemon=True).start()

    def words(self) -> str:
        """What came of it."""
        return (
            f"asked {self._asked} times, silent {self._silent} times, slowest {self._slowest:.2f} s"
        )

    def _ask(self) -> None:
        while True:
            began = time.monotonic()
            try:
                urllib.request.urlopen(f"{self._url}/_stcore/health", timeout=10).read()
            except OSError:
                self._silent += 1
            self._asked += 1
            self._slowest = max(self._slowest, time.monotonic() - began)
            time.sleep(1)


if __name__ == "__main__":
    main()
