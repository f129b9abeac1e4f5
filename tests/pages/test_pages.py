"""Every page, empty and with a finished run, in Streamlit's test harness."""

import re
import time

import pytest

from imgclf_core.errors import DatasetError
from imgclf_core.runs import calibration
from imgclf_core.runs.calibration import Calibration
from tests.conftest import make_zip, picture, two_classes
from tests.pages.conftest import add_photos, add_run

PAGES = ("Home", "Data", "Train", "Evaluate", "Classify", "Share")


def words(app) -> str:
    """Everything that is written on a page."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.error, app.warning, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


def buttons(app) -> list[str]:
    """Labels of all buttons of the page."""
    return [button.label for button in app.button]


def run_until(app, condition) -> None:
    """Looks at the page again and again while a job works, as the fragment would."""
    for _ in range(150):
        if condition():
            return
        time.sleep(0.2)
        app.run()
    raise TimeoutError("The page never showed it.")


@pytest.mark.parametrize(
    ("page", "button"),
    [
        ("Home", "Try it with drawn shapes"),
        ("Data", "Try it with drawn shapes"),
        ("Train", "Bring photos in"),
        ("Evaluate", "Train a network"),
        ("Classify", "Train a network"),
        ("Share", "Train a network"),
    ],
)
def test_an_empty_page_leads_on(workspace, open_page, page, button):
    """A page with nothing to show has a button to where it begins."""
    app = open_page(page)

    assert button in buttons(app)
    assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_a_finished_run(with_run, open_page, page):
    """Every page shows the run without an error."""
    app = open_page(page)

    assert not app.error
    assert r"photos\.zip" in words(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_at_most_seven_controls_and_one_primary_button(with_run, open_page, page):
    """Simple stays simple: what is folded does not count, links neither."""
    app = open_page(page)

    controls = [
        *app.main.selectbox,
        *app.main.radio,
        *app.main.toggle,
        *app.main.button,
        *app.main.slider,
        *app.main.number_input,
    ]
    assert len(controls) <= 7
    primary = [b for b in app.main.button if b.proto.type == "primary"]
    assert len(primary) <= 2  # Train has its own button and the one to the result


def test_the_data_page_tells_what_is_in_the_photos(with_photos, open_page):
    """Counts stand in the first sentence and in the figures."""
    app = open_page("Data")

    assert "40 photos in 2 classes" in words(app)
    assert [metric.value for metric in app.metric] == ["40", "2", "0", "0"]


def test_the_evaluate_page_gives_the_honest_answer(with_run, open_page):
    """Right of how many, the interval, and what always guessing one class would get."""
    app = open_page("Evaluate")

    assert "photos it never saw" in words(app)
    assert "Always guessing" in words(app)
    assert [metric.label for metric in app.metric] == [
        "Accuracy",
        "Likely between",
        "Always the largest class",
        "Each class alike",
    ]


def test_a_test_photo_is_classified(with_run, open_page):
    """One click gives an answer with its score, ticked against the folder it came from."""
    app = open_page("Classify")

    app.button(key="try_test_photo").click().run()

    assert not app.exception
    assert "with a score of" in words(app)
    assert "not for judgements about people" in words(app)


def test_new_photos_are_classified_and_bad_ones_named(with_run, open_page):
    """A photo is answered, a text with the name of a photo is skipped with its reason."""
    app = open_page("Classify")
    files = [("new.jpg", picture(5, tint=2), "image/jpeg"), ("fake.jpg", b"text", "image/jpeg")]

    app.file_uploader[0].set_value(files).run()

    assert not app.exception
    assert "with a score of" in words(app)
    assert any(
        "fake" in warning.value and "not a picture" in warning.value for warning in app.warning
    )


def test_an_upload_becomes_a_job_and_opens_the_data_page(workspace, open_page, tmp_path):
    """The zip is spooled, brought in by a child process, and its bytes are thrown away."""
    app = open_page("Data")
    data = make_zip(tmp_path / "mine.zip", two_classes(5)).read_bytes()

    app.file_uploader[0].upload("mine.zip", data, "application/zip").run()

    run_until(app, lambda: "10 photos in 2 classes" in words(app))
    assert workspace.current()["dataset"] == workspace.datasets()[0].id
    assert not list(workspace.folder.rglob("upload.zip"))


def test_an_upload_that_cannot_be_used_leaves_the_open_set(with_photos, open_page, tmp_path):
    """The reason is said in a sentence and the photos from before are shown."""
    data = make_zip(tmp_path / "one.zip", {"cats/1.jpg": b"no photo"}).read_bytes()
    app = open_page()
    app.file_uploader[0].upload("one.zip", data, "application/zip").run()

    run_until(app, lambda: len(app.error) > 0)
    assert "skipped because it is not a picture" in app.error[0].value
    assert "40 photos in 2 classes" in words(app)
    assert len(with_photos.dataset_folders()) == 1


def test_hostile_names_are_shown_as_they_are(workspace, open_page, tmp_path):
    """A class name is data: no link, no picture and no HTML comes of it."""
    names = ("[x](javascript:alert(1))", "<img src=x onerror=alert(1)>")
    entries = {f"{name}/{i}.jpg": picture(i) for name in names for i in range(4)}
    add_photos(workspace, tmp_path, entries)

    app = open_page("Data")

    text = words(app)
    assert r"\[x\]\(javascript" in text
    assert r"\<img src" in text
    assert not re.search(r"(?<!\\)[\[<](x|img)", text)


def test_a_bug_is_logged_and_said_without_details(with_run, open_page, monkeypatch, caplog):
    """A page that breaks shows a number; the owner's log has the number and the traceback."""
    from imgclf_core.ui.share import page

    def broken(run):
        raise KeyError("secret-file-name.jpg")

    monkeypatch.setattr(page, "contents", broken)

    app = open_page("Share")

    message = app.error[0].value
    assert "Something went wrong" in message
    assert "secret-file-name" not in message
    assert "secret-file-name" in caplog.text


