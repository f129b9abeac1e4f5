"""Whatever the manifest of a stranger says, it is bounded or refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.bundles.reader import imported, manifest
from imgclf_core.errors import ModelError
from tests.bundles import sealing
from tests.bundles.sealing import FILES, LABELS, LIMITS, lying, refused


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 1}, "earlier imgclf (format 1)"),
        ({"format": 3}, "newer imgclf (format 3"),
        ({"format": "2"}, "'format'"),
        ({"class_names": ["a"]}, "'class_names'"),
        ({"class_names": ["a", "b", "a"]}, "different names"),
        ({"class_names": ["a", "b", "a\u202e"]}, "different names"),
        ({"class_names": ["a", "b", 3]}, "'class_names'"),
        ({"class_names": ["a", "b"]}, "2 names for 3 outputs"),
        ({"class_names": [str(i) for i in range(2000)]}, "2 to 1,000 names"),
        ({"network": "os.system"}, "'network'"),
        ({"network": "scene_network"}, "'image_size'"),
        ({"image_size": [97, 97]}, "'image_size'"),
        ({"image_size": [96, 128]}, "'image_size'"),
        ({"image_size": 10**400}, "'image_size'"),
        ({"fit": ["crop"]}, "'fit'"),
        ({"embedding": 20_000_000}, "'embedding'"),
        ({"embedding": 256}, "'embedding'"),
        ({"backbone": "0" * 64}, "does not come with"),
        ({"backbone": 7}, "'backbone'"),
        ({"backbone": None}, "2 arrays where its network has 262"),
        ({"confidence": {"temperature": 0, "fitted_on": 1, "threshold": 0}}, "temperature"),
        ({"confidence": {"temperature": 1, "fitted_on": 1, "threshold": 1.5}}, "threshold"),
        ({"confidence": None}, "'confidence.'"),
        ({"gate": None}, "do not belong together"),
        ({"gate": {"limit": 0.5, "neighbours": 3}}, "not the one"),
        ({"gate": {"limit": -1, "neighbours": 3}}, "'gate.limit'"),
        ({"test": {"accuracy": 2, "interval": [0, 1], "n": 4}}, "'test.accuracy'"),
        ({"weights": {"source": ["x"]}}, "'weights.source'"),
        ({"name": None}, "'name'"),
    ],
)
def test_what_the_manifest_cannot_say(tmp_path, changes, words):
    """Every value that is used has a type and bounds; the sentence names it."""
    lying(tmp_path, words, labels=changes)


def test_labels_that_are_no_labels(tmp_path):
    """Damaged, endless, deep or far too large."""
    for data in (b"{", b"[]", b"3", b"\xff", b'{"format": NaN}', b"[" * 100_000):
        path = sealing.write_entries(tmp_path / "a.zip", {**FILES, "labels.json": data})
        refused(path, "labels.json")
    path = sealing.write_entries(tmp_path / "a.zip", {"labels.json": b" " * 1_100_000 + b"{}"})
    refused(path, "labels.json")
    refused(sealing.write_entries(tmp_path / "a.zip", {"x": b"y"}), "has no 'labels.json'")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(sorted(LABELS)),
)
def test_any_value_in_the_manifest_is_a_sentence_at_worst(value, key):
    """One value of the manifest is replaced by anything at all."""
    try:
        known = manifest.of_json({**LABELS, "files": {}, key: value}, "model.zip")
    except ModelError as error:
        assert "model.zip" in str(error)
    else:
        json.dumps(known.to_json(), allow_nan=False)


def test_names_come_out_safe_and_short(tmp_path):
    """Class names of a stranger are one line of visible letters, never longer than ours are."""
    names = ["../x", "CON\n", "\u202e" + "n" * 500]
    path = sealing.write(tmp_path / "a.zip", {**LABELS, "class_names": names}, FILES)
    known = imported.check(path, LIMITS)
    assert known.class_names[:2] == ("../x", "CON")
    assert len(known.class_names[2]) == 200
