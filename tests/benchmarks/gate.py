"""How often a model is not sure of photos of something else, and how often it answers its own.

    python -m tests.benchmarks.gate heroes.zip scenes.zip signs.zip --new heroes-new-photos.zip
    python -m tests.benchmarks.gate ... --model first_answer

Each data set in turn is trained on, and one line a training printed: the share of its own test
photos that are answered, and for every other data set the share of photos the model is not sure
of. `--new` are photos of the kind of the first data set; of them the share that is answered. No
threshold on the score is set, so the gate alone speaks.

The figures are a little kind to the default network: neighbours and share in
`runs/ood_detector.py` were chosen with it, on the three data sets named above.
"""

import argparse
from pathlib import Path

import numpy as np

from imgclf_core import config
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.split import TEST
from imgclf_core.inference import batches, predictor
from imgclf_core.inference.batches import Classified
from imgclf_core.runs import run_store
from tests.benchmarks import seeded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--new", type=Path)
    options = seeded.options(parser, seeds=3)
    foreign = "".join(f"  not sure of {source.stem:8s}" for source in options.data)
    print(f"trained on  seed  limit  own answered{foreign}  new answered")
    seeded.for_each(options, lambda *one: _one(*one, options))


def _one(source: Path, seed: int, folder: Path, options: argparse.Namespace) -> None:
    """Brings in, trains, asks and prints a line."""
    seeded.bring_in(source, seed, folder)
    run = run_store.load(seeded.train(options, seed, folder))
    model = predictor.open_run(run)
    others = [
        f"{1 - _answered(model, other):20.3f}" if other != source else " " * 20
        for other in options.data
    ]
    is_first = source == options.data[0] and options.new
    print(
        f"{source.stem:10s}  {seed:4d}  {model.gate.limit:.3f}  "
        f"{_own_answered(model, folder / 'set'):12.3f}{''.join(others)}"
        + (f"  {_answered(model, options.new):12.3f}" if is_first else ""),
        flush=True,
    )


def _own_answered(model: predictor.Predictor, folder: Path) -> float:
    dataset = store.load(folder)
    photos = [dataset.photos[i] for i in dataset.indices(TEST)]
    return float(
        np.mean([model.answer(photo_files.read_photo(dataset, photo)).sure for photo in photos])
    )


def _answered(model: predictor.Predictor, source: Path) -> float:
    """Share of the readable photos of a zip or folder."""
    with batches.opened([source], config.limits(config.PERSONAL)) as members:
        answers = list(batches.classify(model, members))
    return float(np.mean([answer.sure for answer in answers if isinstance(answer, Classified)]))


if __name__ == "__main__":
    main()
