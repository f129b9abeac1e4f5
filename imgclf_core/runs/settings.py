"""Everything a person can choose about a training, with a reason beside each default.

Stored in the run, so that it can be repeated. What *quick*, *balanced* and *thorough* set, and
what published recipes set, is in `training/presets.py`. Settings of the machine are in
`config.py`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from imgclf_core.errors import OptionError
from imgclf_core.images.augmentation import Augmentation
from imgclf_core.images.decode import FIT_MODES
from imgclf_core.networks import catalogue, mobilenet_v2, weights

# What a person chooses between; the first answer comes by itself.
NETWORKS = (mobilenet_v2.NAME, *catalogue.FROM_PIXELS, catalogue.FIRST_ANSWER)
CLASS_WEIGHTS = ("auto", "on", "off")
COSINE, CONSTANT = "cosine", "constant"
SCHEDULES = (COSINE, CONSTANT)


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        model: A name in `NETWORKS`.
        epochs: Times every training photo is shown, at most.
        image_size: Side of the square the network sees, in pixels.
        batch_size: Photos between two corrections of the weights.
        learning_rate: How large these corrections are at first.
        schedule: `cosine` warms the rate up and takes it down to nearly nothing; `constant`.
        weight_decay: Pull of the weights towards zero; None for the value that suits the
            network, 0 for none (Adam in place of AdamW).
        rotation, zoom, shift, flip: Ranges of `images.augmentation.Augmentation`.
        views: Extra varied copies of each training photo, for the pretrained network, whose
            features are computed once; others see a new copy every epoch.
        dropout: Share of the features hidden at random, against learning by heart.
        fine_tune: Whether the upper blocks of the pretrained network learn too, after the last
            layer; kept only if validation improves.
        fine_tune_epochs, fine_tune_rate: As `epochs` and `learning_rate`, for that.
        class_weights: `auto` weighs rare classes up where the largest has 1.5 times the photos
            of the smallest; `on` and `off` decide it.
        patience: Epochs without improvement after which it stops; 0 never stops early.
        seed: Of everything random.
        weights: `auto`, `imagenet`, `shipped` or a path; networks from scratch use none.
        fit: `crop`, `pad` or `stretch`, see `images.decode.fit`.
        leave_out_small: Train without classes of fewer than three photos.
    """

    model: str = mobilenet_v2.NAME
    epochs: int = 40
    image_size: int = mobilenet_v2.DEFAULT_IMAGE_SIZE
    batch_size: int = 32  # small enough to fit anywhere, large enough for two cores
    learning_rate: float = 2e-3
    schedule: str = COSINE
    weight_decay: float | None = None
    rotation: float = 10.0
    zoom: float = 0.15
    shift: float = 0.1
    flip: bool = True
    views: int = 1
    dropout: float = 0.2
    fine_tune: bool = False
    fine_tune_epochs: int = 8
    fine_tune_rate: float = 1e-4
    class_weights: str = "auto"
    # The schedule ends well by itself, and a training of known length has an honest time to go.
    patience: int = 0
    seed: int = 0
    weights: str = weights.AUTO
    fit: str = "crop"
    leave_out_small: bool = False

    @property
    def augmentation(self) -> Augmentation:
        return Augmentation(self.rotation, self.zoom, self.shift, self.flip)

    @property
    def on_backbone(self) -> bool:
        """Whether it is the pretrained network with a new last layer."""
        return self.model in catalogue.ON_BACKBONE

    @property
    def planned_epochs(self) -> int:
        """Epochs of all phases."""
        return self.epochs + (self.fine_tune_epochs if self.fine_tune else 0)

    @property
    def in_short(self) -> str:
        """What tells runs apart, for a table."""
        if self.model == catalogue.FIRST_ANSWER:
            return f"{self.image_size} px, closed form"
        parts = [
            f"{self.image_size} px",
            f"batch {self.batch_size}",
            f"rate {self.learning_rate:g}",
        ]
        if self.on_backbone and self.views:
            parts.append("1 copy" if self.views == 1 else f"{self.views} copies")
        if self.fine_tune:
            parts.append("fine-tuning")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


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


def differences(first: TrainingSettings, second: TrainingSettings) -> dict[str, tuple[Any, Any]]:
    """Settings that are not alike, by name."""
    one, two = first.to_json(), second.to_json()
    return {name: (one[name], two[name]) for name in one if one[name] != two[name]}


def checked(settings: TrainingSettings) -> TrainingSettings:
    """The same settings.

    Raises:
        OptionError: One is out of range; the sentence names it and the range.
    """
    _one_of("model", settings.model, NETWORKS)
    _one_of("image size", settings.image_size, catalogue.image_sizes(settings.model))
    _one_of("schedule", settings.schedule, SCHEDULES)
    _one_of("class weights", settings.class_weights, CLASS_WEIGHTS)
    _one_of("fit", settings.fit, FIT_MODES)
    _whole("epochs", settings.epochs, 1, 1000)
    _whole("batch size", settings.batch_size, 1, 512)
    _between("learning rate", settings.learning_rate, 1e-7, 1.0)
    if settings.weight_decay is not None:
        _between("weight decay", settings.weight_decay, 0, 10)
    _between("rotation", settings.rotation, 0, 180)
    _between("zoom", settings.zoom, 0, 0.9)
    _between("shift", settings.shift, 0, 0.5)
    _whole("extra views", settings.views, 0, 8)
    _between("dropout", settings.dropout, 0, 0.9)
    _whole("fine-tuning epochs", settings.fine_tune_epochs, 1, 1000)
    _between("fine-tuning rate", settings.fine_tune_rate, 1e-7, 1.0)
    _whole("patience", settings.patience, 0, 1000)
    _whole("seed", settings.seed, 0, 2**31 - 1)
    if settings.fine_tune and settings.model != mobilenet_v2.NAME:
        raise OptionError("Only MobileNetV2 can be fine-tuned; other networks learn as a whole.")
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
