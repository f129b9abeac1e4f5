"""Published write-ups beside the same recipe here and ours: `python -m tests.benchmarks.published`

    python -m tests.benchmarks.published DATA_FOLDER [--only heroes scenes sports balance]

`DATA_FOLDER` holds `heroes.zip`, `heroes-new-photos.zip` and `scenes.zip`. Columns: what was
measured; the published figure; the same recipe here; ours, with the settings that the app chooses.

- heroes: the last layer of a pretrained network, retrained, and its scores for two new photos. The
  authors used another pretrained network; here the same is MobileNetV2 with a last layer at one
  constant rate and without variety.
- scenes: the scene network, best and last epoch. Its author chose the best epoch on the very
  photos he then reported; here it is chosen on validation photos, and tested once. He had fourteen
  thousand photos; a sample has fewer, and the figures are lower accordingly.
- sports: a network from scratch against frozen MobileNetV2 on the same photos. The sports photos
  are not here: two kinds of scene that resemble each other (glacier, mountain) stand in for them.
  `--epochs` (20) cuts the 500 epochs of the network from scratch short, and the table says so.
- balance: retraining on unequal folders as they are, and with rare classes weighed up: balanced
  accuracy. Four of the six kinds of scene keep a fifth of their training photos.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from tests.benchmarks.features_speed import environment

PARTS = ("heroes", "scenes", "sports", "balance")
_CONSTANT = [
    "--schedule",
    "constant",
    "--weight-decay",
    "0",
    "--views",
    "0",
    "--no-flip",
    "--rotation",
    "0",
    "--zoom",
    "0",
    "--shift",
    "0",
]


def _row(what: str, published: str, same: str, ours: str) -> None:
    print(f"{what:52} {published:>20} {same:>20} {ours:>20}", flush=True)


def _command(*words: object) -> dict:
    """Runs a command of ours and gives what it says in JSON."""
    home = Path(os.environ["IMGCLF_HOME"])
    command = [sys.executable, "-m", "imgclf_core", *map(str, words), "--json"]
    done = subprocess.run(
        command,
        check=True,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _train(folder: Path, data: Path, *words: object) -> tuple[dict, Run]:
    """Trains with the weights that come with the app; gives the figures and the run."""
    out = folder / f"run{sum(1 for _ in folder.glob('run*'))}"
    figures = _command("train", "--data", data, "--out", out, *words)
    return figures, run_store.load(out)


def _subset(source: Path, target: Path, keep) -> Path:
    """A zip of the entries of another one for which `keep(folders, number of the class)` holds."""
    seen: dict[str, int] = {}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in sorted(old.namelist()):
            if name.endswith("/"):
                continue
            folder = name.rsplit("/", 1)[0]
            seen[folder] = seen.get(folder, 0) + 1
            if keep(folder, seen[folder]):
                new.writestr(name, old.read(name))
    return target


def heroes(folder: Path, data: Path, options: argparse.Namespace) -> None:
    """Scores of the two photos that the write-up shows."""
    archive = data / "heroes.zip"
    model = ["--model", "mobilenet_v2", "--weights", "shipped"]
    _, same = _train(folder, archive, *model, *_CONSTANT, "--learning-rate", "0.001")
    _, ours = _train(folder, archive, *model)
    for stem, name, published in (
        ("imagesfg", "darth_vader", "0.570"),
        ("imagesfg", "elsa", "0.430"),
        ("imagesff", "elsa", "0.946"),
    ):
        scores = []
        for run in (same, ours):
            photos = _command("classify", run.folder, data / "heroes-new-photos.zip")["photos"]
            (found,) = (p for p in photos if Path(p["file"]).stem == stem)
            scores.append(f"{found['scores'][name]:.3f}")
        _row(f"heroes: score of {name} for {stem}", published, *scores)


def scenes(folder: Path, data: Path, options: argparse.Namespace) -> None:
    """The scene network against both of ours."""
    archive = data / "scenes.zip"
    same, run = _train(folder, archive, "--recipe", "scene_network")
    scratch, _ = _train(folder, archive, "--model", "scratch_cnn")
    pretrained, other = _train(folder, archive, "--model", "mobilenet_v2", "--weights", "shipped")
    accuracy = [f"{one['test']['accuracy']:.3f}" for one in (same, scratch, pretrained)]
    _row("scenes: scratch network, best epoch, test", "0.878", accuracy[0], accuracy[1])
    last = run_store.history(run)[-1]["val_accuracy"]
    _row("scenes: the same, last epoch (here: validation)", "0.869", f"{last:.3f}", "-")
    _row("scenes: MobileNetV2, test", "-", "-", accuracy[2])
    pairs = [_worst_pair(one) for one in (run, other)]
    _row("scenes: worst pair", "glacier, mountain", *pairs)


def sports(folder: Path, data: Path, options: argparse.Namespace) -> None:
    """From scratch and pretrained on two classes that stand in."""
    archive = _subset(
        data / "scenes.zip",
        folder / "two.zip",
        lambda where, _: where.split("/")[-1] in ("glacier", "mountain"),
    )
    network, _ = _train(folder, archive, "--recipe", "sports_network", "--epochs", options.epochs)
    transfer, _ = _train(folder, archive, "--recipe", "sports_transfer", "--weights", "shipped")
    scratch, _ = _train(folder, archive, "--model", "scratch_cnn")
    ours, _ = _train(folder, archive, "--model", "mobilenet_v2", "--weights", "shipped")
    accuracy = [f"{one['test']['accuracy']:.3f}" for one in (network, scratch, transfer, ours)]
    _row(f"stand-in for sports: from scratch ({options.epochs} epochs)", "0.83", *accuracy[:2])
    _row("stand-in for sports: MobileNetV2 (500 epochs)", "0.91", *accuracy[2:])


def balance(folder: Path, data: Path, options: argparse.Namespace) -> None:
    """Unequal folders, as they are and weighed."""

    def keep(where: str, number: int) -> bool:
        few = "train" in where and where.split("/")[-1] in ("forest", "glacier", "sea", "street")
        return number <= 24 or not few

    archive = _subset(data / "scenes.zip", folder / "unequal.zip", keep)
    model = ["--model", "mobilenet_v2", "--weights", "shipped"]
    same, _ = _train(folder, archive, *model, *_CONSTANT, "--class-weights", "off")
    ours, _ = _train(folder, archive, *model)
    shares = [f"{one['test']['balanced_accuracy']:.3f}" for one in (same, ours)]
    _row("unequal folders: balanced accuracy", "better when balanced", *shares)


def _worst_pair(run: Run) -> str:
    confusion = run.report["test"]["confusion_matrix"]
    names = run.class_names
    pairs = {
        f"{names[i]}, {names[j]}": confusion[i][j] + confusion[j][i]
        for i in range(len(names))
        for j in range(i + 1, len(names))
    }
    return max(pairs, key=pairs.get)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("data", type=Path, metavar="DATA_FOLDER")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    _row("what", "published", "same recipe here", "ours")
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["IMGCLF_HOME"] = f"{folder}/home"
            globals()[name](Path(folder), options.data, options)


if __name__ == "__main__":
    main()
