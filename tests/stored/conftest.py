"""Unpacks what an earlier version left, where a test may change it."""

import tarfile
from pathlib import Path

import pytest

_ARCHIVE = Path(__file__).with_name("home-43eba50.tar.xz")
_MADE_AT = "/tmp/imgclf-43eba50"


@pytest.fixture
def earlier(tmp_path, monkeypatch) -> Path:
    """The folder with `home` and `bundle.zip`; the home is the one in use."""
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    for path in tmp_path.rglob("*.json"):
        text = path.read_text("utf-8")
        path.write_text(text.replace(_MADE_AT, tmp_path.as_posix()), "utf-8")
    monkeypatch.setenv("IMGCLF_HOME", str(tmp_path / "home"))
    return tmp_path
