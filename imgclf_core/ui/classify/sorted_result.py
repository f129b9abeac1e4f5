"""Photos that were sorted: a table, a gallery to put them right, and what to take along."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis import known_classes
from imgclf_core.errors import ImageError
from imgclf_core.inference import batches, copies, sort_job, sorted_photos
from imgclf_core.inference.batches import Table
from imgclf_core.inference.sorted_photos import Sorted
from imgclf_core.jobs import queue
from imgclf_core.runs.calibration import NOT_SURE
from imgclf_core.support import atomic_files, file_system, safe_text
from imgclf_core.support.wording import count
from imgclf_core.ui import columns, downloads, gallery, job_cards
from imgclf_core.ui.classify import corrections, table
from imgclf_core.ui.classify.answering import Answering
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests

_ROWS = 5000  # of the table on screen; the CSV has all
_EVERY_CLASS = "all classes"
_CHOSEN_FILE, _TAUGHT_FILE = "chosen.json", "taught.json"
_LAYOUT_WORDS = {
    copies.FOLDERS: "a folder for each class",
    copies.NAMES: "names such as elsa-[0.99621].jpg",
}


def show(visit: Visit, model: Answering, found: Sorted) -> None:
    """Everything about a result."""
    doubts = [
        model.predictor.doubts(found.scores[i], _distance(found, i))
        for i in range(len(found.names))
    ]
    unsure = sum(map(bool, doubts))
    st.write(
        f"**{count(len(found.names), 'photo')} sorted** in {job_cards.duration(found.took)}, "
        f"{len(found.names) / max(found.took, 1e-9):.0f} a second; not sure of **{unsure:,}**."
    )
    if found.stopped:
        st.warning(f"It was stopped: {len(found.names):,} of {found.total:,} files were looked at.")
    if found.skipped:
        with st.expander(f"Skipped · {len(found.skipped):,}"):
            st.dataframe(pd.DataFrame(found.skipped, columns=["file", "because"]), hide_index=True)
    if not len(found.names):
        return
    members = _filtered(found)
    chosen = choices(found.folder)
    _gallery(visit, found, members, doubts, chosen)
    _table(found, members, doubts, chosen)
    _known(found)
    _take_along(visit, model, found, doubts, chosen)
    _teach(visit, model, found, chosen)


def _distance(found: Sorted, i: int) -> float | None:
    return None if np.isnan(found.distances[i]) else float(found.distances[i])


def _filtered(found: Sorted) -> np.ndarray:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.selectbox("Order", sorted_photos.ORDERS, key="sorted_order", width=200)
        names = [_EVERY_CLASS, *safe_text.told_apart(found.class_names)]
        guess = st.selectbox(
            "Class", range(len(names)), format_func=names.__getitem__, key="sorted_class", width=260
        )
        least, most = st.slider("Score", 0.0, 1.0, (0.0, 1.0), 0.01, key="sorted_score", width=260)
    members = found.where(guess - 1 if guess else None, least, most)
    return found.ordered(members, order)


def _gallery(
    visit: Visit, found: Sorted, members: np.ndarray, doubts: list, chosen: dict[int, int]
) -> None:
    st.caption(f"{count(len(members), 'photo')}. Tick those whose class is wrong.")
    with batches.opened(_there(found), visit.limits) as sources:

        def card(i: int) -> gallery.Card:
            k = chosen.get(i)
            words = f"{found.class_names[found.guesses[i]]} {found.best[i]:.3f}"
            lines = [found.names[i].split("/")[-1], words]
            lines += [NOT_SURE] if doubts[i] and k is None else []
            lines += [f"you said {found.class_names[k]}"] if k is not None else []
            return gallery.Card(
                lambda: _thumbnail(found, sources, i),
                tuple(lines),
                ", ".join(lines),
                f"{found.folder}/{i}",
            )

        picked = gallery.pick(members.tolist(), f"sorted_{found.folder.name}", card)
    if not picked:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.selectbox(
            "They are really",
            range(len(found.class_names)),
            index=None,
            key="sorted_really",
            format_func=safe_text.told_apart(found.class_names).__getitem__,
            width=260,
        )
        if st.button(
            f"Put right {count(len(picked), 'photo')}",
            disabled=wanted is None,
            key="sorted_set",
            icon=":material/edit:",
        ):
            _choose(found.folder, {**chosen, **dict.fromkeys(picked, wanted)})
            gallery.untick(f"sorted_{found.folder.name}")
            st.rerun()


def _there(found: Sorted) -> list[Path]:
    return [path for path in found.sources if path.exists()]


def _thumbnail(found: Sorted, sources: list, i: int) -> bytes:
    data = sort_job.read(found, sources, i, int(found.places[i]))
    try:
        return gallery.thumbnail(data) if data else gallery.blank()
    except ImageError:
        return gallery.blank()


def _table(found: Sorted, members: np.ndarray, doubts: list, chosen: dict[int, int]) -> None:
    shown, names = members[:_ROWS], found.class_names
    order = np.argsort(-found.scores[shown], axis=1, kind="stable")
    second = order[:, 1]
    rows = {
        "photo": [found.names[i] for i in shown],
        "answer": [
            names[chosen[i]] if i in chosen else NOT_SURE if doubts[i] else names[found.guesses[i]]
            for i in shown.tolist()
        ],
        "score": found.best[shown],
        "second": [names[k] for k in second],
        "second_score": found.scores[shown, second],
        "reason": ["you said so" if i in chosen else "; ".join(doubts[i]) for i in shown.tolist()],
    }
    with st.expander("As a table"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "score": columns.scores("score"),
                "second": "second guess",
                "second_score": columns.scores("its score"),
            },
        )
        if len(members) > _ROWS:
            st.caption(f"The first {_ROWS:,}; the CSV has all.")


def _known(found: Sorted) -> None:
    known = known_classes.by_expected(found.scores, found.expected_names(), found.class_names)
    if not known.known:
        return
    right = int(known.right.sum())
    st.write(f"**{right:,} of the {known.known:,}** whose folder names a class were guessed so.")
    with st.expander("By class"):
        table.by_class(known, found.class_names)


def _take_along(
    visit: Visit, model: Answering, found: Sorted, doubts: list, chosen: dict[int, int]
) -> None:
    def written() -> str:
        buffer = io.StringIO()
        rows = Table(buffer, found.class_names)
        for i, why in enumerate(doubts):
            rows.add(found.item(i, why))
        return buffer.getvalue()

    st.subheader("Take it along")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        downloads.button("Download the table", written, "answers.csv", "text/csv", key="sorted_csv")
        layout = st.selectbox(
            "Photos sorted into",
            copies.LAYOUTS[::-1],
            format_func=_LAYOUT_WORDS.get,
            key="sorted_layout",
            width=300,
        )
        folder, path = (
            found.folder / sort_job.COPIES_FOLDER,
            sort_job.zip_path(found.folder, layout),
        )
        status = queue.read(folder)
        going = status is not None and not status.ended
        if not going and path.is_file():
            downloads.button(
                "Download the photos",
                lambda: file_system.read(path),
                f"sorted-{layout}.zip",
                "application/zip",
                ":material/folder_zip:",
                key="sorted_zip",
            )
        elif not going and st.button("Make the zip", key="make_zip", icon=":material/folder_zip:"):
            job_requests.copy_sorted(found.folder, model.path, layout, visit.profile, chosen)
            st.rerun()
    if going:
        job_cards.job_card("Copying the photos into a zip", folder)
    elif status is not None and status.message:
        st.warning(safe_text.markdown(status.message, longest=1000))


def _teach(visit: Visit, model: Answering, found: Sorted, chosen: dict[int, int]) -> None:
    """Photos that were put right join the data set."""
    if model.dataset is None or not chosen:
        return
    taught = atomic_files.read_json(found.folder / _TAUGHT_FILE) or []
    new = [i for i in chosen if i not in taught]
    st.subheader("Teach it what you put right")
    with batches.opened(_there(found), visit.limits) as sources:

        def entries() -> list[tuple[str, bytes, str]]:
            data = ((i, sort_job.read(found, sources, i, int(found.places[i]))) for i in new)
            return [(found.names[i], one, found.class_names[chosen[i]]) for i, one in data if one]

        def remember() -> None:
            atomic_files.write_json(found.folder / _TAUGHT_FILE, sorted({*taught, *new}))

        corrections.offer(visit, model, len(new), entries, remember)


def choices(folder: Path) -> dict[int, int]:
    """Class by position, of photos that the person put right."""
    value = atomic_files.read_json(folder / _CHOSEN_FILE)
    return {int(i): int(k) for i, k in value.items()} if isinstance(value, dict) else {}


def _choose(folder: Path, chosen: dict[int, int]) -> None:
    atomic_files.write_json(folder / _CHOSEN_FILE, {str(i): k for i, k in chosen.items()})
    _forget_copies(folder)


def forget_choices(folder: Path) -> None:
    """They were of answers that are made anew."""
    for name in (_CHOSEN_FILE, _TAUGHT_FILE):
        file_system.remove(folder / name)
    _forget_copies(folder)


def _forget_copies(folder: Path) -> None:
    for layout in copies.LAYOUTS:
        file_system.remove(sort_job.zip_path(folder, layout))
