"""Runs with answers of our making, and a page taken apart."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.metrics import classification
from imgclf_core.runs import calibration, predictions, run_store
from imgclf_core.runs.calibration import Calibration
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files

_EMPTY = {"meta", "img", "br", "link", "input", "hr"}


@dataclass
class Page(HTMLParser):
    """What a page holds: whether its tags close, what it loads, and its text."""

    source: str
    open_tags: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    loaded: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action"):
                self.loaded.append(value)
            if name.startswith("on"):
                self.handlers.append(name)
            if name == "id":
                self.ids.append(value)
        if tag not in _EMPTY:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.open_tags.pop()

    def handle_endtag(self, tag):
        if not self.open_tags or self.open_tags.pop() != tag:
            self.wrong.append(tag)

    @property
    def text(self) -> str:
        """What is read, without tags and style."""
        body = re.sub(r"<style.*?</style>", "", self.source, flags=re.DOTALL)
        return html.unescape(re.sub(r"<[^>]*>", "", body))


@pytest.fixture
def make_run(tmp_path) -> Callable[..., Run]:
    """Makes a finished run whose answers are random but mostly right."""

    def make(
        class_names: tuple[str, ...] = ("a", "b"),
        each: int = 10,
        dataset: Dataset | None = None,
        photo_names: Callable[[int], str] = "photo {}.jpg".format,
        **changes,
    ) -> Run:
        folder = tmp_path / f"run {len(list(tmp_path.iterdir()))}"
        where = dataset.folder if dataset else tmp_path / "gone"
        run = Run(folder, "A run", 1.7e9, where, "photos.zip", TrainingSettings(), class_names)
        run = replace(run, **changes)
        run_store.save(run)
        answers = _of(dataset) if dataset else _made_up(class_names, each, photo_names)
        predictions.save(folder / run_store.PREDICTIONS_FILE, answers)
        calibration.save(folder, Calibration(temperature=1.3, fitted_on=9, threshold=0.6))
        atomic_files.write_json(folder / run_store.REPORT_FILE, _report(answers, class_names))
        return run_store.load(folder)

    return make


def read(path: Path) -> Page:
    """A page as it was written."""
    return Page(path.read_text("utf-8"))


def _made_up(names: tuple[str, ...], each: int, photo_names) -> Predictions:
    labels = np.repeat(np.arange(len(names)), each)
    sides = np.array(["training", "validation", "test", "test", "training"])
    count = len(labels)
    return Predictions(
        files=np.array([f"{i:064x}.jpg" for i in range(count)]),
        names=np.array([photo_names(i) for i in range(count)]),
        labels=labels,
        sides=sides[np.arange(count) % len(sides)],
        scores=_scores(labels, len(names)),
    )


def _of(dataset: Dataset) -> Predictions:
    return Predictions(
        files=np.array([photo.file for photo in dataset.photos]),
        names=np.array([photo.name for photo in dataset.photos]),
        labels=dataset.labels,
        sides=dataset.sides,
        scores=_scores(dataset.labels, len(dataset.class_names)),
    )


def _scores(labels: np.ndarray, count: int) -> np.ndarray:
    scores = np.random.default_rng(1).random((len(labels), count)) ** 3 + 1e-4
    scores[np.arange(len(labels)), labels] += 0.3
    return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)


def _report(answers: Predictions, names: tuple[str, ...]) -> dict:
    report = {
        side: classification.evaluate(part.labels, part.scores, names).to_json()
        for side in ("training", "validation", "test")
        if len(part := answers.of(side))
    }
    return report | {"epochs_run": 0, "best_epoch": 0, "stopped": "", "seconds": {"total": 1.0}}
