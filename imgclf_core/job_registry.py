"""Every kind of job with the function that does it, and the program of its process.

`python -m imgclf_core.job_registry FOLDER` does the job of a folder. Functions are named, not
imported, so that a light job never loads TensorFlow and every layer can have jobs.
"""

import sys

from imgclf_core.jobs import worker
from imgclf_core.jobs.kinds import JobDefinition, JobKind
from imgclf_core.jobs.lanes import KERAS, LIGHT

_INGEST = "imgclf_core.datasets.ingest"
_ANALYSIS = "imgclf_core.analysis"

DEFINITIONS = {
    JobKind.INGEST: JobDefinition(LIGHT, f"{_INGEST}.ingestion:run", 250),
    JobKind.EXPORT_DATASET: JobDefinition(LIGHT, f"{_INGEST}.portable:run", 150),
    JobKind.FIND_OUTLIERS: JobDefinition(LIGHT, f"{_ANALYSIS}.outlier_job:run", 300),
    JobKind.RANK_LABELS: JobDefinition(LIGHT, f"{_ANALYSIS}.label_issues.label_job:run", 350),
    JobKind.MAP_EMBEDDINGS: JobDefinition(LIGHT, f"{_ANALYSIS}.embedding_map:run", 400),
    JobKind.MEASURE_LEARNING_CURVES: JobDefinition(
        LIGHT, f"{_ANALYSIS}.learning_curves.learning_curve_job:run", 300
    ),
    JobKind.CHECK_ROBUSTNESS: JobDefinition(
        LIGHT, f"{_ANALYSIS}.robustness.robustness_job:run_job", 350
    ),
    JobKind.BASELINE: JobDefinition(LIGHT, "imgclf_core.training.baseline:run_job", 300),
    JobKind.TRAIN: JobDefinition(
        KERAS, "imgclf_core.training.trainer:run_job", 780, then=JobKind.PACKAGE, bounded=True
    ),
    JobKind.PACKAGE: JobDefinition(
        KERAS, "imgclf_core.training.packaging:run", 700, gives_way=True
    ),
    JobKind.WRITE_REPORT: JobDefinition(LIGHT, "imgclf_core.reports.write:run_job", 300),
    JobKind.SORT: JobDefinition(LIGHT, "imgclf_core.inference.sort_job:run", 250),
    JobKind.COPY_SORTED: JobDefinition(LIGHT, "imgclf_core.inference.sort_job:make_copies", 200),
    JobKind.BUNDLE: JobDefinition(KERAS, "imgclf_core.bundles.writer.bundle_job:run", 700),
    JobKind.BUNDLE_AGAIN: JobDefinition(LIGHT, "imgclf_core.bundles.writer.bundle_job:run", 250),
    JobKind.IMPORT: JobDefinition(LIGHT, "imgclf_core.bundles.reader.imported:run", 200),
    JobKind.IMPORT_NETWORK: JobDefinition(KERAS, "imgclf_core.bundles.reader.imported:run", 700),
}


def main(arguments: list[str]) -> int:
    """Does the job of the folder that is named, see `jobs.worker.main`."""
    return worker.main(arguments, DEFINITIONS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
