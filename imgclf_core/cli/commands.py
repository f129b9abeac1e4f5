"""What the commands of the command line do; the options themselves are in `cli/main.py`.

`evaluate` has a module of its own, `cli/evaluate.py`. Each takes parsed options and returns the
figures that `--json` prints. Results are printed to standard output, progress to standard error.
"""

import argparse
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from imgclf_core import config
from imgclf_core.bundles import sharing
from imgclf_core.bundles.writer import bundle_job
from imgclf_core.cli import output
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import portable
from imgclf_core.errors import InputError, JobError, ModelError, OptionError
from imgclf_core.inference import batches
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.networks import catalogue, weights
from imgclf_core.runs import run_store
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files, file_system
from imgclf_core.training import presets
from imgclf_core.workspaces import job_requests, opening, trainings

_LIMITS = config.LIMITS[config.PERSONAL]

_SETTING_OPTIONS = (
    "epochs",
    "image_size",
    "batch_size",
    "learning_rate",
    "schedule",
    "weight_decay",
    "rotation",
    "zoom",
    "shift",
    "flip",
    "views",
    "dropout",
    "fine_tune",
    "fine_tune_epochs",
    "fine_tune_rate",
    "class_weights",
    "patience",
    "seed",
    "weights",
    "fit",
    "leave_out_small",
)


def _given(options: argparse.Namespace) -> dict:
    given = {name: getattr(options, name) for name in _SETTING_OPTIONS}
    if given["weights"] and given["weights"] not in weights.CHOICES:
        given["weights"] = str(Path(given["weights"]).absolute())  # the worker is elsewhere
    return given


def _reading(options: argparse.Namespace) -> dict:
    """How folders and names are read, as parameters of the ingest job."""
    table = options.object_table
    return {
        "seed": options.seed,
        "class_from": options.class_from or "",
        "object_pattern": options.object_pattern or "",
        "object_table": str(table.absolute()) if table else "",
    }


def ingest(options: argparse.Namespace) -> dict:
    """Makes a data set of a zip or folder."""
    dataset = bring_in(options.input, options.out, _reading(options))
    if not options.json:
        output.print_receipt(dataset)
    return output.receipt_json(dataset)


def train(options: argparse.Namespace) -> dict:
    """Trains a network and tests it."""
    _must_be_new(options.out)
    _chosen(options, 1000)  # refuses what cannot be before photos are brought in
    source = options.data
    if source.is_dir() and store.is_dataset(source):
        dataset = store.load(source)
    else:
        dataset = bring_in(source, options.out / "dataset", _reading(options))
    chosen = _chosen(options, int(dataset.counts[:, 0].sum()))
    trainings.start(options.out, options.out.name, dataset, chosen, config.PERSONAL)
    return _to_the_end(options.out, options.json)


def resume(options: argparse.Namespace) -> dict:
    """Goes on with a training that was stopped or interrupted, or for more epochs."""
    record = run_store.load(options.run)
    if not record.status.ended:
        raise OptionError(f"The run in '{options.run}' is going on. Wait for it, or stop it first.")
    ended = record.finished and record.status.state == events.DONE
    done = ended and not record.report.get("stopped")
    if done and not options.more_epochs:
        raise OptionError(
            f"The run in '{options.run}' is finished. Say with --more-epochs how far to go on."
        )
    trainings.resume(record, config.PERSONAL, options.more_epochs)
    return _to_the_end(options.run, options.json)


def _to_the_end(folder: Path, as_json: bool) -> dict:
    """Follows a training, prints its figures, and waits until its model is packed."""
    _follow(folder)
    figures = output.train_figures(run_store.load(folder), as_json)
    if run_store.load(folder).settings.model != catalogue.FIRST_ANSWER:
        _follow(folder / run_store.PACK_FOLDER)
    return figures


def _chosen(options: argparse.Namespace, training_photos: int) -> TrainingSettings:
    """The settings of a preset or recipe, with what was given."""
    if options.recipe != presets.OURS:
        if options.model:
            raise OptionError("A recipe names its own network. Leave out --model or --recipe.")
        begin = presets.recipe(options.recipe)
    elif options.model:
        begin = presets.settings(options.model, training_photos, options.preset)
    else:
        raise OptionError("Say which network to train, with --model or --recipe.")
    return settings_module.changed(begin, **_given(options))


