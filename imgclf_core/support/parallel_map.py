"""One function over many photos: features and folder sorting are both maps.

Nothing is shared between batches, so the same function could run on a cluster; here it runs
on a thread a core, a bounded number of batches ahead. Decoding and LiteRT both release the
interpreter lock, so they overlap.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

BATCH_SIZE = 8


def batches(items: Iterable[Item], size: int = BATCH_SIZE) -> Iterator[list[Item]]:
    """Cuts items into lists of `size`, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def map_batches(
    function: Callable[[list[Item]], Result],
    items: Iterable[Item],
    size: int = BATCH_SIZE,
    threads: int | None = None,
) -> Iterator[tuple[list[Item], Result]]:
    """Applies `function` to batches of items on a thread a core, in order.

    Args:
        function: Called with up to `size` items; its exceptions come out of the iterator.
        items: May be endless; only a few batches are taken ahead.
        size: Items a batch.
        threads: By default one a core.

    Yields:
        Each batch with its result.
    """
    threads = threads or os.cpu_count() or 1
    waiting: deque[tuple[list[Item], Future]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for batch in batches(items, size):
                waiting.append((batch, pool.submit(function, batch)))
                if len(waiting) > 2 * threads:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
