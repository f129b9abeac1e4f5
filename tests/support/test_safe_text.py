"""Names that strangers chose: cleaned, escaped, and safe as file names."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.support import safe_text

# Half of a surrogate pair is no letter, yet Linux has such file names.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@given(ANY_TEXT)
def test_a_clean_name_is_one_short_line_of_visible_letters(text):
    """Whatever comes in, no control or direction mark is left, and the length is bounded."""
    cleaned = safe_text.clean(text)
    assert not UNSEEN.search(cleaned)
    assert len(cleaned) <= safe_text.LONGEST_LABEL
    assert len(cleaned.splitlines()) <= 1
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text):
    """The same name cleaned in two places of the program stays the same name."""
    once = safe_text.clean(text)
    assert safe_text.clean(once) == once


def test_a_mark_that_cannot_be_seen_does_not_keep_letters_out_of_normal_form():
    """An accent that only an invisible mark parted from its letter is joined with it."""
    cleaned = safe_text.clean("caf" + "e\u200b\u0301")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == "caf\u00e9"


def test_a_reversed_name_is_turned_back():
    """U+202E cannot make gpj.exe look like exe.jpg."""
    assert safe_text.clean("photo\u202egpj.exe") == "photogpj.exe"


def test_a_long_name_ends_in_an_ellipsis():
    """What was cut off is seen to be cut off."""
    assert safe_text.clean("a" * 100) == "a" * 59 + "…"


@pytest.mark.parametrize("sign", list("\\`*_{}[]()<>#+-.!|~$:@&=^"))
def test_every_sign_of_markdown_is_escaped(sign):
    """No sign that means something in Markdown stands without a backslash."""
    assert safe_text.markdown(f"a{sign}b") == f"a\\{sign}b"


@pytest.mark.parametrize("address", ["https://x.de", "HTTP://x.de", "www.x.de", "mailto:a"])
def test_bare_addresses_do_not_become_links(address):
    """The word that makes a renderer build a link is broken up by a mark nobody sees."""
    word = re.match(r"\w+", address).group()
    shown = safe_text.markdown(address)
    assert word not in shown
    assert shown.replace("\u2060", "").replace("\\", "") == address


def test_chart_text_has_no_tags():
    """Plotly's own HTML cannot be spoken by a class name."""
    assert safe_text.chart_text("<a href='x'>&") == "&lt;a href='x'&gt;&amp;"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_spreadsheet_runs_no_cell(first):
    """Cells that would be formulas begin with a quote."""
    assert safe_text.csv_cell(f"{first}1+1") == f"'{first}1+1"


def test_an_ordinary_cell_stays_as_it_is():
    """Only formulas are changed."""
    assert safe_text.csv_cell("cat = dog") == "cat = dog"
    assert safe_text.csv_cell("") == ""


@given(ANY_TEXT)
def test_a_file_name_is_safe_on_every_system(text):
    """Few letters, no dot at either end, never empty, never a device of Windows."""
    name = safe_text.file_name(text)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,80}", name)
    assert not name.endswith((".", "-"))
    assert name.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


@given(ANY_TEXT)
def test_a_file_name_is_left_alone_by_a_second_look(text):
    """`Workspace` relies on this: a name is safe if and only if it is its own file name."""
    name = safe_text.file_name(text)
    assert safe_text.file_name(name) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("日本", "unnamed"),
        ("Wäsche 1", "Wasche-1"),
    ],
)
def test_well_known_bad_names(text, expected):
    """Climbing names, devices and other scripts each have a harmless form."""
    assert safe_text.file_name(text) == expected


def test_new_ids_differ_and_tell_what_they_hold():
    """Two data sets of the same name get two folders."""
    first, second = safe_text.new_id("My Heroes"), safe_text.new_id("My Heroes")
    assert first != second
    assert re.fullmatch(r"my-heroes-[0-9a-f]{6}", first)
