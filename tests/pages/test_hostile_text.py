"""Names of classes, files, runs and data sets are text on every page, whatever stands in them.

All that a page sends to the browser is looked through, field by field: Streamlit renders most of
them as Markdown. The few that it does not are listed here.
"""

import json
import re
from collections.abc import Iterator

import pytest

from imgclf_core.ui import session
from imgclf_core.workspaces.workspace import Workspace
from tests.conftest import picture
from tests.pages import hostility
from tests.pages.conftest import open_photo

# What of them would work, were it not escaped. What is escaped is taken out before.
LIVE = re.compile(
    r"<img|<b>|onerror=|\]\(|!\[|:red\[|:material/skull:|\$x\^|\*\*b|`c`|~~d|www\.evil|evil\.ex"
    r"|\n# title|\n- b"
)
# Never on a screen, in no field.
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Fields that are shown as they are, by kind of element; texts that no one is shown are keys.
AS_IT_IS = {
    "Selectbox": {"options", "placeholder", "raw_value"},
    "TextInput": {"default", "value", "placeholder"},
    "TextArea": {"default", "value", "placeholder"},
    "Code": {"code_text"},
    "Image": {"alt"},
    "PlotlyChart": {"spec", "config", "alt"},
    "Dataframe": {"columns"},
    "BidiComponent": {"json"},
}
KEYS = {"id", "key", "url", "form_id", "command", "fragment_id", "page_script_hash", "file_id"}


@pytest.fixture
def hostile(workspace, tmp_path) -> Workspace:
    """A workspace full of such names."""
    hostility.fill(workspace, tmp_path)
    return workspace


def fields(app) -> Iterator[tuple[str, str, str | bytes]]:
    """Kind of element, field and text of everything that a page sends."""
    for root in (app.main, app.sidebar, app.get("event")):
        for element in _every(root) if hasattr(root, "children") else root:
            if getattr(element, "proto", None) is not None:
                yield from _of(element.proto)


def _every(block):
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _every(child)


def _of(proto) -> Iterator[tuple[str, str, str | bytes]]:
    kind = type(proto).__name__
    for field, value in proto.ListFields():
        if field.message_type is not None:
            several = value if hasattr(value, "__len__") else [value]
            for one in several.values() if hasattr(several, "values") else several:
                if hasattr(one, "ListFields"):
                    yield from _of(one)
        elif field.type in (field.TYPE_STRING, field.TYPE_BYTES):
            for one in [value] if isinstance(value, str | bytes) else value:
                yield kind, field.name, one


def check(app) -> int:
    """Fails where something of a name is live; returns how many texts had a hostile name."""
    assert not app.exception
    found = 0
    for kind, field, text in fields(app):
        if field in KEYS:
            continue
        if field == "spec":
            _check_chart(json.loads(text))
        if isinstance(text, bytes):
            assert "\u202e".encode() not in text
            assert b"\x1b[" not in text
            continue
        assert not STEERS.search(text), (kind, field, text)
        found += any(word in text for word in ("evil", "onerror", "alert", "calc"))
        if field not in AS_IT_IS.get(kind, ()):
            unescaped = re.sub(r"\\[^\w\s]", "·", text)
            assert not LIVE.search(unescaped), (kind, field, text)
    return found


def _check_chart(value, name: str = "") -> None:
    """No tag in any text, and no name in a template, where it could stand for something else."""
    if isinstance(value, dict):
        for key, one in value.items():
            _check_chart(one, key)
    elif isinstance(value, list):
        for one in value:
            _check_chart(one, name)
    elif isinstance(value, str):
        assert not re.search(r"<img|<b>&|onerror=alert\(1\)>", value), (name, value)
        assert "template" not in name or "and %{customdata}" not in value, (name, value)


def open_tab(app, key: str, value):
    """The page again with a tab, a fold or a choice that is open."""
    app.session_state[key] = value
    return app.run()


@pytest.mark.slow
def test_no_page_takes_a_name_for_markup(hostile, open_page):
    """Every page, every tab, every fold: names are shown, and none is a link, a picture or HTML."""
    found = {"Home": check(open_page())}
    app = open_page()
    for name in ("Overview", "Photos", "Problems", "What the network sees", "Split", "History"):
        app.session_state[session.OPEN_TAB] = name
        found[name] = check(app.switch_page("pages/1_Data.py").run())
        app.switch_page("app.py").run()
    train = open_page("Train")
    found["Train"] = check(open_tab(train, "enough", True))
    for k in range(3):
        found[f"Train {k}"] = check(open_tab(train, f"enough_class_{_version(hostile)}", k))
    evaluate = open_page("Evaluate")
    for tab in (_first_tab(evaluate), "For a report", "Compare"):
        found[tab] = check(open_tab(evaluate, "evaluate_tabs", tab))
    open_tab(evaluate, "evaluate_tabs", "Look closer")
    for closer in ("Labels that look wrong", "Confidence", "The right thing?", "Map"):
        found[closer] = check(open_tab(evaluate, "closer", closer))
    open_tab(evaluate, "evaluate_tabs", _first_tab(evaluate))
    open_photo(evaluate)
    assert any(element.value.startswith("Filed as") for element in evaluate.markdown)
    found["One photo"] = check(evaluate)
    found["Share"] = check(open_page("Share"))
    assert all(count for name, count in found.items() if name != "Confidence"), found


@pytest.mark.slow
def test_new_photos_and_what_is_told_of_them_are_text(hostile, open_page):
    """Names of uploads, of skipped files and of classes that are typed."""
    app = open_page("Classify")
    given = [
        (f"{name.replace('/', '_')}.jpg", picture(900 + i), "image/jpeg")
        for i, name in enumerate(hostility.HOSTILE[:5])
    ]
    given.append(("torn ![](http:evil.example).jpg", b"no picture", "image/jpeg"))
    app.file_uploader[0].set_value(given).run()
    assert check(app) >= 5

    boxes = [box for box in app.selectbox if box.label == "What is it really?"]
    boxes[0].set_value(hostility.HOSTILE[1])
    app.run()
    assert check(app) >= 5
    assert any("javascript" in element.value for element in app.markdown)


def _version(workspace: Workspace) -> int:
    return workspace.datasets()[0].version


def _first_tab(app) -> str:
    return next(tab.label for tab in app.tabs if tab.label.startswith("Mistakes"))
