"""Checks that somebody asked for are part of the report; those nobody asked for are not."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.robustness import interpretation, robustness_job, robustness_results
from imgclf_core.datasets import store
from imgclf_core.reports import write
from imgclf_core.runs.run import Run
from tests.reports.conftest import Page, read

KEYS = {"labels", "shortcuts"}


def written(run: Run, folder: Path) -> tuple[Page, dict[str, str]]:
    """The page, and its tables by name."""
    write.write(run, "test", folder / "r.html", folder / "figures")
    tables = {path.stem: path.read_text("utf-8") for path in (folder / "figures").glob("*.csv")}
    return read(folder / "r.html"), tables


def test_what_nobody_asked_for_is_left_out(make_run, make_dataset, tmp_path):
    """No empty section, and no link to one."""
    dataset = make_dataset()

    page, tables = written(make_run(dataset.class_names, dataset=dataset), tmp_path / "out")

    assert not KEYS & set(page.ids)
    assert not {"label_issues", "changed_photos", "without_looking"} & set(tables)
    assert {value[1:] for value in page.loaded if value[0] == "#"} <= set(page.ids)


def test_labels_that_look_wrong_are_listed(make_run, make_dataset, tmp_path):
    """The worst 20 on the page, all of them in the table; what was found hard in neither."""
    dataset = make_dataset()
    label_job.save(dataset, label_job.compute(dataset))
    hard = label_job.load(dataset).issues.order[0]
    photos = list(dataset.photos)
    photos[hard] = replace(photos[hard], hard=True)
    store.commit(replace(dataset, photos=tuple(photos)), "found hard")
    dataset = store.load(dataset.folder)
    run = make_run(dataset.class_names, dataset=dataset, dataset_version=dataset.version)

    page, tables = written(run, tmp_path / "out")

    assert (page.wrong, page.open_tags) == ([], [])
    assert "labels" in page.ids
    rows = list(csv.DictReader(io.StringIO(tables["label_issues"])))
    assert len(rows) == len(dataset.photos) - 1
    assert dataset.photos[hard].name not in {row["photo"] for row in rows}
    assert f"and {len(rows) - 20} more in label_issues.csv" in page.text
    assert all(row["photo"] in page.text for row in rows[:20])


@pytest.mark.slow
def test_shortcut_checks_are_told(trained, tmp_path):
    """Every finding in its sentence, and the figures behind them as tables."""
    run = trained("mobilenet_v2")
    dataset = store.load(run.dataset, run.dataset_version)
    found = robustness_job.compute(run, dataset, "test")
    robustness_results.save(run, found)
    try:
        page, tables = written(run, tmp_path)
    finally:
        (run.folder / "shortcuts-test.npz").unlink()  # the run is shared by all tests

    findings = (
        *interpretation.of_variations(found),
        *interpretation.of_clues(found.appearance),
    )
    assert (page.wrong, page.open_tags) == ([], [])
    assert all(one.sentence in page.text for one in findings)
    rows = list(csv.DictReader(io.StringIO(tables["changed_photos"])))
    assert [int(row["right"]) for row in rows] == [one.right for one in found.variations]
    assert tables["without_looking"].count("\n") == 1 + len(found.appearance.clues)
