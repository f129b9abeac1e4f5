"""The command that a report prints trains with the same settings on the same photos."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.cli import commands, main
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import remedies
from imgclf_core.networks import catalogue
from imgclf_core.reports import repeat
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import NETWORKS, TrainingSettings, changed
from imgclf_core.training import presets

HERE = repeat.Source("photos.zip", (), "")


def run_with(settings: TrainingSettings, name: str = "run") -> Run:
    """A run of these settings."""
    return Run(Path("run"), name, 0.0, Path("set"), "photos.zip", settings, ("a", "b"))


def understood(arguments: list[str], photos: int) -> TrainingSettings:
    """The settings that the command line makes of arguments."""
    return commands._chosen(main._parser().parse_args(arguments), photos)


def repeated(settings: TrainingSettings, photos: int) -> TrainingSettings:
    """The settings after a round through the printed command."""
    start = repeat.nearest_start(settings, photos)
    return understood(repeat.command(run_with(settings), HERE, start), photos)


@pytest.mark.parametrize("preset", presets.PRESETS)
@pytest.mark.parametrize("model", NETWORKS)
def test_a_preset_needs_no_option(model, preset):
    """Network and preset say everything, for few photos and many."""
    for photos in (40, 900, 40_000):
        settings = presets.settings(model, photos, preset)
        arguments = repeat.command(run_with(settings), HERE, repeat.nearest_start(settings, photos))

        assert understood(arguments, photos) == settings
        assert len(arguments) <= 9


@pytest.mark.parametrize("recipe", [name for name in presets.RECIPES if name != presets.OURS])
def test_a_recipe_is_named(recipe):
    """Not spelt out as a dozen options."""
    settings = presets.recipe(recipe)
    start = repeat.nearest_start(settings, 500)

    assert start.options == ("--recipe", recipe)
    assert repeated(settings, 500) == settings


@st.composite
def any_settings(draw) -> TrainingSettings:
    """Settings that a person may choose, most of them unlike any preset."""
    model = draw(st.sampled_from([name for name in NETWORKS if name != catalogue.FIRST_ANSWER]))
    begin = presets.settings(model, 300, draw(st.sampled_from(presets.PRESETS)))
    chosen = {
        "epochs": st.integers(1, 1000),
        "image_size": st.sampled_from(catalogue.image_sizes(model)),
        "batch_size": st.integers(1, 512),
        "learning_rate": st.floats(1e-7, 1.0),
        "schedule": st.sampled_from(["cosine", "constant"]),
        "weight_decay": st.floats(0, 10),
        "rotation": st.floats(0, 180),
        "zoom": st.floats(0, 0.9),
        "shift": st.floats(0, 0.5),
        "flip": st.booleans(),
        "views": st.integers(0, 8),
        "dropout": st.floats(0, 0.9),
        "fine_tune": st.booleans() if model == "mobilenet_v2" else st.just(False),
        "fine_tune_epochs": st.integers(1, 1000),
        "fine_tune_rate": st.floats(1e-7, 1.0),
        "class_weights": st.sampled_from(["auto", "on", "off"]),
        "patience": st.integers(0, 1000),
        "seed": st.integers(0, 2**31 - 1),
        "weights": st.sampled_from(["auto", "imagenet", "shipped"]),
        "fit": st.sampled_from(["crop", "pad", "stretch"]),
        "leave_out_small": st.booleans(),
    }
    names = draw(st.sets(st.sampled_from(sorted(chosen))))
    return changed(begin, **{name: draw(chosen[name]) for name in sorted(names)})


@given(any_settings(), st.integers(2, 50_000))
def test_the_printed_command_gives_the_settings_back(settings, photos):
    """Whatever was chosen, and however many photos there are."""
    assert repeated(settings, photos) == settings


def test_only_what_differs_is_said():
    """One option for one change."""
    settings = replace(presets.settings("scratch_cnn", 300, "quick"), dropout=0.5)

    arguments = repeat.command(run_with(settings), HERE, repeat.nearest_start(settings, 300))

    assert arguments == [
        "train",
        "--data",
        "photos.zip",
        "--model",
        "scratch_cnn",
        "--preset",
        "quick",
        "--out",
        "run-again",
        "--dropout",
        "0.5",
    ]


def test_what_no_option_can_say_is_not_printed():
    """A recipe's network with a weight decay of its own choice has no command."""
    settings = replace(presets.recipe("scene_network"), weight_decay=None)

    assert repeat.nearest_start(settings, 300) is None


