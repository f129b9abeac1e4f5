"""Running converted networks with LiteRT, many at once and without TensorFlow.

An interpreter may serve one thread at a time, so each model has a pool of as many
single-threaded interpreters as there are cores: measured, that is as fast as one interpreter
with all threads for one caller, and twice as fast for two. The pools of the few models used
last are kept for the whole process; they hold weights, never photos.
"""

import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imgclf_core.errors import ModelError

MODELS_KEPT = 3
# Photos that go through a network together: what lies between its layers then stays in the
# cache of the processor. Measured at 160 pixels: 2 at once 530 a second, 8 at once 455.
_AT_ONCE = 2


class Pool:
    """Interpreters of one model.

    Args:
        source: Path of a `.tflite` file, or its bytes.
    """

    def __init__(self, source: Path | bytes):
        from ai_edge_litert.interpreter import Interpreter

        options = (
            {"model_content": source} if isinstance(source, bytes) else {"model_path": str(source)}
        )
        self._free: queue.Queue = queue.Queue()
        try:
            for _ in range(os.cpu_count() or 1):
                interpreter = Interpreter(num_threads=1, **options)
                self._free.put((interpreter, interpreter.get_signature_runner()))
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"The converted model cannot be opened ({error}).") from error

    def run(self, images: np.ndarray, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Answers for a batch.

        Args:
            images: (n, height, width, 3), 0 to 255; any numeric dtype.
            names: Outputs that are wanted; all by default.

        Returns:
            The outputs by name, float32, first axis n.
        """
        _, answer = entry = self._free.get()
        try:
            pieces = [
                answer(image=np.ascontiguousarray(images[i : i + _AT_ONCE], dtype=np.float32))
                for i in range(0, len(images), _AT_ONCE)
            ]
        finally:
            self._free.put(entry)
        wanted = names or pieces[0]
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in wanted}


_pools: OrderedDict[str, Pool] = OrderedDict()
_lock = threading.Lock()


def pool(path: Path) -> Pool:
    """The pool of a model file, made on first use; the least recently used one is let go."""
    stamp = path.stat()
    key = f"{path.resolve()}:{stamp.st_mtime_ns}:{stamp.st_size}"
    with _lock:
        if key not in _pools:
            _pools[key] = Pool(path)
        _pools.move_to_end(key)
        while len(_pools) > MODELS_KEPT:
            _pools.popitem(last=False)
        return _pools[key]
