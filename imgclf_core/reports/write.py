"""Writing a report: for the command line into a file and a folder, for a page as a job.

Pages import this module, so what draws (Matplotlib) is imported only where a report is written.
A job's folder holds `report.html`, `figures.zip`, and `about.json`, which comes last and tells
what they were made of.
"""

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imgclf_core.datasets.split import TEST
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import calibration, run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, file_system

if TYPE_CHECKING:
    from imgclf_core.reports.report_data import Gathered

REPORT_FILE, FIGURES_FILE, _ABOUT_FILE = "report.html", "figures.zip", "about.json"
GATHERING, DRAWING = "gathering figures", "drawing"


def write(run: Run, side: str, out: Path, figures_to: Path | None) -> None:
    """Writes the report, and its figures and tables.

    Args:
        run: Finished.
        side: Which photos, such as `test`; the next best where there are none.
        out: The HTML file; replaced as a whole.
        figures_to: A folder for all figures as PNG and all tables as CSV; None for none.

    Raises:
        ModelError: The run has no results, or they are damaged.
    """
    from imgclf_core.reports import page, report_data

    everything = report_data.gather(run, side)
    atomic_files.write_bytes(out, page.render(everything, time.time()).encode("utf-8", "replace"))
    if figures_to is not None:
        for name, data in _figures(everything):
            atomic_files.write_bytes(figures_to / name, data)


def run_job(folder: Path, params: dict, reporter: Reporter) -> dict:
    """The `report` job of the run whose folder holds this one.

    Args:
        folder: Of the job.
        params: `side`, by default the test photos.
        reporter: Listens.

    Raises:
        ModelError: The run has no results, or they are damaged.
    """
    from imgclf_core.reports import page, report_data

    side = params.get("side", TEST)
    run = run_store.load(folder.parent)
    reporter.plan({GATHERING: 1.0, DRAWING: 4.0})
    reporter.stage(GATHERING)
    file_system.remove(folder / _ABOUT_FILE)
    made_of = _made_of(run)
    everything = report_data.gather(run, side)
    reporter.stage(DRAWING, 2)
    html = page.render(everything, time.time()).encode("utf-8", "replace")
    atomic_files.write_bytes(folder / REPORT_FILE, html)
    reporter.progress(1)
    reporter.raise_if_stopped()
    atomic_files.write_bytes(folder / FIGURES_FILE, _packed(everything))
    atomic_files.write_json(folder / _ABOUT_FILE, {"side": side, "made_of": made_of})
    return {"side": side, "report": REPORT_FILE, "figures": FIGURES_FILE, "bytes": len(html)}


def files(run: Run, side: str) -> tuple[Path, Path] | None:
    """The HTML and the zip of figures that a job made; None where they are not there or old."""
    folder = run.folder / run_store.REPORT_FOLDER
    about = {"side": side, "made_of": _made_of(run)}
    if atomic_files.read_json(folder / _ABOUT_FILE) != about:
        return None
    made = folder / REPORT_FILE, folder / FIGURES_FILE
    return made if all(path.is_file() for path in made) else None


def _made_of(run: Run) -> list[list[int]]:
    """What changes when a run is continued or its threshold chosen anew."""
    made_of = []
    for name in (run_store.CONFIG_FILE, run_store.PREDICTIONS_FILE, calibration.FILE):
        path = run.folder / name
        state = path.stat() if path.exists() else None
        made_of.append([state.st_mtime_ns, state.st_size] if state else [])
    return made_of


def _figures(everything: "Gathered") -> Iterator[tuple[str, bytes]]:
    from imgclf_core.reports import drawing, figures, sections_checks, sections_data, tables

    for name, draw in figures.every(everything).items():
        yield f"{name}.png", drawing.png(draw, name)
    made = [*tables.every(everything), *sections_checks.every_table(everything)]
    for table in (*made, sections_data.settings(everything)):
        yield f"{table.name}.csv", table.csv().encode("utf-8")


def _packed(everything: "Gathered") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _figures(everything):
            # Always the same date, so that the same run gives the same bytes.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
