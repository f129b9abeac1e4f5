"""A temperature makes scores believable and never changes a guess."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.errors import OptionError
from imgclf_core.metrics import classification
from imgclf_core.runs import calibration
from imgclf_core.runs.calibration import Calibration
from imgclf_core.training import temperature
from tests.metrics.conftest import answers


def drawn(count: int, sharpness: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from honest scores, and the scores a model that exaggerates would give."""
    generator = np.random.default_rng(seed)
    honest = calibration.apply(generator.dirichlet(np.ones(4), count), 0.4)
    labels = np.array([generator.choice(4, p=row / row.sum()) for row in honest.astype(float)])
    return labels, calibration.apply(honest, 1 / sharpness)


@given(answers(), st.floats(0.05, 20))
def test_no_guess_changes_and_rows_sum_to_one(given_answers, chosen):
    """Whatever the temperature, the order of the scores stays."""
    _, scores, _ = given_answers
    scaled = calibration.apply(scores, chosen)
    assert scaled.dtype == np.float32 or chosen == 1.0
    np.testing.assert_allclose(scaled.sum(axis=1), 1, atol=1e-5)
    own = scores.argmax(axis=1)
    assert (scaled[np.arange(len(own)), own] >= scaled.max(axis=1) - 1e-6).all()


def test_scores_of_exactly_zero_and_one_stay_numbers():
    """A softmax in float32 can be exactly 1; nothing becomes NaN."""
    scaled = calibration.apply(np.array([[1.0, 0.0, 0.0]], np.float32), 3.0)
    assert np.isfinite(scaled).all()
    assert scaled.argmax() == 0


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.5])
def test_the_temperature_undoes_exaggeration(sharpness):
    """Scores sharpened by 2.5 need a temperature of about 2.5."""
    found = temperature.fit(*drawn(3000, sharpness))
    assert found.temperature == pytest.approx(sharpness, rel=0.1)
    assert found.fitted_on == 3000


def test_new_photos_gain_by_it():
    """Fitted on some photos, the log loss of others falls."""
    found = temperature.fit(*drawn(300, 2.5))
    labels, scores = drawn(300, 2.5, seed=1)
    after = calibration.apply(scores, found.temperature)
    assert classification.log_loss(labels, after) < classification.log_loss(labels, scores) - 0.05


def test_few_photos_all_right_ask_for_little():
    """Ten right answers are no proof of certainty: the temperature stays near 1."""
    scores = np.tile([[0.9, 0.1]], (10, 1))
    assert 0.5 < temperature.fit(np.zeros(10, int), scores).temperature < 1


def test_without_validation_photos_scores_stay():
    """Nothing to fit on means temperature 1."""
    assert temperature.fit(np.zeros(0, int), np.zeros((0, 3))) == Calibration()


def test_what_was_chosen_is_kept(tmp_path):
    """The threshold is remembered beside the temperature."""
    calibration.save(tmp_path, Calibration(temperature=1.7, fitted_on=40))
    calibration.choose_threshold(tmp_path, 0.8)
    assert calibration.load(tmp_path) == Calibration(1.7, 40, 0.8)


def test_an_impossible_threshold_is_refused(tmp_path):
    """More than certain is no threshold."""
    with pytest.raises(OptionError, match="0 to 100"):
        calibration.choose_threshold(tmp_path, 1.2)


@pytest.mark.parametrize("value", [{}, {"temperature": -1, "threshold": 7}, {"temperature": "x"}])
def test_nonsense_in_the_file_leaves_scores_as_they_are(value):
    """What cannot be is not used."""
    assert calibration.from_json(value) == Calibration()
