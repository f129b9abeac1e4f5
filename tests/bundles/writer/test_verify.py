"""Every part is tried in a fresh process before it can be downloaded."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.bundles import sharing
from imgclf_core.bundles.format import PREDICT_FILE
from imgclf_core.bundles.reader import imported
from imgclf_core.bundles.writer import bundle, bundle_job, samples, verify
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.inference import predictor
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import run_store


@pytest.fixture
def run(trained, tmp_path):
    """A packed run in a folder of its own."""
    source, folder = trained("mobilenet_v2"), tmp_path / "run"
    folder.mkdir()
    for path in source.folder.glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    return run_store.load(folder)


def proven(run, tmp_path) -> bundle_job.Shared:
    """Runs the job in this process."""
    folder = run.folder / bundle_job.FOLDER
    folder.mkdir(exist_ok=True)
    bundle_job.run(folder, {"run": str(run.folder)}, Reporter(folder))
    return bundle_job.load(run)


@pytest.mark.slow
def test_all_parts_answer_as_the_app_and_are_not_tried_twice(run, tmp_path, monkeypatch):
    """The bundle is there, is taken in again, and new names need no network."""
    shared = proven(run, tmp_path)

    assert [one.name for one in shared.proven] == list(verify.ARTEFACTS)
    assert all(one.ok and one.difference <= 1e-4 for one in shared.proven)
    assert shared.stamp == bundle_job.stamp(run)
    assert imported.check(shared.path, LIMITS[PERSONAL]).class_names == run.class_names

    sharing.save(run, replace(bundle_job.said(run), class_names=("x", "y")))
    assert shared.stamp != bundle_job.stamp(run)
    tried = []
    monkeypatch.setattr(verify, "_answered", lambda *given: tried.append(given))
    again = proven(run, tmp_path)
    assert imported.check(again.path, LIMITS[PERSONAL]).class_names == ("x", "y")
    assert tried == []


@pytest.mark.slow
def test_what_answers_differently_is_left_out(run, tmp_path):
    """A model file that is another model's, and one that is none."""
    kernel, bias = run_store.learnt(run)
    run_store.save_learnt(
        run.folder, [kernel * np.float32(0.5), bias]
    )  # the packed files are old now
    (run.folder / run_store.KERAS_FILE).write_bytes(b"no model")

    shared = proven(run, tmp_path)

    outcome = {one.name: one for one in shared.proven}
    assert "did not answer" in outcome[run_store.KERAS_FILE].message
    assert "answers differently" in outcome[run_store.LITERT_FILE].message
    assert not outcome[PREDICT_FILE].ok
    assert outcome["weights.npz"].ok
    with zipfile.ZipFile(shared.path) as archive:
        assert {run_store.KERAS_FILE, run_store.LITERT_FILE, PREDICT_FILE}.isdisjoint(
            archive.namelist()
        )
    assert imported.check(shared.path, LIMITS[PERSONAL]).name == run.name


@pytest.mark.slow
def test_no_part_is_proven_by_samples_of_other_scores(run):
    """The proof compares; scores that the app does not give are found out."""
    said = bundle_job.said(run)
    shown = samples.made(run, predictor.open_run(run), own=False)
    wrong = [replace(one, scores=one.scores[::-1].copy()) for one in shown]
    contents = bundle.parts(run, said, wrong)
    about = bundle.labels(run, said, contents)
    found = verify.prove(about, contents, wrong, {}, Reporter(run.folder))
    assert not any(one.ok for one in found)
