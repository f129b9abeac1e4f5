"""Files that are made at the moment somebody asks for them."""

import re
import traceback

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from imgclf_core.config import PERSONAL_TOKEN
from imgclf_core.errors import ImgclfError
from imgclf_core.ui import session
from imgclf_core.workspaces.workspace import new_token


def broken_page() -> None:
    """A page with a file that cannot be read any more."""
    from pathlib import Path

    from imgclf_core.support import file_system
    from imgclf_core.ui import downloads

    path = Path("/nowhere/secret-holiday-8731.zip")
    downloads.button("Download", lambda: file_system.read(path), "photos.zip", "application/zip")


@pytest.fixture
def ask(monkeypatch):
    """Draws the page for the owner of a token and asks for the file, as Streamlit does."""

    def ask_one(token: str) -> str:
        offered = []
        monkeypatch.setattr(
            st, "download_button", lambda label, data, *a, **k: offered.append(data)
        )
        app = AppTest.from_function(broken_page)
        app.session_state[session.TOKEN] = token
        assert not app.run().exception
        with pytest.raises(ImgclfError) as caught:
            offered[0]()
        return "".join(traceback.format_exception(caught.value))

    return ask_one


def test_a_file_that_is_gone_is_no_name_in_the_log(ask, caplog):
    """Neither in what Streamlit would write nor in what we do: only a number, and the way there."""
    written = ask(new_token())
    (number,) = re.findall(r"See error (\w+)", written)
    assert f"error {number}: FileNotFoundError" in caplog.text
    assert "secret-holiday" not in written + caplog.text


def test_the_owner_finds_the_reason_in_the_log(ask, caplog):
    """On one's own computer the log has the message, for nobody else reads it."""
    ask(PERSONAL_TOKEN)
    assert "secret-holiday-8731.zip" in caplog.text
