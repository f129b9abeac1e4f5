"""Files that are made, or read, at the moment somebody asks for them.

That happens outside of the page that drew the button, where Streamlit writes whatever goes wrong
into the log, with the message and the paths in it: and a path names the photos of a visitor and
the key to their workspace. So what goes wrong is caught here.
"""

import logging
from collections.abc import Callable

import streamlit as st

from imgclf_core.config import PERSONAL_TOKEN
from imgclf_core.errors import ImgclfError
from imgclf_core.support import error_messages
from imgclf_core.ui import session

logger = logging.getLogger("imgclf.downloads")


def button(
    label: str,
    make: Callable[[], bytes | str],
    name: str,
    kind: str,
    icon: str = ":material/download:",
    **options,
) -> None:
    """A button for a file.

    Args:
        label: Its words.
        make: Gives the content once it is asked for.
        name: Of the file.
        kind: Its media type.
        icon: Of the button.
        options: Further ones of Streamlit's button.
    """
    # Who asks is known only while the page is drawn.
    owner = session.get(session.TOKEN) == PERSONAL_TOKEN

    def guarded() -> bytes | str:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - the outermost frame of what runs by itself
            failure = error_messages.of(error)
            error_messages.log(logger, "a download", error, failure, private=owner)
        raise ImgclfError(f"See error {failure.number}.")

    st.download_button(label, guarded, name, kind, icon=icon, on_click="ignore", **options)
