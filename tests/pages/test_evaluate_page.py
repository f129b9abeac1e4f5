"""The Evaluate page: every figure opens photos, every photo can be acted on."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.analysis import embedding_map
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.robustness import robustness_job, robustness_results
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import decisions
from imgclf_core.jobs import queue
from imgclf_core.runs import calibration, predictions, run_store
from imgclf_core.runs.calibration import Calibration
from imgclf_core.runs.predictions import Predictions
from tests.pages.conftest import add_run, grids, open_photo, tick
from tests.pages.test_data_page import press
from tests.pages.test_pages import buttons, words

CLOSER = ("Labels that look wrong", "Confidence", "The right thing?", "Map")


@pytest.fixture
def with_mistakes(with_run):
    """A run that guessed the first test photo and the first training photo wrong."""
    folder = with_run.runs()[0].folder
    answers = predictions.load(folder / run_store.PREDICTIONS_FILE)
    scores = answers.scores.copy()
    for side in ("test", "training"):
        first = int(np.flatnonzero(answers.sides == side)[0])
        scores[first] = scores[first][::-1]
    changed = Predictions(answers.files, answers.names, answers.labels, answers.sides, scores)
    predictions.save(folder / run_store.PREDICTIONS_FILE, changed)
    calibration.save(folder, Calibration(temperature=1.5, fitted_on=6))
    return with_run


def evaluate(open_page, tab: str | None = None, closer: str | None = None):
    """The page with a tab, or a part of *Look closer*, in front."""
    app = open_page("Evaluate")
    if tab:
        app.session_state["evaluate_tabs"] = tab
        app.run()
    if closer:
        app.session_state["closer"] = closer
        app.run()
    assert not app.exception
    assert not app.error
    return app


def shown(app) -> list[list[str]]:
    """Lines of every photo on the page."""
    return [photo["lines"] for data in grids(app).values() for photo in data["photos"]]


def test_the_page_opens_on_the_most_frequent_mistake(with_mistakes, open_page):
    """The wrong photo stands beside the matrix and under the mistakes, with both scores."""
    app = evaluate(open_page)
    assert len(shown(app)) == 2
    _, truth, guess = shown(app)[0]
    assert truth.startswith("is ")
    assert guess.startswith("guess ")
    assert "Right on 5 of 6" in words(app) or "Right on" in words(app)


def test_two_boxes_open_a_cell_of_the_matrix(with_mistakes, open_page):
    """What a click does can be done by keyboard."""
    app = evaluate(open_page)
    boxes = {box.label: box for box in app.selectbox}
    boxes["True class"].select(0)
    boxes["Guess"].select(0)
    app.run()
    assert "guessed right" in words(app)
    assert not app.exception


def test_training_photos_are_said_to_be_too_kind(with_mistakes, open_page):
    """The side is chosen in one place, and all figures follow."""
    app = evaluate(open_page)
    run = with_mistakes.runs()[0]
    app.session_state[f"side_{run.id}"] = "training"
    app.run()
    assert "too kind" in words(app)
    assert len(shown(app)) == 2


def test_the_mistakes_can_be_taken_along(with_mistakes, open_page):
    """Name, true class and guess with both scores, as a table."""
    from imgclf_core.analysis import mistakes, results

    result = results.open_result(with_mistakes.runs()[0])
    found = mistakes.find_mistakes(result.answers, result.run.class_names)
    rows = list(csv.DictReader(io.StringIO(mistakes.as_table(found))))
    assert [row["name"] for row in rows] == [m.name for m in found]
    assert "Download the mistakes" in [b.label for b in evaluate(open_page).get("download_button")]


def test_a_photo_is_looked_into(with_mistakes, open_page):
    """Its scores, where the network looked, what it resembles, and what can be done."""
    app = evaluate(open_page)
    open_photo(app)
    assert not app.exception
    assert "Filed as" in words(app)
    assert "Training photos most like it" in words(app)
    assert "Where it looked" in [slider.label for slider in app.slider]
    assert {"Leave out", "Fair, a hard one", "blue", "red"} <= set(buttons(app))


def test_ticked_photos_are_moved_at_once_and_the_move_is_taken_back(with_mistakes, open_page):
    """One decision is one version of the data set; undo goes back."""
    app = evaluate(open_page)
    before = with_mistakes.datasets()[0]
    tick(app, 0)
    wrong = shown(app)[0][1].split()[1].rstrip(":")
    press(app, {"blue": "red", "red": "blue"}[wrong])
    after = with_mistakes.datasets()[0]
    assert after.version == 2
    assert sorted(after.counts.sum(axis=1)) == [19, 21]
    assert f"now {after.class_names[1 - after.class_names.index(wrong)]}" in shown(app)[0]
    assert "1 photo relabelled" in words(app)
    press(app, "Undo")
    assert with_mistakes.datasets()[0].counts.tolist() == before.counts.tolist()


@pytest.mark.parametrize("label", ["Leave out", "Fair, a hard one"])
def test_a_photo_is_left_out_or_found_fair(with_mistakes, open_page, label):
    """Each makes a version, and the card says so."""
    app = evaluate(open_page)
    tick(app, 0)
    press(app, label)
    assert with_mistakes.datasets()[0].version == 2
    assert shown(app)[0][-1] in ("left out now", "hard, label right")


def test_second_tags_count(with_mistakes, open_page):
    """A photo that also shows what was guessed is right when tags are counted."""
    app = evaluate(open_page)
    tick(app, 0)
    guess = shown(app)[0][2].split()[1].rstrip(":")
    next(box for box in app.selectbox if box.label == "Another class").select(guess)
    app.run()
    press(app, "It also shows this")
    assert "Counting second tags: right on 6 of 6" in words(app)


@pytest.mark.parametrize("tab", ["Look closer", "For a report", "Compare"])
def test_every_tab_opens(with_mistakes, open_page, tab):
    """Without an error, with no second run and nothing computed yet."""
    evaluate(open_page, tab)


@pytest.mark.parametrize("closer", CLOSER)
def test_every_closer_look_opens_without_results(with_mistakes, open_page, closer):
    """What takes a job is offered with its time, the rest is there."""
    app = evaluate(open_page, "Look closer", closer)
    if closer != "Confidence":
        assert "About" in words(app)


def test_doubtful_labels_are_a_queue_with_suggestions(with_mistakes, open_page, monkeypatch):
    """A mislabelled photo comes first; accepting the suggestion moves it and the queue goes on."""
    dataset = with_mistakes.datasets()[0]
    change = decisions.move(dataset, [0], dataset.class_names[1 - dataset.labels[0]])
    moved = store.commit(change.dataset, change.sentence)
    label_job.save(moved, label_job.compute(moved))
    app = evaluate(open_page, "Look closer", CLOSER[0])
    assert "label worth a look" in words(app)
    key = next(key for key in grids(app) if "labels" in key)
    card = grids(app)[key]["photos"][0]
    assert card["lines"][0] == dataset.photos[0].name.split("/")[-1]
    app.session_state[key] = {"ticked": [card["id"]], "opened": None}
    app.run()
    press(app, "Accept the suggestion")
    assert with_mistakes.datasets()[0].counts.sum(axis=1).tolist() == [20, 20]
    assert "Judge again" in buttons(app)


def test_the_threshold_is_kept_with_the_model(with_mistakes, open_page):
    """Moving the slider shows what it costs; saving makes it hold wherever the model answers."""
    run = with_mistakes.runs()[0]
    app = evaluate(open_page, "Look closer", "Confidence")
    app.slider(key=f"threshold_{run.id}").set_value(97).run()
    assert "On test photos: answers" in words(app)
    press(app, "Use this threshold")
    assert calibration.load(run.folder).threshold == 0.97
    assert calibration.load(run.folder).temperature == 1.5


def test_the_map_shows_photos_and_a_part_of_it(with_mistakes, open_page):
    """By keyboard: the edges of a part."""
    dataset = with_mistakes.datasets()[0]
    files = np.array([photo.file for photo in dataset.photos])
    xy = np.random.default_rng(0).normal(size=(len(files), 2)).astype(np.float32)
    embedding_map.save(dataset, embedding_map.Projection(files, xy))
    app = evaluate(open_page, "Look closer", "Map")
    press(app, "Show these photos")
    assert "On this part of the map" in words(app)


def test_shortcut_checks_are_shown_with_their_photos(with_mistakes, open_page):
    """A sentence each, warnings first, and the photos a change turned wrong."""
    run, dataset = with_mistakes.runs()[0], with_mistakes.datasets()[0]
    robustness_results.save(run, robustness_job.compute(run, dataset))
    app = evaluate(open_page, "Look closer", "The right thing?")
    assert "Turned wrong by" in [box.label for box in app.selectbox]
    assert "checks" in words(app) + "".join(element.value for element in app.success)


def test_the_report_is_written_by_a_job_and_downloaded(with_mistakes, open_page, monkeypatch):
    """Offered first; once it is there, two files."""
    asked = []
    monkeypatch.setattr(queue, "submit_once", lambda *arguments: asked.append(arguments))
    app = evaluate(open_page, "For a report")
    press(app, "Write the report")
    assert asked[0][1:] == ("report", {"side": "test"})
    assert asked[0][0].name == run_store.REPORT_FOLDER


def test_two_runs_of_the_same_photos_are_compared(with_mistakes, open_page):
    """Mended and broken photos, and whether it is more than chance."""
    add_run(with_mistakes, "second")
    app = evaluate(open_page, "Compare")
    assert "Compare with" in [box.label for box in app.selectbox]
    assert "1 mended, 0 broken" in words(app)
    assert "McNemar" in words(app)


def test_after_relabelling_three_scores_stand_apart(with_mistakes, open_page):
    """The old model, the new one on the same labels, and on the corrected labels."""
    dataset = with_mistakes.datasets()[0]
    test = int(dataset.indices("test")[0])
    other = dataset.class_names[1 - dataset.labels[test]]
    change = decisions.move(dataset, [test], other)
    store.commit(change.dataset, change.sentence)
    add_run(with_mistakes, "second")
    second = with_mistakes.run("second")
    run_store.save(replace(second, dataset_version=2))
    app = evaluate(open_page, "Compare")
    assert "three scores" in words(app)
    labels = [metric.label for metric in app.metric][-3:]
    assert [label.split(", ")[-1] for label in labels[1:]] == ["same labels", "corrected labels"]
    assert "1 photo of these got another label" in words(app)


def test_deleted_photos_leave_the_figures(with_mistakes, open_page):
    """Every part says that the photos are gone, and nothing breaks."""
    with_mistakes.delete_dataset(with_mistakes.datasets()[0].id)
    for closer in CLOSER:
        app = evaluate(open_page, "Look closer", closer)
    assert "deleted" in words(app)


def test_what_is_open_belongs_to_one_run_and_side(with_mistakes, open_page):
    """Positions on a map of one side mean other photos on another, so nothing is carried over."""
    dataset = with_mistakes.datasets()[0]
    files = np.array([photo.file for photo in dataset.photos])
    embedding_map.save(
        dataset, embedding_map.Projection(files, np.zeros((len(files), 2), np.float32))
    )
    app = evaluate(open_page, "Look closer", "Map")
    press(app, "Show these photos")
    assert "On this part of the map" in words(app)
    app.session_state[f"side_{with_mistakes.runs()[0].id}"] = "training"
    app.run()
    assert not app.exception
    assert "On this part of the map" not in words(app)


def test_photos_deleted_while_the_page_is_open_are_said_to_be_gone(with_mistakes, open_page):
    """What the session has read of them is not used any more."""
    app = evaluate(open_page)
    with_mistakes.delete_dataset(with_mistakes.datasets()[0].id)
    app.run()
    assert not app.exception
    assert not app.error
    assert "deleted" in words(app)


def test_photos_the_new_model_has_learnt_from_do_not_count_for_it(with_mistakes, open_page):
    """Divided anew, old test photos became training photos: it knows them by heart."""
    dataset = with_mistakes.datasets()[0]
    tests = set(dataset.indices("test").tolist())
    swapped = sorted(tests)[:2]
    photos = tuple(
        replace(photo, side="training") if i in swapped else photo
        for i, photo in enumerate(dataset.photos)
    )
    store.commit(replace(dataset, photos=photos), "Two moved.")
    add_run(with_mistakes, "second")
    run_store.save(replace(with_mistakes.run("second"), dataset_version=2))
    app = evaluate(open_page, "Compare")
    assert "2 count for neither" in words(app)
    assert [metric.value for metric in app.metric][-2] == "100.0%"