def test_weights_of_a_file_are_named_without_their_place():
    """Where they lay on a machine is nobody's business."""
    settings = TrainingSettings(weights="C:\\Users\\ada\\my weights.h5")

    arguments = repeat.command(run_with(settings), HERE, repeat.nearest_start(settings, 300))

    assert arguments[-2:] == ["--weights", "my weights.h5"]
    assert repeat.shown_value("weights", settings.weights) == "my weights.h5"
    assert understood(arguments, 300).weights.endswith("my weights.h5")


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_names_of_strangers_are_one_word_each(name, dataset_name):
    """No name becomes an option, a second word or a second line of the shell."""
    run = replace(run_with(TrainingSettings(), name), dataset_name=dataset_name)
    source = repeat.source(run, None)

    words = repeat.in_shell(repeat.command(run, source, repeat.nearest_start(run.settings, 300)))

    options = main._parser().parse_args(shlex.split(" ".join(words))[3:])
    assert str(options.data) == str(Path(source.path))
    assert "\n" not in "".join(words)


def test_photos_as_they_came_are_named_as_they_came(make_dataset):
    """A first version with the seed of the run needs no more than the zip."""
    dataset = make_dataset()

    source = repeat.source(run_with(TrainingSettings()), dataset)

    assert (source.path, source.options) == ("photos.zip", ())


def test_changed_photos_are_taken_along(make_dataset):
    """Later versions, and splits of another seed, come from the data set itself."""
    dataset = make_dataset()
    other_seed = run_with(TrainingSettings(seed=5))
    assert repeat.source(other_seed, dataset).path == "photos-version-1.zip"

    change = remedies.leave_out(dataset, [0])
    store.commit(change.dataset, change.sentence)
    later = store.load(dataset.folder)

    assert repeat.source(run_with(TrainingSettings()), later).path == "photos-version-2.zip"


def test_the_same_data_brought_in_again_has_the_same_hash(make_dataset):
    """Whatever the zip is called; one label or side more makes it another."""
    first, second = make_dataset(name="one.zip"), make_dataset(name="two.zip")
    answers = of(first)

    found = repeat.data_hash(answers, first.class_names)

    assert found == repeat.data_hash(of(second), second.class_names)
    assert len(found) == 64
    order = np.arange(len(answers))[::-1]
    turned = Predictions(
        answers.files[order],
        answers.names[order],
        answers.labels[order],
        answers.sides[order],
        answers.scores[order],
    )
    assert repeat.data_hash(turned, first.class_names) == found
    labels = answers.labels.copy()
    labels[0] = 1 - labels[0]
    assert repeat.data_hash(replace(answers, labels=labels), first.class_names) != found
    sides = np.where(answers.sides == "test", "training", answers.sides)
    assert repeat.data_hash(replace(answers, sides=sides), first.class_names) != found


@pytest.mark.slow
def test_the_command_of_a_trained_run_is_its_own(trained):
    """The settings of a real run come back through its command."""
    run = trained("mobilenet_v2")
    dataset = store.load(run.dataset, run.dataset_version)
    everything = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    photos = repeat.training_photos(dataset, everything)
    assert photos == repeat.training_photos(None, everything)

    start = repeat.nearest_start(run.settings, photos)
    arguments = repeat.command(run, repeat.source(run, dataset), start)

    assert understood(arguments, photos) == run.settings


def of(dataset) -> Predictions:
    """Answers that say nothing, for the photos of a data set."""
    return Predictions(
        files=np.array([photo.file for photo in dataset.photos]),
        names=np.array([photo.name for photo in dataset.photos]),
        labels=dataset.labels,
        sides=dataset.sides,
        scores=np.full((len(dataset.photos), 2), 0.5, dtype=np.float32),
    )