def test_our_errors_are_shown_as_sentences(with_run, open_page, monkeypatch):
    """An error of ours is a sentence on the page, not a number."""
    from imgclf_core.ui.share import page

    def refused(run):
        raise DatasetError("The photos are gone. Bring them in again.")

    monkeypatch.setattr(page, "contents", refused)

    app = open_page("Share")

    assert "The photos are gone" in app.error[0].value


def test_everything_of_mine_is_deleted(with_run, open_page):
    """After the question is answered with yes, nothing is left on the disk."""
    app = open_page("Home")
    app.checkbox(key="sure").check().run()

    next(b for b in app.button if b.label == "Delete everything of mine").click().run()

    assert not with_run.folder.exists()
    assert "Everything of yours was deleted" in "\n".join(s.value for s in app.success)


def test_classes_may_be_called_like_columns_of_a_table(workspace, open_page, tmp_path):
    """Classes named photo, answer and expected are answered like any other."""
    names = ("photo", "answer", "expected")
    entries = {
        f"{name}/{i}.jpg": picture(100 * tint + i, tint=tint)
        for tint, name in enumerate(names)
        for i in range(8)
    }
    add_photos(workspace, tmp_path, entries)
    add_run(workspace, "first")
    app = open_page("Classify")
    files = [(f"{i}.jpg", picture(500 + i), "image/jpeg") for i in range(2)]

    app.file_uploader[0].set_value(files).run()

    assert not app.error
    assert "All 2 photos" in words(app)


def test_a_run_of_other_photos_is_not_shown_for_the_open_set(with_run, open_page, tmp_path):
    """A data set without a run of its own has nothing to evaluate yet."""
    add_photos(with_run, tmp_path, two_classes(5), name="other")
    with_run.remember(dataset="other", run="first")

    app = open_page("Evaluate")

    assert "Train a network" in buttons(app)
    assert "photos it never saw, and every photo" in words(app)


def test_a_run_whose_photos_were_deleted_can_still_be_opened(with_run, open_page):
    """Its figures remain, it answers new photos, and no test photo is offered."""
    with_run.remember(run="first", dataset="photos")
    with_run.delete_dataset("photos")

    assert "photos it never saw" in words(open_page("Evaluate"))
    app = open_page("Classify")
    assert app.button(key="try_test_photo").disabled
    assert not app.error


def test_another_run_is_opened_by_its_box(with_run, open_page):
    """Choosing a run shows it and its data set from then on."""
    add_run(with_run, "second")
    with_run.remember(run="second", dataset="photos")
    app = open_page("Evaluate")

    next(box for box in app.selectbox if box.label == "Run").select("first").run()

    assert with_run.current()["run"] == "first"
    assert not app.exception


def test_every_photo_of_many_has_a_card(with_run, open_page):
    """Cards come six a page, behind the table of all."""
    app = open_page("Classify")
    files = [(f"{i}.jpg", picture(500 + i), "image/jpeg") for i in range(8)]
    app.file_uploader[0].set_value(files).run()

    assert words(app).count("with a score of") == 6
    assert "All 8 photos" in words(app)
    assert not app.exception


def test_the_looks_at_the_sealed_test_are_counted(with_run, open_page):
    """The second run that is opened is told that it is not the first."""
    add_run(with_run, "second")
    with_run.remember(run="first", dataset="photos")
    assert "have been looked at" not in words(open_page("Evaluate"))
    with_run.remember(run="second", dataset="photos")

    assert "2 runs have been looked at" in words(open_page("Evaluate"))


def test_below_its_threshold_the_model_is_not_sure(with_run, open_page):
    """What was chosen on Evaluate holds on Classify."""
    calibration.save(with_run.runs()[0].folder, Calibration(threshold=1.0))
    app = open_page("Classify")

    app.button(key="try_test_photo").click().run()

    assert "Not sure." in words(app)
    assert "answer from 100% on" in words(app)
    assert app.dataframe[-1].value["answer"].tolist() == ["not sure"]
