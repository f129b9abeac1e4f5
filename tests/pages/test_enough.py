"""The fold "Do I have enough photos?"."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from imgclf_core.analysis.learning_curves import learning_curve, learning_curve_job
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.jobs import events, locks, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.support import atomic_files
from tests.pages.conftest import grids
from tests.pages.test_pages import buttons, run_until, words


def fold() -> None:
    """A page with nothing but the fold."""
    from imgclf_core.ui import visitor
    from imgclf_core.ui.train import learning_curves

    learning_curves.show(visitor.identify())


@pytest.fixture
def open_fold(with_photos) -> AppTest:
    """The fold of a data set of 40 photos, open."""
    app = AppTest.from_function(fold, default_timeout=30)
    app.session_state["enough"] = True
    return app


def keep_curves(dataset: Dataset) -> None:
    """Measures made-up features of the photos; three reds look blue."""
    generator = np.random.default_rng(0)
    rows = np.eye(2, 16)[dataset.labels] + generator.normal(size=(len(dataset.labels), 16)) / 8
    training = np.flatnonzero((dataset.labels == 1) & (dataset.sides == "training"))
    rows[training[:3]] = np.eye(2, 16)[0]
    curves = learning_curve.measure(
        rows.astype(np.float32), dataset.labels, dataset.sides, dataset.groups, dataset.class_names
    )
    learning_curve_job.save(dataset, replace(curves, training_share=0.7))


def test_a_closed_fold_asks_for_nothing(with_photos):
    """Nothing of it is drawn or computed."""
    app = AppTest.from_function(fold, default_timeout=30).run()
    assert not app.exception
    assert buttons(app) == []


def test_it_is_found_out_on_request(open_fold, with_photos):
    """One button starts the job; afterwards the answer and the table are there."""
    app = open_fold.run()
    assert buttons(app) == ["Find out"]
    app.button[0].click().run()
    run_until(app, lambda: len(app.dataframe) == 1)
    assert not app.exception
    assert learning_curve_job.load(with_photos.datasets()[0]) is not None
    table = app.dataframe[0].value
    assert table["Class"].tolist() == ["blue", "red"]
    assert table["Learnt from"].tolist() == with_photos.datasets()[0].counts[:, 0].tolist()


def test_while_it_runs_there_is_no_second_button(open_fold, with_photos):
    """Its progress is shown, with a way to stop it."""
    folder = with_photos.datasets()[0].folder / learning_curve_job.FOLDER
    folder.mkdir()
    atomic_files.write_json(folder / queue.JOB_FILE, {"kind": "enough", "params": {}})
    with locks.hold(folder):
        events.write_status(
            folder, JobStatus(state=events.RUNNING, stage=learning_curve_job.LEARNING)
        )
        app = open_fold.run()
        assert buttons(app) == ["Stop"]


def test_a_class_shows_its_curve_its_sentence_and_its_doubtful_photos(open_fold, with_photos):
    """Those that look like the other class, with what they look like."""
    keep_curves(with_photos.datasets()[0])
    app = open_fold.run()
    assert len(app.get("plotly_chart")) == 1
    assert app.dataframe[0].value["Doubtful"].tolist() == [0, 3]
    app.selectbox[0].select(1).run()
    assert not app.exception
    assert "'red'" in words(app)
    assert "look like another class" in words(app)
    (grid,) = grids(app).values()
    assert [photo["lines"][-1] for photo in grid["photos"]] == ["looks like blue"] * 3
    assert len(app.get("plotly_chart")) == 1


def test_what_went_wrong_is_said_beside_the_button(open_fold, with_photos):
    """The sentence of the job."""
    folder = with_photos.datasets()[0].folder / learning_curve_job.FOLDER
    folder.mkdir()
    events.write_status(folder, JobStatus(state=events.FAILED, message="Too few photos."))
    app = open_fold.run()
    assert "Too few photos" in app.warning[0].value
    assert buttons(app) == ["Find out"]
