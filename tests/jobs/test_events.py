"""What a job says while it works."""

import json

import pytest

from imgclf_core.errors import JobCancelledError, JobStoppedError
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files


class Clock:
    """Seconds that pass when told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def status_of(reporter: Reporter) -> JobStatus:
    """The status as a page would read it."""
    status = events.read_status(reporter.folder)
    assert status is not None
    return status


def test_no_job_has_no_status(tmp_path):
    """Neither an empty folder nor half a file is a status."""
    assert events.read_status(tmp_path) is None
    (tmp_path / events.STATUS_FILE).write_text('{"state": "runn')
    assert events.read_status(tmp_path) is None


def test_a_status_of_a_later_version_is_read(tmp_path):
    """Fields that are not known are left out, missing ones take their default."""
    (tmp_path / events.STATUS_FILE).write_text('{"state": "done", "colour": "blue"}')
    assert events.read_status(tmp_path) == JobStatus(state=events.DONE)


def test_the_stage_is_on_disk_at_once(reporter):
    """A page sees stage and steps as soon as they begin."""
    reporter.start()
    reporter.stage("training", 10)
    status = status_of(reporter)
    assert (status.state, status.stage, status.done, status.total) == (
        "running",
        "training",
        0,
        10,
    )
    assert not status.ended


def test_progress_is_written_when_it_is_due(reporter, monkeypatch):
    """Steps reach the disk, but not each of them."""
    reporter.start()
    reporter.stage("training", 10)
    monkeypatch.setattr("imgclf_core.jobs.reporter.SECONDS_BETWEEN_WRITES", 3600)
    reporter.progress(4)
    assert status_of(reporter).done == 0
    monkeypatch.setattr("imgclf_core.jobs.reporter.SECONDS_BETWEEN_WRITES", 0)
    reporter.progress(5)
    assert status_of(reporter).done == 5


def test_the_share_done_never_goes_back(reporter, monkeypatch):
    """With a plan there is an estimate, and the bar only grows."""
    monkeypatch.setattr("imgclf_core.jobs.reporter.SECONDS_BETWEEN_WRITES", 0)
    reporter.start()
    reporter.plan({"reading": 2.0, "training": 1000.0})
    seen = []
    for stage, steps in (("reading", 3), ("training", 5)):
        reporter.stage(stage, steps)
        for done in range(steps + 1):
            reporter.progress(done)
            seen.append(status_of(reporter).fraction)
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1
    assert status_of(reporter).seconds_left is not None


@pytest.mark.parametrize("state", sorted(events.ENDED))
def test_the_last_status_says_how_it_ended(reporter, state):
    """State, sentence and result are kept; only what is done is wholly done."""
    reporter.start()
    reporter.finish(state, message="So it was.", result={"images": 3})
    status = status_of(reporter)
    assert status.ended
    assert (status.state, status.message, status.result) == (state, "So it was.", {"images": 3})
    assert (status.fraction == 1.0) == (state == events.DONE)
    assert status.seconds_left is None
    assert status.finished >= status.created


def test_events_are_appended_and_read_by_kind(reporter):
    """History is in the order it happened."""
    reporter.start()
    reporter.record("epoch", epoch=1, loss=0.5)
    reporter.stage("testing")
    reporter.record("epoch", epoch=2, loss=0.25)
    assert [e["loss"] for e in events.read_events(reporter.folder, "epoch")] == [0.5, 0.25]
    assert [e["kind"] for e in events.read_events(reporter.folder)] == ["epoch", "stage", "epoch"]


def test_half_a_line_is_left_out(reporter):
    """A crash while writing costs one event."""
    reporter.record("epoch", epoch=1)
    path = reporter.folder / events.EVENTS_FILE
    with open(path, "a") as file:
        file.write('{"kind": "epo')
    assert [e["epoch"] for e in events.read_events(reporter.folder)] == [1]


def test_no_events_are_an_empty_list(tmp_path):
    """A job that has said nothing yet has no history."""
    assert events.read_events(tmp_path) == []


def test_a_number_that_is_none_is_refused(reporter):
    """NaN would make the file unreadable for browsers."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        reporter.record("epoch", loss=float("nan"))
    assert events.read_events(reporter.folder) == []


