"""Sorting a folder: a result that is whole or not there, and a zip of copies."""

import csv
import io
import zipfile

import numpy as np
import pytest

from imgclf_core.errors import InputError, JobCancelledError, ModelError
from imgclf_core.inference import batches, predictor, sort_job, sorted_photos
from imgclf_core.inference.batches import Table
from imgclf_core.inference.copies import FOLDERS, NAMES
from imgclf_core.inference.sorted_photos import SUREST, UNSURE, Writer
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from tests.conftest import make_zip, picture, two_classes
from tests.inference.test_batches import COLOURS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Of a job, for a model that tells blue from red."""
    monkeypatch.setattr(predictor, "open_folder", lambda path: COLOURS)
    made = tmp_path / "sorted"
    (made / sort_job.COPIES_FOLDER).mkdir(parents=True)
    for one in (made, made / sort_job.COPIES_FOLDER):
        events.write_status(one, JobStatus())
    return made


def sort(folder, *sources):
    """Runs the job in this process."""
    params = {"model": "m", "sources": [str(s) for s in sources], "profile": "personal"}
    reporter = Reporter(folder)
    reporter.start()
    sort_job.run(folder, params, reporter)
    return sorted_photos.load(folder)


def copies(folder, layout, chosen=None):
    """Runs the second job, and gives names and bytes of its zip."""
    own = folder / sort_job.COPIES_FOLDER
    params = {"model": "m", "layout": layout, "profile": "personal", "chosen": chosen or {}}
    reporter = Reporter(own)
    reporter.start()
    sort_job.make_copies(own, params, reporter)
    with zipfile.ZipFile(sort_job.zip_path(folder, layout)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_photo_is_answered_and_the_rest_is_told(folder, tmp_path):
    """From a zip and a folder at once; with the class that folders name."""
    source = make_zip(tmp_path / "a.zip", {**two_classes(6), "text.jpg": b"text"})
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "1.jpg").write_bytes(picture(77, tint=2))

    found = sort(folder, source, tmp_path / "more")

    assert len(found.names) == 13
    assert found.total == 14
    assert [name for name, _ in found.skipped] == ["text.jpg"]
    assert not found.stopped
    known = np.array(found.expected_names())
    assert (known == "red").sum() == (known == "blue").sum() == 6
    assert [found.class_names[k] for k in found.guesses[known != ""]] == known[known != ""].tolist()
    np.testing.assert_allclose(found.scores.sum(axis=1), 1, atol=1e-6)


def test_the_result_is_ordered_and_filtered(folder, tmp_path):
    """Most unsure first, by class, by score."""
    found = sort(folder, make_zip(tmp_path / "a.zip", two_classes(6)))
    everything = found.where()
    assert np.all(np.diff(found.best[found.ordered(everything, UNSURE)]) >= 0)
    assert np.all(np.diff(found.best[found.ordered(everything, SUREST)]) <= 0)
    red = found.class_names.index("red")
    assert set(found.guesses[found.where(guess=red)]) == {red}
    middle = float(np.median(found.best))
    assert (found.best[found.where(least=middle)] >= middle - 1e-6).all()
    assert len(found.where(most=0.1)) == 0


def test_the_table_is_that_of_the_command_line(folder, tmp_path):
    """Row by row."""
    source = make_zip(tmp_path / "a.zip", two_classes(3))
    found = sort(folder, source)
    ours, theirs = io.StringIO(), io.StringIO()
    table = Table(ours, found.class_names)
    for i in range(len(found.names)):
        table.add(found.item(i))
    with batches.opened([source], sort_job.config.LIMITS["personal"]) as members:
        direct = Table(theirs, COLOURS.class_names)
        for item in batches.classify(COLOURS, members):
            direct.add(item)
    rows, others = (list(csv.reader(io.StringIO(s.getvalue()))) for s in (ours, theirs))
    assert rows == others


def test_copies_hold_the_original_bytes_under_safe_names(folder, tmp_path):
    """In folders by class, or with class and score; what the person said goes first."""
    entries = {f"x/{i}.jpg": picture(100 + i, tint=2 * (i % 2)) for i in range(4)}
    found = sort(folder, make_zip(tmp_path / "a.zip", entries))
    wrong = found.names.index("x/0.jpg")

    by_folder = copies(folder, FOLDERS, {str(wrong): found.class_names.index("blue")})

    assert sorted(by_folder) == ["blue/0.jpg", "blue/1.jpg", "blue/3.jpg", "red/2.jpg"]
    assert by_folder["red/2.jpg"] == entries["x/2.jpg"]
    by_name = copies(folder, NAMES)
    assert sorted(by_name.values()) == sorted(entries.values())
    assert all(name.endswith("].jpg") and "-[0." in name for name in by_name)


def test_what_a_killed_copying_left_is_thrown_away(folder, tmp_path):
    """It may be as large as all photos, and nobody sees it."""
    sort(folder, make_zip(tmp_path / "a.zip", two_classes(2)))
    left = folder / sort_job.COPIES_FOLDER / f".{FOLDERS}.zip.0a1b2c3d.tmp"
    left.write_bytes(b"half")
    assert len(copies(folder, FOLDERS)) == 4
    assert not left.exists()


def test_photos_that_changed_since_are_not_copied(folder, tmp_path):
    """Another photo under the place of an old one is none of them."""
    source = make_zip(tmp_path / "a.zip", two_classes(2))
    sort(folder, source)
    make_zip(source, {"other/9.jpg": picture(9), **dict(list(two_classes(2).items())[:2])})
    assert set(copies(folder, FOLDERS).values()) <= set(two_classes(2).values())


def test_a_stop_keeps_what_was_answered(folder, tmp_path, monkeypatch):
    """And says so; thrown away, nothing counts."""
    source = make_zip(tmp_path / "a.zip", two_classes(20))
    told = Reporter.progress

    def stops(discard: bool):
        def progress(reporter, done):
            told(reporter, done)
            queue.stop(folder, discard=discard)

        return progress

    monkeypatch.setattr(Reporter, "progress", stops(False))
    found = sort(folder, source)
    assert found.stopped
    assert 0 < len(found.names) < found.total == 40
    (folder / events.STOP_FILE).unlink()
    monkeypatch.setattr(Reporter, "progress", stops(True))
    with pytest.raises(JobCancelledError):
        sort(folder, source)
    assert sorted_photos.load(folder) is None


def test_a_stop_is_heeded_after_the_photo_that_is_answered(folder, tmp_path, monkeypatch):
    """A large photo may take a second, so a round number of them is not waited for."""
    add = Writer.add

    def stops(writer, place, item):
        add(writer, place, item)
        queue.stop(folder)

    monkeypatch.setattr(Writer, "add", stops)
    assert len(sort(folder, make_zip(tmp_path / "a.zip", two_classes(20))).names) == 1


def test_a_death_in_between_leaves_no_result(folder, tmp_path, monkeypatch):
    """Whatever was written until then does not count, nor does what was there before."""
    source = make_zip(tmp_path / "a.zip", two_classes(6))
    assert sort(folder, source) is not None
    add = Writer.add

    def dies(writer, place, item):
        add(writer, place, item)
        if place == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(Writer, "add", dies)
    with pytest.raises(KeyboardInterrupt):
        sort(folder, source)
    assert sorted_photos.load(folder) is None


def test_where_nothing_can_be_read_it_is_said(folder, tmp_path):
    """No empty result."""
    with pytest.raises(InputError, match="No photo could be read"):
        sort(folder, make_zip(tmp_path / "a.zip", {"a.jpg": b"text"}))
    with pytest.raises(ModelError, match="Sort the photos again"):
        copies(folder, FOLDERS)
