"""Decisions on the Evaluate page: they mean the photos that were chosen, and nothing else."""

from dataclasses import replace

import numpy as np

from imgclf_core.analysis.label_issues import label_job
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import remedies
from imgclf_core.runs import predictions, run_store
from tests.pages.conftest import add_run, grids, open_photo, tick
from tests.pages.test_data_page import press
from tests.pages.test_evaluate_page import CLOSER, evaluate, shown
from tests.pages.test_pages import buttons, words


def test_undo_takes_back_decisions_made_here_and_nothing_else(with_run, open_page):
    """What another tab or an import has changed is left alone."""
    app = evaluate(open_page)
    assert "Undo" not in buttons(app)
    tick(app, 0)
    press(app, "Leave out")
    assert "Undo" in buttons(app)
    dataset = with_run.datasets()[0]
    elsewhere = remedies.leave_out(dataset, [0])
    store.commit(elsewhere.dataset, elsewhere.sentence)
    app.run()
    assert "Undo" not in buttons(app)


def test_undo_of_a_version_that_is_not_open_any_more_is_refused(with_run, open_page):
    """The button was drawn before another tab changed the photos."""
    app = evaluate(open_page)
    tick(app, 0)
    press(app, "Leave out")
    button = next(b for b in app.button if b.label == "Undo")
    dataset = with_run.datasets()[0]
    elsewhere = remedies.leave_out(dataset, [0])
    store.commit(elsewhere.dataset, elsewhere.sentence)
    button.click().run()
    assert not app.exception
    assert with_run.datasets()[0].version == 3


def test_ticks_stay_with_their_photos(with_run, open_page):
    """In another order the same photos are ticked, not those that came in their place."""
    app = evaluate(open_page, "Look closer", CLOSER[1])
    key = next(key for key, data in grids(app).items() if data["ticks"] and len(data["photos"]) > 2)
    ids = [photo["id"] for photo in grids(app)[key]["photos"]]
    app.session_state[key] = {"ticked": [ids[0]], "opened": None}
    app.run()
    assert grids(app)[key]["ticked"] == [ids[0]]
    assert all("." in name for name in ids), "a tick is kept by the file of the photo"


def test_what_is_ticked_is_forgotten_after_a_decision(with_run, open_page):
    """The next decision begins with no photo chosen."""
    app = evaluate(open_page)
    tick(app, 0)
    press(app, "Fair, a hard one")
    assert all(not data["ticked"] for data in grids(app).values())
    assert "Fair, a hard one" not in buttons(app)


def test_notes_of_a_photo_can_be_removed(with_run, open_page):
    """Marked hard by mistake, and taken back later than by undo."""
    app = evaluate(open_page)
    tick(app, 0)
    press(app, "Fair, a hard one")
    tick(app, 0)
    press(app, "Remove its notes")
    assert not any(photo.hard for photo in with_run.datasets()[0].photos)


def test_a_photo_left_out_in_the_dialog_stays_open(with_run, open_page):
    """It is said that it takes no part, and nothing fails."""
    app = evaluate(open_page)
    open_photo(app)
    press(app, "Leave out")
    assert not app.exception
    assert len(with_run.datasets()[0].left_out) == 1


def test_runs_called_alike_are_told_apart(with_run, open_page):
    """Two options that read the same would open one run only."""
    add_run(with_run, "second")
    for name in ("first", "second"):
        run_store.save(replace(with_run.run(name), name="The same"))
    app = evaluate(open_page)
    box = next(box for box in app.selectbox if box.label == "Run")
    assert len(set(box.options)) == 2


def test_a_renamed_class_is_not_told_as_relabelled_photos(with_run, open_page):
    """Nor are its photos said to have another class, nor does the queue lose them."""
    dataset = with_run.datasets()[0]
    label_job.save(dataset, label_job.compute(dataset))
    change = remedies.rename(dataset, dataset.class_names[0], "sky")
    store.commit(change.dataset, change.sentence)
    app = evaluate(open_page)
    assert "1 class renamed" in words(app)
    assert "relabelled" not in words(app)
    assert not any("now sky" in lines for lines in shown(app))
    app = evaluate(open_page, "Look closer", CLOSER[0])
    key = next(key for key in grids(app) if "labels" in key)
    assert any("is sky" in line for p in grids(app)[key]["photos"] for line in p["lines"])
    assert "Judge again" not in buttons(app)


def test_few_photos_do_not_tell_whether_scores_can_be_believed(with_run, open_page):
    """Six photos guessed with 70 %, all right: that happens by chance, too."""
    folder = with_run.runs()[0].folder
    answers = predictions.load(folder / run_store.PREDICTIONS_FILE)
    scores = np.full_like(answers.scores, 0.3)
    scores[np.arange(len(scores)), answers.labels] = 0.7
    predictions.save(folder / run_store.PREDICTIONS_FILE, replace(answers, scores=scores))
    app = evaluate(open_page, "Look closer", "Confidence")
    assert "Too few photos to tell" in words(app)
