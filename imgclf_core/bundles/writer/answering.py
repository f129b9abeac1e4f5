"""A fresh process in which one model file answers the samples: `python -m … FILE SAMPLES`.

Prints one JSON object, scores by the name of the sample. A process of its own, so that nothing
of the app's memory can help the file, and what it does cannot harm the app.
"""

import json
import sys
from pathlib import Path

import numpy as np

from imgclf_core.bundles.format import LABELS_FILE
from imgclf_core.images import decode
from imgclf_core.networks import litert
from imgclf_core.runs import run_store
from imgclf_core.support import atomic_files, file_system


def scores_of(model: Path, images: np.ndarray) -> np.ndarray:
    """Scores float (n, K) of a `.keras` or `.tflite` file for uint8 images (n, s, s, 3)."""
    if model.name == run_store.KERAS_FILE:
        import keras

        loaded = keras.models.load_model(model, compile=False)
        return np.asarray(loaded.predict(images.astype(np.float32), verbose=0))
    return litert.Pool(model).run(images, ["scores"])["scores"]


def main(arguments: list[str]) -> None:
    """Answers the samples in a folder with a model file beside its `labels.json`."""
    model, samples = Path(arguments[0]), Path(arguments[1])
    about = atomic_files.read_json(model.with_name(LABELS_FILE))
    photos = sorted(samples.glob("*.png"))
    size = tuple(about["image_size"])
    images = np.stack([decode.load(file_system.read(p), size, about["fit"]) for p in photos])
    scores = scores_of(model, images)
    found = {p.name: row.tolist() for p, row in zip(photos, scores, strict=True)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
