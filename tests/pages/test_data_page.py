"""The Data page: seeing what is there, mending it, and taking it back."""

import io
import json
import time

import pytest
from PIL import Image

from imgclf_core.datasets import store
from imgclf_core.datasets.ingest.ingestion import ADDING_FOLDER
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.support import atomic_files
from imgclf_core.ui import session
from tests.conftest import make_zip, picture, two_classes
from tests.pages.conftest import add_photos, tick
from tests.pages.test_pages import buttons, run_until, words

TABS = ("Overview", "Photos", "Problems", "What the network sees", "Split", "History")


@pytest.fixture
def open_tab(open_page):
    """Opens the Data page with one of its tabs in front."""

    def open_one(name: str):
        app = open_page()
        app.session_state[session.OPEN_TAB] = name
        app.switch_page("pages/1_Data.py").run()
        assert not app.exception
        return app

    return open_one


def press(app, label: str):
    """Presses the button whose label begins so."""
    next(button for button in app.button if button.label.startswith(label)).click()
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("name", TABS)
def test_every_tab_opens(with_photos, open_tab, name):
    """Without an error, on the same data set."""
    app = open_tab(name)
    assert "40 photos in 2 classes" in words(app)
    assert not app.error


def test_the_page_opens_with_at_most_seven_controls(with_photos, open_page):
    """Simple stays simple: everything else is folded or on another tab."""
    app = open_page("Data")
    kinds = ("button", "checkbox", "selectbox", "slider", "radio", "text_input", "number_input")
    assert sum(len(getattr(app, kind)) for kind in kinds) <= 7


def test_ticked_photos_are_left_out_and_the_change_is_taken_back(with_photos, open_tab):
    """One click does it, one undoes it, one does it again."""
    app = open_tab("Photos")
    tick(app, 0, 1)
    press(app, "Leave out 2 photos")
    assert "38 photos in 2 classes" in words(app)
    assert "Left out 2 photos" in app.success[0].value
    press(app, "Undo")
    assert "40 photos in 2 classes" in words(app)
    press(app, "Redo")
    assert "38 photos in 2 classes" in words(app)


def test_photos_left_out_are_shown_and_brought_back(with_photos, open_tab):
    """Under the side called left out."""
    app = open_tab("Photos")
    tick(app, 0)
    press(app, "Leave out 1 photo")
    next(box for box in app.selectbox if box.label == "Side of the split").select("left out").run()
    press(app, "Bring all back")
    assert "40 photos in 2 classes" in words(app)


def test_photos_move_to_another_class(with_photos, open_tab):
    """Picked from the list; new names are typed in the browser test."""
    app = open_tab("Photos")
    tick(app, 0)
    app.selectbox(key="move_to_photos").select("red").run()
    press(app, "Move 1 photo")
    assert with_photos.datasets()[0].counts.sum(axis=1).tolist() == [19, 21]


def test_a_class_is_merged_or_left_out(with_photos, open_tab):
    """Both under *Change this class*."""
    app = open_tab("Photos")
    app.selectbox(key="rename_blue").select("red").run()
    press(app, "Merge")
    assert with_photos.datasets()[0].class_names == ("red",)
    press(app, "Undo")
    press(app, "Leave the class out")
    assert with_photos.datasets()[0].class_names == ("blue",)  # red was chosen since the merge
    assert len(with_photos.datasets()[0].left_out) == 20


def test_a_problem_is_mended_by_its_remedy(workspace, tmp_path, open_tab):
    """The copies of one photo: one of each is kept, and the problem is gone."""
    entries = two_classes(20)
    add_photos(workspace, tmp_path, {**entries, "red/copy.jpg": entries["red/3.jpg"]})
    app = open_tab("Problems")
    assert "Keep one of each: all 2" in buttons(app)
    press(app, "Keep one of each")
    assert "Kept one of each photo" in app.success[0].value
    assert not any(label.startswith("Keep one") for label in buttons(app))


def test_unequal_classes_are_sampled_down_to_a_number(workspace, tmp_path, open_tab):
    """The number beside the button counts."""
    entries = {name: data for name, data in two_classes(20).items() if name != "red/1.jpg"}
    add_photos(workspace, tmp_path, {n: d for n, d in entries.items() if n[:5] != "red/1"})
    app = open_tab("Problems")
    next(box for box in app.number_input if box.label == "Photos a class").set_value(6).run()
    press(app, "Sample down")
    assert workspace.datasets()[0].counts.sum(axis=1).tolist() == [6, 6]


