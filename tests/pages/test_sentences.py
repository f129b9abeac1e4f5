"""Whatever goes wrong on a page is a sentence with a number."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import words


def failing_click() -> None:
    """A page whose button calls something that breaks."""
    import streamlit as st

    from imgclf_core.ui import session
    from imgclf_core.ui.errors import callback

    def clicked() -> None:
        raise KeyError("secret-photo.jpg")

    st.button("Break", on_click=callback("Test", clicked))
    kind, text = session.take(session.MESSAGE) or ("info", "Nothing happened.")
    getattr(st, kind)(text)


def failing_page() -> None:
    """A page that breaks while it is drawn."""
    from imgclf_core.ui.errors import errors_as_sentences

    with errors_as_sentences("Test"):
        raise KeyError("secret-photo.jpg")


@pytest.mark.parametrize("page", [failing_click, failing_page])
def test_a_bug_is_a_sentence_with_a_number_and_no_name_is_logged(page, caplog):
    """On the page that was clicked, and of a visitor neither log nor page quotes the message."""
    app = AppTest.from_function(page).run()
    if app.button:
        assert "Nothing happened." in words(app)
        app.button[0].click().run()
    assert not app.exception
    assert "Number" in app.error[0].value
    assert "secret-photo" not in app.error[0].value + caplog.text
    assert "KeyError" in caplog.text
