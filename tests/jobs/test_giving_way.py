"""A job that gives way is put back once when somebody comes to wait for its lane."""

import subprocess
import sys
import time

from imgclf_core import job_registry
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.support import atomic_files
from tests.conftest import make_zip, two_classes

# A worker whose ingest sleeps and gives way; when it is started anew it is the real one.
_SLEEPER = """
import sys, time
from imgclf_core import job_registry
from imgclf_core.jobs import lanes, worker
from imgclf_core.jobs.kinds import JobDefinition, JobKind

def sleep(folder, params, reporter):
    (folder / "sleeping").touch()
    time.sleep(60)

worker.sleep = sleep
kind = JobDefinition(lanes.LIGHT, "imgclf_core.jobs.worker:sleep", 100, gives_way=True)
job_registry.DEFINITIONS[JobKind.INGEST] = kind
sys.exit(job_registry.main(sys.argv[1:]))
"""


def test_a_patient_job_lets_another_go_first_and_is_done_after_it(tmp_path):
    """The second job does not wait for the first, and the first is done all the same."""
    patient, urgent = tmp_path / "patient", tmp_path / "urgent"
    source = make_zip(tmp_path / "photos.zip", two_classes(3))
    patient.mkdir()
    atomic_files.write_json(
        patient / queue.JOB_FILE, {"kind": "ingest", "params": {"source": str(source)}}
    )
    events.write_status(patient, JobStatus(created=time.time()))
    sleeper = subprocess.Popen([sys.executable, "-c", _SLEEPER, str(patient)])
    for _ in range(200):
        if (patient / "sleeping").exists():
            break
        time.sleep(0.05)

    queue.submit(urgent, JobKind.INGEST, {"source": str(source)})

    assert queue.follow(urgent).state == events.DONE
    assert queue.follow(patient).state == events.DONE
    assert sleeper.wait(timeout=10) == 0
    assert (patient / queue.GAVE_WAY_FILE).exists()
    first, second = events.read_status(urgent), events.read_status(patient)
    assert first.finished <= second.finished


def test_only_packing_gives_way():
    """A training that is going on is never put back."""
    patient = {name for name, kind in job_registry.DEFINITIONS.items() if kind.gives_way}

    assert patient == {"pack"}
