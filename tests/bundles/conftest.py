"""A bundle in which nothing lies."""

from pathlib import Path

import pytest

from tests.bundles import sealing


@pytest.fixture(scope="session")
def honest(tmp_path_factory) -> Path:
    """A bundle on the shipped backbone in which nothing lies."""
    return sealing.write(
        tmp_path_factory.mktemp("bundle") / "model.zip", sealing.LABELS, sealing.FILES
    )
