"""Photos of visitors: answered, shown small, and never written to the disk.

What is shown of them is in the session of the visitor and goes with it. The page around them is
in `ui/kiosk/kiosk.py`.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from imgclf_core import config
from imgclf_core.charts.scores import score_bars
from imgclf_core.config import MEGABYTE
from imgclf_core.errors import ImageError
from imgclf_core.images import decode
from imgclf_core.inference.predictor import Predictor
from imgclf_core.support import safe_text
from imgclf_core.ui import session, uploads, verdict

MOST_PHOTOS = 12  # shown to one visitor, newest first
_PHOTOS, _WEBCAM = "Photos", "Webcam"
_SIDE = 480  # pixels of a photo on the page
# Kept in the session of a visitor.
_SHOWN, _SKIPPED, _SHOT = "exhibition_shown", "exhibition_skipped", "exhibition_shot"


@dataclass(frozen=True)
class Shown:
    """A photo that was answered: a small JPEG, scores float32 (K,), distance as of `Answer`."""

    name: str
    preview: bytes
    scores: np.ndarray
    distance: float | None


def take(model: Predictor) -> None:
    """Uploader and webcam."""
    way = st.segmented_control(
        "How photos come in",
        (_PHOTOS, _WEBCAM),
        default=_PHOTOS,
        required=True,
        key="exhibition_way",
        label_visibility="collapsed",
    )
    if way == _WEBCAM:
        shot = st.camera_input("Hold it into the camera", key="exhibition_camera")
        if shot is not None and session.get(_SHOT) != shot.file_id:
            session.put(_SHOT, shot.file_id)
            _answer(model, [("Webcam", shot.getvalue())])
    else:
        most = config.limits(config.SHARED).file_bytes // MEGABYTE
        files = st.file_uploader(
            f"Your photos, up to {MOST_PHOTOS} at once",
            type=list(decode.FILE_ENDINGS),
            accept_multiple_files=True,
            key=f"exhibition_{session.get(session.UPLOAD_ROUND, 0)}",
            max_upload_size=most,
        )
        if files:
            with uploads.released(files):
                _answer(model, [(file.name, file.getvalue()) for file in files[:MOST_PHOTOS]])
            st.rerun()
    st.caption("Photos are looked at and forgotten: they are not stored.")


def _answer(model: Predictor, photos: list[tuple[str, bytes]]) -> None:
    shown, skipped = [], []
    for name, data in photos:
        try:
            answer = model.answer(data)
            preview = decode.to_jpeg(decode.read_picture(data, at_least=_SIDE).pixels, _SIDE)
        except ImageError as error:
            skipped.append(f"{safe_text.markdown(name)} was skipped because {error}.")
            continue
        shown.append(Shown(safe_text.clean(name), preview, answer.scores, answer.distance))
    before = session.get(_SHOWN) or []
    session.put(_SHOWN, [*shown, *before][:MOST_PHOTOS])
    session.put(_SKIPPED, skipped)


def show(model: Predictor) -> None:
    """The photos of this visitor with their answers."""
    skipped = session.take(_SKIPPED)
    if skipped:
        st.warning("\n\n".join(skipped))
    found: list[Shown] = session.get(_SHOWN) or []
    for number, photo in enumerate(found):
        with st.container(border=True):
            _card(model, photo, number)
    if found and st.button("Clear these photos", key="exhibition_clear", type="tertiary"):
        session.forget(_SHOWN)
        st.rerun()


def _card(model: Predictor, photo: Shown, number: int) -> None:
    left, right = st.columns([1, 2], gap="medium")
    left.image(photo.preview, width="stretch", alt=photo.name)
    left.caption(safe_text.markdown(photo.name))
    with right:
        verdict.show(model, photo.scores, photo.distance)
        _bars(model, photo, number)


def _bars(model: Predictor, photo: Shown, number: int) -> None:
    dark = getattr(st.context.theme, "type", "light") == "dark"
    guess = safe_text.clean(model.class_names[int(photo.scores.argmax())])
    st.plotly_chart(
        score_bars(photo.scores, model.class_names, dark),
        key=f"exhibition_scores_{number}",
        config={"displayModeBar": False},
        alt=f"Scores, {guess} first",
    )
