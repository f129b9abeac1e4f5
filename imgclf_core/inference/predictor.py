"""A trained model that answers, without TensorFlow.

Opened from a run; exported models become runs again, see `workspaces/opening.py`. A run brings
the threshold below which the model is not sure, and its gate. One on the frozen backbone needs
no conversion of its own: the shared backbone answers features, and scores and activation map are
one matrix product each. Anything else answers through its own `model.tflite`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imgclf_core.errors import ModelError
from imgclf_core.images import decode
from imgclf_core.networks import litert, mobilenet_v2, weights
from imgclf_core.runs import calibration, ood_detector, run_store
from imgclf_core.runs.ood_detector import Gate
from imgclf_core.runs.run import Run

# Why a model is not sure.
LOW_SCORE, UNLIKE = "low score", "unlike the training photos"


@dataclass(frozen=True)
class Outputs:
    """What a model says of n photos.

    Attributes:
        scores: float32 (n, K), rows summing to 1.
        embedding: float32 (n, D), what the last layer sees.
        cam: float32 (n, h, w, K), class-activation maps: how much each place speaks for each
            class, before the average over places; no range. None for a network that does not
            end in such an average.
    """

    scores: np.ndarray
    embedding: np.ndarray
    cam: np.ndarray | None


@dataclass(frozen=True)
class Answer:
    """What a model says of one photo.

    Attributes:
        scores: float32 (K,), summing to 1.
        seconds: Time from bytes to scores.
        image: The photo as the network saw it, uint8 (s, s, 3).
        embedding: float32 (D,), what the last layer sees.
        distance: From the training photos, see `runs/ood_detector.py`; None where nobody knows.
        doubts: Why the model is not sure, of `LOW_SCORE` and `UNLIKE`; empty where it is.
    """

    scores: np.ndarray
    seconds: float
    image: np.ndarray
    embedding: np.ndarray
    distance: float | None = None
    doubts: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        return not self.doubts

    @property
    def order(self) -> np.ndarray:
        """int (K,): classes, highest score first."""
        return np.argsort(-self.scores, kind="stable")


@dataclass(frozen=True)
class Predictor:
    """A model with what it needs to know about photos.

    Attributes:
        name: For people.
        class_names: K names in the order of the scores.
        image_size: Side of the square it sees.
        fit: How photos are brought to it, see `images.decode.fit`.
        run: Called with images (n, s, s, 3), 0 to 255; may be called by several threads.
        threshold: Least score of an answer, 0 to 1.
        gate: Tells photos unlike the training photos; None where there is none.
    """

    name: str
    class_names: tuple[str, ...]
    image_size: int
    fit: str
    run: Callable[[np.ndarray], Outputs]
    threshold: float = 0.0
    gate: Gate | None = None

    def load(self, data: bytes) -> np.ndarray:
        """The bytes of a file as the network sees them, uint8 (s, s, 3).

        Raises:
            ImageError: It is not a picture we can read.
        """
        return decode.load(data, (self.image_size, self.image_size), self.fit)

    def answer(self, data: bytes) -> Answer:
        """Classifies one photo.

        Raises:
            ImageError: It is not a picture we can read.
        """
        started = time.perf_counter()
        answer = self.look(self.load(data))
        return replace(answer, seconds=time.perf_counter() - started)

    def look(self, image: np.ndarray) -> Answer:
        """Classifies one photo as the network sees it, uint8 (s, s, 3)."""
        started = time.perf_counter()
        outputs = self.run(image[None])
        scores, embedding = outputs.scores[0], outputs.embedding[0]
        distance = float(self.gate.distances(embedding[None])[0]) if self.gate else None
        doubts = self.doubts(scores, distance)
        return Answer(scores, time.perf_counter() - started, image, embedding, distance, doubts)

    def doubts(self, scores: np.ndarray, distance: float | None) -> tuple[str, ...]:
        """Why the model is not sure of a photo; empty where it is.

        Args:
            scores: float (K,), summing to 1.
            distance: From the training photos; None where nobody knows.
        """
        low = scores.max() < self.threshold
        unlike = self.gate is not None and distance is not None and distance > self.gate.limit
        return tuple(word for word, holds in ((LOW_SCORE, low), (UNLIKE, unlike)) if holds)


def can_answer(run: Run) -> bool:
    """Whether `open_run` would work now; a scratch CNN must have been packed first."""
    return run.finished and (run.packed or _shared_backbone(run) is not None)


def open_folder(folder: Path) -> Predictor:
    """Opens the run in a folder, or a model from elsewhere, which is laid out like one.

    Raises:
        ModelError: There is neither, or it cannot answer yet.
    """
    return open_run(run_store.load(folder))


def open_run(run: Run) -> Predictor:
    """Opens a finished run.

    Raises:
        ModelError: It is not finished, or its model is still being packed.
    """
    backbone = _shared_backbone(run)
    if run.finished and backbone is not None:
        answers = _head_on(litert.pool(backbone), *run_store.learnt(run))
    elif run.packed:
        answers = _whole(litert.pool(run.folder / run_store.LITERT_FILE))
    else:
        raise ModelError(
            f"The run '{run.name}' cannot answer yet: its model is not ready. "
            "Wait until training and packing are done."
        )
    settings = run.settings
    threshold = calibration.load(run.folder).threshold
    return Predictor(
        run.name,
        run.class_names,
        settings.image_size,
        settings.fit,
        answers,
        threshold,
        ood_detector.load(run.folder),
    )


def _shared_backbone(run: Run) -> Path | None:
    if not run.settings.on_backbone or run.fine_tuned or "sha256" not in run.weights:
        return None
    path = weights.backbone_path(run.weights["sha256"])
    return path if path.exists() else None


def _head_on(pool: litert.Pool, kernel: np.ndarray, bias: np.ndarray):
    def answer(images: np.ndarray) -> Outputs:
        out = pool.run(images)
        scores = mobilenet_v2.apply_head(out["embedding"], kernel, bias)
        return Outputs(scores, out["embedding"], out["feature_map"] @ kernel)

    return answer


def _whole(pool: litert.Pool):
    def answer(images: np.ndarray) -> Outputs:
        out = pool.run(images)
        return Outputs(out["scores"], out["embedding"], out.get("cam"))

    return answer
