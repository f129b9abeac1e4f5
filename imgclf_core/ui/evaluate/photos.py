"""The photos behind a door: one gallery for all of them, with what can be done about them."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from imgclf_core.analysis import selection
from imgclf_core.support import safe_text
from imgclf_core.ui import errors, frame, gallery
from imgclf_core.ui.evaluate import deciding, doors, photo
from imgclf_core.ui.evaluate.inspection import Inspection

PHOTOS_A_PAGE = 50
BESIDE_A_CHART = 24


def answered(
    inspection: Inspection,
    title: str,
    positions: np.ndarray,
    place: str,
    size: int = PHOTOS_A_PAGE,
    order: str = selection.WORST,
    empty: str = "No photo here.",
) -> None:
    """Photos the run answered, in an order of choice.

    Args:
        inspection: Of which run.
        title: What they are; empty for none.
        positions: int (n,), in the answers of the result.
        place: Tells one gallery from the others.
        size: Photos a page.
        order: One of `selection.ORDERS`, at first.
        empty: Said where there is none.
    """
    answers = inspection.result.answers
    if title:
        words = "1 photo" if len(positions) == 1 else f"{len(positions):,} photos"
        st.markdown(f"**{safe_text.markdown(title, longest=300)}** · {words}")
    if not len(positions):
        st.caption(empty)
        return
    if len(positions) > 1:
        order = st.selectbox(
            "Order",
            selection.ORDERS,
            selection.ORDERS.index(order),
            key=doors.place(inspection, f"order_{place}"),
            label_visibility="collapsed",
            width=220,
        )
    found = selection.ordered(answers, positions, order)
    files = answers.files[found].tolist()
    place_of = dict(zip(files, found.tolist(), strict=True))
    show(
        inspection,
        files,
        lambda seen, file: _lines(seen, place_of[file]),
        f"{place}_{order}",
        size,
    )


def show(
    inspection: Inspection,
    files: Sequence[str],
    lines_of: Callable[[Inspection, str], tuple[str, ...]],
    key: str,
    size: int = PHOTOS_A_PAGE,
    suggestions: dict[str, str] | None = None,
) -> None:
    """Any photos of the data set, by their files.

    Args:
        inspection: Of which run.
        files: The photos, in order.
        lines_of: From the present state and a file to what is written below it, its name first.
        key: Tells one gallery from the others.
        size: Photos a page.
        suggestions: Class by file, where there is an opinion of what it should be.
    """

    own = doors.place(inspection, key)

    @errors.fragment(frame.EVALUATE.name)
    def part() -> None:
        _gallery(inspection, files, lines_of, own, size, suggestions)

    part()


def _gallery(inspection, files, lines_of, key, size, suggestions) -> None:
    """The gallery as it is at this moment; arguments as of `show`."""
    seen = inspection.renewed()
    dataset = seen.dataset or seen.current

    def card(i: int) -> gallery.Card:
        name, *rest = lines_of(seen, files[i])
        return gallery.file_card(dataset, files[i], name, *rest)

    touched = gallery.choose(range(len(files)), key, card, size, id_of=files.__getitem__)
    if touched.opened is not None:
        photo.look_into(inspection, files, touched.opened, suggestions)
        return
    chosen = [files[i] for i in touched.ticked]
    if chosen:
        done = deciding.bar(seen, chosen, key, suggestions)
    else:
        st.caption("Click a photo to look into it; tick some to decide about them at once.")
        done = False
    if done or deciding.undo(seen, key):
        gallery.untick(key)
        st.rerun()


def _lines(inspection: Inspection, i: int) -> tuple[str, ...]:
    """Name, true class and guess with both scores, and what was decided since."""
    answers, names = inspection.result.answers, inspection.class_names
    true, guess = int(answers.labels[i]), int(answers.guesses[i])
    scores = answers.scores[i]
    lines = [str(answers.names[i]), f"guess {names[guess]}: {scores[guess]:.3f}"]
    if guess != true:
        lines.insert(1, f"is {names[true]}: {scores[true]:.3f}")
    decided = inspection.decided(str(answers.files[i]), names[true])
    return (*lines, decided) if decided else tuple(lines)
