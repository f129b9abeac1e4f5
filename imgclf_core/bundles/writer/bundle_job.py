"""The `bundle` jobs: the zip of a packed run, proven, ready to be downloaded.

It lies in `<run>/share/` with `proof.json` beside it. When only names or notes have changed, no
network is loaded, so that job is light.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from imgclf_core.bundles import sharing
from imgclf_core.bundles.sharing import Sharing
from imgclf_core.bundles.writer import bundle, samples, verify
from imgclf_core.bundles.writer.verify import Proven
from imgclf_core.datasets import store
from imgclf_core.errors import DatasetError
from imgclf_core.inference import predictor
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import calibration, run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, file_system

FOLDER = "share"
PROVING = "proving the model"
SECONDS = 12.0  # measured with Keras, on two cores
_FILE, _PROOF_FILE = "model.zip", "proof.json"


@dataclass(frozen=True)
class Shared:
    """A bundle that is there.

    Attributes:
        path: Of the zip.
        proven: What was found of each part; those that failed are not in it.
        stamp: Of what it was made of.
        photos: Whether its samples are photos of the person.
    """

    path: Path
    proven: tuple[Proven, ...]
    stamp: str
    photos: bool


def load(run: Run) -> Shared | None:
    """The bundle of a run, also one that is out of date; None where there is none."""
    folder = run.folder / FOLDER
    value = atomic_files.read_json(folder / _PROOF_FILE)
    if not isinstance(value, dict) or not (folder / _FILE).is_file():
        return None
    proven = tuple(Proven(**one) for one in value["proven"])
    return Shared(folder / _FILE, proven, value["stamp"], value["photos"])


def said(run: Run) -> Sharing:
    """What the person said of the run, or of its photos where nothing was said of it."""
    try:
        return sharing.load(run, *store.notes(run.dataset))
    except DatasetError:
        return sharing.load(run)


def stamp(run: Run) -> str:
    """Changes with anything that the bundle is made of."""
    made_of = [
        asdict(said(run)),
        asdict(calibration.load(run.folder)),
        run.result_stamp,
        run.name,
        run.packed,
    ]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def is_verified(run: Run) -> bool:
    """Tells whether the very model was verified before, so that no network has to be loaded."""
    before = load(run)
    if before is None or not all(one.ok for one in before.proven):
        return False
    return _same_model(run, before)


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Makes the bundle of the run named by `params["run"]` in the folder of the job."""
    record = run_store.load(Path(params["run"]))
    reporter.plan({PROVING: SECONDS})
    reporter.stage(PROVING, len(verify.ARTEFACTS))
    made_of, chosen = stamp(record), said(record)
    before = load(record)
    shown = samples.made(record, predictor.open_run(record), chosen.photos)
    contents = bundle.parts(record, chosen, shown)
    about = bundle.labels(record, chosen, contents)
    known = {one.name: one for one in before.proven} if before else {}
    proven = verify.prove(about, contents, shown, known, reporter)
    for one in proven:
        if not one.ok:
            del contents[one.name]
    file_system.remove(folder / _PROOF_FILE)  # without it the zip does not count
    bundle.write(folder / _FILE, bundle.labels(record, chosen, contents), contents)
    value = {"stamp": made_of, "photos": chosen.photos, "proven": [asdict(o) for o in proven]}
    atomic_files.write_json(folder / _PROOF_FILE, value)
    return {"failed": [one.name for one in proven if not one.ok]}


def _same_model(run: Run, before: Shared) -> bool:
    """Whether the model itself was packed before the bundle was made."""
    model = run.folder / run_store.KERAS_FILE
    same = model.is_file() and model.stat().st_mtime <= before.path.stat().st_mtime
    return same and said(run).photos == before.photos
