"""Whichever file operation fails: a sentence, nothing half, and what was there before is whole."""

import shutil

import numpy as np
import pytest

from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.ingest import ingestion, portable
from imgclf_core.inference import sort_job, sorted_photos
from imgclf_core.runs import checkpoint
from imgclf_core.runs.checkpoint import State
from tests.conftest import make_zip, two_classes
from tests.faults.failing import ERRORS, content, every_failure, halves, run_job
from tests.faults.stages import ask, sentence
from tests.pages.conftest import add_photos

KINDS = sorted(ERRORS)


@pytest.mark.parametrize("operation", KINDS)
def test_bringing_photos_in(mine, tmp_path, operation):
    """Either a whole data set or none; the same photos can be brought in afterwards."""
    source = make_zip(tmp_path / "photos.zip", two_classes(3))
    folder = mine.folder / "datasets" / "photos"

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        ask(folder, "ingest", {"source": str(source), "name": "photos.zip"})

    for _ in every_failure(operation, mine.folder, prepare, lambda: run_job(folder)):
        sentence(folder)
        assert halves(folder) == []
        if store.is_dataset(folder):
            dataset = store.load(folder)
            assert all(photo_files.read_photo(dataset, photo) for photo in dataset.photos)
            assert len(dataset.photos) + len(dataset.receipt.skipped) == 6
    assert len(store.load(folder).photos) == 6


@pytest.mark.parametrize("operation", KINDS)
def test_adding_photos(mine, tmp_path, operation):
    """Until the new version is whole the old one is open, byte for byte as it was."""
    add_photos(mine, tmp_path, two_classes(3))
    (kept,) = mine.dataset_folders()
    original = tmp_path / "original"
    shutil.copytree(kept, original)
    source = make_zip(tmp_path / "more.zip", two_classes(4))
    folder = kept / ingestion.ADDING_FOLDER
    before = content(kept)

    def prepare() -> None:
        shutil.rmtree(kept)
        shutil.copytree(original, kept)
        folder.mkdir()
        ask(folder, "ingest", {"source": str(source), "name": "more", "into": str(kept)})

    for _ in every_failure(operation, mine.folder, prepare, lambda: run_job(folder)):
        sentence(folder)
        after = content(kept)
        unchanged = {name: data for name, data in before.items() if "fingerprints" not in name}
        if store.load(kept).version == 1:
            assert {name: after.get(name) for name in unchanged} == unchanged
        dataset = store.load(kept)
        assert all(photo_files.read_photo(dataset, photo) for photo in dataset.photos)
        assert halves(kept) == []
    assert store.load(kept).version == 2


@pytest.mark.parametrize("operation", KINDS)
def test_taking_photos_along(mine, tmp_path, operation):
    """A zip is whole or not there."""
    add_photos(mine, tmp_path, two_classes(3))
    (kept,) = mine.dataset_folders()
    before = content(kept)
    folder = kept / portable.FOLDER

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        ask(folder, "take along", {})

    for _ in every_failure(operation, mine.folder, prepare, lambda: run_job(folder)):
        sentence(folder)
        assert halves(folder) == []
        now = {name: d for name, d in content(kept).items() if not name.startswith(folder.name)}
        assert now == before
    assert len(list(folder.glob("*.zip"))) == 1


@pytest.mark.parametrize("operation", KINDS)
def test_sorting_and_copying(mine, tmp_path, operation):
    """A result counts only as a whole; a photo that cannot be read is told and the rest goes on."""
    source = make_zip(tmp_path / "photos.zip", two_classes(4))
    folder = mine.folder / "sorted" / "photos"
    params = {"model": "m", "sources": [str(source)], "profile": "shared"}
    copies = {"model": "m", "layout": "folders", "profile": "shared", "chosen": {}}

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        ask(folder, "sort", params)

    def work() -> None:
        run_job(folder)
        ask(folder / sort_job.COPIES_FOLDER, "sorted copies", copies)
        if sorted_photos.load(folder) is not None:
            run_job(folder / sort_job.COPIES_FOLDER)

    for _ in every_failure(operation, folder, prepare, work):
        message = sentence(folder)
        found = sorted_photos.load(folder)
        assert found is not None or message
        assert found is None or len(found.names) == 8
        assert halves(folder) == []
    assert sort_job.zip_path(folder, "folders").is_file()


@pytest.mark.parametrize("operation", [kind for kind in KINDS if kind != "read"])
def test_a_training_that_cannot_write_keeps_a_checkpoint(tmp_path, operation):
    """The one before or the new one, never half of one."""
    states = [
        State("learning", [{"epoch": n}], model=[np.full(3000, n, np.float32)]) for n in range(1, 4)
    ]

    def prepare() -> None:
        shutil.rmtree(tmp_path / checkpoint.FOLDER, ignore_errors=True)
        checkpoint.save(tmp_path, states[0])

    def work() -> None:
        for state in states[1:]:
            checkpoint.save(tmp_path, state)

    for _ in every_failure(operation, tmp_path, prepare, work):
        loaded = checkpoint.load(tmp_path)
        assert loaded is not None
        epoch = loaded.history[0]["epoch"]
        assert np.array_equal(loaded.model[0], np.full(3000, epoch, np.float32))
    assert checkpoint.load(tmp_path).history == [{"epoch": 3}]
