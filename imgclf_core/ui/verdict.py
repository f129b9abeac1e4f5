"""What a model says of one photo, in words: its guess, or that it is not sure, and why."""

import numpy as np
import streamlit as st

from imgclf_core.inference import predictor as predictors
from imgclf_core.inference.predictor import Predictor
from imgclf_core.runs import ood_detector
from imgclf_core.support import safe_text

# A second guess with at least this share of the score of the first is told too.
_CLOSE = 0.5


def show(model: Predictor, scores: np.ndarray, distance: float | None) -> None:
    """The guess, doubts with their reasons, and a close second.

    Args:
        model: Which answered.
        scores: float (K,), summing to 1.
        distance: From the training photos; None where nobody knows.
    """
    names, order = model.class_names, np.argsort(-scores, kind="stable")
    first, second = int(order[0]), int(order[1])
    guess, score = safe_text.markdown(names[first]), scores[first]
    doubts = model.doubts(scores, distance)
    if doubts:
        st.markdown(f"**Not sure.** Its best guess is *{guess}*, with {score:.1%}")
    else:
        st.markdown(f"**{guess}**, with a score of {score:.1%}")
    for doubt in doubts:
        st.caption(_reason(model, distance, doubt))
    if scores[second] >= _CLOSE * score:
        st.write(f"Or *{safe_text.markdown(names[second])}*, with {scores[second]:.1%}.")


def _reason(model: Predictor, distance: float | None, doubt: str) -> str:
    if doubt == predictors.LOW_SCORE:
        return f"Its score is low: this model was told to answer from {model.threshold:.0%} on."
    return (
        "It looks like nothing this model was trained on: further from its training photos "
        f"({distance:.2f}) than {ood_detector.COVERED:.0%} of the photos it was checked with "
        f"({model.gate.limit:.2f})."
    )
