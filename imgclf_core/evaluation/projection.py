"""The `map` job: photos in two dimensions, near to what they look like.

What the fixed backbone sees, 1,280 numbers a photo, is laid out by t-SNE (L. van der Maaten and
G. Hinton, 2008). Labels play no part in it, so a corrected data set keeps its map.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclf_core import files
from imgclf_core.data import storage
from imgclf_core.data.dataset import Dataset
from imgclf_core.data.layout import TEST, TRAINING, VALIDATION
from imgclf_core.jobs.events import Reporter
from imgclf_core.training import estimate, features, look
from imgclf_core.training.features import Source
from imgclf_core.training.learning import progress_of

FOLDER = "map"  # of the job, inside the data set
FILE = "map.npz"
PLACING = "laying out photos"
# More would take minutes, and the points could not be told apart.
MOST_PHOTOS = 3_000
# t-SNE is quicker and no worse on so many principal components.
_COMPONENTS, _PERPLEXITY = 50, 30.0
_SECONDS_A_PHOTO = 0.006  # measured on two cores


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
    dataset = storage.load(folder.parent)
    chosen = _some(dataset)
    reporter.plan({
        estimate.FEATURES: estimate.feature_seconds(len(chosen)),
        PLACING: 1 + len(chosen) * _SECONDS_A_PHOTO,
    })  # fmt: skip
    reporter.stage(estimate.FEATURES, len(chosen))
    photos = [dataset.photos[i] for i in chosen]
    sources = [Source(photo.key, lambda p=photo: dataset.read(p)) for photo in photos]
    stored, rows = features.compute(sources, look.fixed_recipe(), on_progress=progress_of(reporter))
    reporter.stage(PLACING)
    reporter.raise_if_stopped()
    save(dataset, Projection(
        np.array([photo.file for photo in photos]), place(np.asarray(stored[rows[:, 0]]))
    ))  # fmt: skip
    return {"photos": len(photos)}


def place(embedded: np.ndarray, seed: int = 0) -> np.ndarray:
    """Two dimensions for each photo.

    Args:
        embedded: float (n, D).
        seed: Of the layout.

    Returns:
        float32 (n, 2); for fewer than five photos a line.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    count = len(embedded)
    if count < 5:
        return np.stack([np.arange(count), np.zeros(count)], axis=1).astype(np.float32)
    components = min(_COMPONENTS, count, embedded.shape[1])
    reduced = PCA(components, random_state=seed).fit_transform(embedded)
    perplexity = min(_PERPLEXITY, (count - 1) / 3)
    # Without a spread, as for copies of one picture, the principal components cannot begin it.
    begin = "pca" if float(reduced[:, 0].std()) > 0 else "random"
    layout = TSNE(2, perplexity=perplexity, init=begin, random_state=seed)
    return layout.fit_transform(reduced).astype(np.float32)


def save(dataset: Dataset, found: Projection) -> None:
    """Keeps the map beside the data set."""
    files.write_arrays(dataset.folder / FILE, files=found.files, xy=found.xy)


def load(dataset: Dataset) -> Projection | None:
    """The map, unless most of the photos are new since; then None."""
    try:
        found = Projection(**files.read_arrays(dataset.folder / FILE))
    except (OSError, ValueError, TypeError):
        return None
    known = set(found.files.tolist())
    missing = sum(dataset.photos[i].file not in known for i in _some(dataset))
    return found if 10 * missing <= len(dataset.photos) else None


def seconds(dataset: Dataset) -> float:
    """What it is expected to take, with nothing kept yet."""
    count = min(len(dataset.photos), MOST_PHOTOS)
    return 3.0 + estimate.feature_seconds(count) + count * _SECONDS_A_PHOTO


def _some(dataset: Dataset) -> list[int]:
    """Positions of the photos on the map: test photos first, then the others, evenly."""
    chosen: list[int] = []
    for side in (TEST, VALIDATION, TRAINING):
        members = dataset.indices(side)
        room = MOST_PHOTOS - len(chosen)
        if len(members) > room:
            members = members[np.linspace(0, len(members) - 1, room).astype(int)] if room else []
        chosen.extend(int(i) for i in members)
    return sorted(chosen)
