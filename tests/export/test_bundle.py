"""One zip with everything needed to use a model elsewhere."""

import io
import json
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core import files
from imgclf_core.errors import ModelError
from imgclf_core.evaluation import metrics
from imgclf_core.export import bundle
from imgclf_core.training import run as runs
from imgclf_core.training.run import Run
from tests.conftest import QUICK

LABELS = np.array([0, 0, 1, 1])
SCORES = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]])


def packed_run(tmp_path, sides=("training", "validation", "test")) -> Run:
    """A run whose model files only stand for ones."""
    names = ("{0} & <b>", "Zoë 日本")
    run = Run(
        tmp_path / "run", "My {model}", time.time(), tmp_path / "set", "photos.zip",
        QUICK["scratch_cnn"], names, {}, {"keras": "3"},
    )  # fmt: skip
    runs.save(run)
    figures = metrics.evaluate(LABELS, SCORES, names).to_json()
    files.write_json(run.folder / runs.REPORT_FILE, dict.fromkeys(sides, figures))
    for name in (runs.KERAS_FILE, runs.LITERT_FILE):
        files.write_bytes(run.folder / name, name.encode())
    return run


def contents(run: Run) -> dict[str, bytes]:
    """Names and bytes of a run's bundle."""
    buffer = io.BytesIO()
    bundle.write(run, buffer)
    with zipfile.ZipFile(buffer) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_bundle_holds_both_models_names_and_instructions(tmp_path):
    """Four files, the models byte by byte."""
    got = contents(packed_run(tmp_path))
    assert got.keys() == {"model.keras", "model.tflite", "labels.json", "README.txt"}
    assert (got["model.keras"], got["model.tflite"]) == (b"model.keras", b"model.tflite")


def test_labels_tell_how_to_use_the_scores(tmp_path):
    """Class names in order, size and fit, settings, versions and the test."""
    labels = json.loads(contents(packed_run(tmp_path))["labels.json"])
    assert labels["class_names"] == ["{0} & <b>", "Zoë 日本"]
    assert (labels["image_size"], labels["fit"]) == ([64, 64], "crop")
    assert labels["settings"] == QUICK["scratch_cnn"].to_json()
    assert (labels["test"]["accuracy"], labels["test"]["n"]) == (0.75, 4)


def test_the_instructions_say_how_good_it_is(tmp_path):
    """Figures of the test, with the baseline beside them; braces in names do no harm."""
    text = contents(packed_run(tmp_path))["README.txt"].decode("utf-8")
    assert "My {model}" in text
    assert "{0} & <b>, Zoë 日本" in text
    assert "right on 3 (75.0%" in text
    assert "would get 50.0%" in text
    assert "64 x 64" in text


def test_a_run_without_test_photos_can_be_taken_away(tmp_path):
    """Where all photos of a class are alike there is no test, and the text says nothing of one."""
    got = contents(packed_run(tmp_path, sides=("training",)))
    assert "Trained on 4 photos" in got["README.txt"].decode("utf-8")
    assert json.loads(got["labels.json"])["test"]["n"] is None


def test_a_run_that_is_not_packed_says_so(tmp_path):
    """Half a bundle is never written."""
    run = packed_run(tmp_path)
    (run.folder / runs.LITERT_FILE).unlink()
    with pytest.raises(ModelError, match=r"'My \{model\}' is not packed yet"):
        bundle.write(run, tmp_path / "model.zip")
    assert not (tmp_path / "model.zip").exists()


@pytest.mark.slow
@pytest.mark.parametrize("model", sorted(QUICK))
def test_the_model_for_keras_loads_without_our_program(trained, model):
    """Plain Keras layers with the rescaling inside."""
    import keras

    run = trained(model)
    loaded = keras.models.load_model(run.folder / runs.KERAS_FILE)
    side = run.settings.image_size
    assert loaded.input_shape == (None, side, side, 3)
    assert loaded.output_shape == (None, 2)
    assert any(isinstance(layer, keras.layers.Rescaling) for layer in loaded.layers)


@pytest.mark.slow
def test_weights_that_are_gone_are_said(trained):
    """A run on a file of the person's that was deleted cannot be packed any more."""
    from imgclf_core.export import pack

    run = replace(trained("mobilenet_v2"), weights={"source": "file", "sha256": "0" * 64})
    with pytest.raises(ModelError, match="no longer on this computer"):
        pack.build(run)
