"""Settings that work without touching any of them: three presets, and published recipes.

Presets look at how many photos there are; a recipe is repeated as its authors published it.
"""

from imgclf_core.errors import OptionError
from imgclf_core.networks import catalogue, scene_network, scratch_cnn, sports_network
from imgclf_core.runs.settings import CONSTANT, TrainingSettings

QUICK, BALANCED, THOROUGH = "quick", "balanced", "thorough"
PRESETS = (QUICK, BALANCED, THOROUGH)

OURS, SCENE_NETWORK = "ours", scene_network.NAME
SPORTS_NETWORK, SPORTS_TRANSFER = sports_network.NAME, "sports_transfer"
RECIPES = (OURS, SCENE_NETWORK, SPORTS_NETWORK, SPORTS_TRANSFER)

_EFFORT = {QUICK: 0.4, BALANCED: 1.0, THOROUGH: 3.0}
# Extra copies of each photo for the last layer: with some hundred photos one is worth two points
# on scenes and signs, three another half. Thousands of photos are variety enough, and every copy
# costs as much time as a photo.
_VIEWS = {QUICK: 0, BALANCED: 1, THOROUGH: 3}
_ENOUGH_VARIETY = 2500
# Corrections of the last layer in all epochs together; small sets need more epochs for them.
_HEAD_STEPS = 1000
_FEWEST_HEAD_EPOCHS, _MOST_HEAD_EPOCHS = 40, 120
_STEPS_AN_EPOCH, _LARGEST_HEAD_BATCH = 60, 256
# Photos shown to the scratch CNN in all epochs together; small sets gain nothing by more, and
# large ones need as many epochs all the same.
_SHOWN = 9_000
_FEWEST_EPOCHS, _MOST_EPOCHS = 15, 60


def settings(model: str, training_photos: int, preset: str = BALANCED) -> TrainingSettings:
    """The settings of a preset.

    Args:
        model: `mobilenet_v2`, or a network that learns from pixels.
        training_photos: Size of the training side; few photos are shown more often.
        preset: A name in `PRESETS`.
    """
    if model in (scene_network.NAME, sports_network.NAME):
        return recipe(model)
    if model == catalogue.FIRST_ANSWER:
        return TrainingSettings(model=model, epochs=1, views=0, weights="shipped")
    if model == scratch_cnn.NAME:
        return _scratch(training_photos, preset)
    return _pretrained(training_photos, preset)


def recipe(name: str) -> TrainingSettings:
    """The settings of a published recipe.

    The authors of the sports recipes gave their augmentation to nothing and a softmax to a loss
    that expected none; here both are done as they meant it. The transfer recipe sees three varied
    copies of each photo, computed once, in place of a new one in each of 500 epochs.

    Raises:
        OptionError: There is no such recipe.
    """
    sports = {"rotation": 30.0, "zoom": 0.2, "shift": 0.1, "flip": True}
    plain = {"rotation": 0.0, "zoom": 0.0, "shift": 0.0, "flip": False}
    adam = {"schedule": CONSTANT, "weight_decay": 0.0, "class_weights": "off", "batch_size": 32}
    if name == SCENE_NETWORK:
        return TrainingSettings(
            model=scene_network.NAME,
            image_size=150,
            epochs=30,
            learning_rate=1e-3,
            dropout=0.2,
            fit="stretch",
            **plain,
            **adam,
        )
    if name == SPORTS_NETWORK:
        return TrainingSettings(
            model=sports_network.NAME,
            image_size=224,
            epochs=500,
            learning_rate=1e-6,
            dropout=0.4,
            fit="stretch",
            **sports,
            **adam,
        )
    if name == SPORTS_TRANSFER:
        return TrainingSettings(
            image_size=224,
            epochs=500,
            learning_rate=1e-5,
            dropout=0.2,
            views=3,
            fit="stretch",
            **sports,
            **adam,
        )
    raise OptionError(f"There is no recipe '{name}'; choose one of {', '.join(RECIPES)}.")


def _pretrained(photos: int, preset: str) -> TrainingSettings:
    views = _VIEWS[preset]
    if photos > _ENOUGH_VARIETY and preset != THOROUGH:
        views = 0
    rows = photos * (1 + views)
    batch_size = 8 if photos < 200 else 32
    while rows / batch_size > _STEPS_AN_EPOCH and batch_size < _LARGEST_HEAD_BATCH:
        batch_size *= 2
    epochs = round(_HEAD_STEPS * batch_size / max(rows, 1))
    epochs = min(max(epochs, _FEWEST_HEAD_EPOCHS), _MOST_HEAD_EPOCHS)
    return TrainingSettings(
        epochs=max(5, round(epochs * min(_EFFORT[preset], 1.0))),
        batch_size=batch_size,
        views=views,
        fine_tune=preset == THOROUGH,
    )


def _scratch(photos: int, preset: str) -> TrainingSettings:
    epochs = min(max(_SHOWN / max(photos, 1), _FEWEST_EPOCHS), _MOST_EPOCHS)
    return TrainingSettings(
        model=scratch_cnn.NAME,
        epochs=round(epochs * _EFFORT[preset]),
        image_size=scratch_cnn.DEFAULT_IMAGE_SIZE,
    )
