"""Our scratch CNN beside a published recipe: `python -m tests.benchmarks.scratch_against_recipe`

    python -m tests.benchmarks.scratch_against_recipe [ZIP...] [--recipe scene_network] [--photos N]

Brings the photos in once and trains both on that data set, one after the other, each by
`python -m imgclf_core train` in a process of its own and in an empty home: the recipe as it was
published (`--recipe`, see `training/presets.py`) and `--model scratch_cnn` with the settings that
the app chooses for so many photos. `--epochs N` cuts both short, for a trial only; `--seed N`.

Columns: set of photos; photos; network; side of the photos in pixels; epochs run; best epoch, by
the loss on the validation side; seconds from the start of the process, with all imports, until
the report is there (packing comes after); photos/s, training photos of an epoch by its median
time, which has validation in it; validation and test accuracy of the best epoch; ratio, seconds
of the recipe divided by these. Without a zip, photos are drawn; where a zip has fewer than
`--photos`, photos come again with other pixels in a corner.
"""

import argparse
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import TEST, TRAINING, VALIDATION
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.training import presets
from tests.benchmarks.end_to_end import until_report
from tests.benchmarks.features_speed import write_photos
from tests.benchmarks.training_memory import ingested


@dataclass(frozen=True)
class Training:
    """A finished training, and the seconds until its report was there."""

    name: str
    seconds: float
    run: Run
    photos: int


def _train(name: str, words: list[str], dataset: Dataset, folder: Path) -> Training:
    """Trains in a home of its own, so that neither finds what the other decoded."""
    command = ["--data", str(dataset.folder), *words]
    seconds, _ = until_report(command, folder / "run", folder / "home")
    return Training(name, seconds, run_store.load(folder / "run"), len(dataset.indices(TRAINING)))


def _print_row(title: str, photos: int, one: Training, recipe: Training) -> None:
    report = one.run.report
    epoch = statistics.median(record["seconds"] for record in run_store.history(one.run))
    accuracies = [report.get(side, {}).get("accuracy") for side in (VALIDATION, TEST)]
    validation, test = ("-" if a is None else f"{a:.3f}" for a in accuracies)
    print(
        f"{title[:16]:16} {photos:7} {one.name:16} {one.run.settings.image_size:5} "
        f"{report['epochs_run']:7} {report['best_epoch']:5} {one.seconds:8.1f} "
        f"{one.photos / epoch:9.0f} {validation:>11} {test:>6} "
        f"{recipe.seconds / one.seconds:6.2f}",
        flush=True,
    )


def _compare(title: str, source: Path | None, folder: Path, options: argparse.Namespace) -> None:
    os.environ["IMGCLF_HOME"] = str(folder / "home")
    photos = write_photos(folder / "photos.zip", source, options.photos)
    dataset = ingested(photos, folder / "dataset")
    more = ["--seed", str(options.seed)]
    more += ["--epochs", str(options.epochs)] if options.epochs else []
    recipe = _train(options.recipe, ["--recipe", options.recipe, *more], dataset, folder / "recipe")
    _print_row(title, len(dataset.photos), recipe, recipe)
    ours = _train("scratch_cnn", ["--model", "scratch_cnn", *more], dataset, folder / "ours")
    _print_row(title, len(dataset.photos), ours, recipe)


def main() -> None:
    """Prints two rows a set of photos."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zips", nargs="*", type=Path)
    recipes = [name for name in presets.RECIPES if name != presets.OURS]
    parser.add_argument("--recipe", choices=recipes, default=presets.SCENE_NETWORK)
    parser.add_argument("--photos", type=int)
    parser.add_argument("--epochs", type=int, help="cuts both short, for a trial")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(
        f"{'set':16} {'photos':>7} {'network':16} {'side':>5} {'epochs':>7} {'best':>5} "
        f"{'seconds':>8} {'photos/s':>9} {'validation':>11} {'test':>6} {'ratio':>6}"
    )
    for source in options.zips or [None]:
        with tempfile.TemporaryDirectory() as name:
            _compare(source.stem if source else "drawn", source, Path(name), options)


if __name__ == "__main__":
    main()
