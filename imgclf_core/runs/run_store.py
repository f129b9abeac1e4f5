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

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from imgclf_core.errors import ModelError
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.runs import checkpoint, ood_detector
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files, file_system

CONFIG_FILE, LEARNT_FILE = "config.json", "learnt.npz"
PREDICTIONS_FILE, REPORT_FILE = "predictions.npz", "report.json"
KERAS_FILE, LITERT_FILE = "model.keras", "model.tflite"
MAPS_FILE = "maps.npz"
PACK_FOLDER = "pack"
WHOLE_FILE = "whole.npz"
TEST_OPENED_FILE = "test_opened"


@dataclass(frozen=True)
class Run:
    """A training, finished or not.

    Attributes:
        folder: Where it lies.
        name: For people.
        created: Seconds since 1970.
        dataset: Folder of the data set.
        dataset_name: For people.
        settings: How it was or is trained.
        class_names: K names in the order of the scores; empty until training began.
        weights: `source`, `sha256` and `note` of the pretrained weights; empty for scratch.
        versions: Versions of the libraries it was trained with.
        dataset_version: Version of the data set it was trained on.
        note: What the person should know of how it was trained; empty mostly.
    """

    folder: Path
    name: str
    created: float
    dataset: Path
    dataset_name: str
    settings: TrainingSettings
    class_names: tuple[str, ...] = ()
    weights: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    dataset_version: int = 1
    note: str = ""

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def status(self) -> JobStatus:
        """Where the training stands, read anew at each access."""
        return queue.read(self.folder) or JobStatus(state=events.DONE)

    @property
    def packing(self) -> JobStatus | None:
        """Where the packing of the downloadable model stands; None before it began."""
        return queue.read(self.folder / PACK_FOLDER)

    @property
    def finished(self) -> bool:
        """Whether there is a result to inspect."""
        return (self.folder / REPORT_FILE).is_file()

    @property
    def result_stamp(self) -> int:
        """Changes when the run has another result, as after training it longer; 0 before."""
        report = self.folder / REPORT_FILE
        return report.stat().st_mtime_ns if report.is_file() else 0

    @property
    def resumable(self) -> bool:
        """Whether it ended before it was done and has a checkpoint to go on from."""
        status = self.status
        ended = status.ended and status.state != events.DONE
        return ended and checkpoint.exists(self.folder)

    @property
    def fine_tuned(self) -> bool:
        """Whether more than its last layer differs from the pretrained network."""
        return bool(self.report().get("fine_tuning", {}).get("kept"))

    @property
    def packed(self) -> bool:
        """Whether the downloadable model is there."""
        return (self.folder / KERAS_FILE).is_file() and (self.folder / LITERT_FILE).is_file()

    @property
    def test_opened(self) -> bool:
        """Whether somebody has looked at its score on the sealed test photos."""
        return (self.folder / TEST_OPENED_FILE).exists()

    def open_test(self) -> None:
        """Remembers that somebody has."""
        file_system.touch(self.folder / TEST_OPENED_FILE)

    def history(self) -> list[dict[str, Any]]:
        """One record an epoch: epoch, loss, accuracy, val_loss, val_accuracy, seconds, best.

        Where a training went on from a checkpoint, epochs after it were made again.
        """
        records: list[dict[str, Any]] = []
        for event in events.read_events(self.folder):
            if event["kind"] == "fit":
                del records[event["after_epoch"] :]
            elif event["kind"] == "epoch":
                records.append(event)
        return records

    def report(self) -> dict[str, Any]:
        """The figures; empty while there are none."""
        return atomic_files.read_json(self.folder / REPORT_FILE) or {}

    def maps(self) -> dict[str, np.ndarray]:
        """Activation maps by file of the photo, float16 (h, w); only of networks that flatten."""
        try:
            stored = atomic_files.read_arrays(self.folder / MAPS_FILE)
        except (OSError, ValueError):
            return {}
        return dict(zip(stored["files"].tolist(), stored["maps"], strict=True))

    def learnt(self) -> list[np.ndarray]:
        """The arrays that training changed, in the order of `keras.Model.get_weights`."""
        try:
            stored = atomic_files.read_arrays(self.folder / LEARNT_FILE)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"The run '{self.name}' has no finished model. Train it to the end first."
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
    """Reads a run.

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
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"There is no run in '{folder.name}', or it is damaged.") from error
