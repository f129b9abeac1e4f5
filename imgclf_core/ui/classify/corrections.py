"""What the person told of new photos flows back: they join the data set, and it trains again."""

from collections.abc import Callable, Sequence

import streamlit as st

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest.ingestion import ADDING_FOLDER
from imgclf_core.datasets.split import TRAINING
from imgclf_core.inference.single_photos import Answered
from imgclf_core.networks import catalogue
from imgclf_core.support.wording import count
from imgclf_core.ui import frame, job_cards, uploads, versions
from imgclf_core.ui.classify import cards
from imgclf_core.ui.classify.answering import Answering
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests, trainings


def show(visit: Visit, model: Answering, answered: Answered) -> None:
    """The photos whose class is known, to be added; then the training to follow."""
    dataset = model.dataset and versions.load(model.run.dataset)
    if dataset is None:
        return
    known = [photo for photo in answered.photos if cards.told(photo)]
    with st.expander("Teach it these photos", expanded=bool(known)):
        there = {photo.key for photo in dataset.photos}
        there |= {item.photo.key for item in dataset.left_out}
        new = [photo for photo in known if photo.sha256 not in there]
        if not known:
            st.caption("Tell of some photos above what they really are; then add them here.")
        elif not new:
            st.caption("All photos whose class you told are in your data set.")
        offer(
            visit,
            model,
            len(new),
            lambda: [(photo.name, photo.read(), cards.told(photo)) for photo in new],
        )


def offer(
    visit: Visit,
    model: Answering,
    number: int,
    entries: Callable[[], Sequence[tuple[str, bytes, str]]],
    then: Callable[[], None] = lambda: None,
) -> None:
    """Adding photos, its progress, and the training that may follow.

    Args:
        visit: Of whom.
        model: Whose data set they join.
        number: How many there are.
        entries: Their names, bytes and classes, asked for once they are to be added.
        then: Called once they are on their way.
    """
    dataset = versions.load(model.run.dataset)
    if dataset is None or job_cards.goes_on("Adding the photos", dataset.folder / ADDING_FOLDER):
        return
    if number:
        _add(visit, dataset, number, entries, then)
    _train_again(visit, model, dataset)


def _add(visit: Visit, dataset: Dataset, number: int, entries, then: Callable[[], None]) -> None:
    side = TRAINING
    if st.checkbox(
        "Some may join the test photos",
        key="teach_divide",
        help="Off, all are for training and the sealed test stays as it is. On, they are divided "
        "like all your photos; then scores before and after are of different tests.",
    ):
        side = ""
    if st.button(
        f"Add {count(number, 'photo')} to my data set",
        key="teach_add",
        icon=":material/library_add:",
    ):
        _begin(visit, dataset, entries(), side)
        then()
        st.rerun()


def _begin(
    visit: Visit, dataset: Dataset, entries: Sequence[tuple[str, bytes, str]], side: str
) -> None:
    """Starts the job that adds them, under the classes that were told."""
    named = {
        f"{i:04d} {name.split('/')[-1]}": (data, told)
        for i, (name, data, told) in enumerate(entries, 1)
    }
    path = uploads.spool_for(dataset)
    uploads.write_zip(path, [(name, data) for name, (data, _) in named.items()])
    job_requests.add_photos(
        dataset,
        {
            "source": str(path),
            "name": "Classify",
            "profile": visit.profile,
            "classes": {name: told for name, (_, told) in named.items()},
            "side": side,
            "delete_source": True,
        },
    )


def _train_again(visit: Visit, model: Answering, dataset: Dataset) -> None:
    run = model.run
    if dataset.version == run.dataset_version or run.settings.model == catalogue.FIRST_ANSWER:
        return
    st.write(
        f"Version {dataset.version} of your photos is open; this model learnt from version "
        f"{run.dataset_version}."
    )
    if st.button(
        "Train again and see what changed",
        key="teach_train",
        icon=":material/replay:",
        disabled=trainings.is_training(visit.runs, dataset, run.settings),
        help="The same settings on the photos as they are now. Then *Compare* on Evaluate shows "
        "what was mended, what was broken, and whether it is more than chance.",
    ):
        visit.workspace.add_run(dataset, run.settings, visit.profile)
        frame.go(frame.TRAIN)
