"""One model for visitors: it answers, and nothing else of the app can be reached."""

import pytest

from imgclf_core import config
from tests.bundles import sealing
from tests.conftest import picture


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """The app shows this bundle."""
    labels, files = sealing.parts()
    path = sealing.write(tmp_path / "shapes.zip", labels, files)
    monkeypatch.setenv(config.MODEL_VARIABLE, str(path))
    return path


def words(app) -> str:
    """All text on the page."""
    kinds = (app.title, app.markdown, app.caption, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def test_the_page_shows_the_model(bundle, open_page):
    """Its name, its classes as text, its score with the interval and what it is not for."""
    app = open_page()
    text = words(app)
    assert app.title[0].value == "My model"
    assert "3 kinds of picture" in text
    assert r"\<b\>\=1\+1\</b\>" in text
    assert "Of 4 photos it had never seen it got **75%** right" in text
    assert "30% to 95%" in text
    assert "not for judgements about people" in text
    assert not app.sidebar.children


@pytest.mark.parametrize("name", ["Data", "Train", "Evaluate", "Classify", "Share"])
def test_every_other_page_refuses_by_direct_link(bundle, open_page, name):
    """A sentence, and nothing that could be pressed."""
    app = open_page(name)
    assert "one finished model" in app.warning[0].value
    assert not app.button
    assert not app.get("file_uploader")


def test_photos_are_answered_and_never_stored(bundle, open_page, home):
    """A photo gets its scores; afterwards no file holds it, and there is no workspace."""
    app = open_page()
    photo = picture(5, size=(300, 200))
    app.get("file_uploader")[0].upload("sky[1].jpg", photo, "image/jpeg").run()
    assert not app.exception
    text = words(app)
    assert r"sky\[1\]\.jpg" in text
    assert "with a score of" in text or "Not sure" in text
    assert not (home / "workspaces").exists()
    assert all(photo[:200] not in path.read_bytes() for path in home.rglob("*") if path.is_file())
    app.button(key="exhibition_clear").click().run()
    assert "sky" not in words(app)


def test_what_is_no_picture_is_said(bundle, open_page):
    """The name and the reason, in a sentence."""
    app = open_page()
    app.get("file_uploader")[0].upload("a.jpg", b"no picture", "image/jpeg").run()
    assert "was skipped because" in app.warning[0].value


def test_a_bundle_that_was_changed_is_not_shown(bundle, open_page):
    """The reason is on the page instead."""
    data = bytearray(bundle.read_bytes())
    data[200] ^= 1
    bundle.write_bytes(data)
    app = open_page()
    assert "was changed after it was exported" in app.error[0].value
    assert not app.get("file_uploader")


def test_a_path_without_a_file_is_said(open_page, monkeypatch, tmp_path):
    """Whoever starts the app sees what is missing; nobody sees the folders of the server."""
    monkeypatch.setenv(config.MODEL_VARIABLE, str(tmp_path / "gone.zip"))
    app = open_page()
    assert r"There is no file 'gone\.zip'" in app.error[0].value
    assert str(tmp_path) not in app.error[0].value


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [(["--model", "a.zip"], "a.zip"), (["--model=b.zip"], "b.zip"), (["--model"], None)],
)
def test_the_model_is_told_when_the_app_is_started(monkeypatch, arguments, wanted):
    """`streamlit run app.py -- --model BUNDLE`."""
    monkeypatch.delenv(config.MODEL_VARIABLE, raising=False)
    monkeypatch.setattr("sys.argv", ["app.py", *arguments])
    path = config.shown_model()
    assert (path and path.name) == wanted


def test_without_a_model_the_whole_app_is_there(workspace, open_page):
    """The start page as always."""
    app = open_page()
    assert "Teach a computer" in app.title[0].value
    assert config.forced_profile() == config.PERSONAL
