"""Whether the map of where a network looked lies on what is to be seen, where that is known.

    python -m tests.benchmarks.maps_on_shapes --photos 60 --seed 11

Shapes are drawn with the box that holds each; both networks learn them with balanced settings,
and the map of each test photo, for the class the network guesses, is compared with the box. One
line a network: accuracy, the share of test photos with at least 60 % of the map's energy in the
box, the same among photos that are guessed right, the median and the lowest tenth of that energy,
and the share of the picture that boxes take, which is the energy of a map that says nothing.
`--keep FOLDER` keeps the runs, and a second call with it only measures.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from imgclf_core.analysis import explanations
from imgclf_core.datasets import photo_files, sample, store
from imgclf_core.datasets.split import TEST
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.run import Run

_ENOUGH = 0.6
_NETWORKS = ("scratch_cnn", "mobilenet_v2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=int, default=60, help="a class")
    parser.add_argument("--seed", type=int, default=11, help="of the drawing")
    parser.add_argument("--networks", nargs="+", choices=_NETWORKS, default=_NETWORKS)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    print("network       accuracy  with 60 %  of right ones  median  lowest tenth  box   photos")
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = folder / f"{options.photos}-{options.seed}"
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("IMGCLF_HOME", str(folder.resolve() / "home"))
        boxes = draw(folder / "shapes.zip", options.photos, options.seed)
        for network in options.networks:
            _line(network, trained(folder, network), boxes)


def draw(path: Path, count: int, seed: int) -> dict[str, tuple]:
    """Writes a zip of class folders and gives the box of each photo, in pixels, by its name."""
    generator, boxes = np.random.default_rng(seed), {}
    with zipfile.ZipFile(path, "w") as archive:
        for kind in sample.COUNTS:
            for number in range(count):
                image, box = sample.draw_shape(kind, generator)
                name = f"{kind}/{kind} {number:03d}.png"
                boxes[name] = box
                with archive.open(name, "w") as file:
                    image.save(file, "PNG")
    return boxes


def trained(folder: Path, network: str) -> Run:
    """The run of a network in this folder, trained now unless it is there."""
    target = folder / network
    if not run_store.is_run(target) or not run_store.load(target).packed:
        source = str(folder / "shapes.zip")
        words = ("train", "--data", source, "--model", network, "--out", str(target))
        command = [sys.executable, "-m", "imgclf_core", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
    return run_store.load(target)


def _line(network: str, run: Run, boxes: dict[str, tuple]) -> None:
    dataset = store.load(run.dataset)
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    guesses = dict(zip(answers.files.tolist(), answers.scores.argmax(axis=1), strict=True))
    shares, areas, right = [], [], []
    for i in dataset.indices(TEST):
        photo = dataset.photos[i]
        box, guess = boxes[photo.name], int(guesses[photo.file])
        cam = explanations.places(
            run, photo.file, photo_files.read_photo(dataset, photo), (guess,)
        )[guess]
        shares.append(energy(explanations.heat(cam, (photo.height, photo.width)), box))
        areas.append((box[2] - box[0]) * (box[3] - box[1]) / photo.height / photo.width)
        right.append(guess == photo.label)
    enough, right = np.array(shares) >= _ENOUGH, np.array(right)
    print(
        f"{network:12s}  {right.mean():8.3f}  {enough.mean():9.3f}  {enough[right].mean():13.3f}  "
        f"{np.median(shares):6.3f}  {np.quantile(shares, 0.1):12.3f}  {np.mean(areas):.2f}  "
        f"{len(shares):6d}",
        flush=True,
    )


def energy(heat: np.ndarray, box: tuple) -> float:
    """Share of the heat inside a box (left, top, right, bottom); 0 where there is no heat."""
    left, top, right, bottom = box
    inside = heat[
        int(np.floor(top)) : int(np.ceil(bottom)), int(np.floor(left)) : int(np.ceil(right))
    ]
    return float(inside.sum() / max(float(heat.sum()), 1e-12))


if __name__ == "__main__":
    main()
