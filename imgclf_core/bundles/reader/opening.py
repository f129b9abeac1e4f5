"""Opens a model by its path, whatever it is: the folder of a run, or an exported bundle."""

from pathlib import Path

from imgclf_core.bundles.reader import imported
from imgclf_core.errors import ModelError
from imgclf_core.inference import predictor
from imgclf_core.inference.predictor import Predictor
from imgclf_core.runs import run_store


def open_model(path: Path) -> Predictor:
    """Opens a run, a model that was brought in, or a bundle where it lies.

    Raises:
        ModelError: It is none of these, not finished, damaged or changed.
    """
    if run_store.is_run(path):
        return predictor.open_folder(path)
    if path.is_file():
        return imported.open_bundle(path)
    raise ModelError(f"'{path}' is neither the folder of a run nor an exported model.")
