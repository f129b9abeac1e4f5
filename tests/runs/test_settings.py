"""Settings: sensible defaults, and ranges that are said in words."""

import json

import pytest

from imgclf_core.errors import OptionError
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.settings import TrainingSettings


def test_settings_survive_a_run_on_disk():
    """JSON and back is the same."""
    chosen = TrainingSettings(model="scratch_cnn", image_size=64, flip=False, seed=9)
    assert settings_module.from_json(json.loads(json.dumps(chosen.to_json()))) == chosen


def test_older_settings_take_today_s_defaults():
    """A missing name is no error, an unknown one is."""
    assert settings_module.from_json({"epochs": 3}) == TrainingSettings(epochs=3)
    with pytest.raises(OptionError, match="Unknown settings: colour, shape"):
        settings_module.from_json({"shape": 1, "colour": 2})


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"model": "resnet"}, "'model' is resnet; choose one of mobilenet_v2, scratch_cnn"),
        ({"image_size": 100}, "'image size' is 100; choose one of 96, 128"),
        ({"model": "scratch_cnn", "image_size": 192}, "'image size' is 192"),
        ({"class_weights": "maybe"}, "'class weights' is maybe"),
        ({"fit": "squeeze"}, "'fit' is squeeze; choose one of crop, pad, stretch"),
        ({"epochs": 0}, "'epochs' is 0; choose a number from 1 to 1000"),
        ({"batch_size": 513}, "'batch size' is 513"),
        ({"learning_rate": float("nan")}, "'learning rate' is nan"),
        ({"learning_rate": 0.0}, "'learning rate' is 0"),
        ({"rotation": -1}, "'rotation' is -1"),
        ({"zoom": 1.0}, "'zoom' is 1"),
        ({"shift": 0.6}, "'shift' is 0.6"),
        ({"views": 9}, "'extra views' is 9"),
        ({"dropout": 1.0}, "'dropout' is 1"),
        ({"patience": -1}, "'patience' is -1"),
        ({"seed": -1}, "'seed' is -1"),
        ({"schedule": "steps"}, "'schedule' is steps; choose one of cosine, constant"),
        ({"fine_tune_epochs": 0}, "'fine-tuning epochs' is 0"),
        ({"model": "scratch_cnn", "image_size": 80, "fine_tune": True}, "Only MobileNetV2"),
        ({"epochs": "ten"}, "'epochs' is ten"),
    ],
)
def test_what_is_out_of_range_is_named_with_the_range(change, match):
    """The sentence names the setting, its value and what is possible."""
    with pytest.raises(OptionError, match=match):
        settings_module.changed(TrainingSettings(), **change)


def test_what_is_not_given_stays():
    """None means that nobody chose."""
    chosen = settings_module.changed(TrainingSettings(), epochs=5, dropout=None, flip=False)
    assert (chosen.epochs, chosen.dropout, chosen.flip) == (5, TrainingSettings().dropout, False)


def test_the_augmentation_follows_the_settings():
    """The preview and the training vary alike."""
    chosen = TrainingSettings(rotation=1, zoom=0.2, shift=0.3, flip=False).augmentation
    assert (chosen.rotation, chosen.zoom, chosen.shift, chosen.flip) == (1, 0.2, 0.3, False)


def test_settings_are_told_in_short():
    """What a table of runs shows."""
    chosen = TrainingSettings(views=3, fine_tune=True)
    assert chosen.in_short == "160 px, batch 32, rate 0.002, 3 copies, fine-tuning"
    scratch = TrainingSettings(model="scratch_cnn", image_size=80, learning_rate=5e-4)
    assert scratch.in_short == "80 px, batch 32, rate 0.0005"


def test_what_differs_is_named():
    """Two runs are told apart by their settings."""
    one, two = TrainingSettings(), TrainingSettings(epochs=9, seed=4)
    assert settings_module.differences(one, two) == {"epochs": (40, 9), "seed": (0, 4)}
    assert settings_module.differences(one, one) == {}
