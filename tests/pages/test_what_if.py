"""What if?: changes of one photo, undone one by one, and what is told of its scores."""

from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.images import edits
from imgclf_core.images.edits import Edit
from imgclf_core.runs import calibration
from imgclf_core.ui.classify import before_after
from tests.pages.test_classify_page import closer, upload
from tests.pages.test_data_page import press
from tests.pages.test_pages import words

ASK = "what does the answer hang on"


@pytest.fixture
def what_if(with_run, open_page):
    """The part, opened for one photo."""
    app = upload(open_page("Classify"), "red 1.jpg")
    closer(app, "What if it looked different?")
    unfold(app, "table")
    return app


def unfold(app, name: str):
    """Opens a fold of the part."""
    tool = next(b for b in app.button if b.label == "White background")
    app.session_state[tool.key.replace("white_", f"{name}_")] = True
    app.run()
    assert not app.exception


def button(app, label: str):
    """A button by its words."""
    return next(b for b in app.button if b.label == label)


def scores(app) -> np.ndarray:
    """(K, 2): before and after."""
    table = next(t.value for t in app.dataframe if "before" in t.value)
    return table[["before", "after"]].to_numpy()


def test_an_unchanged_photo_has_the_scores_of_its_card(what_if):
    """To the last digit, and there is nothing to undo."""
    assert ASK in words(what_if)
    assert np.array_equal(*scores(what_if).T)
    assert button(what_if, "Undo").disabled


def test_changes_stack_and_are_undone_one_by_one(what_if):
    """Also those of the whole photo."""
    press(what_if, "Grey")
    assert "Taking its colours away" in words(what_if)
    grey = scores(what_if)
    press(what_if, "Turn left")
    assert "Turning it" in words(what_if)
    assert "All 2 changes together" in words(what_if)
    press(what_if, "Undo")
    assert "Taking its colours away" in words(what_if)
    assert np.array_equal(scores(what_if), grey)
    press(what_if, "Undo")
    assert ASK in words(what_if)


def test_how_much_is_background_can_be_chosen(what_if):
    """While it is the last change; what was chosen stays when another change comes."""
    press(what_if, "White background")
    slider = next(s for s in what_if.slider if s.label == "How much is background")
    slider.set_value(30).run()
    key = next(iter(what_if.session_state["edits"]))
    assert what_if.session_state["edits"][key][-1].amount == 0.3
    press(what_if, "Mirror")
    assert "How much is background" not in [s.label for s in what_if.slider]
    press(what_if, "Undo")
    slider = next(s for s in what_if.slider if s.label == "How much is background")
    assert slider.value == 30


def test_a_place_without_size_is_refused_with_a_sentence(what_if):
    """And nothing is changed."""
    key = next(n.key for n in what_if.number_input if n.label == "Bottom %")
    what_if.number_input(key=key).set_value(40)
    button(what_if, "Paint black, there").click().run()
    assert not what_if.exception
    assert any("Drag a larger one" in caption.value for caption in what_if.caption)
    assert ASK in words(what_if)


def test_doubts_are_told_as_they_stay(what_if, with_run):
    """By the threshold of this moment."""
    run = with_run.run("first")
    calibration.save(run.folder, replace(calibration.load(run.folder), threshold=1.0))
    press(what_if, "Blur")
    assert any(c.value == "Still not sure: low score." for c in what_if.caption)


def test_the_maps_stand_side_by_side(what_if):
    """Computed once they are unfolded."""
    press(what_if, "Darker")
    unfold(what_if, "maps")
    assert any("the more this place spoke for" in c.value for c in what_if.caption)


@pytest.mark.parametrize(
    ("steps", "kinds", "said"),
    [
        (
            [[0.97, 0.03], [0.41, 0.59]],
            [edits.COVER],
            (
                "Covering this takes *elsa* from 97.0% to 41.0%: the network looked there.",
                "Its guess is now **a\\*b**, with 59.0%.",
            ),
        ),
        (
            [[0.6, 0.4], [0.9, 0.1]],
            [edits.PAINT],
            ("Painting this takes *elsa* from 60.0% to 90.0%.",),
        ),
        (
            [[0.9, 0.1], [0.2, 0.8], [0.19, 0.81]],
            [edits.COVER, edits.BLUR],
            (
                "Blurring it hardly changes the answer: *a\\*b* from 80.0% to 81.0%.",
                "All 2 changes together: *elsa* from 90.0% to 19.0%.",
                "Its guess is now **a\\*b**, with 81.0%.",
            ),
        ),
    ],
)
def test_sentences_say_what_the_last_change_did(steps, kinds, said):
    """And what all did; names of strangers are no markup."""
    done = [Edit(kind) for kind in kinds]
    assert before_after.sentences(["elsa", "a*b"], np.array(steps), done) == list(said)
