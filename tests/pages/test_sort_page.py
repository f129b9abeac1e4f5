"""Sort my folder and What if? on the Classify page."""

import pytest

from imgclf_core.datasets.ingest import ingestion
from imgclf_core.errors import BoundError
from imgclf_core.inference import sort_job, sorted_photos
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files
from tests.conftest import make_zip, picture
from tests.pages.conftest import grids
from tests.pages.test_classify_page import closer, upload
from tests.pages.test_data_page import press
from tests.pages.test_pages import buttons, words

HERE = {"sort": sort_job.run, "sorted copies": sort_job.make_copies, "ingest": ingestion.run}


@pytest.fixture
def at_once(monkeypatch):
    """Jobs that are asked for are done in this process."""

    def submit(folder, kind, params):
        folder.mkdir(parents=True, exist_ok=True)
        atomic_files.write_json(folder / queue.JOB_FILE, {"kind": kind, "params": params})
        events.write_status(folder, JobStatus())
        reporter = Reporter(folder)
        reporter.start()
        reporter.finish(events.DONE, result=HERE[kind](folder, params, reporter))

    monkeypatch.setattr(queue, "submit_once", submit)
    monkeypatch.setattr(queue, "submit", submit)


@pytest.fixture
def sorted_page(with_run, at_once, open_page, tmp_path):
    """The page after a zip of photos in folders was sorted."""
    entries = {f"red/{i}.jpg": picture(800 + i, tint=0) for i in range(5)}
    entries |= {f"new/{i}.jpg": picture(900 + i, tint=2) for i in range(4)}
    data = make_zip(tmp_path / "new.zip", entries).read_bytes()
    app = open_page("Classify")
    app.session_state["classify_way"] = "A whole folder"
    app.run()
    app.file_uploader[0].upload("new.zip", data, "application/zip").run()
    assert not app.exception
    assert not app.error
    return app


def test_a_folder_is_sorted_and_compared_with_its_own_folders(sorted_page):
    """Photos with scores, the share guessed so, and what can be taken along."""
    assert "9 photos sorted" in words(sorted_page)
    assert "5 of the 5" in words(sorted_page)
    lines = [photo["lines"] for data in grids(sorted_page).values() for photo in data["photos"]]
    assert len(lines) == 9
    assert all(line[1].split()[-1].startswith(("0.", "1.")) for line in lines)
    assert {"Download the table"} <= {b.label for b in sorted_page.get("download_button")}


def put_right(app) -> None:
    """Ticks the first photo and says that it is of the first class."""
    key = next(key for key, data in grids(app).items() if data["ticks"])
    app.session_state[key] = {"ticked": [grids(app)[key]["photos"][0]["id"]], "opened": None}
    app.run()
    next(box for box in app.selectbox if box.label == "They are really").select(0)
    app.run()
    press(app, "Put right 1 photo")


def test_what_is_put_right_goes_into_the_zip_and_the_data_set(sorted_page, with_run):
    """Ticked photos get another class; originals are untouched."""
    put_right(sorted_page)
    assert any(
        "you said" in line
        for data in grids(sorted_page).values()
        for photo in data["photos"]
        for line in photo["lines"]
    )
    press(sorted_page, "Make the zip")
    assert "Download the photos" in {b.label for b in sorted_page.get("download_button")}
    press(sorted_page, "Add 1 photo to my data set")
    assert with_run.datasets()[0].version == 2
    sorted_page.run()
    assert "Add 1 photo to my data set" not in buttons(sorted_page)


def test_photos_that_could_not_be_added_can_be_added_again(sorted_page, monkeypatch):
    """On a busy server they are not taken for added."""
    put_right(sorted_page)

    def refuse(*given):
        raise BoundError("This server is busy.")

    monkeypatch.setattr(queue, "submit", refuse)
    press(sorted_page, "Add 1 photo to my data set")
    assert "This server is busy" in words(sorted_page)
    sorted_page.run()
    assert "Add 1 photo to my data set" in buttons(sorted_page)


def test_filters_choose_by_class_and_score(sorted_page):
    """The table and the gallery show the same photos."""
    sorted_page.session_state["sorted_class"] = 2
    sorted_page.run()
    shown = [photo for data in grids(sorted_page).values() for photo in data["photos"]]
    assert len(shown) == 5
    assert {line.split()[0] for photo in shown for line in photo["lines"][1:2]} == {"red"}
    sorted_page.session_state["sorted_score"] = (0.0, 0.01)
    sorted_page.run()
    assert not sorted_page.exception
    assert "0 photos" in words(sorted_page)


def test_other_photos_take_the_place_of_the_first(sorted_page, with_run):
    """Nothing of them is left."""
    press(sorted_page, "Sort other photos")
    assert "Every photo gets a class and a score" in words(sorted_page)
    assert not list(with_run.folder.glob("sorted/*"))


def test_a_result_is_found_again_after_a_refresh(sorted_page, open_page):
    """It lies in the workspace."""
    app = open_page("Classify")
    app.session_state["classify_way"] = "A whole folder"
    app.run()
    assert "9 photos sorted" in words(app)


def test_a_path_is_sorted_where_it_lies(with_run, at_once, open_page, tmp_path):
    """Only for the owner of the machine; nothing is copied."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "1.jpg").write_bytes(picture(1))
    app = open_page("Classify")
    app.session_state["classify_way"] = "A whole folder"
    app.run()
    app.text_input(key="sort_path").set_value(str(tmp_path / "mine"))
    press(app, "Sort it")
    assert "1 photo sorted" in words(app)
    assert sorted_photos.load(next(with_run.folder.glob("sorted/*"))).sources == (
        tmp_path / "mine",
    )


def test_a_photo_is_painted_by_numbers_and_undone(with_run, open_page):
    """Scores before and after, in a sentence, a chart and a table."""
    app = upload(open_page("Classify"), "red 1.jpg")
    closer(app, "What if it looked different?")
    assert "what does the answer hang on" in words(app)
    form = next(b for b in app.button if b.label.endswith(", there"))
    form.click().run()
    assert not app.exception
    assert "Painting this" in words(app)
    press(app, "White background")
    assert "A white background" in words(app)
    press(app, "As it was")
    assert "what does the answer hang on" in words(app)
