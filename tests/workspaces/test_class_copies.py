"""A copy of a workspace that others may open."""

import os

import pytest

from imgclf_core import config
from imgclf_core.config import PERSONAL_TOKEN
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.edits import remedies
from imgclf_core.errors import WorkspaceError
from imgclf_core.jobs import quotas
from imgclf_core.runs import run_store
from imgclf_core.workspaces import class_copies, expiry
from imgclf_core.workspaces.workspace import Workspace, new_token
from tests.conftest import two_classes
from tests.pages.conftest import add_photos, add_run


@pytest.fixture
def teacher(home, tmp_path) -> Workspace:
    """A workspace with photos and a finished run."""
    made = Workspace(new_token())
    add_photos(made, tmp_path, two_classes(6))
    add_run(made, "first")
    return made


def content(workspace: Workspace) -> dict[str, bytes]:
    """All files of a workspace."""
    return {
        path.relative_to(workspace.folder).as_posix(): path.read_bytes()
        for path in workspace.folder.rglob("*")
        if path.is_file()
    }


def test_everybody_gets_a_copy_of_their_own(teacher):
    """With photos, versions and runs; what one changes nobody else sees."""
    token = class_copies.make(teacher)
    before = content(teacher)
    one, other = class_copies.open_copy(token), class_copies.open_copy(token)
    assert len({teacher.token, token, one.token, other.token}) == 4

    dataset = one.datasets()[0]
    change = remedies.rename(dataset, dataset.class_names[0], "another")
    store.commit(change.dataset, change.sentence)
    one.delete_run(one.runs()[0].id)

    assert other.datasets()[0].class_names == teacher.datasets()[0].class_names
    (run,) = other.runs()
    assert run.finished
    assert run.dataset == other.datasets()[0].folder
    assert photo_files.read_photo(other.dataset(run.dataset.name), other.datasets()[0].photos[0])
    assert content(teacher) == before


def test_nothing_that_grows_is_shared(teacher):
    """Photos and models are linked; whatever is written in place is a file of its own."""
    token = class_copies.make(teacher)
    linked = {
        path.suffix or path.parent.name
        for path in (config.copies() / token).rglob("*")
        if path.is_file() and os.stat(path).st_nlink > 1
    }

    assert linked <= {".jpg", ".png", ".npz", ".keras", ".tflite"}
    assert linked & {".jpg", ".png"}


def test_the_link_of_a_copy_opens_no_workspace(teacher):
    """Its token is of a place that nobody can work in."""
    token = class_copies.make(teacher)

    assert not Workspace(token).folder.exists()
    assert Workspace(token).datasets() == []


def test_nothing_to_copy_is_said(home):
    """An empty workspace gives no link."""
    with pytest.raises(WorkspaceError, match="nothing to copy yet"):
        class_copies.make(Workspace(new_token()))


@pytest.mark.parametrize("token", ["", "../personal", PERSONAL_TOKEN, "A" * 22])
def test_a_copy_that_is_not_there_is_said(home, token):
    """Expired, made up, or an attempt to get at something else."""
    with pytest.raises(WorkspaceError, match="not there any more"):
        class_copies.open_copy(token)


def test_a_copy_cut_off_leaves_nothing(teacher, monkeypatch):
    """Half a copy would look like a whole one with photos missing."""
    monkeypatch.setattr(run_store, "save", lambda run: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError):
        class_copies.make(teacher)

    assert list(config.copies().glob("*")) == []


def test_a_copy_goes_with_its_photos(teacher):
    """Deleting one side leaves the other whole."""
    one = class_copies.open_copy(class_copies.make(teacher))
    assert expiry.delete(teacher.folder)

    assert photo_files.read_photo(one.datasets()[0], one.datasets()[0].photos[0])
    assert quotas.count_all() > 0


def test_copies_are_taken_back(teacher):
    """Who deletes everything deletes them, too; what a pupil has opened stays the pupil's."""
    one, other = class_copies.make(teacher), class_copies.make(teacher)
    pupil = class_copies.open_copy(one)
    class_copies.take_back(teacher)

    for token in (one, other):
        with pytest.raises(WorkspaceError, match="not there any more"):
            class_copies.open_copy(token)
    assert pupil.datasets()
