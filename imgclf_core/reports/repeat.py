"""How a training is repeated: the hash of its data, and the command that trains it again.

The command begins with the preset or recipe that is nearest to the settings and names what
differs. Settings that no option can express do not occur, see `_can_say`.
"""

import hashlib
import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgclf_core.datasets import split
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import portable
from imgclf_core.datasets.split import TRAINING
from imgclf_core.networks import catalogue, weights
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import safe_text
from imgclf_core.training import presets

_FLAGS = ("flip", "fine_tune")  # with a --no- before them


@dataclass(frozen=True)
class Start:
    """Settings that the command line begins with.

    Attributes:
        words: What it is called, such as `preset quick`.
        options: The options that name it.
        settings: Before anything differs.
    """

    words: str
    options: tuple[str, ...]
    settings: TrainingSettings


@dataclass(frozen=True)
class Source:
    """What to bring in, to train on the same photos.

    Attributes:
        path: For `--data`.
        options: How its folders and names are read.
        sentence: What it is and where to get it.
    """

    path: str
    options: tuple[str, ...]
    sentence: str


def data_hash(everything: Predictions, class_names: tuple[str, ...]) -> str:
    """SHA-256 of what took part, hexadecimal.

    Of the lines `["<SHA-256 of the photo>", "<class>", "<side>"]` as JSON, in UTF-8, sorted and
    joined by line ends. It changes with any photo, label or side, and with nothing else.

    Args:
        everything: Photos of all sides.
        class_names: K names.
    """
    lines = sorted(
        json.dumps([str(file).split(".")[0], class_names[label], str(side)])
        for file, label, side in zip(
            everything.files, everything.labels, everything.sides, strict=True
        )
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def training_photos(dataset: Dataset | None, everything: Predictions) -> int:
    """Photos by which a preset chooses, as the command line counts them."""
    if dataset is not None:
        return int(dataset.counts[:, 0].sum())
    return len(everything.of(TRAINING))


def nearest_start(settings: TrainingSettings, photos: int) -> Start | None:
    """The preset or recipe from which the fewest options lead to the settings; None if none can."""
    able = [start for start in _starts(settings.model, photos) if _can_say(start, settings)]
    return min(
        able,
        key=lambda start: len(settings_module.differences(start.settings, settings)),
        default=None,
    )


def command(run: Run, source: Source, start: Start) -> list[str]:
    """The arguments after `python -m imgclf_core`."""
    out = f"{safe_text.file_name(run.name, 'run')}-again"
    arguments = ["train", "--data", source.path, *source.options, *start.options, "--out", out]
    for name, (_, value) in settings_module.differences(start.settings, run.settings).items():
        arguments += _option(name, value)
    return arguments


def in_shell(arguments: list[str]) -> list[str]:
    """The words of the whole command; joined by blanks they can be pasted into a terminal."""
    return [shlex.quote(word) for word in ("python", "-m", "imgclf_core", *arguments)]


def source(run: Run, dataset: Dataset | None) -> Source:
    """What the command reads: the photos as they came, or the data set as it was taken along."""
    if dataset is None:
        sentence = (
            "The photos were deleted here, so this names what was brought in; labels and sides may "
            "have been changed since. The hash below tells whether you have the same."
        )
        return Source(_path(run.dataset_name), (), sentence)
    if _as_it_came(run, dataset):
        options = _given("--class-from", dataset.class_from)
        options += _given("--object-pattern", dataset.object_pattern)
        return Source(_path(dataset.name), options, "This is the file or folder as it came.")
    sentence = (
        f"This is version {dataset.version} of the photos with their labels and sides, taken "
        "along as one zip: on the Data page, or with 'python -m imgclf_core export'."
    )
    return Source(portable.file_name(dataset), (), sentence)


def shown_value(name: str, value: Any) -> str:
    """A setting as text; of a file of weights the name, not where it lies."""
    if value is None:
        return "auto"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "weights" and value not in weights.CHOICES:
        return _file_of(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _starts(model: str, photos: int) -> list[Start]:
    named = ("--model", model)
    if model == catalogue.FIRST_ANSWER:
        return [Start("first answer", named, presets.settings(model, photos))]
    recipes = [name for name in presets.RECIPES if name != presets.OURS]
    made = [
        Start(f"recipe {name}", ("--recipe", name), presets.recipe(name))
        for name in recipes
        if presets.recipe(name).model == model
    ]
    if model in recipes:
        return made  # its presets are the recipe
    ours = (presets.BALANCED, presets.QUICK, presets.THOROUGH)
    return [
        Start(
            f"preset {preset}",
            (*named, "--preset", preset),
            presets.settings(model, photos, preset),
        )
        for preset in ours
    ] + made


def _can_say(start: Start, settings: TrainingSettings) -> bool:
    """Whether options lead from one to the other: none takes a value back to "let it choose"."""
    differing = settings_module.differences(start.settings, settings)
    back = any(value is None for _, value in differing.values())
    return not back and differing.get("leave_out_small") != (True, False)


def _option(name: str, value: Any) -> list[str]:
    option = name.replace("_", "-")
    if name == "leave_out_small":
        return ["--leave-out-small"]
    if name in _FLAGS:
        return [f"--{option}" if value else f"--no-{option}"]
    if name == "weights" and value not in weights.CHOICES:
        value = _path(_file_of(value))
    return [f"--{option}", str(value)]


def _as_it_came(run: Run, dataset: Dataset) -> bool:
    """Whether the photos, brought in anew with the seed of the run, are divided the same."""
    divided_alike = dataset.divided or (
        dataset.seed == run.settings.seed and dataset.shares == split.SHARES
    )
    told_by_table = not dataset.object_pattern and any(photo.object for photo in dataset.photos)
    return dataset.version == 1 and not dataset.sample and divided_alike and not told_by_table


def _given(option: str, value: str) -> tuple[str, ...]:
    # With an equals sign, for a value may begin with a dash.
    return (f"{option}={value}",) if value else ()


def _path(name: str) -> str:
    """A name of a stranger as a path that is no option."""
    clean = safe_text.clean(name, 200) or "photos.zip"
    return f"./{clean}" if clean.startswith("-") else clean


def _file_of(path: str) -> str:
    """The last part of a path of this or another system."""
    return Path(path.replace("\\", "/")).name or "weights.h5"
