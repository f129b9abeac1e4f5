"""What changed photos mean, in words that are true of any figures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.analysis.robustness import interpretation, metadata_probe, perturbations
from imgclf_core.analysis.robustness.metadata_probe import Appearance, Clue
from imgclf_core.analysis.robustness.robustness_results import Shortcuts, Variation


def variation(name: str, before: int, now: int, n: int, classes: int = 2) -> Variation:
    """Of n photos, the first `before` were right, and the first `now` are."""
    labels = np.arange(n) % classes
    place = np.arange(n)
    first = np.where(place < before, labels, labels + 1)
    second = np.where(place < now, labels, labels + 1)
    return Variation(name, labels, first, second, np.full(n, 0.5, np.float32))


def clue(name: str, right: int, n: int, classes: int = 2, known: int | None = None) -> Clue:
    labels = np.arange(n) % classes
    guesses = np.where(np.arange(n) < right, labels, labels + 1)
    return Clue(name, labels, guesses, n if known is None else known, n)


def shortcuts(n: int = 80, classes: int = 2, before: int | None = None, **right: int) -> Shortcuts:
    """Answers of which all are right but for the variations that are named."""
    before = n if before is None else before
    variations = tuple(
        variation(name, before, right.get(name.replace(" ", "_"), before), n, classes)
        for name in perturbations.NAMES
    )
    clues = tuple(
        clue(name, n // classes, n, classes)
        for name in (metadata_probe.EVERYTHING, *metadata_probe.KINDS)
    )
    files = np.array([f"{i}.jpg" for i in range(n)])
    return Shortcuts("test", ("a", "b"), files, n, 0, variations, Appearance(files, clues))


def finding(found: Shortcuts, name: str) -> interpretation.Finding:
    return next(one for one in interpretation.of_variations(found) if one.name == name)


def test_a_border_that_is_enough_is_warned_of():
    """With the figures, and with what the middle alone gives."""
    found = shortcuts(only_the_border=71, border_hidden=30)

    only = finding(found, perturbations.BORDER_ONLY)
    hidden = finding(found, perturbations.BORDER_HIDDEN)

    assert only.warns
    assert only.sentence == (
        "Still right on 71 of 80 seeing only the border: it may be learning the background."
    )
    assert hidden.warns
    assert "costs 62 points (30 of 80 right, 80 before)" in hidden.sentence


def test_a_model_that_knows_the_middle_too_is_told_so():
    """Where hiding the border costs nothing, the warning says that as well."""
    only = finding(shortcuts(only_the_border=71), perturbations.BORDER_ONLY)

    assert only.warns
    assert only.sentence.endswith("Seeing only the middle it is right on 80, so it knows that too.")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (shortcuts(only_the_border=40), "the border alone does not tell the classes"),
        (shortcuts(only_the_border=55), "the border helps, but whole photos give 80"),
        (shortcuts(n=3, only_the_border=3), "not clearly better than guessing"),
        (shortcuts(n=6, only_the_border=4), "too few photos to tell"),
        (shortcuts(before=42, only_the_border=42), "not clearly better than guessing"),
        (shortcuts(classes=1), "All photos here are of one class"),
    ],
)
def test_a_border_that_proves_nothing_is_not_warned_of(found, words):
    """No better than guessing, far worse than whole photos, or too few photos."""
    only = finding(found, perturbations.BORDER_ONLY)

    assert not only.warns
    assert words in only.sentence


def test_a_model_that_is_lost_without_the_border_is_warned_of():
    """Even where the border alone, a strange sight, is not enough for it."""
    hidden = finding(shortcuts(border_hidden=42, only_the_border=45), perturbations.BORDER_HIDDEN)

    assert hidden.warns
    assert "the middle alone does not tell the classes" in hidden.sentence


def test_photos_told_by_every_part_are_not_warned_of():
    """Half of what whole photos give is a warning only where the middle is no better."""
    part = {"only_the_border": 62}
    alone = {"only_the_border": 62, "border_hidden": 60}

    assert not finding(shortcuts(**part), perturbations.BORDER_ONLY).warns
    assert finding(shortcuts(**alone), perturbations.BORDER_ONLY).warns


def test_a_model_that_needs_the_border_for_its_things_is_not_warned_of():
    """Things may reach into the border; hiding it costs, but the border alone is not enough."""
    hidden = finding(shortcuts(border_hidden=50, only_the_border=40), perturbations.BORDER_HIDDEN)

    assert not hidden.warns
    assert "part of what it looks at is there" in hidden.sentence


def test_a_change_that_costs_gets_advice():
    """Points, counts and what to do."""
    dark = finding(shortcuts(darker=69), perturbations.DARKER)

    assert dark.warns
    assert dark.sentence == (
        "Darker photos cost 14 points (69 of 80 right, 80 before): add some dark ones."
    )


@pytest.mark.parametrize(
    ("before", "now", "n", "words"),
    [
        (80, 79, 80, "Darker photos: 79 of 80 right, 80 before. That may be chance."),
        (80, 80, 80, "Darker photos: 80 of 80 right, as many as before."),
        (3, 0, 3, "Darker photos: 0 of 3 right, too few photos to tell."),
        (40, 70, 80, "Darker photos do better: 70 of 80 right, 40 before."),
        (
            400,
            390,
            400,
            "Darker photos cost 2 points (390 of 400 right, 400 before): little, "
            "but more than chance.",
        ),
    ],
)
def test_a_change_within_chance_or_for_the_better_is_not_warned_of(before, now, n, words):
    """The counts are told, and no advice is given."""
    found = interpretation.of_change(variation(perturbations.DARKER, before, now, n))

    assert found == interpretation.Finding(perturbations.DARKER, words)


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from(list(perturbations.CHANGES)),
)
def test_a_warning_always_means_a_clear_loss(before, now, n, name):
    """Whatever the figures, the counts are in the sentence and warnings are of real losses."""
    before, now = min(before, n), min(now, n)

    found = interpretation.of_change(variation(name, before, now, n))

    assert f"{now} of {n} right" in found.sentence
    if found.warns:
        assert n >= interpretation.FEWEST
        assert before - now >= interpretation.LEAST_LOSS * n
    assert found.sentence.endswith(".")


@given(
    st.integers(1, 60),
    st.integers(1, 4),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 60),
    st.booleans(),
)
def test_words_are_found_for_any_figures(n, classes, before, hidden, only, skipped):
    """Nothing crashes, nothing is empty, and few photos never warn of the border."""
    found = shortcuts(
        n, classes, min(before, n), border_hidden=min(hidden, n), only_the_border=min(only, n)
    )

    findings = (
        *interpretation.of_variations(found),
        *interpretation.of_clues(found.appearance),
        interpretation.summary(found),
    )

    assert all(one.sentence.endswith(".") for one in findings)
    warned = finding(found, perturbations.BORDER_ONLY).warns
    assert not warned or found.of(perturbations.BORDER_ONLY).interval[0] > found.baseline


def told(clues: tuple[Clue, ...]) -> list[interpretation.Finding]:
    return list(interpretation.of_clues(Appearance(np.array([]), clues)))


def test_a_clue_that_gives_the_classes_away_is_warned_of():
    """With the figures, what it means, and which clue is the best."""
    everything, size = told(
        (clue(metadata_probe.EVERYTHING, 98, 100), clue(metadata_probe.SIZE, 91, 100))
    )

    assert size.warns
    assert size.sentence.startswith(
        "Width, height and shape alone tell the classes apart in 91 of 100 photos: "
    )
    assert everything.warns
    assert everything.sentence.endswith("The best clue is size and shape (91 of 100).")


def test_colour_may_belong_to_the_class():
    """It takes more to be warned of, and the warning says when it is fine."""
    weak, strong = told(
        (clue(metadata_probe.COLOUR, 72, 100), clue(metadata_probe.COLOUR, 95, 100))
    )

    assert not weak.warns
    assert strong.warns
    assert "fine if the colours belong to the things" in strong.sentence


@pytest.mark.parametrize(
    ("given_clue", "words"),
    [
        (
            clue(metadata_probe.SIZE, 55, 100),
            "always guessing the largest class on 50: no clear sign.",
        ),
        (clue(metadata_probe.SIZE, 66, 100), "a hint, but not enough to worry."),
        (clue(metadata_probe.SIZE, 3, 3), "no clear sign."),
        (clue(metadata_probe.SIZE, 100, 100, classes=1), "All photos are of one class"),
        (clue(metadata_probe.DATE, 0, 0, known=0), "No photo tells its date or camera."),
        (clue(metadata_probe.SIZE, 0, 0, known=5), "Too few different photos to tell."),
        (clue(metadata_probe.DATE, 50, 100, known=40), "(told by 40 of 100 photos)"),
    ],
)
def test_a_clue_that_proves_nothing_is_not_warned_of(given_clue, words):
    """Chance, a hint, one class, or nothing to guess from."""
    (found,) = told((given_clue,))

    assert not found.warns
    assert words in found.sentence


def test_the_summary_counts_the_warnings():
    """And says when there are too few photos to tell."""
    fine, one = shortcuts(only_the_border=40), shortcuts(only_the_border=40, darker=20)

    assert interpretation.summary(fine).sentence.startswith("None of the 16 checks")
    assert interpretation.summary(one).sentence.startswith("1 of 16 checks found")
    assert (interpretation.summary(fine).warns, interpretation.summary(one).warns) == (False, True)
    assert interpretation.summary(shortcuts(n=1)).sentence == (
        "With 1 photo these checks cannot tell much."
    )


def test_which_photos_are_meant_is_said():
    """All of a side or a sample of it, and those that could not be read."""
    found = shortcuts(n=1)
    assert interpretation.which_photos(found) == "1 test photo."
    assert interpretation.which_photos(replace(found, of_side=1200, skipped=1)) == (
        "1 of 1,200 test photos, a fair sample. 1 photo could not be read."
    )
