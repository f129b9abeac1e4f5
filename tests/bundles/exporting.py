"""Bundles of runs for tests, made in this process and without proof."""

from pathlib import Path

from imgclf_core.bundles.sharing import Sharing
from imgclf_core.bundles.writer import bundle, bundle_job, samples
from imgclf_core.inference import predictor
from imgclf_core.runs.run import Run


def export(run: Run, path: Path, sharing: Sharing | None = None) -> Path:
    """Writes the bundle of a packed run."""
    chosen = sharing or bundle_job.said(run)
    shown = samples.made(run, predictor.open_run(run), chosen.photos)
    contents = bundle.parts(run, chosen, shown)
    bundle.write(path, bundle.labels(run, chosen, contents), contents)
    return path
