"""The parts of the Classify page."""

import io
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core import charts, naming
from imgclf_core.data import archive, decode, storage
from imgclf_core.data.archive import Member
from imgclf_core.data.layout import TEST
from imgclf_core.errors import ArchiveError, DatasetError, ImageError
from imgclf_core.inference import predictor as predictors
from imgclf_core.inference.predictor import Predictor
from imgclf_core.inference.sorting import Classified, Expected, Table
from imgclf_core.ui import gallery, live, state, uploads
from imgclf_core.ui.visitor import Visit

# Cards on one page; with more photos than this the table comes first.
CARDS = 6
# The web process answers these while the visitor waits.
MOST_AT_ONCE = 200
_UNTOLD = "not told"


@dataclass(frozen=True)
class Shown:
    """One answer on screen.

    Attributes:
        answer: Name, scores, time, and the class its folder names.
        seen: The photo as the network saw it, JPEG.
        photo: The photo itself, made smaller, JPEG.
    """

    answer: Classified
    seen: bytes
    photo: bytes


@dataclass(frozen=True)
class Answers:
    """Answers of one run, kept while the session lasts; `stamp` tells one upload from the next."""

    run_id: str
    stamp: str
    shown: tuple[Shown, ...]
    skipped: tuple[tuple[str, str], ...]
    seconds: float


def ready(visit: Visit) -> bool:
    """Whether the model can answer now; says what is missing otherwise."""
    run = visit.run
    if predictors.can_answer(run):
        return True
    status = run.packing
    if status is not None and not status.ended:
        st.write("The model is being made ready; a few seconds.")
        live.packing_note(run)
    else:
        st.warning("The model of this run was not packed. The Share page can do it again.")
    return False


def take_photos(visit: Visit) -> Predictor:
    """The uploader and one test photo to try; answers are kept in the session."""
    run = visit.run
    model = predictors.open_run(run)
    st.write(f"**{naming.markdown(run.name)}** answers for photos it has never seen.")
    round_number = state.get(state.UPLOAD_ROUND, 0)
    files = st.file_uploader(
        "New photos", type=[*decode.FILE_ENDINGS, "zip"], accept_multiple_files=True,
        key=f"classify_{round_number}",
        help="One or many, or a zip. Where they lie in class folders, the guess is ticked "
        f"against the folder. Up to {MOST_AT_ONCE} at once; for more, use the command line.",
    )  # fmt: skip
    if files:
        stamp = (run.id, *(file.file_id for file in files))
        if state.get("classified_stamp") != stamp:
            _classify(run.id, model, list(_photos_in(visit, files)))
            state.put("classified_stamp", stamp)
    if st.button(
        "Try a test photo", type="primary" if not files else "secondary", key="try_test_photo",
        icon=":material/casino:", disabled=not storage.is_dataset(run.dataset),
        help="A photo of the sealed test set, picked at random, while its data set is here.",
    ):  # fmt: skip
        _classify(run.id, model, [_test_photo(visit)])
    return model


def answers(visit: Visit, model: Predictor) -> None:
    """Cards for few photos, a table for many, and the CSV."""
    kept: Answers | None = state.get(state.CLASSIFIED)
    if kept is None or kept.run_id != visit.run.id:
        st.caption("Each photo gets its scores as bars, highest first, and the time it took.")
        return
    if kept.skipped:
        lines = [f"{naming.markdown(n)} was skipped because {why}." for n, why in kept.skipped]
        st.warning("\n\n".join(lines))
    if not kept.shown:
        return
    expected = _expected(model, kept)
    many = len(kept.shown) > CARDS
    if many:
        _table(model, kept, expected)
    shown = gallery.page_of(len(kept.shown), f"cards_{kept.stamp}", CARDS)
    for i in range(*shown.indices(len(kept.shown))):
        _card(visit, model, kept.shown[i], expected[i], f"{kept.stamp}_{i}")
    if not many:
        _table(model, kept, expected)


def caution() -> None:
    """The standing sentence."""
    st.caption(
        "This model was taught with few photos and tested on few. It is not for judgements about "
        "people or human remains."
    )


def _classify(run_id: str, model: Predictor, photos: list[tuple[str, bytes | ImageError]]) -> None:
    started, shown, skipped = time.perf_counter(), [], []
    folders = Expected(model.class_names)
    for name, data in photos:
        try:
            if isinstance(data, ImageError):
                raise data
            answer = model.answer(data)
            photo = decode.read_picture(data, at_least=480).pixels
        except ImageError as error:
            skipped.append((name, str(error)))
            continue
        result = Classified(name, answer.scores, answer.seconds, folders.of(name), sure=answer.sure)
        seen = decode.to_jpeg(answer.image, quality=92)
        shown.append(Shown(result, seen, decode.to_jpeg(photo, 640)))
    seconds = time.perf_counter() - started
    state.put(
        state.CLASSIFIED,
        Answers(run_id, secrets.token_hex(4), tuple(shown), tuple(skipped), seconds),
    )


