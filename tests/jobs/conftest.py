"""A small zip for real jobs, and a lane that somebody else holds."""

import contextlib
from pathlib import Path

import pytest

from imgclf_core.jobs import lanes
from tests.conftest import make_zip, two_classes


@pytest.fixture
def photos(tmp_path) -> Path:
    """A small zip."""
    return make_zip(tmp_path / "photos.zip", two_classes(3))


@pytest.fixture
def taken_lane():
    """A light lane that somebody else holds; call the value to let it go."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(lanes.turn(lanes.LIGHT, lambda ahead: None))
        yield stack.close
