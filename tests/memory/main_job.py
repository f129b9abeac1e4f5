"""The whole main job with little memory: `python -m tests.memory.main_job ZIP LIMIT [--brief]`.

A shared server and its jobs live in one group of that many megabytes, and photos are brought in,
answered, two networks trained, fine-tuned, packed, bundled and proven, one after another. While
that goes on the server is asked for its health. Each line printed is a step in JSON: what, how it
ended, seconds, most anonymous memory, how often the limit was hit, and what was said. `--brief`
leaves out the pretrained network that is not fine-tuned.
"""

import argparse
import json
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from imgclf_core.bundles.writer import bundle_job
from imgclf_core.config import SHARED
from imgclf_core.datasets import photo_files, sample
from imgclf_core.errors import ImgclfError
from imgclf_core.jobs import queue
from imgclf_core.training import presets
from imgclf_core.workspaces import auto_start, job_requests, opening
from imgclf_core.workspaces.workspace import Workspace, new_token
from tests.browser.journey import start_server
from tests.conftest import first_answer
from tests.memory import control_group

_MEGABYTE = 1024 * 1024
_TRAININGS = (
    ("scratch_cnn", presets.QUICK),
    ("mobilenet_v2", presets.QUICK),
    ("mobilenet_v2", presets.THOROUGH),
)

Step = tuple[str, Callable[[], tuple[str, str]]]


class Health:
    """Asks a server twice a second whether it lives."""

    def __init__(self, url: str):
        self._url, self.slowest, self.asked, self.silent = url, 0.0, 0, 0
        threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self) -> None:
        while True:
            began = time.monotonic()
            try:
                urllib.request.urlopen(f"{self._url}/_stcore/health", timeout=10).read()
            except OSError:
                self.silent += 1
            self.asked += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(0.5)


def main() -> None:
    """Enters the group, starts the server and does it all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zip", help="photos, or `drawn`")
    parser.add_argument("limit", type=int)
    parser.add_argument("--brief", action="store_true")
    options = parser.parse_args()
    group = control_group.enter(options.limit)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        source = Path(options.zip)
        if options.zip == "drawn":
            source = Path(folder) / "shapes.zip"
            sample.write_zip(source)
        os.environ |= {"IMGCLF_HOME": str(home), "IMGCLF_PROFILE": SHARED}
        server = start_server(home, SHARED)
        health = Health(server.url)
        try:
            for name, work in steps(Workspace(new_token()), source, options.brief):
                _tell(name, work, group)
        finally:
            lived = server.process.poll() is None and not health.silent
            said = f"asked {health.asked} times, silent {health.silent} times, "
            said += f"slowest {health.slowest:.2f} s"
            _print("the server", "lived" if lived else "died", 0, group, 0, said)
            server.process.terminate()
            server.process.wait()
    group.close()


def steps(mine: Workspace, source: Path, brief: bool) -> Iterator[Step]:
    """The main job, a step at a time; each gives how it ended and what was said."""

    def ingest():
        folder = mine.new_dataset(source.name)
        mine.bring_in(folder, {"source": str(source), "name": source.name, "profile": SHARED})
        return _ended(folder)

    def first():
        dataset = mine.datasets()[0]
        auto_start.begin_first_answer(mine, dataset, SHARED)
        return _ended(first_answer(mine, dataset).folder)

    def train(model: str, preset: str):
        dataset = mine.datasets()[0]
        chosen = presets.settings(model, len(dataset.photos), preset)
        if preset == presets.THOROUGH:
            chosen = replace(chosen, epochs=10, views=1, fine_tune_epochs=2)
        elif brief:
            chosen = replace(chosen, epochs=3)
        return _ended(mine.add_run(dataset, chosen, SHARED))

    def pack():
        return _ended(mine.runs()[0].folder / "pack")

    def bundle():
        job_requests.bundle(mine.runs()[0])
        return _ended(mine.runs()[0].folder / bundle_job.FOLDER)

    def classify():
        dataset = mine.datasets()[0]
        finished = next(
            run for run in [*mine.runs(), first_answer(mine, dataset)] if run and run.finished
        )
        model = opening.open_model(finished.folder)
        answer = model.answer(photo_files.read_photo(dataset, dataset.photos[0]))
        return "done", f"{model.name}, {answer.scores.max():.2f}"

    yield "bring photos in", ingest
    yield "first answer", first
    yield "classify", classify
    for model, preset in _TRAININGS:
        if brief and (model, preset) == _TRAININGS[1]:
            continue
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


def _tell(name: str, work: Callable[[], tuple[str, str]], group: control_group.Watched) -> None:
    group.peak, hits, started = 0, group.hits(), time.monotonic()
    try:
        state, said = work()
    except (ImgclfError, OSError, AttributeError, IndexError) as error:
        state, said = type(error).__name__, str(error)
    _print(name, state, time.monotonic() - started, group, group.hits() - hits, said)


def _print(name: str, state: str, seconds: float, group, hits: int, said: str) -> None:
    row = {
        "step": name,
        "state": state,
        "seconds": round(seconds, 1),
        "said": said,
        "hits": hits,
        "megabytes": group.peak // _MEGABYTE,
        "limited": group.limited,
    }
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
