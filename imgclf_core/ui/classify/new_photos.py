"""How new photos come in, and the answers that are kept while the session lasts."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from imgclf_core.archives.sources import Member, Skipped
from imgclf_core.datasets import photo_files
from imgclf_core.datasets.split import TEST
from imgclf_core.errors import ArchiveError, DatasetError
from imgclf_core.images import decode
from imgclf_core.inference import single_photos
from imgclf_core.inference.single_photos import Answered
from imgclf_core.ui import session, uploads
from imgclf_core.ui.classify.answering import Answering
from imgclf_core.ui.visitor import Visit

# The web process answers these while the visitor waits, and keeps as many.
MOST_AT_ONCE = 200
PHOTOS, WEBCAM, FOLDER = "Photos or a zip", "Webcam", "A whole folder"
_SNAPSHOT = "classified_snapshot"


def take(visit: Visit, model: Answering) -> str:
    """Uploader, webcam and a test photo; returns the way that is open."""
    way = st.segmented_control(
        "How photos come in",
        (PHOTOS, WEBCAM, FOLDER),
        default=PHOTOS,
        required=True,
        key="classify_way",
        label_visibility="collapsed",
    )
    if way == PHOTOS:
        _upload(visit, model)
    elif way == WEBCAM:
        _webcam(visit, model)
    return way


def kept(model: Answering) -> Answered | None:
    """The photos that were answered; asked again where another model is open now."""
    found: Answered | None = session.get(session.CLASSIFIED)
    if found is not None and found.model != model.key:
        found = single_photos.again(model.key, model.predictor, found)
        session.put(session.CLASSIFIED, found)
    return found


def clear() -> None:
    """Throws the photos and their answers away."""
    found = session.take(session.CLASSIFIED)
    if found:
        single_photos.forget(found)


def _answer(visit: Visit, model: Answering, members: list[Member | Skipped]) -> None:
    before = kept(model)
    room = MOST_AT_ONCE - (len(before.photos) if before else 0)
    if before and len(members) > room:
        clear()
        before = None
    found = single_photos.answer(
        model.key, model.predictor, members, visit.workspace.answered_folder, before
    )
    session.put(session.CLASSIFIED, found)


def _upload(visit: Visit, model: Answering) -> None:
    files = st.file_uploader(
        "New photos",
        type=[*decode.FILE_ENDINGS, "zip"],
        accept_multiple_files=True,
        key=f"classify_{session.get(session.UPLOAD_ROUND, 0)}",
        max_upload_size=uploads.largest_upload(visit),
        help="One or many, or a zip. Where they lie in class folders, the guess is ticked "
        f"against the folder. Up to {MOST_AT_ONCE} at once; *{FOLDER}* takes thousands.",
    )
    if files:
        with uploads.released(files):
            _answer_files(visit, model, files)
    if st.button(
        "Try a test photo",
        key="try_test_photo",
        icon=":material/casino:",
        type="secondary" if kept(model) else "primary",
        help="A photo of the sealed test set, picked at random, while its data set is here.",
        disabled=model.dataset is None,
    ):
        _answer(visit, model, [_test_photo(model)])


def _webcam(visit: Visit, model: Answering) -> None:
    shot = st.camera_input("Hold it into the camera", key="classify_camera")
    if shot is not None and session.get(_SNAPSHOT) != shot.file_id:
        session.put(_SNAPSHOT, shot.file_id)
        name = f"webcam-{shot.file_id[:6]}.jpg"
        _answer(visit, model, [Member(name, shot.size, shot.getvalue)])


def _answer_files(visit: Visit, model: Answering, files: Sequence) -> None:
    zips = [file for file in files if file.name.lower().endswith(".zip")]
    loose = [Member(file.name, file.size, file.getvalue) for file in files if file not in zips]
    members: list[Member | Skipped] = [*loose]
    with uploads.opened(visit, zips) as sources:
        for source in sources:
            members += [*source.skipped, *source.members]
        if len(members) > MOST_AT_ONCE:
            raise ArchiveError(
                f"There are {len(members):,} files; at most {MOST_AT_ONCE} are answered here at "
                f"once. Choose *{FOLDER}* above for more."
            )
        _answer(visit, model, members)


def _test_photo(model: Answering) -> Member:
    dataset = model.dataset
    tests = dataset.indices(TEST)
    if not len(tests):
        raise DatasetError("This data set has no test photos. Upload a photo instead.")
    photo = dataset.photos[int(np.random.default_rng().choice(tests))]
    # Its class is known, whatever folder it came in.
    name = f"{dataset.class_of(photo)}/{photo.name.split('/')[-1]}"
    return Member(name, photo.bytes, lambda: photo_files.read_photo(dataset, photo))
