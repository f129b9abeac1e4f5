"""What a child process does around the work of its job.

It takes the lock of its folder, waits for its lane, calls the function that is defined for its
kind and turns however that ends into the last status. The program is `job_registry.py`.
"""

import contextlib
import importlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil

from imgclf_core import config
from imgclf_core.errors import JobCancelledError, JobError, JobStoppedError
from imgclf_core.jobs import admission, events, lanes, locks, memory, queue, time_limits
from imgclf_core.jobs.kinds import JobDefinition, JobKind
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files, error_messages, file_system

_MEGABYTE = 1024 * 1024

logger = logging.getLogger("imgclf.worker")


def main(arguments: list[str], definitions: Mapping[JobKind, JobDefinition]) -> int:
    """Does the job of one folder.

    Args:
        arguments: The folder.
        definitions: Of every kind of job.

    Returns:
        The exit status: 0 where the job ended as done, otherwise 1.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    folder = Path(arguments[0])
    job = atomic_files.read_json(folder / queue.JOB_FILE)
    kind = definitions[JobKind(job["kind"])]
    reporter = Reporter(folder)
    memory.offer_as_first_victim()
    with locks.hold(folder):
        threading.Thread(target=_end_with_folder, args=(reporter,), daemon=True).start()
        state = _perform(kind, folder, job["params"], reporter)
    return 0 if state == events.DONE else 1


def _perform(kind: JobDefinition, folder: Path, params: dict, reporter: Reporter) -> str:
    try:
        with lanes.turn(kind.lane, reporter.waiting):
            admission.wait_for_memory(kind.lane, kind.megabytes * _MEGABYTE, reporter)
            reporter.start()
            decided = threading.Lock()
            if kind.gives_way and not (folder / queue.GAVE_WAY_FILE).exists():
                arguments = (kind, folder, decided, reporter)
                threading.Thread(target=_give_way, args=arguments, daemon=True).start()
            bounded = time_limits.watched(folder) if kind.bounded else contextlib.nullcontext()
            with admission.working(kind.lane), _watched(reporter), bounded:
                result = _function(kind)(folder, params, reporter)
            decided.acquire()  # from here on it is done, and no longer gives way
        reporter.raise_if_discarded()  # asked for too late to end it, but not to throw it away
        if kind.then:
            # Before this job counts as done, so that whoever waits for it finds the next one.
            # One that waits for its turn since the last time will do: it begins after this.
            with contextlib.suppress(JobError):
                queue.submit(folder / kind.then, kind.then, {"run": str(folder)}, follows=True)
        reporter.finish(events.DONE, result=result)
        return events.DONE
    except JobCancelledError as error:
        reporter.finish(events.CANCELLED, message=str(error))
        return events.CANCELLED
    except JobStoppedError as error:
        reporter.finish(events.STOPPED, message=str(error))
        return events.STOPPED
    except MemoryError as error:
        logger.error("out of memory: %s", error_messages.way(error))
        reporter.finish(
            events.FAILED, message=reporter.out_of_memory(), error=error_messages.MEMORY
        )
    except Exception as error:  # noqa: BLE001 - the outermost frame: all of it becomes a sentence
        failure = error_messages.of(error)
        # The log lies in the folder of the job, which is of its owner alone.
        error_messages.log(logger, folder.name, error, failure, private=True)
        number = f" Number {failure.number}." if failure.kind == error_messages.BUG else ""
        reporter.finish(events.FAILED, message=failure.sentence + number, error=failure.kind)
    return events.FAILED


@contextlib.contextmanager
def _watched(reporter: Reporter) -> Iterator[None]:
    """Ends the process when it takes too much; its peak is told however the work ends."""
    most = config.visitors_folder(reporter.folder) and config.limits(config.SHARED).job_bytes

    def limit() -> int:
        return min(memory.allowed(), most or sys.maxsize)

    watch = memory.Watch(limit, lambda used: _too_much(used, watch.limit, reporter))
    try:
        with watch:
            yield
    finally:
        reporter.peak_memory = watch.peak


def _too_much(used: int, limit: int, reporter: Reporter) -> None:
    """Ends this process before the system ends another one, the server perhaps."""
    logger.error("used %d MB of memory, may use %d", used // _MEGABYTE, limit // _MEGABYTE)
    with reporter.alone:  # for good: the work goes on meanwhile and would speak after this
        try:
            _end_children()  # nobody else would, and theirs is most of the memory
            reporter.record("memory", used=used, limit=limit)
            reporter.peak_memory = used
            message = reporter.out_of_memory(limit)
            reporter.finish(events.FAILED, message=message, error="memory")
        finally:
            os._exit(3)  # whatever it wrote was written so that no half file is left


def _give_way(
    kind: JobDefinition, folder: Path, decided: threading.Lock, reporter: Reporter
) -> None:
    """Ends this process and queues the job anew as soon as somebody waits; only once."""
    while not lanes.someone_waits(kind.lane):
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    if not decided.acquire(blocking=False):
        return
    logger.info("giving way to a job that waits")
    with reporter.alone:  # for good: the work goes on meanwhile and would speak after this
        file_system.touch(folder / queue.GAVE_WAY_FILE)
        events.write_status(folder, events.asked_now())
        queue.submit_again(folder)
        os._exit(0)  # nothing to clean up: the next process begins anew


def _end_with_folder(reporter: Reporter) -> None:
    """Ends this process, and what it has started, as soon as its folder is to be deleted.

    Whoever deletes waits for it, and Keras alone takes ten seconds to import, in which nothing
    looks at the flag. Nobody will see how far it came.
    """
    while not _to_be_deleted(reporter.folder):
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    with reporter.alone:  # for good: the work goes on meanwhile and would speak after this
        try:
            _end_children()
            reporter.finish(events.CANCELLED, message="Its folder was deleted.")
        finally:
            os._exit(0)


def _to_be_deleted(folder: Path) -> bool:
    try:
        return events.stop_flag(folder) == events.DELETE
    except OSError as error:  # one look that failed must not be the last
        logger.warning("could not look: %s", error_messages.way(error))
        return False


def _end_children() -> None:
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()


def _function(kind: JobDefinition) -> Callable[[Path, dict, Reporter], dict]:
    module, name = kind.function.split(":")
    return getattr(importlib.import_module(module), name)
