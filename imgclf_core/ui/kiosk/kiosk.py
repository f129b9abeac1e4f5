"""One model for visitors: a page that shows it and classifies, and nothing else.

For teachers and exhibitions: `streamlit run app.py -- --model BUNDLE`, or the environment
variable `IMGCLF_MODEL`. There are no data sets, no runs and no workspaces then, and every page
but the first refuses, see `ui/frame.py`. The model is opened once for all, for it is no visitor's
data. What visitors bring is in `ui/kiosk/visitor_photos.py`.
"""

from pathlib import Path

import streamlit as st

from imgclf_core import config
from imgclf_core.bundles.reader import imported, rebuild
from imgclf_core.bundles.reader.manifest import Manifest
from imgclf_core.errors import ModelError
from imgclf_core.inference.predictor import Predictor
from imgclf_core.jobs import queue
from imgclf_core.support import safe_text
from imgclf_core.ui import errors, frame
from imgclf_core.ui.kiosk import visitor_photos
from imgclf_core.workspaces import job_requests, opening

_LONGEST_LIST = 20  # classes named at the top


def page(path: Path) -> None:
    """Shows the model in place of the start page.

    Args:
        path: Of the bundle.
    """
    frame.configure(frame.HOME)
    with errors.errors_as_sentences(frame.HOME.name):
        _show(path)


def _show(path: Path) -> None:
    if not path.is_file():
        raise ModelError(
            f"There is no file '{safe_text.clean(path.name)}'. Start the app with "
            f"{config.MODEL_OPTION} and the path of a model exported from imgclf."
        )
    known = _checked(*_file(path))
    _about(known)
    folder = opening.kept_folder(path)
    if rebuild.needs_keras(known) and not imported.is_imported(folder):
        _make_ready(path, folder)
        return
    model = _opened(*_file(path))
    visitor_photos.take(model)
    visitor_photos.show(model)


def _file(path: Path) -> tuple[str, int, int]:
    """What the caches go by: another file at the same place is another model."""
    stamp = path.stat()
    return str(path), stamp.st_mtime_ns, stamp.st_size


@st.cache_resource(show_spinner="Checking the model", max_entries=2)
def _checked(path: str, changed: int, size: int) -> Manifest:
    """Judged once for all visitors."""
    return imported.check(Path(path), config.limits(config.PERSONAL))


@st.cache_resource(show_spinner="Opening the model", max_entries=2)
def _opened(path: str, changed: int, size: int) -> Predictor:
    return opening.open_bundle(Path(path))


@st.cache_resource(show_spinner=False, max_entries=2)
def _begun(path: str, changed: int, size: int) -> bool:
    """Starts the job, once in the life of the server: no visitor starts it over and over."""
    file = Path(path)
    job_requests.import_bundle(opening.kept_folder(file), file, file.name, config.PERSONAL)
    return True


def _make_ready(path: Path, folder: Path) -> None:
    """Has the network built and converted, once on this machine, by a job."""
    _begun(*_file(path))
    status = queue.read(folder)
    if status is not None and status.ended and not imported.is_imported(folder):
        raise ModelError(f"{status.message} Start the app again, or with another model.")

    @errors.fragment("exhibition", 1.0)
    def look() -> None:
        now = queue.read(folder)
        if now is None or now.ended:
            st.rerun()
        st.progress(
            min(max(now.fraction, 0.0), 1.0),
            text="The model is being made ready. This takes half a minute, once.",
        )

    look()


def _about(known: Manifest) -> None:
    """What it is, how good it is, and what it is not for."""
    st.title(safe_text.markdown(known.name))
    names = [safe_text.markdown(name) for name in known.class_names[:_LONGEST_LIST]]
    more = len(known.class_names) - len(names)
    listed = ", ".join(f"*{name}*" for name in names) + (f" and {more} more" if more else "")
    st.write(f"It tells {len(known.class_names)} kinds of picture apart: {listed}.")
    st.write(_tested(known))
    st.caption(
        "It was taught with few photos and tested on few. It is not for judgements about people "
        "or human remains, nor for any decision that could harm somebody."
    )


def _tested(known: Manifest) -> str:
    if not known.tested:
        return "It was never tested on photos that it had not seen, so nobody knows how good it is."
    low, high = known.test["interval"]
    return (
        f"Of {known.test['n']:,} photos it had never seen it got **{known.test['accuracy']:.0%}** "
        f"right; on many more like these it would likely be {low:.0%} to {high:.0%}."
    )
