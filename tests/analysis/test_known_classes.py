"""Photos whose class is known are counted by it."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imgclf_core.analysis import known_classes

NAMES = ("cat", "dog", "=1+1")
known = st.sampled_from(["cat", "dog", "=1+1", "", None, "fox"])


@given(st.data(), st.integers(1, 12))
def test_means_are_those_of_pandas(data, count):
    """Counts, photos guessed right and mean scores by expected class."""
    scores = data.draw(arrays.arrays(np.float64, (count, 3), elements=st.floats(0, 1)))
    expected = data.draw(st.lists(known, min_size=count, max_size=count))

    found = known_classes.by_expected(scores, expected, NAMES)

    table = pd.DataFrame(scores, columns=list(NAMES))
    table["guess"] = [NAMES[k] for k in scores.argmax(axis=1)]
    table["is"] = [name or None for name in expected]
    groups = table.dropna(subset="is").groupby("is")
    assert set(found.names) == set(groups.groups)
    assert found.known == sum(bool(name) for name in expected)
    for name, n, right, own, means in zip(
        found.names, found.counts, found.right, found.own, found.means, strict=True
    ):
        part = groups.get_group(name)
        assert n == len(part)
        assert right == (part["guess"] == name).sum()
        assert np.allclose(means, part[list(NAMES)].mean())
        assert np.isclose(own, part[name].mean() if name in NAMES else 0)