def test_what_cannot_be_done_is_said_and_changes_nothing(with_photos, open_tab):
    """The sentence stands on the page, which stays usable."""
    app = open_tab("Photos")
    app.selectbox[0].select("all").run()
    tick(app, *range(24))
    app.session_state["page_photos_all_all_by name_1"] = 2
    app.run()
    tick(app, *range(16))
    press(app, "Leave out 40 photos")
    assert "At least one photo must stay" in app.error[0].value
    assert len(with_photos.datasets()[0].photos) == 40


def test_nested_folders_are_asked_about_once(workspace, tmp_path, open_page):
    """The counts of each reading stand beside it; the answer is a version."""
    entries = {
        f"{a}/{b}/{i}.jpg": picture(100 * k + 10 * j + i)
        for k, a in enumerate(("uk", "us"))
        for j, b in enumerate(("1880s", "1890s"))
        for i in range(5)
    }
    add_photos(workspace, tmp_path, entries)
    app = open_page("Data")
    assert "What is a class?" in words(app)
    assert any("2 classes" in option and "uk" in option for option in app.radio[0].options)
    app.radio[0].set_value("first").run()
    press(app, "Use this")
    assert workspace.datasets()[0].class_names == ("uk", "us")
    assert "What is a class?" not in words(app)


def test_what_the_network_sees_is_what_training_begins_with(with_photos, open_tab):
    """The fit and the variety that were chosen stand in the settings of the next training."""
    app = open_tab("What the network sees")
    app.radio[0].set_value("pad").run()
    app.slider(key="seeing_rotation").set_value(45.0).run()
    app.switch_page("pages/2_Train.py").run()
    press(app, "Train")
    (run,) = with_photos.runs()
    assert (run.settings.fit, run.settings.rotation) == ("pad", 45.0)
    with_photos.delete_run(run.id)


def test_photos_are_divided_anew(with_photos, open_tab):
    """By the shares on the sliders."""
    app = open_tab("Split")
    app.slider[0].set_value(25)
    app.slider[1].set_value(25)
    app.run()
    press(app, "Divide anew")
    assert with_photos.datasets()[0].counts.tolist() == [[10, 5, 5], [10, 5, 5]]


def test_objects_are_shown_before_they_are_grouped(workspace, tmp_path, open_tab):
    """How many there would be, and then they stay together."""
    entries = {
        f"{c}/{c}{i // 4}_{i % 4}.jpg": picture(100 * k + i)
        for k, c in enumerate("ab")
        for i in range(16)
    }
    add_photos(workspace, tmp_path, entries)
    app = open_tab("Split")
    app.text_input[0].set_value("{object}_*").run()
    assert "**8 objects**" in words(app)
    press(app, "Keep them together")
    made = workspace.datasets()[0]
    assert {photo.object for photo in made.photos} == {
        f"{c}/{c}{i}" for c in "ab" for i in range(4)
    }


def test_a_pattern_that_is_none_is_said_beside_it(with_photos, open_tab):
    """And nothing can be grouped by it."""
    app = open_tab("Split")
    app.text_input[0].set_value("***").run()
    assert "is no pattern" in app.warning[0].value
    assert next(b for b in app.button if b.label == "Keep them together").disabled


def test_the_receipt_adds_up_on_screen(workspace, tmp_path, open_tab):
    """Received is the sum of the sides, what was left out and what was not taken."""
    add_photos(workspace, tmp_path, {**two_classes(20), "red/bad.jpg": b"x", "red/n.txt": b"x"})
    made = workspace.datasets()[0]
    from imgclf_core.datasets.edits import remedies

    change = remedies.leave_out(made, [0, 1, 2])
    store.commit(change.dataset, change.sentence)
    text = words(open_tab("History"))
    numbers = [
        int(part.split()[0]) for part in text.split("received** = ")[1].split(".")[0].split(" + ")
    ]
    assert "**42 files received**" in text
    assert len(numbers) == 5
    assert sum(numbers) == 42


def test_the_data_set_is_packed_to_take_along(with_photos, open_tab):
    """With the notes; another change asks for another zip."""
    app = open_tab("History")
    app.text_area[0].set_value("my attic").run()
    press(app, "Make the zip")
    made = with_photos.datasets()[0]
    status = queue.follow(made.folder / "taken")
    assert status.result["source_note"] == "my attic"
    app.run()
    assert len(app.get("download_button")) == 2


