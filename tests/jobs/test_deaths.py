"""What is said of a job that died or met a full disk."""

import errno
import shutil

import pytest

from imgclf_core import job_registry
from imgclf_core.jobs import events, queue, worker
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "because memory ran out. Try 16 photos at once. What was reached is kept."),
        (137, "because memory ran out. Try 16 photos at once. What was reached is kept."),
        (-11, "crashed (signal 11). Try 16 photos"),
        (-15, "its process ended before the work was done"),
        (1, "its process ended before the work was done"),
        (None, "its process ended before the work was done"),
    ],
)
def test_a_death_without_a_word_is_read_from_the_exit_status(tmp_path, code, words):
    """With what the job advised before."""
    status = JobStatus(state="running", stage="training", advice="Try 16 photos at once.")
    events.write_status(tmp_path, status)
    atomic_files.write_json(tmp_path / queue.EXIT_FILE, {"status": code})
    found = queue.read(tmp_path)
    assert found.state == "interrupted"
    assert words in found.message


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_by_its_name(tmp_path, monkeypatch, number):
    """With what to do next."""

    def full(*arguments):
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(worker, "_function", lambda kind: full)
    state = worker._perform(
        job_registry.DEFINITIONS[JobKind.FIND_OUTLIERS], tmp_path, {}, Reporter(tmp_path)
    )
    assert state == "failed"
    assert events.read_status(tmp_path).message.startswith("The disk is full. Free some space")


def test_another_trouble_with_a_file_is_not_laid_to_the_disk(tmp_path, monkeypatch):
    """It says what the system said."""

    def broken(*arguments):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(worker, "_function", lambda kind: broken)
    worker._perform(
        job_registry.DEFINITIONS[JobKind.FIND_OUTLIERS], tmp_path, {}, Reporter(tmp_path)
    )
    message = events.read_status(tmp_path).message
    assert message.startswith("A file could not be read or written (Input/output error).")


def test_a_disk_too_full_for_last_words_is_still_called_so(tmp_path, monkeypatch):
    """A worker that could not even write its status is told from the disk."""
    events.write_status(tmp_path, JobStatus(state=events.RUNNING, stage="training"))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=0))
    assert queue.read(tmp_path).message.startswith("The disk is full.")
