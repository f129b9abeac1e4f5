"""How often a page reads the runs of a workspace from the disk: `python -m
tests.benchmarks.run_reads`

Makes a data set with some finished runs, opens Train and Evaluate in Streamlit's test harness,
runs each page again as a click does, and counts how often each file of a run is opened. Told are
the most and the mean over runs, and the seconds of a page run.

Options: `--runs 5`; `--clicks 5`.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from streamlit.testing.v1 import AppTest

from imgclf_core.config import PERSONAL_TOKEN
from imgclf_core.support import file_system
from imgclf_core.workspaces import auto_start
from imgclf_core.workspaces.workspace import Workspace
from tests.conftest import two_classes
from tests.pages.conftest import PROJECT, add_photos, add_run

FILES = ("config.json", "status.json", "report.json", "events.jsonl", "predictions.npz")
PAGES = {"Train": "pages/2_Train.py", "Evaluate": "pages/3_Evaluate.py"}


def main() -> None:
    """Prints one row a page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[1])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--clicks", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"IMGCLF_HOME": str(Path(folder) / "home"), "IMGCLF_PROFILE": "personal"}
        workspace = Workspace(PERSONAL_TOKEN)
        add_photos(workspace, Path(folder), two_classes(20))
        for number in range(options.runs):
            add_run(workspace, f"run-{number}")
        auto_start.begin_first_answer = lambda *arguments: None  # it would be one run more
        print(f"{'page':9}", *(f"{name:>15}" for name in FILES), f"{'seconds':>9}")
        for name, file in PAGES.items():
            _measure(name, file, options.runs, options.clicks)


def _measure(name: str, file: str, runs: int, clicks: int) -> None:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60).run()
    app.switch_page(file).run()
    opened: Counter[tuple[str, str]] = Counter()

    def count(operation: str, path: Path) -> None:
        if operation == file_system.OPEN and path.parent.parent.name == "runs":
            opened[path.parent.name, path.name] += 1

    seconds = []
    with file_system.observed(count):
        for _ in range(clicks):
            began = time.perf_counter()
            app.run()
            seconds.append(time.perf_counter() - began)
            if app.exception or app.error:
                raise SystemExit(f"{name} cannot be opened: {app.exception or app.error}")
    per_file = []
    for one in FILES:
        counts = [count for (_, file_name), count in opened.items() if file_name == one]
        most, mean = max(counts, default=0) / clicks, sum(counts) / runs / clicks
        per_file.append(f"{most:.0f} ({mean:.1f})")
    print(f"{name:9}", *(f"{one:>15}" for one in per_file), f"{statistics.median(seconds):9.3f}")


if __name__ == "__main__":
    main()
