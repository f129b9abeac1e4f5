"""How columns of figures look in tables."""

import streamlit as st

from imgclf_core.support import safe_text


def scores(label: str):
    """A column of scores, with three decimals."""
    return st.column_config.NumberColumn(safe_text.clean(label), format="%.3f")


def percent():
    """A column of shares, 0 to 1, shown in percent."""
    return st.column_config.NumberColumn(format="percent")


def seconds():
    """A column of whole seconds."""
    return st.column_config.NumberColumn(format="%.0f")
