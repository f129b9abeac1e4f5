"""Everything a person can choose about a training, with a reason beside each default.

Stored in the run, so that it can be repeated. Settings of the machine are in `config.py`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from imgclf_core.data.augment import Augmentation
from imgclf_core.data.decode import FIT_MODES
from imgclf_core.errors import OptionError
from imgclf_core.models import mobilenet_v2, scratch_cnn, weights

NETWORKS = (mobilenet_v2.NAME, scratch_cnn.NAME)
CLASS_WEIGHTS = ("auto", "on", "off")

# Photos shown to the scratch CNN in all epochs together, by how thorough one wants to be.
# Measured on two cores: about 350 a second at 96 pixels.
QUICK, BALANCED, THOROUGH = "quick", "balanced", "thorough"
THOROUGHNESS = {QUICK: 0.4, BALANCED: 1.0, THOROUGH: 2.5}
_SCRATCH_VIEWS = 32_000
_FEWEST_EPOCHS, _MOST_EPOCHS = 8, 60
# Corrections of the last layer in all epochs together; small sets need more epochs for them.
_HEAD_STEPS = 1000
_HEAD_EPOCHS, _MOST_HEAD_EPOCHS = 40, 120


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        model: `mobilenet_v2` or `scratch_cnn`.
        epochs: Times every training photo is shown, at most.
        image_size: Side of the square the network sees, in pixels.
        batch_size: Photos between two corrections of the weights.
        learning_rate: How large these corrections are at first.
        rotation, zoom, shift, flip: Ranges of `data.augment.Augmentation`.
        views: Extra varied copies of each training photo, for the pretrained network, whose
            features are computed once; the scratch CNN sees a new copy every epoch.
        dropout: Share of the features hidden at random, against learning by heart.
        class_weights: `auto` weighs rare classes up where the largest has 1.5 times the photos
            of the smallest; `on` and `off` decide it.
        patience: Epochs without improvement after which it stops; 0 never stops early.
        seed: Of everything random.
        weights: `auto`, `imagenet`, `shipped` or a path; the scratch CNN uses none.
        fit: `crop`, `pad` or `stretch`, see `data.decode.fit`.
        leave_out_small: Train without classes of fewer than three photos.
    """

    model: str = mobilenet_v2.NAME
    epochs: int = _HEAD_EPOCHS
    image_size: int = mobilenet_v2.DEFAULT_IMAGE_SIZE
    batch_size: int = 32  # small enough to fit anywhere, large enough for two cores
    learning_rate: float = 2e-3  # with warm-up and a cosine
    rotation: float = 10.0
    zoom: float = 0.15
    shift: float = 0.1
    flip: bool = True
    views: int = 1
    dropout: float = 0.2
    class_weights: str = "auto"
    patience: int = 8
    seed: int = 0
    weights: str = weights.AUTO
    fit: str = "crop"
    leave_out_small: bool = False

    @property
    def augmentation(self) -> Augmentation:
        return Augmentation(self.rotation, self.zoom, self.shift, self.flip)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def defaults(model: str, training_photos: int, thoroughness: str = BALANCED) -> TrainingSettings:
    """Settings that work without touching any of them.

    Args:
        model: `mobilenet_v2` or `scratch_cnn`.
        training_photos: Size of the training side; few photos are shown more often.
        thoroughness: A key of `THOROUGHNESS`.
    """
    effort = THOROUGHNESS[thoroughness]
    if model == mobilenet_v2.NAME:
        batch_size = 32 if training_photos >= 200 else 8
        steps = max(1, training_photos * (1 + TrainingSettings.views) // batch_size)
        epochs = min(max(round(_HEAD_STEPS / steps), _HEAD_EPOCHS), _MOST_HEAD_EPOCHS)
        return TrainingSettings(epochs=max(5, round(epochs * effort)), batch_size=batch_size)
    epochs = round(_SCRATCH_VIEWS * effort / max(training_photos, 1))
    epochs = min(max(epochs, _FEWEST_EPOCHS), round(_MOST_EPOCHS * max(effort, 0.5)))
    return TrainingSettings(
        model=scratch_cnn.NAME,
        epochs=epochs,
        image_size=scratch_cnn.DEFAULT_IMAGE_SIZE,
        patience=max(10, epochs // 3),
    )


def from_json(values: Mapping[str, Any]) -> TrainingSettings:
    """Settings from JSON values; unknown names are refused, missing ones take the default."""
    known = {item.name for item in fields(TrainingSettings)}
    if unknown := set(values) - known:
        raise OptionError(f"Unknown settings: {', '.join(sorted(unknown))}.")
    return checked(TrainingSettings(**values))


def changed(settings: TrainingSettings, **changes: Any) -> TrainingSettings:
    """A checked copy with the changes that are not None."""
    given = {name: value for name, value in changes.items() if value is not None}
    return checked(replace(settings, **given))


def checked(settings: TrainingSettings) -> TrainingSettings:
    """The same settings.

    Raises:
        OptionError: One is out of range; the sentence names it and the range.
    """
    sizes = {
        mobilenet_v2.NAME: mobilenet_v2.IMAGE_SIZES,
        scratch_cnn.NAME: scratch_cnn.IMAGE_SIZES,
    }
    _one_of("model", settings.model, NETWORKS)
    _one_of("image size", settings.image_size, sizes[settings.model])
    _one_of("class weights", settings.class_weights, CLASS_WEIGHTS)
    _one_of("fit", settings.fit, FIT_MODES)
    _whole("epochs", settings.epochs, 1, 1000)
    _whole("batch size", settings.batch_size, 1, 512)
    _between("learning rate", settings.learning_rate, 1e-7, 1.0)
    _between("rotation", settings.rotation, 0, 180)
    _between("zoom", settings.zoom, 0, 0.9)
    _between("shift", settings.shift, 0, 0.5)
    _whole("extra views", settings.views, 0, 8)
    _between("dropout", settings.dropout, 0, 0.9)
    _whole("patience", settings.patience, 0, 1000)
    _whole("seed", settings.seed, 0, 2**31 - 1)
    return settings


def _one_of(name: str, value: Any, allowed: tuple) -> None:
    if value not in allowed:
        choices = ", ".join(str(choice) for choice in allowed)
        raise OptionError(f"'{name}' is {value}; choose one of {choices}.")


def _whole(name: str, value: float, low: int, high: int) -> None:
    _between(name, value, low, high)
    if not isinstance(value, int):
        raise OptionError(f"'{name}' is {value}; choose a whole number.")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not isinstance(value, int | float) or not low <= value <= high:
        raise OptionError(f"'{name}' is {value}; choose a number from {low} to {high}.")