def test_the_stop_flag_ends_the_job_at_the_next_stage(reporter):
    """A stop is noticed between stages, unless one brings things to safety."""
    (reporter.folder / events.STOP_FILE).touch()
    assert reporter.stop_requested()
    reporter.stage("saving", may_stop=False)
    with pytest.raises(JobStoppedError, match="before there was anything to keep"):
        reporter.stage("training")
    assert status_of(reporter).stage == "saving"


@pytest.mark.parametrize("content", ["", "anything"])
def test_a_stop_keeps_and_a_cancel_discards(reporter, content):
    """A job with something to keep asks for the one and not for the other."""
    flag = reporter.folder / events.STOP_FILE
    reporter.raise_if_stopped()
    flag.write_text(content)
    assert reporter.stop_requested()
    assert not reporter.discard_requested()
    reporter.raise_if_discarded()
    flag.write_text(events.DISCARD)
    assert reporter.stop_requested()
    assert reporter.discard_requested()
    for end in (reporter.raise_if_stopped, reporter.raise_if_discarded):
        with pytest.raises(JobCancelledError, match="Cancelled; nothing was kept."):
            end()


def test_what_to_try_stays_in_the_status(reporter):
    """It is there when the process can no longer say it."""
    reporter.start()
    reporter.advise("Try 32 photos.")
    reporter.stage("training", 10)
    assert status_of(reporter).advice == "Try 32 photos."
    assert reporter.out_of_memory().endswith("Try 32 photos.")


def test_the_rate_leaves_out_what_was_there_already(tmp_path):
    """Measured from half a second on, with a plan or without."""
    clock = Clock()
    reporter = Reporter(tmp_path, clock)
    reporter.start()
    reporter.stage("reading", 1000, already=400)
    assert (status_of(reporter).done, status_of(reporter).rate) == (400, None)
    clock.now += 0.4
    reporter.progress(440)
    assert status_of(reporter).rate is None
    clock.now += 0.6
    reporter.progress(500)
    assert status_of(reporter).rate == pytest.approx(100.0)
    reporter.stage("training", 10)
    assert status_of(reporter).rate is None


def test_time_to_go_is_right_from_a_quarter_on(tmp_path):
    """A graph is built in the first step, another stage follows, and the first was half done."""
    clock = Clock()
    reporter = Reporter(tmp_path, clock)
    reporter.start()
    reporter.plan({"training": 1.0, "testing": 10.0})
    reporter.stage("training", 60, already=20)
    for done in range(21, 60):
        clock.now += 15.0 if done == 21 else 3.0
        reporter.progress(done)
        if done >= 30:
            assert status_of(reporter).seconds_left == pytest.approx(
                3.0 * (60 - done) + 10.0, rel=0.25
            )


def test_a_page_that_reads_delays_a_status_and_loses_none(reporter, monkeypatch):
    """Windows refuses to replace a file that is open; one that can never be written is said."""
    refusals = iter([True, True, False])
    write = atomic_files.write_json

    def refuse(path, value):
        if next(refusals, True):
            raise PermissionError("in use")
        write(path, value)

    monkeypatch.setattr(atomic_files, "write_json", refuse)
    reporter.start()
    assert status_of(reporter).state == events.RUNNING
    with pytest.raises(PermissionError):
        reporter.stage("training")


def test_waiting_is_written_when_it_changes(reporter):
    """A job may wait for hours, and looks five times a second."""
    reporter.waiting(2)
    written = status_of(reporter).updated
    reporter.waiting(2)
    assert status_of(reporter).updated == written
    reporter.waiting(1)
    assert status_of(reporter).updated > written
    assert status_of(reporter).ahead == 1


def test_a_job_may_be_stopped_while_it_waits(reporter):
    """Its place in the queue is shown until then."""
    reporter.waiting(2)
    assert (status_of(reporter).state, status_of(reporter).ahead) == ("queued", 2)
    (reporter.folder / events.STOP_FILE).touch()
    with pytest.raises(JobStoppedError, match="Stopped"):
        reporter.waiting(1)


def test_the_seconds_of_all_stages_are_kept(reporter):
    """Each stage has its time, a stage met twice the sum."""
    reporter.start()
    for stage in ("reading", "training", "reading"):
        reporter.stage(stage)
    reporter.finish(events.DONE)
    assert {"reading", "training"} <= reporter.seconds.keys()
    assert all(seconds >= 0 for seconds in reporter.seconds.values())
    assert json.loads((reporter.folder / events.STATUS_FILE).read_text())["state"] == "done"
