"""The parts of the Classify page."""

import io
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core import charts, naming
from imgclf_core.data import decode
from imgclf_core.data.layout import TEST
from imgclf_core.errors import DatasetError, ImageError
from imgclf_core.inference import predictor as predictors
from imgclf_core.inference.predictor import Predictor
from imgclf_core.inference.sorting import Classified, Expected, Table
from imgclf_core.ui import gallery, live, state
from imgclf_core.ui.visitor import Visit

# More photos than this come as a table, each still to be opened.
CARDS = 6
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
    """Answers of one run, kept while the session lasts."""

    run_id: str
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
        "New photos", type=list(decode.FILE_ENDINGS), accept_multiple_files=True,
        key=f"classify_{round_number}",
        help="One or many. For a zip, or thousands, use the command line.",
    )  # fmt: skip
    if files:
        stamp = (run.id, *(file.file_id for file in files))
        if state.get("classified_stamp") != stamp:
            _classify(run.id, model, [(file.name, file.getvalue()) for file in files])
            state.put("classified_stamp", stamp)
    if st.button(
        "Try a test photo", type="primary" if not files else "secondary", key="try_test_photo",
        icon=":material/casino:", help="A photo of the sealed test set, picked at random.",
    ):  # fmt: skip
        _classify(run.id, model, [_test_photo(visit)])
    return model


def answers(visit: Visit, model: Predictor) -> None:
    """Cards for few photos, a table for many, and the CSV."""
    kept: Answers | None = state.get(state.CLASSIFIED)
    if kept is None or kept.run_id != visit.run.id:
        st.caption("Each photo gets its scores as bars, highest first, and the time it took.")
        return
    for name, reason in kept.skipped:
        st.warning(f"{naming.markdown(name)} was skipped because {reason}.")
    expected = [_expected(model, shown, i) for i, shown in enumerate(kept.shown[:CARDS])]
    for i, shown in enumerate(kept.shown[:CARDS]):
        _card(visit, model, shown, expected[i], i)
    if len(kept.shown) > 1:
        _table(visit, model, kept)


def caution() -> None:
    """The standing sentence."""
    st.caption(
        "This model was taught with few photos and tested on few. It is not for judgements about "
        "people or human remains."
    )


def _classify(run_id: str, model: Predictor, photos: list[tuple[str, bytes]]) -> None:
    started, shown, skipped = time.perf_counter(), [], []
    folders = Expected(model.class_names)
    for name, data in photos:
        try:
            answer = model.answer(data)
            photo = decode.read_picture(data, at_least=480).pixels
        except ImageError as error:
            skipped.append((name, str(error)))
            continue
        result = Classified(name, answer.scores, answer.seconds, folders.of(name))
        seen = decode.to_jpeg(answer.image, quality=92)
        shown.append(Shown(result, seen, decode.to_jpeg(photo, 640)))
    seconds = time.perf_counter() - started
    state.put(state.CLASSIFIED, Answers(run_id, tuple(shown), tuple(skipped), seconds))


def _test_photo(visit: Visit) -> tuple[str, bytes]:
    dataset = visit.workspace.dataset(visit.run.dataset.name)
    tests = dataset.indices(TEST)
    if not len(tests):
        raise DatasetError("This data set has no test photos. Upload a photo instead.")
    photo = dataset.photos[int(np.random.default_rng().choice(tests))]
    return photo.name, dataset.read(photo)


def _card(visit: Visit, model: Predictor, shown: Shown, expected: int | None, i: int) -> None:
    answer, names = shown.answer, model.class_names
    with st.container(border=True):
        left, right = st.columns([1, 2], gap="medium")
        with left:
            st.image(shown.photo, width="stretch", alt=naming.clean(answer.name))
            st.caption(naming.markdown(answer.name))
        with right:
            score = answer.scores[answer.guess]
            guess = naming.markdown(names[answer.guess])
            st.markdown(f"**{guess}**, with a score of {score:.1%}")
            _tick(answer.guess, expected, names)
            st.plotly_chart(
                charts.score_bars(answer.scores, names, visit.dark), key=f"scores_{i}",
                config={"displayModeBar": False},
                alt=f"Scores: {names[answer.guess]} {score:.3f} first",
            )  # fmt: skip
            st.caption(f"Answered in {answer.seconds * 1000:.0f} ms.")
            with st.expander("As the network saw it, and all scores"):
                st.image(shown.seen, width=model.image_size, alt="The photo as the network saw it")
                order = np.argsort(-answer.scores, kind="stable")
                table = {"class": [names[k] for k in order],
                         "score": [round(float(answer.scores[k]), 5) for k in order]}  # fmt: skip
                st.dataframe(pd.DataFrame(table), hide_index=True)


def _expected(model: Predictor, shown: Shown, i: int) -> int | None:
    """The class its folder names, or the one that was picked on its card."""
    if shown.answer.expected is not None:
        return shown.answer.expected
    choice = st.session_state.get(f"expected_{i}", _UNTOLD)
    return model.class_names.index(choice) if choice in model.class_names else None


def _tick(guess: int, expected: int | None, names: tuple[str, ...]) -> None:
    if expected is None:
        return
    if guess == expected:
        st.badge("as expected", icon=":material/check:", color="green")
    else:
        words = f"expected {naming.clean(names[expected])}"
        st.badge(naming.markdown(words), icon=":material/close:", color="orange")


def _table(visit: Visit, model: Predictor, kept: Answers) -> None:
    names = model.class_names
    scores = np.stack([shown.answer.scores for shown in kept.shown])
    st.subheader(f"All {len(kept.shown)} photos")
    rate = len(kept.shown) / kept.seconds
    st.caption(f"{kept.seconds:.1f} s in all, {rate:.0f} photos a second.")
    known = [s.answer for s in kept.shown if s.answer.expected is not None]
    if known:
        right = sum(answer.guess == answer.expected for answer in known)
        st.write(f"**{right} of {len(known)}** are as their folder says.")
    table = pd.DataFrame(scores.round(3), columns=list(names))
    table.insert(0, "photo", [shown.answer.name for shown in kept.shown])
    table.insert(1, "answer", [names[shown.answer.guess] for shown in kept.shown])
    number = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(table, hide_index=True, column_config=dict.fromkeys(names, number))
    buffer = io.StringIO()
    writer = Table(buffer, names)
    for shown in kept.shown:
        writer.add(shown.answer)
    st.download_button(
        "Download the answers", buffer.getvalue(), "answers.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    if len(kept.shown) > CARDS:
        gallery.show(
            [
                gallery.Card(
                    gallery.thumbnail(shown.photo),
                    (shown.answer.name.split("/")[-1],
                     f"{names[shown.answer.guess]} {shown.answer.scores.max():.3f}"),
                    shown.answer.name,
                )
                for shown in kept.shown[gallery.page_of(len(kept.shown), "classified_page")]
            ]
        )  # fmt: skip
