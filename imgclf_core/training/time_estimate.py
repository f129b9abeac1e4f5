"""How long a training will take, before it begins.

Written down are the rates of two ordinary cores without a GPU; what this machine did before
corrects them: one small file of the home keeps, for each stage of each network, how many seconds
it takes here for one that is expected. As soon as a stage runs, the job's own clock takes over
(see `jobs/pace.py`).
"""

from collections.abc import Mapping
from pathlib import Path

from imgclf_core import config
from imgclf_core.networks import catalogue, scene_network, scratch_cnn, sports_network
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files

READING, FEATURES, TRAINING, TESTING = (
    "reading photos",
    "computing features",
    "training",
    "testing",
)
FEATURES_BELOW, FINE_TUNING = "computing inner features", "fine-tuning"

# Photos a second of the pretrained network at 160 pixels, of its lower blocks with Keras, and of
# its upper blocks learning.
_EMBEDDED_A_SECOND, _BELOW_A_SECOND, _TUNED_A_SECOND = 450.0, 150.0, 300.0
_PRETRAINED_SIDE = 160
# Photos a second that a network learns from, with its side in pixels.
_LEARNT_A_SECOND = {
    scratch_cnn.NAME: (650.0, 80),
    scene_network.NAME: (170.0, 150),
    sports_network.NAME: (50.0, 224),
}
# Below these a stage says nothing about the speed of the machine: seconds, share of expected.
_SHORTEST, _CACHED = 0.4, 0.3
_DECODED_A_SECOND = 800.0
_IMPORT_SECONDS = 6.0  # TensorFlow and Keras
# A new measurement counts as much as all before it, so that one odd day does not last.
_SHARE = 0.5
_HEAD_EPOCH_SECONDS, _HEAD_ROWS_A_SECOND = 0.1, 25_000


def seconds_by_stage(settings: TrainingSettings, photos: int) -> dict[str, float]:
    """Seconds of each stage on this machine, in order, for a data set of `photos`."""
    plain = plain_seconds(settings, photos)
    return {stage: value * factor(key(settings, stage)) for stage, value in plain.items()}


def plain_seconds(settings: TrainingSettings, photos: int) -> dict[str, float]:
    """The same on the machine that the rates were measured on."""
    if not settings.on_backbone:
        rate, side = _LEARNT_A_SECOND[settings.model]
        work = (settings.image_size / side) ** 2
        return {
            READING: _IMPORT_SECONDS + photos / _DECODED_A_SECOND,
            TRAINING: 2 + settings.epochs * photos * work / rate,
            TESTING: 1.0,
        }
    work = (settings.image_size / _PRETRAINED_SIDE) ** 2
    if settings.model == catalogue.FIRST_ANSWER:
        embedding = photos * work / _EMBEDDED_A_SECOND
        return {READING: 0.3, FEATURES: embedding, TRAINING: 0.5 + photos / 5000, TESTING: 0.2}
    rows = photos * (1 + settings.views)
    stages = {
        READING: 0.5,
        FEATURES: max(rows * work / _EMBEDDED_A_SECOND, _IMPORT_SECONDS),  # the two overlap
        TRAINING: 2 + settings.epochs * (_HEAD_EPOCH_SECONDS + rows / _HEAD_ROWS_A_SECOND),
    }
    if settings.fine_tune:
        stages[FEATURES_BELOW] = 2 + rows * work / _BELOW_A_SECOND
        stages[FINE_TUNING] = 5 + settings.fine_tune_epochs * rows * work / _TUNED_A_SECOND
    return {**stages, TESTING: 0.5}


def learn(settings: TrainingSettings, photos: int, spent: Mapping[str, float]) -> None:
    """Compares what a whole run took with what was expected, for the next estimate.

    Args:
        settings: Of the run.
        photos: That took part.
        spent: Seconds by stage.
    """
    measured = {}
    for stage, expected in plain_seconds(settings, photos).items():
        ratio = spent.get(stage, 0.0) / expected
        # A short stage says nothing, nor one whose photos were in the cache already; a training
        # finds what the first answer computed.
        cached = stage in (FEATURES, FEATURES_BELOW) and ratio < _CACHED
        found = stage == FEATURES and settings.model != catalogue.FIRST_ANSWER
        told = stage not in (READING, TESTING) and spent.get(stage, 0.0) > _SHORTEST
        if told and not cached and not found:
            measured[key(settings, stage)] = ratio
    remember(measured)


def key(settings: TrainingSettings, stage: str) -> str:
    """Under which name the speed of a stage is remembered."""
    return f"{catalogue.FIRST_ANSWER if stage == FEATURES else settings.model} {stage}"


def feature_seconds(photos: int) -> float:
    """Seconds for looking once at every photo with the pretrained network."""
    name = f"{catalogue.FIRST_ANSWER} {FEATURES}"
    return photos / _EMBEDDED_A_SECOND * factor(name)


def seconds(settings: TrainingSettings, photos: int) -> float:
    """Seconds of the whole training."""
    return sum(seconds_by_stage(settings, photos).values())


def factor(name: str) -> float:
    """Seconds here for one expected second; 1 until something was measured."""
    known = _known().get(name)
    return float(known) if isinstance(known, int | float) and 0.02 < known < 50 else 1.0


def remember(measured: Mapping[str, float]) -> None:
    """Remembers factors by name."""
    known = _known()
    for name, value in measured.items():
        known[name] = round(_SHARE * value + (1 - _SHARE) * known.get(name, value), 4)
    atomic_files.write_json(_path(), known)


def _known() -> dict[str, float]:
    value = atomic_files.read_json(_path())
    return dict(value) if isinstance(value, dict) else {}


def _path() -> Path:
    return config.home() / "speed.json"
