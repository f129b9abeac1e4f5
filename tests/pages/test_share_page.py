"""The Share page: a download that waits for its proof."""

import json
from dataclasses import replace

import pytest

from imgclf_core.bundles import sharing
from imgclf_core.bundles.writer import bundle, bundle_job, predict
from imgclf_core.bundles.writer.verify import ARTEFACTS, Proven
from imgclf_core.errors import BoundError
from imgclf_core.jobs import queue
from imgclf_core.runs import run_store


@pytest.fixture
def packed(with_run):
    """A run with a bundle that was proven."""
    run = with_run.run("first")
    for name in (run_store.KERAS_FILE, run_store.LITERT_FILE):
        (run.folder / name).write_bytes(b"x")
    return with_run.run("first")


def proven(run, *failed: str) -> None:
    """As if the job had been there."""
    folder = run.folder / bundle_job.FOLDER
    folder.mkdir(exist_ok=True)
    bundle.write(folder / "model.zip", {}, {"predict.py": predict.__doc__.encode()})
    parts = [
        Proven(name, "", 1e-7, "It did not answer." if name in failed else "") for name in ARTEFACTS
    ]
    value = {"stamp": bundle_job.stamp(run), "photos": True, "proven": [p.__dict__ for p in parts]}
    (folder / "proof.json").write_text(json.dumps(value))


def test_the_download_waits_for_the_proof(packed, open_page, monkeypatch):
    """It is begun by itself; until then there is no button."""
    begun = []
    monkeypatch.setattr(queue, "submit_once", lambda *given: begun.append(given) or proven(packed))
    app = open_page("Share")
    assert begun[0][1] == "bundle"
    assert "Download the model" in {b.label for b in app.get("download_button")}
    assert app.dataframe[0].value["Proof"].tolist() == ["the same scores"] * 4


def test_what_failed_its_proof_is_said(packed, open_page):
    """With the part and the reason; the others can be had."""
    proven(packed, "model.tflite")
    app = open_page("Share")
    assert any("model.tflite" in warning.value for warning in app.warning)
    assert "Download the model" in {b.label for b in app.get("download_button")}


def test_another_name_asks_for_another_bundle(packed, open_page, monkeypatch):
    """Without the network: only names changed."""
    proven(packed)
    said = bundle_job.said(packed)
    sharing.save(packed, replace(said, class_names=("=1+1", "<b>x</b>")))
    begun = []
    monkeypatch.setattr(queue, "submit_once", lambda *given: begun.append(given) or proven(packed))
    app = open_page("Share")
    assert begun[0][1] == "bundle again"
    assert not app.exception


def test_a_busy_server_is_said_and_the_rest_of_the_page_stays(packed, open_page, monkeypatch):
    """Nobody asked for the proof, so it is no error; the next look tries again."""

    def refuse(*given):
        raise BoundError("This server is busy: 40 jobs are waiting or at work.")

    monkeypatch.setattr(queue, "submit_once", refuse)
    app = open_page("Share")
    assert any("This server is busy" in info.value for info in app.info)
    assert not app.error
    assert "Names, notes and sample photos" in {one.label for one in app.expander}
