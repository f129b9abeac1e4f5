"""Jobs that run in the process of the test, and a visitor who asks for them."""

import pytest

from imgclf_core import config
from imgclf_core.workspaces import workspace
from imgclf_core.workspaces.workspace import Workspace
from tests.faults import stubbed


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Jobs run here, one after another, without what is heavy."""
    stubbed.apply(monkeypatch.setattr)


@pytest.fixture
def mine(home, monkeypatch) -> Workspace:
    """A visitor's workspace, with what is decoded for its jobs in it."""
    made = Workspace(workspace.new_token())
    monkeypatch.setenv(config.CACHE_VARIABLE, str(made.folder / "cache"))
    return made
