"""Running converted networks from many threads at once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imgclf_core.errors import ModelError
from imgclf_core.networks import litert, weights


def photos(count: int, seed: int = 0) -> np.ndarray:
    """Random photos."""
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (count, 96, 96, 3), dtype=np.uint8)


def test_many_threads_get_the_answers_of_one():
    """No answer is mixed up with another thread's, whatever the size of the batch."""
    pool = litert.pool(weights.SHIPPED_BACKBONE)
    inputs = [photos(1 + i % 3, i) for i in range(24)]
    alone = [pool.run(images)["embedding"] for images in inputs]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda images: pool.run(images)["embedding"], inputs))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_an_earlier_answer_is_not_overwritten_by_a_later_one():
    """Outputs are copies and not views of the interpreter's memory."""
    pool = litert.pool(weights.SHIPPED_BACKBONE)
    first = pool.run(photos(1))["embedding"]
    kept = first.copy()
    for i in range(4):
        pool.run(photos(1, i + 1))
    np.testing.assert_array_equal(first, kept)


def test_the_pool_of_a_file_is_made_once():
    """A second look at the same file gives the same pool."""
    assert litert.pool(weights.SHIPPED_BACKBONE) is litert.pool(weights.SHIPPED_BACKBONE)


def test_a_file_that_was_replaced_is_opened_anew(tmp_path):
    """A new training under the same name does not answer with the old model."""
    path = tmp_path / "model.tflite"
    path.write_bytes(weights.SHIPPED_BACKBONE.read_bytes())
    first = litert.pool(path)
    path.write_bytes(weights.SHIPPED_BACKBONE.read_bytes() + b"\0")
    assert litert.pool(path) is not first


def test_only_a_few_models_are_kept(tmp_path):
    """The one used longest ago is let go and opened again when needed."""
    paths = [tmp_path / f"{i}.tflite" for i in range(litert.MODELS_KEPT + 1)]
    for path in paths:
        path.write_bytes(weights.SHIPPED_BACKBONE.read_bytes())
    pools = [litert.pool(path) for path in paths]
    assert litert.pool(paths[-1]) is pools[-1]
    assert litert.pool(paths[0]) is not pools[0]


@pytest.mark.parametrize("content", [b"", b"hello", bytes(1000)])
def test_what_is_no_model_is_said(content):
    """Damaged bytes are one sentence."""
    with pytest.raises(ModelError, match="cannot be opened"):
        litert.Pool(content)
