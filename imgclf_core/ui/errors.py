"""Errors on the screen: always a sentence with a number, never a traceback.

What the sentences are is decided in `support/error_messages.py`.
"""

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator

import streamlit as st

from imgclf_core.config import PERSONAL_TOKEN
from imgclf_core.support import error_messages, safe_text
from imgclf_core.support.error_messages import Failure
from imgclf_core.ui import session

logger = logging.getLogger("imgclf.pages")


@contextlib.contextmanager
def errors_as_sentences(where: str) -> Iterator[None]:
    """Shows what went wrong inside and ends the page, or the part of it, there.

    A fragment or dialog runs again without the page around it, so it needs this for itself.

    Args:
        where: Name of the page, for the log.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the outermost frame of all that is drawn
        failure = _logged(where, error)
        sentence = safe_text.markdown(failure.sentence, longest=1000)
        st.error(f"{sentence}  \n:small[Number {failure.number}]", icon=":material/error:")
        st.stop()


def callback(where: str, function: Callable[[], None]) -> Callable[[], None]:
    """What a click calls before the page is drawn; what goes wrong is said on that page.

    Args:
        where: As above.
        function: To be called.
    """

    @functools.wraps(function)
    def guarded() -> None:
        try:
            function()
        except Exception as error:  # noqa: BLE001 - the outermost frame of what a click calls
            failure = _logged(where, error)
            session.put(session.MESSAGE, ("error", f"{failure.sentence} Number {failure.number}"))

    return guarded


def _logged(where: str, error: Exception) -> Failure:
    failure = error_messages.of(error)
    owner = session.get(session.TOKEN) == PERSONAL_TOKEN
    error_messages.log(logger, f"page {where}", error, failure, private=owner)
    return failure


def fragment(where: str, run_every: float | None = None) -> Callable:
    """Streamlit's fragment, with errors as sentences.

    Args:
        where: As above.
        run_every: Seconds after which it is drawn anew by itself, if any.
    """

    def decorate(function: Callable[[], None]) -> Callable[[], None]:
        @functools.wraps(function)
        def guarded() -> None:
            with errors_as_sentences(where):
                function()

        return st.fragment(guarded, run_every=run_every)

    return decorate