def classify(options: argparse.Namespace) -> dict:
    """Answers for photos, folders and zips."""
    model = opening.open_model(options.model)
    with (
        threadpool_limits(1),  # a thread a core is busy already
        batches.opened(options.input, _LIMITS) as members,
        output.Answers(options, model.class_names) as answers,
    ):
        progress = output.Progress(len(members))
        for item in batches.classify(model, members, keep_bytes=options.copy_to is not None):
            answers.add(item)
            progress.one_more()
        return answers.figures()


def export(options: argparse.Namespace) -> dict:
    """Writes the model of a run, or a data set, as one zip."""
    file_system.make_folder(options.out.parent)
    if store.is_dataset(options.run):
        return _export_dataset(options)
    record = run_store.load(options.run)
    if not record.packed:
        if not record.finished:
            raise ModelError(f"The run in '{options.run}' is not finished. Train it first.")
        status = record.packing
        if status is None or status.ended:
            job_requests.package(record)
        _follow(record.folder / run_store.PACK_FOLDER)
    _say(record, options)
    job_requests.bundle(record)
    _follow(record.folder / bundle_job.FOLDER)
    shared = bundle_job.load(record)
    atomic_files.write_bytes(options.out, file_system.read(shared.path))
    if not options.json:
        output.print_proof(options.out, shared.proven)
    return {
        "bundle": str(options.out),
        "bytes": options.out.stat().st_size,
        "proof": [asdict(one) for one in shared.proven],
    }


def _say(record: Run, options: argparse.Namespace) -> None:
    """Keeps what the options say of the model that is given away."""
    pairs = [pair.partition("=") for pair in options.rename]
    if not all(new for _, _, new in pairs):
        raise OptionError("Give --rename as OLD=NEW, such as --rename 3=three.")
    chosen = bundle_job.said(record)
    names = sharing.renamed(chosen.class_names, {old: new for old, _, new in pairs})
    photos = chosen.photos and not options.no_photos
    sharing.save(record, replace(chosen, class_names=names, photos=photos))


def _export_dataset(options: argparse.Namespace) -> dict:
    dataset = store.load(options.run)
    portable.write(dataset, options.out)
    if not options.json:
        print(f"{options.out} holds {len(dataset.photos)} photos with their split and history.")
    return {"dataset": str(options.out), "bytes": options.out.stat().st_size}


def bring_in(source: Path, out: Path, reading: dict) -> Dataset:
    _must_be_new(out)
    batches.check_input(source)
    if source.is_dir() and store.is_dataset(source):
        raise OptionError(f"'{source}' is a data set already.")
    params = {"source": str(source.resolve()), "name": source.resolve().name, **reading}
    job_requests.ingest(out, {**params, "profile": config.PERSONAL})
    try:
        _follow(out)
    except InputError:
        queue.wait_until_free(out)
        file_system.remove_tree(out)  # so that the same command can be given again
        raise
    return store.load(out)


def _follow(folder: Path) -> JobStatus:
    """Waits for a job, writing what it does to standard error."""
    last = ""

    def show(status: JobStatus) -> None:
        nonlocal last
        line = status.stage
        if status.state == events.QUEUED and status.ahead:
            line = f"waiting for {status.ahead} other job(s)"
        elif status.total:
            line = f"{status.stage}: {status.done} of {status.total}"
        if line and line != last:
            print(line, file=sys.stderr)
            last = line

    for _ in range(50):  # the packer is started by the trainer, a moment after its end
        if queue.read(folder) is not None:
            break
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    try:
        status = queue.follow(folder, show)
    except KeyboardInterrupt:
        queue.stop(folder)
        raise
    if status.state == events.DONE:
        return status
    raise (InputError if status.error == "input" else JobError)(status.message)


def _must_be_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OptionError(f"'{folder}' is there already and not empty. Choose another folder.")
