"""A page reads the runs of a workspace once, when it opens."""

from collections import Counter
from pathlib import Path

import pytest

from imgclf_core.runs import run_store
from imgclf_core.support import file_system
from tests.pages.conftest import add_run


@pytest.mark.parametrize("name", ["Home", "Data", "Train", "Evaluate", "Classify", "Share"])
def test_each_run_is_read_once_for_a_page(with_run, open_page, name):
    """However many parts of the page need it."""
    add_run(with_run, "second")
    app = open_page(name)
    opened: Counter[tuple[str, str]] = Counter()

    def count(operation: str, path: Path) -> None:
        if operation == file_system.OPEN and path.parent.parent.name == "runs":
            opened[path.parent.name, path.name] += 1

    with file_system.observed(count):
        app.run()

    assert {run for run, _ in opened} == {"first", "second"}
    for file in (run_store.CONFIG_FILE, "status.json", run_store.REPORT_FILE):
        assert (opened["first", file], opened["second", file]) == (1, 1)
    assert max(opened.values()) == 1
