"""A server and a Chromium for the browser tests."""

import os

import pytest

from tests.browser import journey


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium; without one the tests are skipped, but never in CI."""
    if journey.chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and CI must not skip the browser tests.")
        pytest.skip("there is no Chromium on this system")
    with journey.browser() as instance:
        yield instance


@pytest.fixture
def start(tmp_path):
    """Starts servers that end with the test."""
    servers = []

    def start_one(**options) -> journey.Server:
        servers.append(journey.start_server(tmp_path / "home", **options))
        return servers[-1]

    yield start_one
    for server in servers:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture
def page(chromium):
    """A fresh browser window."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()
