"""Learning curves, and what they advise."""

from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.analysis.learning_curves import learning_curve, learning_curve_job, recommendations
from imgclf_core.analysis.learning_curves.learning_curve import Curves
from imgclf_core.analysis.learning_curves.recommendations import CLEAN, ENOUGH, MORE, UNCLEAR
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import remedies
from imgclf_core.errors import DatasetError, JobStoppedError
from imgclf_core.jobs import queue
from imgclf_core.networks import embeddings
from tests.conftest import two_classes

WIDTH = 96
NAMES = ("cat", "fox", "hay", "wig")
SIDES = np.array(["training"] * 14 + ["validation"] * 3 + ["test"] * 3)


def world(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels, sides and groups: of each class a known story.

    Cats are easy. Foxes and hay come in 40 kinds each, and nothing but having seen the kind tells
    which is which. Three wigs in ten are cats by mistake.
    """
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(90, WIDTH))
    foxes, hay = (
        centres[1] + centres[first + generator.integers(0, 40, count)] for first in (5, 45)
    )
    wigs = np.where((generator.random(count) < 0.3)[:, None], centres[0], centres[3])
    middle = np.concatenate([np.tile(centres[0], (count, 1)), foxes, hay, wigs])
    noise = generator.normal(size=middle.shape)
    labels = np.repeat(np.arange(4), count)
    sides = SIDES[np.arange(len(labels)) % len(SIDES)]
    rows = (middle + 0.6 * noise).astype(np.float32)
    return rows, labels, sides, np.arange(len(labels))


@pytest.fixture(scope="module")
def curves() -> Curves:
    """Of 120 photos a class."""
    return learning_curve.measure(*world(120), NAMES)


def flat(recall: float = 0.7, gain: float = 0.0, noise: float = 0.01, count: int = 100) -> Curves:
    """Hand-made curves of two classes that are alike, as flat as told."""
    by_class = np.outer([0.2, 0.4, 0.6, 0.8, 1.0], [count, count]).astype(int)
    small = learning_curve.measure(*world(20), NAMES)
    # One doubling from 40 to 80 %, the steps around it by the same factor.
    steps = np.array([-2.0, -1.0, -0.415, 0.0])[:, None]
    return replace(
        small,
        class_names=("fox", "cat"),
        photos=by_class.sum(axis=1),
        photos_by_class=by_class,
        validated=np.array([20, 20]),
        to_learn_from=by_class[-1],
        training_share=0.7,
        unseen=replace(
            small.unseen,
            recall=recall + gain * steps * [1, 0],
            gain=np.array([gain, 0.0]),
            noise=np.array([noise, 0.01]),
        ),
        suspects=np.arange(3),
        suspect_labels=np.array([0, 0, 1]),
        suspect_guesses=np.array([1, 1, 0]),
    )


def test_each_class_gets_the_advice_its_story_asks_for(curves):
    """The easy one has enough, the varied climb, the one with wrong labels is to be cleaned."""
    advice = recommendations.advice(curves)
    kinds = {one.name: one.kind for one in advice.by_class}
    assert kinds == {"cat": ENOUGH, "fox": MORE, "hay": MORE, "wig": CLEAN}
    assert "are the best next step" in advice.sentence
    assert "Clean 'wig' as well" in advice.sentence


def test_wrong_labels_are_suspected_and_right_ones_are_not(curves):
    """Photos called wig that are cats, by position, none of them from the sealed test."""
    rows, labels, sides, _ = world(120)
    cat, wig = rows[labels == 0].mean(axis=0), np.median(rows[labels == 3], axis=0)
    nearer_cat = ((rows - cat) ** 2).sum(axis=1) < ((rows - wig) ** 2).sum(axis=1)
    wrong = np.flatnonzero((labels == 3) & nearer_cat & (sides != "test"))
    found = curves.suspects[curves.suspect_labels == 3]
    assert len(wrong) > 20
    assert len(np.intersect1d(found, wrong)) >= 0.9 * len(wrong)
    assert len(np.setdiff1d(found, wrong)) <= 0.1 * len(wrong)
    guesses = curves.suspect_guesses[curves.suspect_labels == 3]
    assert {NAMES[k] for k in guesses} == {"cat"}


def test_points_are_shares_of_every_class(curves):
    """84 training photos of each class, in five steps, bands around their means."""
    assert curves.photos_by_class.tolist() == [[17] * 4, [34] * 4, [50] * 4, [67] * 4, [84] * 4]
    assert curves.photos.tolist() == [68, 136, 200, 268, 336]
    for band in (curves.accuracy, curves.recall):
        assert (band.low <= band.mean).all()
        assert (band.mean <= band.high).all()
        assert ((band.low >= 0) & (band.high <= 1)).all()
    assert curves.validated.tolist() == [18] * 4


def test_the_sealed_test_is_not_looked_at(curves):
    """Whatever its photos are and are called, the curves are the same."""
    rows, labels, sides, groups = world(120)
    rows[sides == "test"], labels[sides == "test"] = np.nan, 0
    again = learning_curve.measure(rows, labels, sides, groups, NAMES)
    assert (again.recall.mean == curves.recall.mean).all()
    assert again.suspects.tolist() == curves.suspects.tolist()


def test_near_duplicates_do_not_tell_on_each_other():
    """Labels without any meaning are guessed by chance, though every photo is there twice."""
    generator = np.random.default_rng(3)
    things = generator.normal(size=(200, WIDTH)).astype(np.float32)
    rows, labels = np.repeat(things, 2, axis=0), np.repeat(generator.integers(0, 2, 200), 2)
    sides = np.repeat(SIDES[np.arange(200) % 20], 2)
    apart = learning_curve.measure(rows, labels, sides, np.repeat(np.arange(200), 2), "ab")
    torn = learning_curve.measure(rows, labels, sides, np.arange(400), "ab")
    assert apart.unseen.recall[-1].mean() < 0.6
    assert torn.unseen.recall[-1].mean() > 0.7  # what groups are for


def test_validation_photos_that_training_has_seen_do_not_count():
    """Copies of training photos among the validation, as they came, are not measured on."""
    rows, labels, sides, groups = world(40)
    first = np.flatnonzero((labels == 0) & (sides == "training"))[0]
    groups[(labels == 0) & (sides == "validation")] = groups[first]
    made = learning_curve.measure(rows, labels, sides, groups, NAMES)
    assert made.validated.tolist() == [0, 6, 6, 6]
    assert np.isnan(made.recall.mean[:, 0]).all()


def test_many_photos_are_fitted_by_fewer_directions():
    """From a thousand training photos on, with the same answers to a point or two."""
    generator = np.random.default_rng(0)
    labels = np.arange(1500) % 3
    rows = 2 * generator.normal(size=(3, 540))[labels] + 18 * generator.normal(size=(1500, 540))
    arguments = (labels, SIDES[np.arange(1500) % 20], np.arange(1500), "abc")
    narrow = learning_curve.measure(rows.astype(np.float32), *arguments)
    wide = learning_curve.measure(
        rows[:1400].astype(np.float32),
        *(part[:1400] if isinstance(part, np.ndarray) else part for part in arguments),
    )
    assert narrow.photos[-1] >= 1000 > wide.photos[-1]
    assert narrow.unseen.recall[-1] == pytest.approx(wide.unseen.recall[-1], abs=0.06)
    assert 0.5 < narrow.accuracy.mean[-1] < 0.95


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (["training"], "no validation photos"),
        (["validation"] * 3 + ["training"], "two classes with at least 10 training photos"),
    ],
)
def test_too_few_photos_are_said(sides, words):
    """Nothing to measure on, or hardly anything to learn from, with what to do."""
    rows, labels, _, groups = world(24)
    some = np.array(sides)[np.arange(len(labels)) % len(sides)]
    with pytest.raises(DatasetError, match=words):
        learning_curve.measure(rows, labels, some, groups, NAMES)


def test_a_rare_class_is_not_judged():
    """Fewer than ten training photos: the others are, and it is said of this one."""
    rows, labels, sides, groups = world(60)
    kept = (labels != 1) | (np.arange(len(labels)) % 60 < 9)
    made = learning_curve.measure(rows[kept], labels[kept], sides[kept], groups[kept], NAMES)
    fox = recommendations.advice(made).by_class[1]
    assert fox.kind == UNCLEAR
    assert "only 9 photos to learn from" in fox.sentence


def test_a_climb_is_never_more_than_doubled():
    """Slow climbs ask for as many photos as there are, quick ones for fewer."""
    slow, quick = (
        recommendations.advice(flat(r, g)).by_class[0] for r, g in ((0.6, 0.08), (0.8, 0.15))
    )
    assert slow.kind == quick.kind == MORE
    assert 100 <= slow.more <= 143  # 100 training photos are 143 of all three sides
    assert 20 <= quick.more < slow.more
    assert 0 < slow.lift < 0.1


@pytest.mark.parametrize(
    ("recall", "gain", "noise", "kind"),
    [
        (0.97, 0.0, 0.01, ENOUGH),
        (0.97, 0.03, 0.03, ENOUGH),  # lost in the noise
        (0.7, 0.01, 0.01, CLEAN),
        (0.7, 0.08, 0.06, UNCLEAR),  # a climb may hide
        (0.7, 0.08, 0.01, MORE),
        (float("nan"), float("nan"), 0.0, UNCLEAR),
    ],
)
def test_kinds_of_advice(recall, gain, noise, kind):
    """By level, climb and noise."""
    assert recommendations.advice(flat(recall, gain, noise)).by_class[0].kind == kind


def test_a_poor_class_is_told_what_it_is_mistaken_for():
    """With the number of photos, and the class that something else found to overlap."""
    fox, cat = recommendations.advice(flat(), [("cat", "fox")]).by_class
    assert "2 photos of it look like another class: 'cat' (2)" in fox.sentence
    assert "It overlaps with 'cat'" in fox.sentence
    assert "1 photo of it looks like another class: 'fox' (1)" in cat.sentence


def test_one_sentence_says_what_comes_first():
    """Enough, clean, or nothing to be told yet."""
    assert "You have enough photos" in recommendations.advice(flat(0.95)).sentence
    assert "Clean 'fox' first" in recommendations.advice(flat(0.6)).sentence
    assert "too few photos to tell" in recommendations.advice(flat(0.6, count=8)).sentence


@pytest.fixture
def embedded(monkeypatch) -> list[str]:
    """Features that are read off the colours' folder, no network; gives the keys asked for."""
    asked: list[str] = []

    def compute(sources, recipe, on_progress):
        asked.extend(source.key for source in sources)
        numbers = [int(source.key[:8], 16) for source in sources]
        rows = np.stack([np.random.default_rng(number).normal(size=WIDTH) for number in numbers])
        on_progress(len(sources))
        return rows.astype(np.float32), np.arange(len(sources))[:, None]

    monkeypatch.setattr(embeddings, "compute", compute)
    return asked


def test_the_job_keeps_what_it_found_until_the_photos_change(make_dataset, reporter, embedded):
    """Of this version only: a photo left out, or another split, asks anew."""
    made = make_dataset(two_classes(40))
    assert learning_curve_job.load(made) is None
    learning_curve_job.run(made.folder / learning_curve_job.FOLDER, {}, reporter)
    kept = learning_curve_job.load(made)
    assert kept.class_names == made.class_names
    assert kept.photos_by_class[-1].tolist() == made.counts[:, 0].tolist()
    assert kept.training_share == pytest.approx(made.counts[:, 0].sum() / 80)
    sealed = {photo.key for photo in made.photos if photo.side == "test"}
    assert len(sealed) > 0
    assert not sealed & set(embedded)
    assert all(made.labels[kept.suspects] == kept.suspect_labels)
    assert all(made.sides[kept.suspects] != "test")
    change = remedies.leave_out(made, [0])
    assert learning_curve_job.load(store.commit(change.dataset, change.sentence)) is None


def test_nothing_is_lost_on_the_way_to_the_disk_and_back(make_dataset, curves):
    """Also what could not be measured."""
    made = make_dataset(two_classes(4))
    recall = replace(curves.recall, mean=np.full((5, 4), np.nan))
    learning_curve_job.save(made, replace(curves, recall=recall))
    kept = learning_curve_job.load(made)
    assert np.isnan(kept.recall.mean).all()
    assert (kept.recall.low == curves.recall.low).all()
    assert (kept.suspects == curves.suspects).all()
    assert recommendations.advice(kept) == recommendations.advice(curves)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"measured_on": 1, "curves": {}}'])
