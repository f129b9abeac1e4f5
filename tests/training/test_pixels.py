"""Photos decoded once for networks that learn from pixels."""

import hashlib

import numpy as np

from imgclf_core.images import decode
from imgclf_core.networks.embeddings import Source
from imgclf_core.training import pixels
from tests.conftest import picture


def test_photos_are_decoded_once():
    """Each photo lies in the store once and is found by its position."""
    data = [picture(1), picture(2), picture(1)]
    read = []
    sources = [Source(hashlib.sha256(d).hexdigest(), lambda d=d: read.append(1) or d) for d in data]
    seen: list[int] = []
    rows, positions = pixels.stored(sources, 64, "crop", seen.append)
    assert len(read) == len(rows) == 2
    assert seen[-1] == 3
    for d, position in zip(data, positions, strict=True):
        np.testing.assert_array_equal(rows[position], decode.load(d, (64, 64)))
    pixels.stored(sources, 64, "crop")
    assert len(read) == 2
