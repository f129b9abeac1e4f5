"""Decisions about photos: buttons with keys, each decision a new version that undo takes back."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from imgclf_core.datasets import store
from imgclf_core.datasets.edits import decisions, remedies
from imgclf_core.datasets.edits.change import Change
from imgclf_core.errors import ChangedElsewhereError, ImgclfError
from imgclf_core.support import safe_text
from imgclf_core.ui import session
from imgclf_core.ui.evaluate.inspection import Inspection

# Classes that have a number key of their own.
MOST_KEYS = 9


def bar(
    inspection: Inspection,
    files: Sequence[str],
    key: str,
    suggestions: dict[str, str] | None = None,
    keys: bool = False,
) -> bool:
    """Buttons for photos; returns whether something was decided just now.

    Args:
        inspection: Of which run and data set.
        files: The photos.
        key: Tells one bar from the others.
        suggestions: Class by file, where there is an opinion.
        keys: Whether the buttons have keys; only those of the dialog have, for a key acts on
            all of the page.
    """
    current = inspection.current
    if current is None:
        st.caption("The photos of this run were deleted.")
        return False
    chosen = decisions.positions_of(current, files)
    if not chosen:
        st.caption("These photos take no part any more.")
        return False
    suggestions = {file: name for file, name in (suggestions or {}).items() if file in files}
    many = f" {len(chosen)}" if len(chosen) > 1 else ""
    decided = False
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if suggestions and st.button(
            f"Accept the suggestion{'s for' + many if many else ''}",
            key=f"accept_{key}",
            icon=":material/check:",
            shortcut="Y" if keys else None,
            help="The label becomes what the photo looks like.",
        ):
            wanted = {i: suggestions.get(current.photos[i].file) for i in chosen}
            wanted = {i: name for i, name in wanted.items() if name}
            decided |= decide(partial(decisions.relabel, current, wanted))
        if any(current.photos[i].also or current.photos[i].hard for i in chosen) and st.button(
            "Remove its notes",
            key=f"notes_{key}",
            icon=":material/backspace:",
            help="Second classes, and that it is hard.",
        ):
            decided |= decide(partial(decisions.forget_notes, current, chosen))
        for label, letter, icon, words, make in _BUTTONS:
            if st.button(
                f"{label}{many}",
                key=f"{label}_{key}",
                icon=icon,
                shortcut=letter if keys else None,
                help=words,
            ):
                decided |= decide(partial(make, current, chosen))
    return decided | _class_row(inspection, chosen, key, keys)


_BUTTONS = (
    (
        "Leave out",
        "X",
        ":material/visibility_off:",
        "It takes no part in the next training.",
        remedies.leave_out,
    ),
    (
        "Fair, a hard one",
        "H",
        ":material/thumb_up:",
        "The label is right; it is not asked again.",
        decisions.mark_hard,
    ),
)


def undo(inspection: Inspection, key: str, keys: bool = False) -> bool:
    """Takes the last decision made here back; returns whether that was done just now."""
    current = inspection.current
    decided = session.get(session.DECIDED) or ()
    if current is None or (str(current.folder), current.version) not in decided:
        return False
    last = store.history(current.folder).version(current.version)
    if st.button(
        "Undo",
        key=f"undo_{key}",
        icon=":material/undo:",
        type="tertiary",
        shortcut="U" if keys else None,
        help=safe_text.markdown(last.sentence),
    ):
        try:
            sentence = f"Taken back: {store.undo(current.folder, current.version)}"
        except ChangedElsewhereError as error:
            sentence = str(error)
        session.put(session.TOLD, sentence)
        return True
    return False


def decide(make: Callable[[], Change]) -> bool:
    """Makes a change and a version of it; what cannot be done is said where the button is."""
    try:
        change = make()
        new = store.commit(change.dataset, change.sentence)
    except ImgclfError as error:
        st.error(safe_text.markdown(str(error), longest=1000))
        return False
    made = (str(new.folder), new.version)
    session.put(session.DECIDED, (*(session.get(session.DECIDED) or ()), made))
    session.put(session.TOLD, change.sentence)
    return True


def tell() -> None:
    """Says what was decided last, once; before the page is drawn anew it would not be seen."""
    sentence = session.take(session.TOLD)
    if sentence:
        st.toast(safe_text.markdown(sentence))


def _class_row(inspection: Inspection, chosen: Sequence[int], key: str, keys: bool) -> bool:
    """Moving to a class: by number keys where there are few, and by a box."""
    current, decided = inspection.current, False
    names = current.class_names
    own_photo = current.photos[chosen[0]].file if keys else ""  # the next photo begins anew
    # A class keeps its number when others come or go.
    numbered = list(dict.fromkeys([*inspection.class_names, *names]))[:MOST_KEYS]
    own = {current.class_of(current.photos[i]) for i in chosen}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if len(names) <= MOST_KEYS:
            st.caption("The label is wrong, it is", width="content")
            for number, name in enumerate(numbered, start=1):
                if name in names and st.button(
                    safe_text.markdown(safe_text.clean(name, 24)),
                    key=f"class_{number}_{key}",
                    shortcut=str(number) if keys else None,
                    disabled=own == {name},
                ):
                    decided |= decide(partial(decisions.move, current, chosen, name))
        wanted = st.selectbox(
            "Another class",
            list(names),
            index=None,
            key=f"wanted_{key}_{current.version}_{own_photo}",
            accept_new_options=True,
            placeholder="A class, or type a new one",
            label_visibility="collapsed",
            width=230,
        )
        if st.button(
            "The label is wrong, it is this",
            key=f"move_{key}",
            disabled=not wanted,
            icon=":material/drive_file_move:",
        ):
            decided |= decide(partial(decisions.move, current, chosen, wanted))
        if st.button(
            "It also shows this",
            key=f"also_{key}",
            icon=":material/add:",
            disabled=wanted not in names,
            help="A second class: guessing it counts as right in the accuracy with tags.",
        ):
            decided |= decide(partial(decisions.also_shows, current, chosen, wanted))
    return decided