def test_loose_photos_join_a_class(with_photos, open_page):
    """Of the open data set, picked from its classes."""
    app = open_page("Data")
    app.session_state["more_photos"] = True
    app.session_state["other_ways_more_True"] = True
    app.run()
    app.selectbox(key="loose_class_more_True").select("red").run()
    uploader = next(u for u in app.file_uploader if u.label == "Photos of this class")
    uploader.set_value([(f"{i}.jpg", picture(90 + i), "image/jpeg") for i in range(4)]).run()
    press(app, "Add 4 photos")
    run_until(app, lambda: "44 photos in 2 classes" in words(app))
    assert with_photos.datasets()[0].counts.sum(axis=1).tolist() == [20, 24]


def test_one_class_alone_is_a_gallery_that_cannot_be_trained(workspace, tmp_path, open_page):
    """What is missing is said, on both pages."""
    add_photos(workspace, tmp_path, {f"cats/{i}.jpg": picture(i) for i in range(4)})
    app = open_page("Data")
    assert "4 photos in 1 class" in words(app)
    assert "Only one class" in words(app)
    app.switch_page("pages/2_Train.py").run()
    assert next(b for b in app.button if b.label == "Train").disabled


def test_two_sets_arrive_at_once(workspace, open_page):
    """Each with its progress and a button of its own."""
    for name in ("first", "second"):
        folder = workspace.new_dataset(name)
        atomic_files.write_json(folder / queue.JOB_FILE, {"kind": "ingest", "params": {}})
        events.write_status(folder, JobStatus(created=time.time()))
    app = open_page("Data")
    assert [button.label for button in app.button].count("Cancel") == 2
    assert not app.error


def test_more_photos_join_the_open_set(with_photos, open_page, tmp_path):
    """A zip under *Bring in more photos* becomes its next version."""
    data = make_zip(tmp_path / "more.zip", {f"green/{i}.jpg": picture(70 + i) for i in range(5)})
    app = open_page("Data")
    app.session_state["more_photos"] = True
    app.run()
    app.file_uploader[0].upload("more.zip", data.read_bytes(), "application/zip").run()
    run_until(app, lambda: "45 photos in 3 classes" in words(app))
    assert with_photos.datasets()[0].version == 2
    assert not list(with_photos.folder.rglob("upload.zip"))


def test_an_addition_that_fails_is_said_once_and_changes_nothing(with_photos, open_page, tmp_path):
    """The reason stands above the photos, which are as they were."""
    app = open_page("Data")
    app.session_state["more_photos"] = True
    app.run()
    app.file_uploader[0].upload("more.zip", b"Rar!", "application/zip").run()
    run_until(app, lambda: len(app.error) > 0)
    assert "is a RAR file" in app.error[0].value
    assert "40 photos in 2 classes" in words(app)
    made = with_photos.datasets()[0]
    assert not (made.folder / ADDING_FOLDER).exists()
    app.run()
    assert not app.error


@pytest.mark.parametrize("allowed", [True, False])
def test_a_path_can_be_typed_only_where_the_server_is_its_owners(
    workspace, open_page, tmp_path, allowed, monkeypatch
):
    """Elsewhere it says how."""
    if not allowed:
        monkeypatch.setenv("IMGCLF_PROFILE", "shared")
    for name, data in two_classes(3).items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    app = open_page("Data")
    app.session_state["other_ways_data"] = True
    app.session_state["way_data"] = "A path"
    app.run()
    if not allowed:
        assert "Paths can be typed where" in words(app)
        assert not app.text_input
        return
    app.text_input[0].set_value(str(tmp_path / "folder")).run()
    press(app, "Read it")
    run_until(app, lambda: "6 photos in 2 classes" in words(app))


def test_unusual_photos_are_looked_for_on_request(with_photos, open_tab):
    """As a job; afterwards the page says that everything was compared."""
    app = open_tab("Problems")
    press(app, "Look for them")
    run_until(app, lambda: "Every photo was compared" in words(app))


def test_sizes_and_means_are_shown_on_request(workspace, tmp_path, open_page):
    """With their tables."""
    buffer = io.BytesIO()
    Image.new("RGB", (300, 100), "red").save(buffer, "PNG")
    add_photos(workspace, tmp_path, {**two_classes(4), "red/long.png": buffer.getvalue()})
    app = open_page("Data")
    app.session_state["overview_more"] = True
    app.run()
    assert not app.exception
    assert "from 40 to 100" in words(app)
    assert len(app.dataframe) == 2
    assert json.loads(app.get("plotly_chart")[1].proto.spec)["data"][0]["mode"] == "markers"