def test_a_damaged_file_means_nobody_measured(make_dataset, text):
    """It is measured again, not believed."""
    made = make_dataset(two_classes(4))
    (made.folder / learning_curve_job.FILE).write_text(text)
    assert learning_curve_job.load(made) is None


def test_of_very_many_photos_a_fair_sample_is_taken(make_dataset, reporter, embedded, monkeypatch):
    """The curves tell how many there are, and suspects keep their positions."""
    made = make_dataset(two_classes(60))
    monkeypatch.setattr(learning_curve_job, "MOST", {"training": 40, "validation": 10})
    learning_curve_job.run(made.folder / learning_curve_job.FOLDER, {}, reporter)
    kept = learning_curve_job.load(made)
    assert len(embedded) == 50
    assert kept.photos_by_class[-1].tolist() == [20, 20]
    assert kept.to_learn_from.tolist() == made.counts[:, 0].tolist()
    assert all(made.labels[kept.suspects] == kept.suspect_labels)


def test_the_job_stops_when_asked_to(make_dataset, reporter, embedded):
    """Before anything is kept."""
    made = make_dataset(two_classes(40))
    queue.stop(reporter.folder)
    with pytest.raises(JobStoppedError):
        learning_curve_job.run(made.folder / learning_curve_job.FOLDER, {}, reporter)
    assert learning_curve_job.load(made) is None


def test_too_few_photos_are_said_before_any_feature_is_computed(make_dataset, reporter, embedded):
    """Minutes are not spent in vain."""
    made = make_dataset(two_classes(6))
    with pytest.raises(DatasetError, match="at least 10 training photos"):
        learning_curve_job.run(made.folder / learning_curve_job.FOLDER, {}, reporter)
    assert embedded == []
