"""The frame of every page: title, sidebar with the five steps, errors as sentences.

Links between pages are made here and nowhere else, because Streamlit drops the address
parameters, and with them the visitor's workspace, unless they are passed each time.
"""

import contextlib
import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
import streamlit.config

from imgclf_core import config
from imgclf_core.config import MEGABYTE, PERSONAL, SHARED
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.support import safe_text
from imgclf_core.ui import session, shared_server, tour, visitor
from imgclf_core.ui.errors import errors_as_sentences
from imgclf_core.ui.visitor import Visit


@dataclass(frozen=True)
class Step:
    """A page of the app.

    Attributes:
        name: In the sidebar.
        file: For Streamlit's links.
        icon: While it can be opened but is not done.
        done: Hover text once it is done.
        missing: Hover text while something is missing for it.
    """

    name: str
    file: str
    icon: str
    done: str = ""
    missing: str = ""


HOME = Step("imgclf", "app.py", ":material/home:")
DATA = Step("Data", "pages/1_Data.py", ":material/photo_library:", "Photos are in.", "")
TRAIN = Step(
    "Train",
    "pages/2_Train.py",
    ":material/model_training:",
    "A network is trained.",
    "Bring photos in first.",
)
EVALUATE = Step(
    "Evaluate",
    "pages/3_Evaluate.py",
    ":material/analytics:",
    "There is a result to look at.",
    "Train a network first.",
)
CLASSIFY = Step(
    "Classify",
    "pages/4_Classify.py",
    ":material/image_search:",
    "The model can answer.",
    "Train a network first.",
)
SHARE = Step(
    "Share",
    "pages/5_Share.py",
    ":material/ios_share:",
    "The model can be taken along.",
    "Train a network first.",
)
STEPS = (DATA, TRAIN, EVALUATE, CLASSIFY, SHARE)

# Our own: for one of its names the browser would ask a server of Google's, on every page.
_ICON = Path(__file__).with_name("icon.svg")
_DONE_ICON = ":material/check_circle:"
_MISSING_ICON = ":material/radio_button_unchecked:"

_modules_spared = 0


def configure(step: Step) -> None:
    """Sets title, icon and width of a page, which Streamlit asks for before anything is drawn."""
    title = "imgclf" if step is HOME else f"{step.name} · imgclf"
    st.set_page_config(page_title=title, page_icon=_ICON, layout="wide")


@contextlib.contextmanager
def page(step: Step) -> Iterator[Visit]:
    """Opens a page; everything it draws goes inside.

    Where the server shows one model to visitors, the page refuses, by direct link too.
    Whatever goes wrong inside becomes a sentence, see `ui/errors.py`.
    """
    configure(step)
    if config.shown_model() is not None:
        with errors_as_sentences(step.name):
            _refuse()
        st.stop()
    _bound_uploads()
    with errors_as_sentences(step.name):
        visit = visitor.identify()
        _sidebar(visit)
        _message()
        tour.show(step.name)
    with errors_as_sentences(step.name):
        yield visit
    _spare_the_collector()


def link(step: Step, label: str | None = None, icon: str | None = None, **options) -> None:
    """A link to a page that keeps the workspace."""
    st.page_link(
        step.file,
        label=label or step.name,
        icon=icon or step.icon,
        query_params=visitor.address_parameters(),
        **options,
    )


def go(step: Step) -> None:
    """Opens a page, keeping the workspace."""
    st.switch_page(step.file, query_params=visitor.address_parameters())


def next_button(step: Step, label: str, key: str = "next", primary: bool = True) -> None:
    """The button that leads on, the primary one unless something else comes first."""
    kind = "primary" if primary else "secondary"
    if st.button(label, type=kind, key=key, icon=":material/arrow_forward:"):
        go(step)


def say(text: str, kind: str = "success") -> None:
    """A sentence for the next page that is drawn; `kind` is success, info, warning or error."""
    session.put(session.MESSAGE, (kind, text))


def nothing_yet(sentence: str, step: Step, label: str) -> None:
    """An empty page: what it will show, and one button that leads there."""
    st.write(sentence)
    next_button(step, label)


def _refuse() -> None:
    st.warning(
        "This app shows one finished model. Training, data and results are not part of it.",
        icon=":material/lock:",
    )
    st.page_link(HOME.file, label="Open the model", icon=":material/image_search:")


def _bound_uploads() -> None:
    """Makes a shared server refuse larger uploads itself, not the browser alone.

    Streamlit reads this option anew for each upload. Set here, for on Community Cloud nothing else
    can: its secrets become environment variables only after the options were read.
    """
    if config.forced_profile() == SHARED:
        most = config.limits(SHARED).zip_bytes // MEGABYTE
        if st.get_option("server.maxUploadSize") > most:
            streamlit.config.set_option("server.maxUploadSize", most)


def _spare_the_collector() -> None:
    """Takes what was imported out of the sight of the garbage collector, once.

    Streamlit collects after every run of a script, while all visitors wait. Going through the
    objects of pandas and Plotly, which never go, took it a tenth of a second each time.
    """
    global _modules_spared
    if len(sys.modules) > _modules_spared:
        _modules_spared = len(sys.modules)
        gc.collect()
        gc.freeze()


def _message() -> None:
    message = session.take(session.MESSAGE)
    if message:
        kind, text = message
        getattr(st, kind)(safe_text.markdown(text, longest=1000))


def _sidebar(visit: Visit) -> None:
    dataset, run = visit.dataset, visit.run
    runs = visit.runs
    packed = any(one.packed for one in runs)
    done = {DATA: dataset, TRAIN: run, EVALUATE: run, CLASSIFY: run, SHARE: packed}
    ready = {DATA: True, TRAIN: dataset, EVALUATE: run, CLASSIFY: run, SHARE: run}
    with st.sidebar:
        link(HOME, label="**imgclf**")
        st.caption(_open_photos(dataset))
        for step in STEPS:
            if done[step]:
                link(step, icon=_DONE_ICON, help=step.done)
            elif ready[step]:
                link(step, icon=step.icon, help="This can be done now.")
            else:
                link(step, icon=_MISSING_ICON, help=step.missing)
        st.divider()
        if visit.profile == PERSONAL:
            st.caption("Your photos stay on this computer.")
        else:
            shared_server.sidebar(visit)


def _open_photos(dataset: Dataset | None) -> str:
    if dataset is None:
        return "No photos yet"
    version = f" · version {dataset.version}" if dataset.version > 1 else ""
    return safe_text.markdown(f"{dataset.name}{version}")
