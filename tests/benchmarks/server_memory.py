"""What the server process holds after every page: `python -m tests.benchmarks.server_memory`.

Trains on the built-in sample in a real browser, opens every page, classifies a photo, and reads
the figures of the process that Streamlit runs in from the system (Linux).
"""

import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from tests.browser import journey


def main() -> None:
    """Prints one row a figure."""
    with tempfile.TemporaryDirectory() as home:
        server = journey.start_server(Path(home))
        try:
            started = time.perf_counter()
            urllib.request.urlopen(server.url).read()
            with journey.browser() as chromium:
                page = chromium.new_page()
                opened = time.perf_counter()
                page.goto(server.url)
                page.get_by_role("button", name="Try it with drawn shapes").wait_for()
                first_page = time.perf_counter() - opened
                journey.walk_sample(page, server.url, Path(home) / "pictures")
                for step in ("Data", "Train", "Evaluate", "Classify", "Share"):
                    journey.open_step(page, step)
                    journey.take_picture(page, Path(home) / "pictures" / f"{step}.png")
            process = psutil.Process(server.process.pid)
            maps = process.memory_maps()
            mapped = [m.path for m in maps if "tensorflow" in Path(m.path).name.lower()]
            print(f"resident            {process.memory_info().rss / 2**20:8.0f} MB")
            print(f"anonymous           {sum(m.anonymous for m in maps) / 2**20:8.0f} MB")
            print(f"TensorFlow mapped   {len(mapped):8d} files")
            print(f"HTML of first page  {opened - started:8.2f} s")
            print(f"first page drawn    {first_page:8.2f} s")
        finally:
            server.kill()


if __name__ == "__main__":
    main()
