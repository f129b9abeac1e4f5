"""What pages write themselves, on a disk that is full: a sentence with a number, nothing half.

And pages that only read, where one file cannot be read.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from imgclf_core.support import file_system, safe_text
from imgclf_core.support.error_messages import DISK_IS_FULL
from imgclf_core.ui import session
from imgclf_core.workspaces import expiry
from imgclf_core.workspaces.workspace import Workspace, new_token
from tests.conftest import make_zip, two_classes
from tests.faults.failing import Full, content, failing, halves
from tests.pages.conftest import PROJECT, add_photos, tick
from tests.pages.test_pages import buttons

PAGES = ("Home", "Data", "Evaluate", "Classify")


@contextlib.contextmanager
def full_disk(below: Path) -> Iterator[None]:
    """No write succeeds, and at least one is tried."""
    full = Full(1, below)
    with file_system.observed(full):
        yield
    assert full.happened


def press(app, label: str) -> None:
    """Presses the button whose label begins so, and draws the page."""
    assert any(name.startswith(label) for name in buttons(app)), buttons(app)
    next(button for button in app.button if button.label.startswith(label)).click()
    app.run()


def data_tab(open_page, tab: str):
    """The Data page with one of its tabs in front."""
    app = open_page()
    app.session_state[session.OPEN_TAB] = tab
    return app.switch_page("pages/1_Data.py").run()


def leave_out(open_page):
    """Photos are left out of the data set."""
    app = data_tab(open_page, "Photos")
    tick(app, 0, 1)
    return app, lambda: press(app, "Leave out 2 photos")


def notes(open_page):
    """Where the photos come from."""
    app = data_tab(open_page, "History")
    return app, lambda: app.text_area[0].set_value("my attic").run()


def threshold(open_page):
    """The least score of an answer."""
    app = open_page("Evaluate")
    app.session_state["evaluate_tabs"] = "Look closer"
    app.run()
    app.session_state["closer"] = "Confidence"
    app.run()
    app.slider(key="threshold_first").set_value(97).run()
    return app, lambda: press(app, "Use this threshold")


def train(open_page):
    """A training begins."""
    app = open_page("Train")
    return app, lambda: press(app, "Train")


def wording(open_page):
    """What is said of the model in the zip."""
    app = open_page("Share")
    app.text_area[0].set_value("for the attic")
    return app, lambda: press(app, "Keep")


def upload(open_page):
    """Photos are brought in."""
    app = open_page()

    def act() -> None:
        path = make_zip(Path(app.session_state["test_folder"]) / "m.zip", two_classes(3))
        app.file_uploader[0].upload("mine.zip", path.read_bytes(), "application/zip").run()

    return app, act


ACTIONS = (leave_out, notes, threshold, train, wording, upload)


@pytest.mark.parametrize("prepare", ACTIONS, ids=[one.__name__ for one in ACTIONS])
def test_a_full_disk_is_said_and_changes_nothing(with_run, open_page, tmp_path, prepare):
    """With the number under which the log knows it; everything is as it was."""
    app, act = prepare(open_page)
    app.session_state["test_folder"] = str(tmp_path)
    before = content(with_run.folder)
    with full_disk(with_run.folder):
        act()
    assert not app.exception
    (error,) = app.error
    assert error.value.startswith(safe_text.markdown(DISK_IS_FULL))
    assert "[Number " in error.value
    assert halves(with_run.folder) == []
    after = {k: v for k, v in content(with_run.folder).items() if not k.endswith(".lock")}
    assert after == {k: v for k, v in before.items() if not k.endswith(".lock")}
    app.run()
    assert not app.exception


def test_a_visitor_can_make_room_on_a_full_disk(home, monkeypatch, tmp_path):
    """Neither the visit nor what was made meanwhile can be noted; the page opens all the same."""
    monkeypatch.setenv("IMGCLF_PROFILE", "shared")
    mine = Workspace(new_token())
    add_photos(mine, tmp_path, two_classes(3))
    mine.remember(coming="photos")
    expiry.sweep()  # which has counted what all take, as it does when a server starts
    with full_disk(home):
        app = AppTest.from_file(PROJECT / "app.py", default_timeout=30)
        app.query_params["w"] = mine.token
        app.run()
        assert not app.exception
        assert [error.value for error in app.error] == []
        assert app.warning[0].value == safe_text.markdown(DISK_IS_FULL)
        assert any(label.startswith("Delete everything") for label in buttons(app))


@pytest.mark.parametrize("page", PAGES)
def test_a_file_that_cannot_be_read_is_said(with_run, open_page, page):
    """Whichever it is of some: a sentence or a page without it, and the next look is whole."""
    counting = failing(file_system.READ, 0, with_run.folder)
    with file_system.observed(counting):
        open_page(page)
    for number in (counting.count // 3, counting.count):
        fault = failing(file_system.READ, number, with_run.folder)
        with file_system.observed(fault):
            app = open_page(page)
        assert fault.happened
        assert not app.exception
        for error in app.error:
            assert "Traceback" not in error.value
            assert "Something went wrong inside the program" not in error.value
    app.run()
    assert not app.error
