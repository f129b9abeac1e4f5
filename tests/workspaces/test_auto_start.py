"""What is done by itself whenever somebody looks into a workspace."""

from dataclasses import replace

from imgclf_core import config
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import remedies
from imgclf_core.jobs import queue
from imgclf_core.runs import run_store
from imgclf_core.workspaces import auto_start
from tests.conftest import bring_in, first_answer, make_zip, picture, two_classes


def without(dataset: Dataset, position: int) -> Dataset:
    """The next version, with one photo left out."""
    change = remedies.leave_out(dataset, [position])
    return store.commit(change.dataset, change.sentence)


def test_a_data_set_that_arrives_is_opened(mine, tmp_path):
    """While it is made it is the one that comes, then the one that is open."""
    source = make_zip(tmp_path / "a.zip", two_classes(3))
    folder = bring_in(mine, source, delete_source=True)
    assert mine.unfinished() == [folder]
    queue.follow(folder)
    auto_start.settle(mine, "personal")
    assert mine.current() == {"dataset": folder.name}
    assert mine.unfinished() == []
    assert not source.exists()


def test_a_data_set_that_could_not_be_made_stays_to_be_explained(mine, tmp_path):
    """Its folder keeps the reason, and it is no data set."""
    source = make_zip(tmp_path / "a.zip", {"1.jpg": b"x"})
    folder = bring_in(mine, source)
    assert queue.follow(folder).error == "input"
    auto_start.settle(mine, "personal")
    assert mine.unfinished() == [folder]
    assert mine.datasets() == []


def test_photos_that_arrive_get_a_first_answer(mine, tmp_path):
    """Nobody has to press anything, and it is started once."""
    folder = bring_in(mine, make_zip(tmp_path / "a.zip", two_classes(6)))
    queue.follow(folder)
    auto_start.settle(mine, "personal")
    (run,) = mine.runs()
    assert queue.follow(run.folder).state == "done"
    made = mine.dataset(folder.name)
    assert first_answer(mine, made).finished
    auto_start.begin_first_answer(mine, made, "personal")
    assert [one.created for one in mine.runs()] == [run.created]


def test_another_version_gets_another_first_answer(mine, bring):
    """The one before goes, unless somebody has looked at its test."""
    made = bring(count=6)
    auto_start.begin_first_answer(mine, made, "personal")
    queue.follow(first_answer(mine, made).folder)
    second = without(made, 0)
    auto_start.begin_first_answer(mine, second, "personal")
    assert first_answer(mine, made) is None
    run_store.mark_test_opened(first_answer(mine, second))
    third = without(second, 1)
    auto_start.begin_first_answer(mine, third, "personal")
    assert {run.dataset_version for run in mine.runs()} == {2, 3}
    queue.follow(first_answer(mine, third).folder)


def test_photos_that_cannot_be_trained_get_no_first_answer(mine, tmp_path):
    """One class is a gallery."""
    entries = {f"red/{i}.jpg": picture(i, tint=0) for i in range(4)}
    folder = bring_in(mine, make_zip(tmp_path / "a.zip", entries))
    queue.follow(folder)
    auto_start.settle(mine, "personal")
    assert mine.runs() == []


def test_on_a_busy_server_the_first_answer_begins_later(mine, tmp_path, monkeypatch):
    """The photos are opened at once; the Train page tries again."""
    folder = bring_in(mine, make_zip(tmp_path / "a.zip", two_classes(6)))
    queue.follow(folder)
    busy = replace(config.LIMITS[config.SHARED], queue=0)
    with monkeypatch.context() as patch:
        patch.setitem(config.LIMITS, config.SHARED, busy)
        auto_start.settle(mine, "shared")
    assert mine.current()["dataset"] == folder.name
    assert mine.runs() == []
    auto_start.begin_first_answer(mine, mine.dataset(folder.name), "shared")
    (run,) = mine.runs()
    assert queue.follow(run.folder).state == "done"
