"""Photos decoded once to a network's size and kept in a memory map.

What is drawn from it, in which order and how varied, is in `training/batches.py`.
"""

from collections.abc import Callable

import numpy as np

from imgclf_core.images import decode
from imgclf_core.networks.embeddings import Source
from imgclf_core.support import row_store
from imgclf_core.support.parallel_map import map_batches
from imgclf_core.support.row_store import RowStore


def stored(
    sources: list[Source],
    image_size: int,
    fit: str,
    on_progress: Callable[[int], None] = lambda done: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Decodes what is not decoded yet.

    Args:
        sources: N photos.
        image_size: Side in pixels.
        fit: See `images.decode.fit`.
        on_progress: Called with the number of photos finished.

    Returns:
        The memory map of all stored photos, uint8 (M, s, s, 3), and int64 (N,), the row of
        each photo in it.
    """
    store = RowStore(
        row_store.shared(f"pixels/{image_size}-{fit}"), (image_size, image_size, 3), "uint8"
    )
    by_key = {source.key: source for source in sources}
    todo = store.missing(by_key)
    done = len(sources) - len(todo)

    def decoded(keys: list[str]) -> np.ndarray:
        size = (image_size, image_size)
        return np.stack([decode.load(by_key[key].read(), size, fit) for key in keys])

    for keys, rows in map_batches(decoded, todo, size=32):
        store.append(keys, rows)
        done += len(keys)
        on_progress(done)
    positions = store.positions()
    return store.rows(), np.array([positions[source.key] for source in sources], dtype=np.int64)
