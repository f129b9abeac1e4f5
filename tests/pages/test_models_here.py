"""Models from elsewhere on a page: brought in, listed, deleted, or refused in a sentence."""

import pytest
from streamlit.testing.v1 import AppTest

from imgclf_core.bundles.reader import imported
from imgclf_core.jobs import queue
from imgclf_core.ui import session
from tests.bundles import sealing


def script():
    """A page with nothing else on it."""
    from imgclf_core.ui import imported_models, visitor

    imported_models.manage(visitor.identify())


@pytest.fixture
def page(workspace) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    return app


def test_a_model_is_brought_in_and_deleted(page, workspace, tmp_path):
    """After its job it is listed with its network, classes and score; Delete takes it away."""
    path = sealing.write(tmp_path / "a.zip", *sealing.parts())
    page.file_uploader[0].upload("My * model.zip", path.read_bytes(), "application/zip").run()
    assert not page.exception
    [found] = imported.models_in(workspace.folder / "models")
    assert queue.follow(found.folder).message == ""
    page.run()
    text = "\n".join(element.value for element in page.markdown)
    assert "**My model**" in text
    assert "MobileNetV2, 3 classes" in text
    assert "test score 75.0%" in text
    page.button(key=f"delete_model_{found.id}").click().run()
    assert not page.exception
    assert imported.models_in(workspace.folder / "models") == []


def test_what_is_refused_leaves_nothing_behind(page, workspace):
    """A foreign model is named for what it is, and the models that are here stay as they are."""
    page.file_uploader[0].upload("m.zip", b"\x89HDF\r\n\x1a\n" + bytes(64), "application/zip").run()
    kind, sentence = page.session_state[session.MESSAGE]
    assert (kind, "HDF5" in sentence) == ("error", True)
    assert not list((workspace.folder / "models").glob("*"))
