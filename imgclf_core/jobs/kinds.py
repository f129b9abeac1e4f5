"""What kinds of jobs there are, and what is known of each before it begins.

Which function does the work of a kind is told in `job_registry.py`, the one place that names all.
"""

from dataclasses import dataclass
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does; the value is what stands in `job.json`, so it never changes."""

    INGEST = "ingest"
    EXPORT_DATASET = "take along"
    FIND_OUTLIERS = "look"
    RANK_LABELS = "labels"
    MAP_EMBEDDINGS = "map"
    MEASURE_LEARNING_CURVES = "enough"
    BASELINE = "first answer"
    TRAIN = "train"
    PACKAGE = "pack"
    CHECK_ROBUSTNESS = "shortcuts"
    WRITE_REPORT = "report"
    SORT = "sort"
    COPY_SORTED = "sorted copies"
    BUNDLE = "bundle"
    BUNDLE_AGAIN = "bundle again"
    IMPORT = "import"
    IMPORT_NETWORK = "import network"


@dataclass(frozen=True)
class JobDefinition:
    """How jobs of one kind are run.

    Attributes:
        lane: Where it waits, see `jobs/lanes.py`.
        function: `module:name` of `function(folder, params, reporter) -> dict`, whose result
            becomes `JobStatus.result`.
        megabytes: Memory such a job takes to itself (anonymous) with few photos, measured.
        gives_way: Whether it is put back once when another job comes to wait for its lane. Its
            function must leave no half file when its process ends at any moment.
        bounded: Whether it stops and keeps the best after the time that a visitor may have.
        then: The job that follows in a folder below, named like its kind. It is a process of its
            own, so that the memory of the two never adds up.
    """

    lane: str
    function: str
    megabytes: int
    then: JobKind | None = None
    gives_way: bool = False
    bounded: bool = False
