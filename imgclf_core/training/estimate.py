"""How long a training will take, before anything is measured.

Rates of two ordinary cores without a GPU; as soon as a stage runs, the job's own clock takes
over (see `jobs/events.py`).
"""

from imgclf_core.models import mobilenet_v2
from imgclf_core.training.settings import TrainingSettings

READING, FEATURES, TRAINING, TESTING = (
    "reading photos",
    "computing features",
    "training",
    "testing",
)

# Measured with MobileNetV2 at 160 and the scratch CNN at 96 pixels.
_EMBEDDED_A_SECOND = 400.0
_LEARNT_A_SECOND = 250.0
_DECODED_A_SECOND = 800.0
_IMPORT_SECONDS = 6.0  # TensorFlow and Keras
_HEAD_EPOCH_SECONDS = 0.12


def seconds_by_stage(settings: TrainingSettings, photos: int) -> dict[str, float]:
    """Seconds of each stage, in order, for a data set of `photos`."""
    if settings.model == mobilenet_v2.NAME:
        work = (settings.image_size / mobilenet_v2.DEFAULT_IMAGE_SIZE) ** 2
        views = 1 + settings.views
        embedding = photos * views * work / _EMBEDDED_A_SECOND
        return {
            READING: 0.5,
            FEATURES: max(embedding, _IMPORT_SECONDS),  # the two overlap
            TRAINING: 1 + settings.epochs * (_HEAD_EPOCH_SECONDS + photos * views / 20_000),
            TESTING: 0.2,
        }
    work = (settings.image_size / 96) ** 2
    return {
        READING: _IMPORT_SECONDS + photos / _DECODED_A_SECOND,
        TRAINING: 2 + settings.epochs * photos * work / _LEARNT_A_SECOND,
        TESTING: 1.0,
    }


def feature_seconds(photos: int) -> float:
    """Seconds for looking once at every photo with the pretrained network."""
    return photos / _EMBEDDED_A_SECOND


def seconds(settings: TrainingSettings, photos: int) -> float:
    """Seconds of the whole training."""
    return sum(seconds_by_stage(settings, photos).values())