def _photos_in(visit: Visit, files) -> Iterator[tuple[str, bytes | ImageError]]:
    """Name and bytes of every photo, also of those inside zips."""
    for file in files:
        if not file.name.lower().endswith(".zip"):
            yield file.name, file.getvalue()
            continue
        with (
            uploads.spooled(visit, file) as path,
            archive.open_source(path, visit.limits, file.name) as source,
        ):
            if len(source.members) > MOST_AT_ONCE:
                raise ArchiveError(
                    f"'{source.name}' holds {len(source.members):,} files; at most "
                    f"{MOST_AT_ONCE} are answered here at once. For more, use the command line."
                )
            for member in source.members:
                yield member.name, _bytes_of(member)


def _bytes_of(member: Member) -> bytes | ImageError:
    try:
        return member.read()
    except ImageError as error:
        return error


def _test_photo(visit: Visit) -> tuple[str, bytes]:
    run = visit.run
    dataset = visit.workspace.dataset(run.dataset.name, run.dataset_version)
    tests = dataset.indices(TEST)
    if not len(tests):
        raise DatasetError("This data set has no test photos. Upload a photo instead.")
    photo = dataset.photos[int(np.random.default_rng().choice(tests))]
    return photo.name, dataset.read(photo)


def _card(visit: Visit, model: Predictor, shown: Shown, expected: int | None, key: str) -> None:
    answer, names = shown.answer, model.class_names
    with st.container(border=True):
        left, right = st.columns([1, 2], gap="medium")
        with left:
            st.image(shown.photo, width="stretch", alt=naming.clean(answer.name))
            st.caption(naming.markdown(answer.name))
        with right:
            score = answer.scores[answer.guess]
            guess = naming.markdown(names[answer.guess])
            if answer.sure:
                st.markdown(f"**{guess}**, with a score of {score:.1%}")
            else:
                st.markdown(f"**Not sure.** Its best guess is *{guess}*, with {score:.1%}")
                st.caption(
                    f"You told this model to answer from {model.threshold:.0%} on (Evaluate)."
                )
            _tick(answer.guess, expected, names)
            st.plotly_chart(
                charts.score_bars(answer.scores, names, visit.dark), key=f"scores_{key}",
                config={"displayModeBar": False},
                alt=f"Scores: {names[answer.guess]} {score:.3f} first",
            )  # fmt: skip
            st.caption(f"Answered in {answer.seconds * 1000:.0f} ms.")
            if answer.expected is None:
                st.selectbox(
                    "What is it really?", [_UNTOLD, *names], key=f"expected_{key}",
                    persist_state="session",
                    help="If you know, the guess is ticked against it.",
                )  # fmt: skip
            with st.expander("As the network saw it, and all scores"):
                st.image(shown.seen, width=model.image_size, alt="The photo as the network saw it")
                order = np.argsort(-answer.scores, kind="stable")
                table = {"class": [names[k] for k in order],
                         "score": [round(float(answer.scores[k]), 5) for k in order]}  # fmt: skip
                st.dataframe(pd.DataFrame(table), hide_index=True)


def _expected(model: Predictor, kept: Answers) -> list[int | None]:
    """For each photo the class its folder names, or the one that was picked on its card."""
    picked = [state.get(f"expected_{kept.stamp}_{i}", _UNTOLD) for i in range(len(kept.shown))]
    return [
        model.class_names.index(choice) if choice != _UNTOLD else shown.answer.expected
        for shown, choice in zip(kept.shown, picked, strict=True)
    ]


def _tick(guess: int, expected: int | None, names: tuple[str, ...]) -> None:
    if expected is None:
        return
    if guess == expected:
        st.badge("as expected", icon=":material/check:", color="green")
    else:
        words = f"expected {naming.clean(names[expected])}"
        st.badge(naming.markdown(words), icon=":material/close:", color="orange")


def _table(model: Predictor, kept: Answers, expected: list[int | None]) -> None:
    names = model.class_names
    scores = np.stack([shown.answer.scores for shown in kept.shown])
    st.subheader(f"All {len(kept.shown)} photos" if len(kept.shown) > 1 else "As a table")
    rate = len(kept.shown) / kept.seconds
    st.caption(f"{kept.seconds:.1f} s in all, {rate:.0f} photos a second.")
    known = [
        shown.answer.guess == k for shown, k in zip(kept.shown, expected, strict=True)
        if k is not None
    ]  # fmt: skip
    if known:
        st.write(f"**{sum(known)} of the {len(known)}** whose class is known were guessed right.")
    table = pd.DataFrame(scores.round(3), columns=[f"score_{k}" for k in range(len(names))])
    table.insert(0, "photo", [shown.answer.name for shown in kept.shown])
    table.insert(1, "answer", [shown.answer.answer(names) for shown in kept.shown])
    if known:
        table.insert(2, "expected", [None if k is None else names[k] for k in expected])
    # Columns have names of ours and show the class, which may be called "photo" or "answer".
    labels = {
        f"score_{k}": st.column_config.NumberColumn(name, format="%.3f")
        for k, name in enumerate(names)
    }
    st.dataframe(table, hide_index=True, placeholder="", column_config=labels)
    buffer = io.StringIO()
    writer = Table(buffer, names)
    for shown, k in zip(kept.shown, expected, strict=True):
        writer.add(replace(shown.answer, expected=k))
    st.download_button(
        "Download the answers", buffer.getvalue(), "answers.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
