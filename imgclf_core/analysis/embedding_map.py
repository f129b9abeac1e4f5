"""The `map` job: photos in two dimensions, near to what they look like.

What the fixed backbone sees, 1,280 numbers a photo, is laid out by t-SNE (L. van der Maaten and
G. Hinton, 2008). Labels play no part in it, so a corrected data set keeps its map.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import TEST, TRAINING, VALIDATION
from imgclf_core.jobs.reporter import Reporter, progress_of
from imgclf_core.networks import embeddings
from imgclf_core.networks.embeddings import Source
from imgclf_core.support import atomic_files
from imgclf_core.training import time_estimate

FOLDER = "map"  # of the job, inside the data set
FILE = "map.npz"
PLACING = "laying out photos"
# More would take minutes, and the points could not be told apart.
MOST_PHOTOS = 3_000
# t-SNE is quicker and no worse on so many principal components.
_COMPONENTS, _PERPLEXITY = 50, 30.0
_FEWEST = 5  # photos with neighbours to speak of
# Share of the photos that may be missing on a map.
_NEW_SHARE = 0.1
_SECONDS_A_PHOTO = 0.0025  # measured on two cores: 6.5 s for 3,000


@dataclass(frozen=True)
class Projection:
    """Where photos lie.

    Attributes:
        files: str (n,), files of photos, see `Photo.file`.
        xy: float32 (n, 2), no unit.
    """

    files: np.ndarray
    xy: np.ndarray


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Lays out the current version; `folder` lies in the data set's."""
    dataset = store.load(folder.parent)
    chosen = _some(dataset)
    reporter.plan(
        {
            time_estimate.FEATURES: time_estimate.feature_seconds(len(chosen)),
            PLACING: 1 + len(chosen) * _SECONDS_A_PHOTO,
        }
    )
    reporter.stage(time_estimate.FEATURES, len(chosen))
    photos = [dataset.photos[i] for i in chosen]
    sources = [
        Source(photo.key, lambda p=photo: photo_files.read_photo(dataset, p)) for photo in photos
    ]
    stored, rows = embeddings.compute(
        sources, embeddings.fixed_recipe(), on_progress=progress_of(reporter)
    )
    reporter.stage(PLACING)
    reporter.raise_if_stopped()
    save(
        dataset,
        Projection(
            np.array([photo.file for photo in photos]), place(np.asarray(stored[rows[:, 0]]))
        ),
    )
    return {"photos": len(photos)}


def place(embedded: np.ndarray, seed: int = 0) -> np.ndarray:
    """Two dimensions for each photo.

    Args:
        embedded: float (n, D).
        seed: Of the layout.

    Returns:
        float32 (n, 2); of fewer than five photos, and of copies of one, the two principal
        components.
    """
    from sklearn.manifold import TSNE

    reduced = _principal(embedded, seed)
    if len(reduced) < _FEWEST or not reduced[:, 0].any():
        return np.pad(reduced[:, :2], ((0, 0), (0, max(0, 2 - reduced.shape[1]))))
    perplexity = min(_PERPLEXITY, (len(reduced) - 1) / 3)
    layout = TSNE(2, perplexity=perplexity, init="pca", random_state=seed)
    return layout.fit_transform(reduced).astype(np.float32)


def _principal(embedded: np.ndarray, seed: int) -> np.ndarray:
    """float32 (n, at most 50): the principal components, all 0 for copies of one photo."""
    from sklearn.decomposition import PCA

    components = min(_COMPONENTS, *embedded.shape)
    # The mean of equal rows is rounded, and what is left would be taken for a spread.
    if len(embedded) < 2 or (embedded == embedded[0]).all():
        return np.zeros((len(embedded), components), np.float32)
    return PCA(components, random_state=seed).fit_transform(embedded).astype(np.float32)


def save(dataset: Dataset, found: Projection) -> None:
    """Keeps the map beside the data set."""
    atomic_files.write_arrays(dataset.folder / FILE, files=found.files, xy=found.xy)


def load(dataset: Dataset) -> Projection | None:
    """The map; None while there is none, and where too many photos are new since.

    Files name the content of photos, so that a map tells by itself which photos it is of. Some
    of them may have been left out since.
    """
    try:
        found = Projection(**atomic_files.read_arrays(dataset.folder / FILE))
    except (OSError, ValueError, TypeError):
        return None
    known, chosen = set(found.files.tolist()), _some(dataset)
    missing = sum(dataset.photos[i].file not in known for i in chosen)
    return found if missing <= _NEW_SHARE * len(chosen) else None


def seconds(dataset: Dataset) -> float:
    """What it is expected to take, with nothing kept yet."""
    count = min(len(dataset.photos), MOST_PHOTOS)
    return 3.0 + time_estimate.feature_seconds(count) + count * _SECONDS_A_PHOTO


def _some(dataset: Dataset) -> list[int]:
    """Positions of the photos on the map: test photos first, then validation, then training.

    Of a side that has too many those whose keys come first, which is as even as chance, knows
    nothing of labels and hardly changes when a few photos come or go.
    """
    chosen: list[int] = []
    for side in (TEST, VALIDATION, TRAINING):
        members = sorted(dataset.indices(side).tolist(), key=lambda i: dataset.photos[i].key)
        chosen.extend(members[: MOST_PHOTOS - len(chosen)])
    return sorted(chosen)
