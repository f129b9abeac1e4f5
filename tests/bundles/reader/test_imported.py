"""Models from elsewhere: ours are taken, everything else is refused with the reason."""

import subprocess
import sys

import numpy as np
import pytest

from imgclf_core import config
from imgclf_core.bundles.reader import imported, manifest
from imgclf_core.errors import ModelError
from imgclf_core.inference import predictor
from imgclf_core.jobs import events, queue
from imgclf_core.workspaces import job_requests, opening
from tests.bundles import sealing
from tests.bundles.sealing import LIMITS
from tests.conftest import picture


def test_an_honest_bundle_is_known(honest):
    """Names, network, size, threshold, gate and score come from its manifest."""
    known = imported.check(honest, LIMITS)
    assert known.class_names == sealing.NAMES
    assert (known.network, known.image_size, known.fit) == ("mobilenet_v2", 96, "crop")
    assert (known.confidence.threshold, known.gate) == (0.25, (1.5, 3))
    assert known.tested
    assert manifest.of_json(known.to_json(), "again") == known


def test_a_model_answers_as_it_did_elsewhere(honest):
    """Opened where it lies, without conversion: same scores, threshold and gate."""
    model = opening.open_bundle(honest)
    photos = [sealing.png(seed) for seed in range(20, 24)]
    wanted = sealing.answers(photos, sealing.arrays_of_head())
    got = [model.answer(data) for data in photos]
    assert np.abs(np.stack([one.scores for one in got]) - wanted).max() < 1e-6
    assert all(one.distance is not None for one in got)
    assert (model.class_names, model.threshold) == (sealing.NAMES, 0.25)


def test_a_job_brings_a_model_in(honest, tmp_path):
    """It ends as a folder of our own files; the bundle that was spooled is gone."""
    parent = tmp_path / "models"
    folder = imported.new_folder(parent, "My model.zip")
    imported.spool(folder).write_bytes(honest.read_bytes())
    known = job_requests.import_bundle(
        folder, imported.spool(folder), "My model.zip", config.SHARED
    )
    assert imported.models_in(parent)[0].manifest is None
    status = queue.follow(folder)
    assert (status.state, status.message) == (events.DONE, "")
    [found] = imported.models_in(parent)
    assert found.manifest == known
    assert not imported.spool(folder).exists()
    assert not [path for path in folder.rglob("*") if path.suffix in (".py", ".keras", ".tflite")]
    model = imported.open_imported(folder)
    assert model.answer(sealing.png(1)).scores.shape == (3,)
    queue.discard(folder)
    assert imported.models_in(parent) == []


def test_a_folder_without_its_last_file_is_no_model(honest, tmp_path, monkeypatch):
    """Whatever ends the work before its end leaves nothing that could be opened."""
    from imgclf_core.bundles.reader import rebuild

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(rebuild, "_check_samples", killed)
    with pytest.raises(KeyboardInterrupt):
        opening.open_bundle(honest)
    folder = opening.kept_folder(honest)
    assert not imported.is_imported(folder)
    with pytest.raises(ModelError, match="not ready"):
        imported.open_imported(folder)


def test_checking_loads_no_heavy_library(honest):
    """The server may check and open a model on the shipped backbone by itself."""
    code = (
        "import sys; from pathlib import Path; from imgclf_core.workspaces import opening; "
        "opening.open_bundle(Path(sys.argv[1])); "
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(honest)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["scratch_cnn", "fine_tuned", "mobilenet_v2"])
def test_a_trained_model_answers_in_an_empty_home_as_at_home(trained, tmp_path, model):
    """Scores, activation map and distance to the training photos; Keras only where it must be."""
    run = trained(model)
    before = predictor.open_run(run)
    after = opening.open_bundle(sealing.of_run(tmp_path / "model.zip", run))
    photo = picture(99)
    old, new = before.answer(photo), after.answer(photo)
    assert np.abs(new.scores - old.scores).max() < 1e-4
    assert (new.distance is None) == (old.distance is None)
    assert new.distance is None or abs(new.distance - old.distance) < 1e-3
    assert after.run(new.image[None]).cam is not None
