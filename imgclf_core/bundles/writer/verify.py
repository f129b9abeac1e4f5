"""Proof that what is given away answers as the app does: each part tried in a fresh process.

A part that fails, or answers a sample with another score, does not go into the bundle; the
person reads why. What has been proven of the very same bytes is not proven again.
"""

import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclf_core import config
from imgclf_core.bundles.format import (
    DETECTOR_FILE,
    KERAS_FILE,
    LABELS_FILE,
    LITERT_FILE,
    PREDICT_FILE,
    SAMPLES_FOLDER,
    TOLERANCE,
    WEIGHTS_FILE,
)
from imgclf_core.bundles.reader import content, rebuild, sealed
from imgclf_core.bundles.writer import bundle
from imgclf_core.bundles.writer.samples import Sample
from imgclf_core.errors import ImgclfError
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import file_system

ARTEFACTS = (KERAS_FILE, LITERT_FILE, PREDICT_FILE, WEIGHTS_FILE)
_SECONDS = 180.0
_LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class Proven:
    """What became of one part.

    Attributes:
        name: Of the file.
        stamp: Of the bytes that were tried, with the samples.
        difference: Largest difference to the scores of the app; None where it did not answer.
        message: Why it is left out; empty where it is not.
        note: What was not tried, in words; empty where all was.
    """

    name: str
    stamp: str
    difference: float | None
    message: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        return not self.message


def prove(
    about: Mapping,
    contents: Mapping[str, bytes],
    samples: list[Sample],
    known: Mapping[str, Proven],
    reporter: Reporter,
) -> list[Proven]:
    """Tries every part.

    Args:
        about: `labels.json`.
        contents: All other files.
        samples: With the scores of the app.
        known: What was found before, by name.
        reporter: Told of each.
    """
    found: list[Proven] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _extract(place, about, contents)
        for done, name in enumerate(ARTEFACTS, start=1):
            stamp = _stamp(name, about, contents, samples)
            before = known.get(name)
            if before is not None and before.stamp == stamp:
                found.append(before)
            else:
                found.append(_tried(name, stamp, place, about, contents, samples))
            reporter.progress(done)
            reporter.raise_if_stopped()
    return found


def _extract(place: Path, about: Mapping, contents: Mapping[str, bytes]) -> None:
    file_system.make_folder(place / SAMPLES_FOLDER, new=True)
    file_system.write(place / LABELS_FILE, json.dumps(about).encode())
    for name, data in contents.items():
        file_system.write(place / name, data)  # names are our own


def _stamp(name: str, about: Mapping, contents: Mapping, samples: list[Sample]) -> str:
    """Of all that the answers of a part depend on."""
    parts = [contents[name], *(s.data + s.scores.tobytes() for s in samples)]
    if name == PREDICT_FILE:
        parts += [contents[LITERT_FILE], contents.get(DETECTOR_FILE, b"")]
        parts.append(json.dumps([about["class_names"], about["confidence"]]).encode())
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _tried(
    name: str, stamp: str, place: Path, about: Mapping, contents: Mapping, samples: list[Sample]
) -> Proven:
    wanted = np.stack([sample.scores for sample in samples])
    try:
        if name == WEIGHTS_FILE:
            return _rebuilt(stamp, about, contents, samples)
        scores = _predicted(place) if name == PREDICT_FILE else _answered(place, name)
        rows = np.array([scores[sample.name] for sample in samples], dtype=np.float64)
        difference = float(np.abs(rows - wanted).max())
    except (subprocess.SubprocessError, OSError, ValueError, KeyError, ImgclfError) as error:
        return Proven(name, stamp, None, f"It did not answer ({_short(error)}).")
    if difference <= TOLERANCE:
        return Proven(name, stamp, difference)
    return Proven(name, stamp, difference, f"It answers differently, by up to {difference:.2g}.")


def _answered(place: Path, name: str) -> dict[str, list[float]]:
    command = [
        "-m",
        "imgclf_core.bundles.writer.answering",
        str(place / name),
        str(place / SAMPLES_FOLDER),
    ]
    root = Path(__file__).parents[3]  # where the package lies
    return json.loads(_output(command, root).strip().splitlines()[-1])


def _predicted(place: Path) -> dict[str, list[float]]:
    """Runs `predict.py` as somebody else would, and reads its table."""
    table = place / "answers.csv"
    # Isolated: the app cannot be found from there.
    _output(
        ["-I", str(place / PREDICT_FILE), str(place / SAMPLES_FOLDER), "--csv", str(table)], place
    )
    with file_system.open_text(table) as file:
        _, *rows = csv.reader(file)
    return {Path(row[0]).name: [float(cell) for cell in row[3:-2]] for row in rows}


def _output(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it ended without a word"]
        raise ValueError(lines[-1])
    return done.stdout


def _rebuilt(stamp: str, about: Mapping, contents: Mapping, samples: list[Sample]) -> Proven:
    """Takes the bundle in as another machine would; where that needs Keras it is only judged."""
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "bundle.zip", Path(folder) / "model"
        bundle.write(path, about, contents)
        with sealed.opened(path, config.LIMITS[config.PERSONAL]) as opened:
            judged = content.read(opened)
        if rebuild.needs_keras(judged.manifest):
            note = "Judged by shape; built anew when it is imported."
            return Proven(WEIGHTS_FILE, stamp, None, note=note)
        file_system.make_folder(target, new=True)
        rebuild.build(target, judged, Reporter(target))  # compares the samples, or raises
        return Proven(WEIGHTS_FILE, stamp, rebuild.largest_difference(target, judged))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_MESSAGE]
