"""A trained model answers alike in Keras, in LiteRT, as a run and as a bundle."""

import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imgclf_core.datasets import photo_files, store
from imgclf_core.errors import ImageError, ModelError
from imgclf_core.images import decode
from imgclf_core.inference import predictor
from imgclf_core.networks import walkthrough
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.ood_detector import Gate
from imgclf_core.workspaces import opening
from tests.bundles.exporting import export
from tests.conftest import QUICK, picture, two_classes

MODELS = sorted(QUICK)


@pytest.fixture
def images() -> np.ndarray:
    """Some photos as the networks see them, with their extremes."""
    return np.stack(
        [np.zeros((96, 96, 3), np.uint8), np.full((96, 96, 3), 255, np.uint8)]
        + [decode.load(data, (96, 96)) for data in list(two_classes(2).values())]
    )


def sized(images: np.ndarray, run) -> np.ndarray:
    """The photos at the size of a run's network."""
    side = run.settings.image_size
    return np.stack([decode.fit(image, (side, side)) for image in images])


def exported(run, path):
    """The bundle of a run."""
    return opening.open_model(export(run, path))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["fine_tuned", "scene_network", "scratch_cnn"])
def test_a_packed_model_answers_as_the_training_did(trained, model):
    """What was learnt is put back in its place, layer by layer."""
    run = trained(model)
    assert run.fine_tuned == (model == "fine_tuned")
    dataset = store.load(run.dataset)
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    opened = predictor.open_run(run)
    for i in range(0, len(answers), 5):
        scores = opened.answer(photo_files.read_photo(dataset, dataset.photos[i])).scores
        np.testing.assert_allclose(scores, answers.scores[i], atol=1e-4)
    has_map = opened.run(np.zeros((1, opened.image_size, opened.image_size, 3))).cam is not None
    assert has_map == (model != "scene_network")


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_keras_litert_run_and_bundle_give_the_same_scores(trained, images, tmp_path, model):
    """Four ways to ask the same model, within 1e-4."""
    import keras

    run = trained(model)
    seen = sized(images, run)
    expected = keras.models.load_model(run.folder / run_store.KERAS_FILE).predict(
        seen.astype(np.float32), verbose=0
    )
    from_run = opening.open_model(run.folder).run(seen)
    from_bundle = exported(run, tmp_path / "model.zip").run(seen)
    for outputs in (from_run, from_bundle):
        np.testing.assert_allclose(outputs.scores, expected, atol=1e-4)
        np.testing.assert_allclose(outputs.scores.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(from_run.embedding, from_bundle.embedding, atol=1e-3)
    np.testing.assert_allclose(from_run.cam, from_bundle.cam, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_the_map_averaged_over_places_gives_the_scores(trained, images, tmp_path, model):
    """softmax(mean of the map + bias) is the answer, so the map shows what counted."""
    run = trained(model)
    bias = run_store.learnt(run)[-1]
    for opened in (predictor.open_run(run), exported(run, tmp_path / "model.zip")):
        out = opened.run(sized(images, run))
        assert out.cam.shape[-1] == 2
        logits = out.cam.mean(axis=(1, 2)) + bias
        by_hand = [walkthrough.softmax(row) for row in logits]
        np.testing.assert_allclose(out.scores, by_hand, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_the_scores_of_the_training_are_those_of_the_answers(trained, model):
    """What the Evaluate page shows is what the Classify page would say."""
    from imgclf_core.datasets import store
    from imgclf_core.runs import predictions

    run = trained(model)
    opened, dataset = predictor.open_run(run), store.load(run.dataset)
    stored = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    for i, photo in enumerate(dataset.photos):
        answer = opened.answer(photo_files.read_photo(dataset, photo))
        np.testing.assert_allclose(answer.scores, stored.scores[i], atol=1e-4)
        assert answer.image.shape == (run.settings.image_size, run.settings.image_size, 3)
        assert answer.order[0] == stored.guesses[i]


@pytest.mark.slow
def test_many_threads_get_the_same_answers(trained):
    """One predictor serves all visitors."""
    opened = predictor.open_run(trained("mobilenet_v2"))
    data = list(two_classes(4).values())
    alone = [opened.answer(one).scores for one in data]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: opened.answer(one).scores, data))
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.slow
def test_what_is_no_photo_is_said(trained):
    """The reason is that of the one decode path."""
    with pytest.raises(ImageError, match="a PDF file"):
        predictor.open_run(trained("mobilenet_v2")).answer(b"%PDF-1.7")


@pytest.mark.slow
def test_a_scratch_network_answers_once_it_is_packed(trained, tmp_path):
    """Before that it says so; the pretrained one need not wait."""
    for model, able in (("scratch_cnn", False), ("mobilenet_v2", True)):
        run = replace(trained(model), folder=tmp_path / model, packed=False)
        run.folder.mkdir()
        for name in (run_store.REPORT_FILE, run_store.LEARNT_FILE):
            (run.folder / name).write_bytes((trained(model).folder / name).read_bytes())
        assert predictor.can_answer(run) == able
        if able:
            assert predictor.open_run(run).answer(picture(1)).scores.shape == (2,)
        else:
            with pytest.raises(ModelError, match="cannot answer yet"):
                predictor.open_run(run)


def test_what_is_no_model_is_said(tmp_path):
    """A folder, nothing at all and a text each get a sentence."""
    (tmp_path / "text.zip").write_text("hello")
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(ModelError, match="neither the folder of a run nor an exported model"):
            opening.open_model(path)
    with pytest.raises(ModelError, match="text.zip"):
        opening.open_model(tmp_path / "text.zip")


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_the_temperature_is_part_of_the_model(trained, model):
    """What was learnt gives the scores at the temperature; nothing needs to be applied later."""
    from imgclf_core.metrics import classification
    from imgclf_core.runs import calibration, predictions

    run = trained(model)
    own = calibration.load(run.folder)
    assert own.fitted_on == 4
    assert own.temperature != 1.0
    stored = predictions.load(run.folder / run_store.PREDICTIONS_FILE).of("validation")
    plain = calibration.apply(stored.scores, 1 / own.temperature)
    loss, before = (classification.log_loss(stored.labels, s) for s in (stored.scores, plain))
    assert loss <= before


@pytest.mark.slow
def test_the_threshold_goes_along_with_the_bundle(trained, images, tmp_path):
    """Whoever opens it is not sure below it either."""
    from imgclf_core.runs import calibration

    run = trained("mobilenet_v2")
    assert predictor.open_run(run).threshold == 0
    before = calibration.load(run.folder)
    try:
        calibration.choose_threshold(run.folder, 0.9)
        assert predictor.open_run(run).threshold == 0.9
        assert exported(run, tmp_path / "model.zip").threshold == 0.9
    finally:
        calibration.save(run.folder, before)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mobilenet_v2", "scratch_cnn", "fine_tuned", "scene_network"])
def test_the_gate_holds_what_the_deployed_model_sees(trained, model):
    """Its rows are embeddings of the training photos, without augmentation, as they come out."""
    run = trained(model)
    opened, dataset = predictor.open_run(run), store.load(run.dataset)
    rows = opened.gate.rows.astype(np.float32)
    training = dataset.indices("training")
    assert len(rows) == len(training)
    for i, row in zip(training, rows, strict=True):
        seen = opened.answer(photo_files.read_photo(dataset, dataset.photos[i])).embedding
        assert seen.shape == row.shape
        cut = np.minimum(seen, opened.gate.ceiling)
        np.testing.assert_allclose(cut / np.linalg.norm(cut), row, atol=2e-3)


def by_redness(images: np.ndarray) -> predictor.Outputs:
    """Sees red and blue; the more red, the surer of class 0."""
    means = images.reshape(len(images), -1, 3).mean(axis=1).astype(np.float32)[:, [0, 2]]
    return predictor.Outputs(means / means.sum(axis=1, keepdims=True), means, None)


REDS = Gate(np.array([[1, 0]], np.float16), limit=0.1, neighbours=1)


@pytest.mark.parametrize(
    ("colour", "threshold", "known", "doubts"),
    [
        ((200, 0, 10), 0.0, REDS, ()),
        ((200, 0, 10), 0.99, REDS, ("low score",)),
        ((10, 0, 200), 0.0, REDS, ("unlike the training photos",)),
        ((120, 0, 100), 0.9, REDS, ("low score", "unlike the training photos")),
        ((10, 0, 200), 0.0, None, ()),
    ],
)
def test_each_doubt_has_its_own_reason(colour, threshold, known, doubts):
    """A low score and a photo like none before are told apart; without a gate only the score."""
    opened = predictor.Predictor("m", ("a", "b"), 8, "crop", by_redness, threshold, known)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "PNG")
    answer = opened.answer(buffer.getvalue())
    assert (answer.doubts, answer.sure) == (doubts, not doubts)
    assert (answer.distance is None) == (known is None)
    assert opened.doubts(answer.scores, answer.distance) == doubts


@pytest.mark.slow
def test_a_run_of_an_earlier_version_never_refuses(trained, tmp_path):
    """It has no gate; a result that is forgotten takes its gate along."""
    run = replace(trained("mobilenet_v2"), folder=tmp_path / "run")
    shutil.copytree(trained("mobilenet_v2").folder, run.folder)
    report = (run.folder / run_store.REPORT_FILE).read_bytes()
    run_store.forget_result(run.folder)
    (run.folder / run_store.REPORT_FILE).write_bytes(report)
    answer = predictor.open_run(run).answer(picture(3))
    assert (answer.distance, answer.doubts) == (None, ())


@pytest.mark.slow
def test_a_bundle_refuses_the_photos_that_its_run_refuses(trained, tmp_path):
    """The gate goes along."""
    run = trained("mobilenet_v2")
    there, here = exported(run, tmp_path / "model.zip"), predictor.open_run(run)
    data = picture(3)
    assert there.answer(data).distance == pytest.approx(here.answer(data).distance, abs=1e-4)
    assert there.answer(data).doubts == here.answer(data).doubts
