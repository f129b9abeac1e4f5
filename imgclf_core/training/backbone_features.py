"""What the pretrained network sees of the photos of a run: which weights, and features once.

Every training on the pretrained network begins with it, the baseline too, without Keras.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from imgclf_core.datasets.checks import outliers
from imgclf_core.jobs.reporter import Reporter, progress_of
from imgclf_core.networks import embeddings, weights
from imgclf_core.networks.embeddings import Recipe, Timing
from imgclf_core.networks.weights import Weights
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.training import time_estimate
from imgclf_core.training.training_data import Material


@dataclass(frozen=True)
class Features:
    """What the frozen network says of photos.

    Attributes:
        recipe: How it was asked.
        stored: float32 (M, 1280), a memory map.
        positions: int64 (N, 1 + views), the row of each photo and of its varied copies in it;
            copies are known for training photos only.
    """

    recipe: Recipe
    stored: np.ndarray
    positions: np.ndarray

    @property
    def plain(self) -> np.ndarray:
        """float32 (N, 1280), of the photos as they are."""
        return np.asarray(self.stored[self.positions[:, 0]])


def resolve_weights(record: Run, reporter: Reporter) -> Run:
    """Finds the pretrained weights and notes in the run which they are."""
    reporter.stage(time_estimate.READING)
    settings = record.settings
    if record.weights:  # a training that goes on stays with what it began with
        path = weights.path_of(record.weights["sha256"], settings.weights)
        weights.backbone(Weights(path=path, **record.weights))
        return record
    chosen = weights.resolve(settings.weights, settings.image_size)
    record = replace(
        record, weights={"source": chosen.source, "sha256": chosen.sha256, "note": chosen.note}
    )
    weights.backbone(chosen)
    run_store.save(record)
    return record


def recipe_of(record: Run) -> Recipe:
    """How features of a run are computed."""
    settings, sha256 = record.settings, record.weights["sha256"]
    return Recipe(
        backbone=weights.backbone_path(sha256),
        weights_sha256=sha256,
        image_size=settings.image_size,
        fit=settings.fit,
        augmentation=settings.augmentation,
    )


def find_features(
    record: Run, material: Material, reporter: Reporter, timing: Timing | None = None
) -> Features:
    """Features of all photos, and of varied copies of the training photos."""
    recipe, sources = recipe_of(record), material.sources()
    rows = np.unique(material.training_rows())
    views = record.settings.views if recipe.augmentation.active else 0
    already = embeddings.known(sources, recipe)
    reporter.stage(
        time_estimate.FEATURES, len(sources) + (len(rows) if views else 0), already=already
    )
    on_progress = progress_of(reporter)
    stored, first = embeddings.compute(sources, recipe, on_progress=on_progress, timing=timing)
    _find_outliers(material, recipe, lambda: np.asarray(stored[first[:, 0]]))
    positions = np.repeat(first, 1 + views, axis=1)
    if views:
        stored, positions[rows] = embeddings.compute(
            [sources[i] for i in rows],
            recipe,
            views,
            lambda done: on_progress(len(sources) + done),
            timing,
        )
    return Features(recipe, stored, positions)


def _find_outliers(material: Material, recipe: Recipe, plain: Callable[[], np.ndarray]) -> None:
    """Finds unusual photos where the features at hand are those that are looked at for it."""
    fixed = embeddings.fixed_recipe()
    everything = len(material.photos) == len(material.dataset.photos)
    same = recipe.store.folder == fixed.store.folder
    if everything and same and not outliers.looked_at(material.dataset):
        outliers.save(material.dataset, plain())
