"""How quickly a click on the confusion matrix shows its photos: `python -m
tests.benchmarks.evaluate_page`

Brings in drawn photos of ten classes, half of them test photos, with a run that errs on one in
six, starts the app, and clicks squares of the matrix in Chromium. Told are the seconds from the
click until the photos behind it are on screen, the seconds a rerun of the page takes the server,
and the memory of the page and of all browser processes before and after the clicks.

Options: `--test-photos 2000`; `--clicks 200`; `--classes 10`.
"""

import argparse
import io
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page

from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.ui.evaluate import photos
from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.benchmarks.pages_while_training import by_websocket
from tests.browser import journey
from tests.pages.conftest import add_photos, add_run

_MEGABYTE = 1024 * 1024
_SIDE = 160
_EVALUATE = 3  # the number of the page

# Waits until the grid beside the matrix, which is shorter than that of the mistakes below, shows
# photos of the square. Each grid lies in a shadow root of its own.
_SHOWN = """async ([words, most]) => {
  const begin = performance.now();
  while (performance.now() - begin < 20000) {
    for (const host of document.querySelectorAll('*')) {
      const grid = host.shadowRoot && host.shadowRoot.querySelector('.grid');
      const first = grid && grid.firstElementChild;
      if (!first || grid.children.length > most) continue;
      const lines = [...first.querySelectorAll('.line')].slice(1).map(e => e.textContent);
      const images = [...grid.querySelectorAll('img')];
      const same = lines.length === words.length && words.every((w, i) => lines[i].startsWith(w));
      if (same && images.every(i => i.complete)) {
        await new Promise(requestAnimationFrame);
        return images.length;
      }
    }
    await new Promise(requestAnimationFrame);
  }
  return -1;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--test-photos", type=int, default=2000)
    parser.add_argument("--clicks", type=int, default=200)
    parser.add_argument("--classes", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IMGCLF_HOME"] = str(Path(folder) / "home")
        answers = _prepare(Path(folder), options.test_photos, options.classes)
        server = journey.start_server(Path(folder) / "home", "personal")
        try:
            _server(server.url)
            with journey.browser() as browser:
                page = browser.new_page(viewport={"width": 1440, "height": 1200})
                _clicks(page, server.url, answers, options.clicks, options.classes)
        finally:
            server.kill()


def _prepare(folder: Path, test_photos: int, classes: int) -> Predictions:
    each = test_photos // classes
    entries = {
        f"{side}/class {k:02d}/{i:04d}.jpg": _picture(k, 10_000 * (side == "test") + i)
        for side in ("train", "test")
        for k in range(classes)
        for i in range(each)
    }
    workspace = Workspace(PERSONAL_TOKEN)
    add_photos(workspace, folder, entries)
    add_run(workspace, "first")
    path = workspace.run("first").folder / run_store.PREDICTIONS_FILE
    found = predictions.load(path)
    generator, scores = np.random.default_rng(0), found.scores.copy()
    for i in np.flatnonzero(generator.random(len(scores)) < 1 / 6):
        scores[i] = np.roll(scores[i], generator.integers(1, classes))
    changed = Predictions(found.files, found.names, found.labels, found.sides, scores)
    predictions.save(path, changed)
    return changed.of("test")


def _picture(label: int, seed: int) -> bytes:
    generator = np.random.default_rng(100_000 * label + seed)
    coarse = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    coarse[..., label % 3] = 255 - 20 * label
    image = Image.fromarray(coarse).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _server(url: str) -> None:
    """Seconds of the script behind the page, the first time and then."""
    with by_websocket(url) as pages:
        seconds = [pages.open(_EVALUATE) for _ in range(20)]
    later = seconds[1:]
    print(
        f"server: first {seconds[0]:.3f} s; then median {statistics.median(later):.3f} s, "
        f"longest {max(later):.3f} s, {len(later)} times"
    )


def _clicks(page: Page, url: str, answers: Predictions, clicks: int, classes: int) -> None:
    page.goto(f"{url}/Evaluate")
    journey.settle(page)
    page.wait_for_timeout(2000)
    drag = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    matrix = np.zeros((classes, classes), int)
    np.add.at(matrix, (answers.labels, answers.guesses), 1)
    cells = [(int(r), int(c)) for r, c in np.argwhere(matrix > 0)]
    generator, seconds, shown, last = np.random.default_rng(1), [], [], None
    memory = [_memory(page)]
    for number in range(1, clicks + 1):
        row, column = cells[generator.integers(len(cells))]
        if (row, column) == last:
            row, column = cells[(cells.index(last) + 1) % len(cells)]
        last = (row, column)
        x = drag["x"] + (column + 0.5) * drag["width"] / classes
        y = drag["y"] + (row + 0.5) * drag["height"] / classes
        page.mouse.move(x, y)
        page.wait_for_timeout(120)  # as a person rests on it before the click
        begin = time.perf_counter()
        page.mouse.click(x, y)
        words = [f"guess class {column:02d}"]
        if row != column:
            words.insert(0, f"is class {row:02d}")
        count = page.evaluate(_SHOWN, [words, photos.BESIDE_A_CHART])
        if count < 0:
            print(f"no photos after a click on {row}, {column}")
            continue
        seconds.append(time.perf_counter() - begin)
        shown.append(count)
        page.wait_for_timeout(150)
        if number % max(clicks // 4, 1) == 0:
            memory.append(_memory(page))
    print(
        f"clicks: {len(seconds)}; median {statistics.median(seconds):.3f} s, nine in ten within "
        f"{np.quantile(seconds, 0.9):.3f} s, longest {max(seconds):.3f} s; photos beside the "
        f"matrix {statistics.median(shown):.0f} at the median, at most {max(shown)}"
    )
    for words, which in (("the page's objects", 0), ("all browser processes", 1)):
        quarters = ", ".join(f"{one[which]:.0f}" for one in memory)
        print(f"memory of {words}, at first and after each quarter: {quarters} MB")


def _memory(page: Page) -> tuple[float, float]:
    """Megabytes of the page's objects after a collection, and of all browser processes."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    resident = 0
    for process in psutil.process_iter(["name", "memory_info"]):
        if process.info["name"] in (*journey.CHROMIUM_NAMES, "chrome"):
            resident += process.info["memory_info"].rss
    return metrics["JSHeapUsedSize"] / _MEGABYTE, resident / _MEGABYTE


if __name__ == "__main__":
    main()
