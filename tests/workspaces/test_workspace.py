"""Whose data sets and runs are where."""

import json
import os
import time

import pytest

from imgclf_core.datasets.ingest import ingestion
from imgclf_core.errors import (
    DatasetError,
    JobError,
    ModelError,
    OptionError,
    WorkspaceError,
)
from imgclf_core.jobs import lanes, queue
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.workspaces import auto_start, job_requests, trainings, workspace
from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.conftest import QUICK, make_zip, picture


def put_run(mine: Workspace, name: str, created: float) -> Run:
    """A run that was never trained."""
    folder = mine.folder / "runs" / name
    run = Run(folder, name, created, mine.folder / "set", "photos.zip", TrainingSettings())
    run_store.save(run)
    return run


def test_tokens_are_long_and_differ():
    """Nobody guesses another one's."""
    tokens = {workspace.new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(workspace.is_token(token) for token in tokens)


@pytest.mark.parametrize(
    "token", ["", "short", "../../etc", "a" * 41, "a" * 21 + "/", "a" * 20 + "\n"]
)
def test_what_is_no_token_opens_nothing(token):
    """An address made up by hand is refused before it becomes a path."""
    with pytest.raises(WorkspaceError, match="does not name a workspace"):
        Workspace(token)


def test_workspaces_lie_apart(home):
    """Each has a folder of its own in the home."""
    one, two = Workspace(workspace.new_token()), Workspace(PERSONAL_TOKEN)
    assert one.folder.parent == two.folder.parent == home / "workspaces"
    assert one.folder != two.folder
    assert (one.datasets(), one.runs(), one.current()) == ([], [], {})


def test_photos_brought_in_are_a_data_set_of_this_workspace_only(mine, bring):
    """It is found here by its name, and nowhere else."""
    made = bring("My Heroes.zip")
    assert made.name == "My Heroes.zip"
    assert made.id.startswith("my-heroes-")
    assert [dataset.id for dataset in mine.datasets()] == [made.id]
    other = Workspace(workspace.new_token())
    assert other.datasets() == []
    with pytest.raises(DatasetError, match="There is no data set"):
        other.dataset(made.id)


def test_the_newest_comes_first(mine, bring):
    """Data sets and runs are listed in falling order of age."""
    first, second = bring("first.zip"), bring("second.zip")
    assert [dataset.id for dataset in mine.datasets()] == [second.id, first.id]
    put_run(mine, "old", 1.0), put_run(mine, "new", 3.0), put_run(mine, "middle", 2.0)
    assert [run.name for run in mine.runs()] == ["new", "middle", "old"]


@pytest.mark.parametrize("name", ["..", "../other", "/etc", "a/b", "", ".", "a\\b", "a b", "a\0"])
def test_names_that_climb_are_refused(mine, name):
    """No name in an address leads out of the workspace."""
    for look in (mine.dataset, mine.run, mine.delete_dataset, mine.delete_run):
        with pytest.raises(WorkspaceError, match="There is nothing called"):
            look(name)


def test_an_unknown_run_is_said(mine):
    """An old address ends in a sentence."""
    with pytest.raises(ModelError, match="There is no run"):
        mine.run("gone-123abc")


def test_one_damaged_run_does_not_hide_the_others(mine):
    """The list still shows what can be read."""
    good = put_run(mine, "good", 1.0)
    damaged = mine.folder / "runs" / "damaged"
    damaged.mkdir()
    (damaged / run_store.CONFIG_FILE).write_text("{}")
    assert [run.id for run in mine.runs()] == [good.id]


def test_what_was_open_is_remembered(mine):
    """A refresh finds it again; None forgets."""
    mine.remember(dataset="a", run="b")
    mine.remember(run=None)
    assert Workspace(mine.token).current() == {"dataset": "a"}


def test_damaged_memory_is_empty_memory(mine):
    """Half a file or another value is nothing remembered."""
    mine.remember(dataset="a")
    for text in ("{", "[]"):
        (mine.folder / "current.json").write_text(text)
        assert mine.current() == {}


def test_a_run_can_be_renamed(mine):
    """An empty name is refused."""
    run = put_run(mine, "one", 1.0)
    trainings.rename(run, "  The one with dropout ")
    assert mine.run("one").name == "The one with dropout"
    with pytest.raises(OptionError, match="The name is empty"):
        trainings.rename(run, "   ")


def test_a_cancelled_run_goes(mine, bring):
    """Once its process has ended, nothing of it is left."""
    made = bring()
    with lanes.turn(lanes.KERAS, lambda ahead: None):
        folder = mine.add_run(made, TrainingSettings(model="scratch_cnn", image_size=64), "shared")
        trainings.cancel(mine.run(folder.name))
        assert queue.follow(folder).state == "cancelled"
    auto_start.settle(mine, "personal")
    assert not folder.exists()


@pytest.mark.slow
def test_a_stopped_run_goes_on_for_more_epochs(mine, bring):
    """The whole way: train, end, train longer on the same curve."""
    folder = mine.add_run(bring(), QUICK["scratch_cnn"], "personal")
    assert queue.follow(folder).state == "done"
    queue.follow(folder / "pack")
    queue.wait_until_free(folder)
    trainings.resume(mine.run(folder.name), "personal", more_epochs=2)
    assert queue.follow(folder).state == "done"
    run = mine.run(folder.name)
    assert [record["epoch"] for record in run_store.history(run)] == [1, 2, 3, 4]
    assert run.report["epochs_run"] == run.settings.epochs == 4
    queue.follow(folder / "pack")


def test_a_run_in_work_is_listed(mine, bring):
    """Its settings and data set are there from the first moment."""
    made = bring()
    with lanes.turn(lanes.KERAS, lambda ahead: None):
        settings = TrainingSettings(model="scratch_cnn", image_size=64)
        folder = mine.add_run(made, settings, "shared")
        (run,) = mine.runs()
        assert (run.id, run.settings, run.dataset_name) == (folder.name, settings, "photos.zip")
        assert run.dataset == made.folder.resolve()
        assert run.name.startswith("Scratch CNN")
        assert not run.status.ended
        mine.delete_run(run.id)  # it waits for its turn, so this stops it first
    assert mine.runs() == []
    assert not folder.exists()


def test_deleting_a_data_set_keeps_its_runs(mine, bring):
    """Figures outlive photos."""
    made = bring()
    run = put_run(mine, "run", time.time())
    mine.delete_dataset(made.id)
    assert mine.datasets() == []
    assert not made.folder.exists()
    assert mine.run(run.id) == run


def test_delete_everything_leaves_nothing(mine, bring):
    """Also uploads and memory are gone, and the neighbours untouched."""
    bring()
    put_run(mine, "run", 1.0)
    (mine.new_dataset("half.zip") / "upload.zip").write_bytes(b"x")
    neighbour = Workspace(workspace.new_token())
    neighbour.remember(dataset="a")
    mine.delete_everything()
    assert not mine.folder.exists()
    assert json.loads((neighbour.folder / "current.json").read_text()) == {"dataset": "a"}


def test_photos_are_added_to_a_data_set(mine, bring, tmp_path):
    """They make a version; nothing is lost, and the sealed test only grows."""
    made = bring()
    more = {f"green/{i}.jpg": picture(800 + i) for i in range(6)}
    source = make_zip(tmp_path / "more.zip", {**more, "red/new.jpg": picture(900)})
    job_requests.add_photos(made, {"source": str(source), "name": "more.zip", "profile": "shared"})
    assert queue.follow(made.folder / ingestion.ADDING_FOLDER).state == "done"
    after = mine.dataset(made.id)
    assert (after.version, len(after.photos), len(after.class_names)) == (2, 13, 3)
    assert after.receipt.received == 13
    old = {photo.name: photo.side for photo in made.photos}
    assert old.items() <= {photo.name: photo.side for photo in after.photos}.items()
    assert mine.dataset(made.id, 1) == made


def test_a_failed_addition_changes_nothing(mine, bring, tmp_path):
    """No version, no file, and a sentence in the job."""
    made = bring()
    files = sorted((made.folder / "images").iterdir())
    source = make_zip(tmp_path / "more.zip", {"1.jpg": picture(5), "2.jpg": b"x"})
    job_requests.add_photos(made, {"source": str(source), "name": "more.zip", "profile": "shared"})
    status = queue.follow(made.folder / ingestion.ADDING_FOLDER)
    assert (status.state, status.error) == ("failed", "input")
    assert "No photos in class folders in 'more.zip'" in status.message
    assert mine.dataset(made.id) == made
    assert sorted((made.folder / "images").iterdir()) == files


@pytest.mark.parametrize("ask", [job_requests.find_outliers, job_requests.export_dataset])
def test_a_double_click_starts_one_job(bring, ask):
    """The second does nothing while the first goes on."""
    made = bring()
    with lanes.turn(lanes.LIGHT, lambda ahead: None):
        for _ in range(2):
            ask(made)
    (folder,) = [path.parent for path in made.folder.glob("*/job.json")]
    assert queue.follow(folder).state == "done"


def test_deleting_what_is_gone_is_no_error(mine):
    """A second click does nothing."""
    mine.delete_dataset("gone-123abc")
    mine.delete_everything()
    with pytest.raises(JobError, match="There is no job"):
        queue.follow(mine.folder)


def test_what_was_sorted_before_goes_once_another_collection_is_sorted(mine, monkeypatch):
    """The newest stays, whichever tab asked for it; deleting leaves none."""
    monkeypatch.setattr(job_requests, "sort", lambda folder, params: None)
    folders = [mine.new_sorting() for _ in range(3)]
    for age, folder in enumerate(folders):
        (folder / queue.JOB_FILE).write_text("{}")
        os.utime(folder / queue.JOB_FILE, (1000 - age, 1000 - age))
    assert mine.sorting() == folders[0]

    mine.sort(folders[1], {})

    assert mine.sorting() == folders[0]
    assert not folders[1].exists()
    mine.delete_sortings()
    assert mine.sorting() is None
