"""How long a training will take, before and after this machine has shown how fast it is."""

import pytest

from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.training import presets, time_estimate

SCRATCH = TrainingSettings(model="scratch_cnn", image_size=80, epochs=20)


@pytest.mark.parametrize("model", ["mobilenet_v2", "scratch_cnn", "first_answer", "scene_network"])
def test_more_photos_take_longer(model):
    """And no stage takes less than nothing."""
    seconds = [time_estimate.seconds(presets.settings(model, n), n) for n in (20, 2000, 200_000)]
    assert seconds == sorted(seconds)
    stages = time_estimate.seconds_by_stage(presets.settings(model, 0), 0)
    assert min(stages.values()) >= 0


def test_a_machine_that_is_half_as_fast_is_believed():
    """After one whole training the estimate is what it took."""
    plain = time_estimate.plain_seconds(SCRATCH, 1000)
    time_estimate.learn(SCRATCH, 1000, {stage: 2 * value for stage, value in plain.items()})
    now = time_estimate.seconds_by_stage(SCRATCH, 1000)
    assert now["training"] == pytest.approx(2 * plain["training"], rel=0.01)


def test_one_odd_day_is_half_forgotten():
    """A new measurement counts as much as all before it."""
    time_estimate.remember({"a": 1.0})
    time_estimate.remember({"a": 3.0})
    assert time_estimate.factor("a") == 2.0
    time_estimate.remember({"a": 2.0})
    assert time_estimate.factor("a") == 2.0


def test_what_came_from_the_cache_says_nothing():
    """Nor does a stage too short for the clock, nor features that a training found half done."""
    first, pretrained = presets.settings("first_answer", 1), TrainingSettings()
    time_estimate.learn(first, 4000, {"computing features": 0.5})
    time_estimate.learn(first, 10, {"computing features": 0.1})
    time_estimate.learn(pretrained, 4000, {"computing features": 9.0})
    assert time_estimate.feature_seconds(900) == pytest.approx(2.0)
    time_estimate.learn(first, 4000, {"computing features": 2 * 4000 / 450})
    assert time_estimate.feature_seconds(900) == pytest.approx(4.0)


@pytest.mark.parametrize("text", ["", "[]", '{"scratch_cnn training": "fast"}', "{"])
def test_a_damaged_memory_is_none(home, text):
    """Estimates are then those that are written down."""
    (home / "speed.json").write_text(text)
    assert time_estimate.seconds_by_stage(SCRATCH, 100) == time_estimate.plain_seconds(SCRATCH, 100)
