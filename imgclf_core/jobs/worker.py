"""The child process: `python -m imgclf_core.jobs.worker FOLDER`.

It takes the lock of its folder, waits for its lane, calls the function that `KINDS` names and
turns however that ends into the last status. A light job never imports TensorFlow, because
the function is imported only here.
"""

import importlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgclf_core import files
from imgclf_core.errors import ImgclfError, InputError, JobCancelledError, JobStoppedError
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus, Reporter

GAVE_WAY_FILE = "gave_way"

logger = logging.getLogger("imgclf.worker")


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    Attributes:
        lane: Where it waits.
        function: `module:name` of `function(folder, params, reporter) -> dict`, whose result
            becomes `JobStatus.result`.
        gives_way: Whether it is put back once when another job comes to wait for its lane. Its
            function must leave no half file when its process ends at any moment.
        then: Kind of the job that follows in a folder of that name below, if any. It is a
            process of its own, so that the memory of the two never adds up.
    """

    lane: str
    function: str
    then: str | None = None
    gives_way: bool = False


KINDS = {
    "ingest": Kind(queue.LIGHT_LANE, "imgclf_core.data.ingest:run"),
    "first answer": Kind(queue.LIGHT_LANE, "imgclf_core.training.first_answer:run_job"),
    "enough": Kind(queue.LIGHT_LANE, "imgclf_core.training.enough:run"),
    "look": Kind(queue.LIGHT_LANE, "imgclf_core.training.look:run"),
    "take along": Kind(queue.LIGHT_LANE, "imgclf_core.data.portable:run"),
    "train": Kind(queue.KERAS_LANE, "imgclf_core.training.trainer:run_job", then="pack"),
    "pack": Kind(queue.KERAS_LANE, "imgclf_core.export.pack:run", gives_way=True),
}


def main(arguments: list[str]) -> int:
    """Runs the job of one folder; the exit status is 0 where it ended as done."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    folder = Path(arguments[0])
    job = files.read_json(folder / queue.JOB_FILE)
    kind = KINDS[job["kind"]]
    reporter = Reporter(folder)
    with queue.hold(folder):
        state = _perform(kind, folder, job["params"], reporter)
    return 0 if state == events.DONE else 1


def _perform(kind: Kind, folder: Path, params: dict, reporter: Reporter) -> str:
    try:
        with queue.lane(kind.lane, reporter.waiting):
            reporter.start()
            decided = threading.Lock()
            if kind.gives_way and not (folder / GAVE_WAY_FILE).exists():
                arguments = (kind, folder, decided)
                threading.Thread(target=_give_way, args=arguments, daemon=True).start()
            result = _function(kind)(folder, params, reporter)
            decided.acquire()  # from here on it is done, and no longer gives way
        if kind.then:
            # Before this job counts as done, so that whoever waits for it finds the next one.
            queue.submit(folder / kind.then, kind.then, {"run": str(folder)})
        reporter.finish(events.DONE, result=result)
        return events.DONE
    except JobCancelledError as error:
        reporter.finish(events.CANCELLED, message=str(error))
        return events.CANCELLED
    except JobStoppedError as error:
        reporter.finish(events.STOPPED, message=str(error))
        return events.STOPPED
    except InputError as error:
        reporter.finish(events.FAILED, message=str(error), error="input")
    except ImgclfError as error:
        reporter.finish(events.FAILED, message=str(error), error="failed")
    except MemoryError:
        logger.exception("out of memory")
        reporter.finish(
            events.FAILED,
            message="The computer ran out of memory. Try smaller pictures or a smaller batch.",
            error="failed",
        )
    except OSError as error:
        logger.exception("a file operation failed")
        reporter.finish(
            events.FAILED,
            message=f"A file could not be read or written ({error.strerror or error}). "
            "Is the disk full?",
            error="failed",
        )
    except Exception:  # noqa: BLE001 - the outermost frame: a bug is logged and said plainly
        logger.exception("a bug")
        reporter.finish(
            events.FAILED,
            message="Something went wrong inside the program. Your photos are safe; "
            f"the details are in the file {queue.LOG_FILE} of this job.",
            error="bug",
        )
    return events.FAILED


def _give_way(kind: Kind, folder: Path, decided: threading.Lock) -> None:
    """Ends this process and queues the job anew as soon as somebody waits; only once."""
    while not queue.someone_waits(kind.lane):
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    if not decided.acquire(blocking=False):
        return
    logger.info("giving way to a job that waits")
    (folder / GAVE_WAY_FILE).touch()
    events.write_status(folder, JobStatus(created=time.time(), updated=time.time()))
    queue.submit_again(folder)
    os._exit(0)  # nothing to clean up: the next process begins anew


def _function(kind: Kind) -> Callable[[Path, dict, Reporter], dict]:
    module, name = kind.function.split(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
