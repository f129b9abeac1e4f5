"""A run as a value: what was trained, on what, how, and where it stood when it was read.

How it lies on the disk is told in `runs/run_store.py`, which reads it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.runs.settings import TrainingSettings


@dataclass(frozen=True)
class Run:
    """A training, finished or not, as it was when it was read.

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
        status: Where the training stood.
        packing: Where the packing of the downloadable model stood; None before it began.
        report: The figures; empty while there are none.
        result_stamp: Changes when the run has another result, as after training it longer; 0
            while there is none.
        packed: Whether the downloadable model was there.
        has_checkpoint: Whether there was something to go on from.
        test_opened: Whether somebody had looked at its score on the sealed test photos.
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
    status: JobStatus = field(default_factory=lambda: JobStatus(state=events.DONE))
    packing: JobStatus | None = None
    report: dict[str, Any] = field(default_factory=dict)
    result_stamp: int = 0
    packed: bool = False
    has_checkpoint: bool = False
    test_opened: bool = False

    @property
    def id(self) -> str:
        """Name of the folder, by which a workspace finds it."""
        return self.folder.name

    @property
    def finished(self) -> bool:
        """Whether there was a result to inspect."""
        return self.result_stamp != 0

    @property
    def resumable(self) -> bool:
        """Whether it ended before it was done and had a checkpoint to go on from."""
        return self.status.ended and self.status.state != events.DONE and self.has_checkpoint

    @property
    def validation_report(self) -> dict[str, Any]:
        """Figures of the validation photos, or of the training photos where there are none."""
        return self.report.get("validation") or self.report["training"]

    @property
    def fine_tuned(self) -> bool:
        """Whether more than its last layer differs from the pretrained network."""
        return bool(self.report.get("fine_tuning", {}).get("kept"))
