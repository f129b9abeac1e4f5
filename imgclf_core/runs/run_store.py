"""A run on disk: what was trained, on what, how it went and what came out.

<folder>/config.json       settings, classes, data set, weights
<folder>/status.json, events.jsonl     written by the job, see `jobs/events.py`
<folder>/checkpoint/       to go on from, see `runs/checkpoint.py`
<folder>/learnt.npz        what training changed: all arrays, or those of the last layer
<folder>/predictions.npz   scores of every photo of the data set
<folder>/report.json       figures
<folder>/maps.npz          where it looked, of networks that flatten
<folder>/gate.npz          what it was trained on looks like, see `runs/ood_detector.py`
<folder>/model.keras, model.tflite     packed afterwards, see `training/packaging.py`
<folder>/whole.npz         all arrays of a network that is neither shipped nor from scratch
"""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np

from imgclf_core.errors import ModelError
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.runs import checkpoint, ood_detector
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, file_system

CONFIG_FILE, LEARNT_FILE = "config.json", "learnt.npz"
PREDICTIONS_FILE, REPORT_FILE = "predictions.npz", "report.json"
KERAS_FILE, LITERT_FILE = "model.keras", "model.tflite"
MAPS_FILE = "maps.npz"
# Of jobs, inside the run.
PACK_FOLDER, REPORT_FOLDER = "pack", "report"
WHOLE_FILE = "whole.npz"
TEST_OPENED_FILE = "test_opened"


def read_status(folder: Path) -> JobStatus:
    """Returns where the training in a folder stands now; done where no job ever worked there."""
    return queue.read(folder) or JobStatus(state=events.DONE)


def read_packing(folder: Path) -> JobStatus | None:
    """Returns where the packing of a run stands now; None before it began."""
    return queue.read(folder / PACK_FOLDER)


def is_packed(folder: Path) -> bool:
    """Tells whether the downloadable model of a run is there."""
    return (folder / KERAS_FILE).is_file() and (folder / LITERT_FILE).is_file()


def mark_test_opened(run: Run) -> None:
    """Remembers that somebody has looked at the score on the sealed test photos."""
    file_system.touch(run.folder / TEST_OPENED_FILE)


def history(run: Run) -> list[dict[str, Any]]:
    """Reads one record an epoch: epoch, loss, accuracy, val_loss, val_accuracy, seconds, best.

    Where a training went on from a checkpoint, epochs after it were made again.
    """
    records: list[dict[str, Any]] = []
    for event in events.read_events(run.folder):
        if event["kind"] == "fit":
            del records[event["after_epoch"] :]
        elif event["kind"] == "epoch":
            records.append(event)
    return records


def maps(run: Run) -> dict[str, np.ndarray]:
    """Reads activation maps by file of the photo, float16 (h, w); only of networks that flatten."""
    try:
        stored = atomic_files.read_arrays(run.folder / MAPS_FILE)
    except (OSError, ValueError):
        return {}
    return dict(zip(stored["files"].tolist(), stored["maps"], strict=True))


def learnt(run: Run) -> list[np.ndarray]:
    """Reads the arrays that training changed, in the order of `keras.Model.get_weights`.

    Raises:
        ModelError: There are none, or they are damaged.
    """
    try:
        stored = atomic_files.read_arrays(run.folder / LEARNT_FILE)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"The run '{run.name}' has no finished model. Train it to the end first."
        ) from error
    return [stored[f"array_{i:03d}"] for i in range(len(stored))]


def save_learnt(folder: Path, arrays: list[np.ndarray]) -> None:
    """Writes `learnt.npz`."""
    named = {f"array_{i:03d}": array for i, array in enumerate(arrays)}
    atomic_files.write_arrays(folder / LEARNT_FILE, **named)


def forget_result(folder: Path) -> None:
    """Removes the figures, by which a run counts as finished, the downloadable model, the gate."""
    for name in (REPORT_FILE, KERAS_FILE, LITERT_FILE, WHOLE_FILE, ood_detector.FILE):
        file_system.remove(folder / name)


def save_maps(folder: Path, names: list[str], maps: np.ndarray) -> None:
    """Writes `maps.npz`.

    Args:
        folder: Of the run.
        names: Files of N photos.
        maps: float (N, h, w), not negative.
    """
    arrays = {"files": np.array(names), "maps": maps.astype(np.float16)}
    atomic_files.write_arrays(folder / MAPS_FILE, **arrays)


def is_run(folder: Path) -> bool:
    """Whether a run lies in this folder."""
    return (folder / CONFIG_FILE).is_file()


def save(run: Run) -> None:
    """Writes `config.json`."""
    atomic_files.write_json(
        run.folder / CONFIG_FILE,
        {
            "format": 1,
            "name": run.name,
            "created": run.created,
            "dataset": str(run.dataset),
            "dataset_name": run.dataset_name,
            "dataset_version": run.dataset_version,
            "settings": run.settings.to_json(),
            "class_names": list(run.class_names),
            "weights": run.weights,
            "versions": run.versions,
            "note": run.note,
        },
    )


def load(folder: Path) -> Run:
    """Reads a run with all that is known of it at this moment.

    Raises:
        ModelError: There is none in this folder.
    """
    value = atomic_files.read_json(folder / CONFIG_FILE)
    try:
        return Run(
            folder=folder,
            name=value["name"],
            created=value["created"],
            dataset=Path(value["dataset"]),
            dataset_name=value["dataset_name"],
            settings=settings_module.from_json(value["settings"]),
            dataset_version=value["dataset_version"],
            class_names=tuple(value["class_names"]),
            weights=value["weights"],
            versions=value["versions"],
            note=value.get("note", ""),
            **_found(folder),
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"There is no run in '{folder.name}', or it is damaged.") from error


def _found(folder: Path) -> dict[str, Any]:
    """What lies beside the configuration."""
    stamp = _stamp(folder / REPORT_FILE)
    return {
        "status": read_status(folder),
        "packing": read_packing(folder),
        "report": (atomic_files.read_json(folder / REPORT_FILE) or {}) if stamp else {},
        "result_stamp": stamp,
        "packed": is_packed(folder),
        "has_checkpoint": checkpoint.exists(folder),
        "test_opened": (folder / TEST_OPENED_FILE).exists(),
    }


def _stamp(path: Path) -> int:
    """When a file was written, in nanoseconds; 0 where there is none, or it was just deleted."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mtime_ns if path.is_file() else 0
    return 0
