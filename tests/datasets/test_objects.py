"""Photos of one object, by a pattern in their names or by a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.datasets import objects
from imgclf_core.errors import OptionError

NAMES = ["vases/v12_front.jpg", "vases/v12_back.jpg", "vases/v13_front.jpg", "bowls/v12_top.png"]


def test_a_pattern_names_objects_within_their_folder():
    """The same words in another folder are another object."""
    assert objects.by_pattern(NAMES, "{object}_*") == {
        "vases/v12_front.jpg": "vases/v12",
        "vases/v12_back.jpg": "vases/v12",
        "vases/v13_front.jpg": "vases/v13",
        "bowls/v12_top.png": "bowls/v12",
    }


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{object}_*", "vase_12_front.jpg", "vase_12"),
        ("*-{object}", "1880-house.7.jpg", "house.7"),
        ("*/{object}/*", "uk/house/1.jpg", "house"),
        ("a.{object}", "axb.jpg", None),
        ("{object}", "x.jpg", "x"),
    ],
)
def test_what_a_pattern_finds(pattern, name, expected):
    """Signs other than the two stand for themselves; with a slash the folders count."""
    found = objects.by_pattern([name], pattern).get(name)
    assert (found.removeprefix("./") if found else found) == expected


@pytest.mark.parametrize("pattern", ["", "*", "{object}{object}", "{object}***", "object_*"])
def test_what_is_no_pattern_is_said(pattern):
    """With an example of one."""
    with pytest.raises(OptionError, match=r"Write \{object\} once"):
        objects.by_pattern(NAMES, pattern)


@given(st.text(max_size=30), st.lists(st.text(max_size=40), max_size=5))
def test_no_pattern_breaks_anything(pattern, names):
    """Any text is a pattern or a sentence."""
    try:
        found = objects.by_pattern(names, pattern)
    except OptionError:
        return
    assert found.keys() <= set(names)


def test_no_pattern_runs_for_ever():
    """A hundred thousand names made for going back and forth are read like any others."""
    names = [f"{'a' * 190}{i:06}" for i in range(100_000)]
    assert objects.by_pattern(names, "*a{object}a*ab") == {}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_names_objects(separator):
    """Files with or without their folders, in any of the usual separators."""
    rows = [
        ("File", "Group", "note"),
        ("v12_front.jpg", "one", ""),
        ("vases/v12_back.jpg", "one", ""),
        ("bowls\\v12_top.png", " two ", ""),
        ("unknown.jpg", "x", ""),
        ("v13_front.jpg", "", ""),
    ]
    table = "\n".join(separator.join(row) for row in rows)
    assert objects.by_table(NAMES, table.encode("utf-8-sig")) == {
        "vases/v12_front.jpg": "one",
        "vases/v12_back.jpg": "one",
        "bowls/v12_top.png": "two",
    }


def test_a_name_that_two_photos_have_is_nobodys():
    """It would be a guess which of them is meant."""
    assert objects.by_table(["a/1.jpg", "b/1.jpg"], b"file,group\n1.jpg,x\na/1.jpg,y") == {
        "a/1.jpg": "y"
    }


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"name,object\na,b", "'file' and 'group'; it has 'name,object'"),
        (b"", "'file' and 'group'"),
        ("file,group\nä,b".encode("latin-1"), "not in UTF-8"),
        (b"file,group\n" + b"x" * 200_000, "cannot be read"),
        (b"x" * (objects.LARGEST_TABLE + 1), "larger than 5 MB"),
    ],
    ids=["columns", "empty", "encoding", "cell", "size"],
)
def test_a_table_that_cannot_be_used_is_said(data, match):
    """What is wrong and what to do."""
    with pytest.raises(OptionError, match=match):
        objects.by_table(NAMES, data)
