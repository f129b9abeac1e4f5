"""Makes the pictures of the README again: `python -m tests.browser.pictures`."""

import tempfile
from pathlib import Path

from tests.browser import journey

FOLDER = Path(__file__).parent / "pictures"


def main() -> None:
    """Walks through the app with the built-in sample and photographs every page."""
    with tempfile.TemporaryDirectory() as home:
        server = journey.start_server(Path(home))
        try:
            with journey.browser() as chromium:
                page = chromium.new_page(viewport={"width": 1280, "height": 800})
                journey.walk_sample(page, server.url, FOLDER)
        finally:
            server.kill()
    print(*sorted(path.name for path in FOLDER.glob("*.png")))


if __name__ == "__main__":
    main()
