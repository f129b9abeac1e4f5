"""One function over all files of a source, in threads and in processes alike."""

import os
import warnings
import zipfile
from pathlib import Path

import pytest

from imgclf_core.archives import sources
from imgclf_core.archives.sources import Member
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.datasets import store
from imgclf_core.datasets.ingest import ingestion, reading
from imgclf_core.errors import ImageError, JobError
from tests.conftest import picture

LIMIT = LIMITS[PERSONAL]

# Python 3.12 warns of a fork beside other threads, which pytest has and the worker has not.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def content(member: Member, addition: str) -> str:
    """What a file holds, and something more."""
    return member.read().decode() + addition


def refuse(member: Member) -> str:
    """Cannot be done for one of the files."""
    if member.name == "b/7.txt":
        raise ImageError("it is a seven")
    return member.name


def die(member: Member) -> None:
    """Ends the process, as the system does when memory runs out."""
    os._exit(9)


@pytest.fixture
def source(tmp_path) -> Path:
    """A zip of a hundred files, two of which have the same name."""
    path = tmp_path / "a.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")
        for i in range(100):
            file.writestr(f"b/{i % 99}.txt", str(i))
    return path


@pytest.fixture(params=["threads", "processes"])
def way(request, monkeypatch) -> str:
    """Both ways, whatever the number of files and cores."""
    fewest = 1 if request.param == "processes" else 10**9
    monkeypatch.setattr(reading, "_FEWEST_FOR_PROCESSES", fewest)
    monkeypatch.setattr(reading, "_cores", lambda: 2)
    return request.param


def mapped(function, arguments: tuple, path: Path) -> list:
    """All results of a source."""
    with sources.open_source(path, LIMIT) as opened:
        parts = reading.map_members(function, arguments, path, opened.members, LIMIT)
        return [result for part in parts for result in part]


def test_every_file_is_read_once_and_in_order(way, source):
    """Also those that share a name."""
    with sources.open_source(source, LIMIT) as opened:
        expected = [member.read().decode() + "!" for member in opened.members]
    assert mapped(content, ("!",), source) == expected
    assert sorted(expected) == sorted(f"{i}!" for i in range(100))


def test_an_error_comes_out(way, source):
    """And nothing hangs."""
    with pytest.raises(ImageError, match="a seven"):
        mapped(refuse, (), source)


def test_a_process_that_dies_is_said(source, monkeypatch):
    """With what to do, in place of waiting for ever."""
    monkeypatch.setattr(reading, "_FEWEST_FOR_PROCESSES", 1)
    monkeypatch.setattr(reading, "_cores", lambda: 2)
    with pytest.raises(JobError, match="for lack of memory"):
        mapped(die, (), source)


def test_both_ways_make_the_same_data_set(tmp_path, reporter, monkeypatch):
    """Photos, fingerprints, receipt and split do not depend on the number of processes."""
    entries = {f"{c}/{i}.jpg": picture(100 * ord(c) + i) for c in "ab" for i in range(12)}
    entries["a/broken.jpg"] = b"x"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name, data in entries.items():
            file.writestr(name, data)
    made = []
    for fewest in (1, 10**9):
        monkeypatch.setattr(reading, "_FEWEST_FOR_PROCESSES", fewest)
        folder = tmp_path / f"set-{fewest}"
        ingestion.run(folder, {"source": str(tmp_path / "a.zip")}, reporter)
        made.append(store.load(folder))
    assert made[0].photos == made[1].photos
    assert made[0].receipt == made[1].receipt
