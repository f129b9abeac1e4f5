"""Pages as visitors of a shared server get them."""

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from imgclf_core.ui import session, shared_server
from tests.pages.conftest import PROJECT
from tests.pages.test_pages import words


def test_the_name_of_the_owners_workspace_opens_nothing_for_a_visitor(
    with_photos, monkeypatch, open_page
):
    """On a shared server `?w=personal` gets a new workspace, and so does any other non-token."""
    monkeypatch.setenv("IMGCLF_PROFILE", "shared")
    for value in ("personal", "xyz", "../personal"):
        app = AppTest.from_file(PROJECT / "app.py", default_timeout=30)
        app.query_params["w"] = value
        app.run()

        assert app.session_state[session.TOKEN] != value
        assert "No photos yet" in words(app)
        assert not app.exception


def test_a_shared_server_refuses_larger_uploads_itself(home, open_page, monkeypatch):
    """Whatever the browser lets through: Streamlit reads the option anew for each upload."""
    streamlit.config.set_option("server.maxUploadSize", 500)
    try:
        open_page("Data")
        assert streamlit.config.get_option("server.maxUploadSize") == 500
        monkeypatch.setenv("IMGCLF_PROFILE", "shared")
        open_page("Data")
        assert streamlit.config.get_option("server.maxUploadSize") == 50
    finally:
        streamlit.config.set_option("server.maxUploadSize", 500)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://our-museum.streamlit.app/Data?w=x", "in the United States"),
        ("https://notstreamlit.app/", "the server of this app"),
        ("http://localhost:8501/", "the server of this app"),
        (None, "the server of this app"),
    ],
)
def test_the_page_says_where_photos_are(url, words):
    """On Community Cloud with the country."""
    assert words in shared_server.whose_server(url)
