"""The job that ranks labels, what it keeps, and what still holds of it later."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.analysis.label_issues import label_job
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import remedies
from imgclf_core.errors import DatasetError, JobStoppedError
from imgclf_core.jobs import queue
from imgclf_core.networks import embeddings
from tests.conftest import picture, two_classes


@pytest.fixture
def embedded(monkeypatch) -> list[int]:
    """Features that are drawn from the photo's key, no network; gives the number at each call."""
    asked: list[int] = []

    def compute(sources, recipe, on_progress):
        asked.append(len(sources))
        numbers = [int(source.key[:8], 16) for source in sources]
        rows = np.stack([np.random.default_rng(number).normal(size=8) for number in numbers])
        on_progress(len(sources))
        return rows.astype(np.float32), np.arange(len(sources))[:, None]

    monkeypatch.setattr(embeddings, "compute", compute)
    return asked


def changed_label(dataset, position: int):
    """The next version, in which one photo has the other label."""
    photos = list(dataset.photos)
    photos[position] = replace(photos[position], label=1 - photos[position].label)
    return store.commit(replace(dataset, photos=tuple(photos)), "One label was corrected.")


def test_the_job_keeps_what_it_found(make_dataset, reporter, embedded):
    """Of all photos, whichever side they are on."""
    made = make_dataset(two_classes(12))
    assert label_job.load(made) is None

    result = label_job.run(made.folder / label_job.FOLDER, {}, reporter)

    kept = label_job.load(made)
    assert sorted(kept.issues.order) == list(range(24))
    assert kept.files == tuple(photo.file for photo in made.photos)
    assert kept.class_names == made.class_names
    assert (kept.labels == made.labels).all()
    assert result == {"flagged": int(kept.issues.flagged.sum())}
    assert embedded == [24]


def test_nothing_is_lost_on_the_way_to_the_disk_and_back(make_dataset, embedded):
    """Every array, with its type."""
    made = make_dataset(two_classes(8))
    judged = label_job.compute(made)
    label_job.save(made, judged)
    kept = label_job.load(made).issues
    for name in ("order", "scores", "suggestions", "flagged", "out_of_fold"):
        before, after = getattr(judged.issues, name), getattr(kept, name)
        assert before.dtype == after.dtype
        assert (before == after).all()


def test_what_was_decided_is_no_longer_open(make_dataset, embedded):
    """A corrected photo, one left out and one found fair are gone; the order of the rest stays."""
    made = make_dataset(two_classes(12))
    label_job.save(made, label_job.compute(made))
    judged = label_job.load(made)
    first, second, third, *rest = judged.still_open(made)
    assert len(rest) == 21
    file_of = judged.files

    now = changed_label(made, first)
    now = store.commit(
        replace(
            now,
            photos=tuple(
                replace(p, hard=True) if p.file == file_of[second] else p for p in now.photos
            ),
        ),
        "Fair.",
    )
    place = next(i for i, photo in enumerate(now.photos) if photo.file == file_of[third])
    change = remedies.leave_out(now, [place])
    now = store.commit(change.dataset, change.sentence)

    assert label_job.load(now).still_open(now) == rest


def test_a_change_of_a_label_is_judged_anew(make_dataset, embedded):
    """The same photos and labels are not judged twice; another label is."""
    made = make_dataset(two_classes(12))
    label_job.find(made)
    label_job.find(made)
    assert len(embedded) == 1
    now = changed_label(made, 3)
    judged = label_job.find(now)
    assert len(embedded) == 2
    assert (judged.labels == now.labels).all()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 half of one"])
def test_a_damaged_file_means_nobody_looked(make_dataset, content):
    """It is judged again, not believed."""
    made = make_dataset(two_classes(4))
    (made.folder / label_job.FILE).write_bytes(content)
    assert label_job.load(made) is None


def test_one_class_cannot_be_judged(make_dataset, embedded):
    """Said in a sentence, before any feature is computed."""
    made = make_dataset({f"red/{i}.jpg": picture(i, tint=0) for i in range(6)})
    with pytest.raises(DatasetError, match="two classes"):
        label_job.compute(made)
    assert embedded == []


def test_the_job_stops_when_asked_to(make_dataset, reporter, embedded):
    """Before anything is kept."""
    made = make_dataset(two_classes(12))
    queue.stop(reporter.folder)
    with pytest.raises(JobStoppedError):
        label_job.run(made.folder / label_job.FOLDER, {}, reporter)
    assert label_job.load(made) is None


def test_more_photos_are_expected_to_take_longer(make_dataset):
    """In seconds, and never none."""
    few = make_dataset(two_classes(4), "few.zip")
    many = make_dataset(two_classes(12), "many.zip")
    assert 0 < label_job.seconds(few) < label_job.seconds(many)


def test_reading_what_was_found_needs_no_heavy_library():
    """The server imports this."""
    code = (
        "import sys, imgclf_core.analysis.label_issues.label_job;"
        "print({'sklearn', 'scipy', 'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
