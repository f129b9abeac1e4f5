"""Labels that look wrong, as a queue to work through."""

import streamlit as st

from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.label_issues.label_job import Judged
from imgclf_core.datasets.split import TEST
from imgclf_core.support.wording import count
from imgclf_core.ui import job_cards
from imgclf_core.ui.evaluate import photos
from imgclf_core.ui.evaluate.inspection import Inspection
from imgclf_core.workspaces import job_requests

_WORTH_A_LOOK, _ALL = "worth a look", "all photos"


def show(inspection: Inspection) -> None:
    """The queue, most doubtful first."""
    dataset = inspection.current
    if dataset is None:
        st.caption("The photos of this run were deleted.")
        return
    st.subheader("Labels that look wrong")
    judged = job_cards.result(
        dataset.folder / label_job.FOLDER,
        lambda: job_requests.rank_labels(dataset),
        lambda: label_job.load(dataset),
        "Each photo is judged by a simple model that has not learnt from it, on what a fixed "
        "network sees: so a network that has learnt the wrong labels cannot hide them.",
        "Look for wrong labels",
        "Judging every label",
        label_job.seconds(dataset),
    )
    if judged is not None:
        _queue(inspection, judged)


def _queue(inspection: Inspection, judged: Judged) -> None:
    waiting = judged.still_open(inspection.current)
    flagged = [i for i in waiting if judged.issues.flagged[i]]
    st.write(
        f"**{count(len(flagged), 'label')} worth a look**, out of {len(judged.files):,}. Most "
        "doubtful first; the suggestion is often right, and you know better."
        if flagged
        else "**No label stands out.** Most doubtful first, all the same."
    )
    wanted = st.segmented_control(
        "Show",
        (_WORTH_A_LOOK, _ALL),
        default=_WORTH_A_LOOK if flagged else _ALL,
        key=f"labels_show_{bool(flagged)}",
        required=True,
        label_visibility="collapsed",
    )
    members = flagged if wanted == _WORTH_A_LOOK else waiting
    place = {judged.files[i]: i for i in members}
    guesses, names = judged.issues.suggestions, judged.names_now(inspection.current)
    suggestions = {
        file: names[guesses[i]]
        for file, i in place.items()
        if guesses[i] != judged.labels[i] and names[guesses[i]] in inspection.current.class_names
    }
    photos.show(
        inspection,
        list(place),
        lambda seen, file: _lines(seen, judged, names, place[file]),
        f"labels_{wanted}",
        suggestions=suggestions,
    )
    st.caption(
        "Corrections make a new version of the photos, also of test photos; *Compare* then shows "
        "three scores apart: the old model, the new one on the same labels, and the new one on "
        "the corrected labels."
    )
    _judge_again(inspection, judged)


def _lines(seen: Inspection, judged: Judged, names: tuple[str, ...], i: int) -> tuple[str, ...]:
    scores = judged.issues.out_of_fold[i]
    label, looks = judged.labels[i], judged.issues.suggestions[i]
    photo = seen.now.get(judged.files[i])
    name = photo.name if photo else judged.files[i]
    lines = [name, f"is {names[label]}: {scores[label]:.3f}"]
    if looks != label:
        lines.append(f"looks like {names[looks]}: {scores[looks]:.3f}")
    if photo and photo.side == TEST:
        lines.append("a test photo")
    decided = seen.decided(judged.files[i], names[label])
    return (*lines, decided) if decided else tuple(lines)


def _judge_again(inspection: Inspection, judged: Judged) -> None:
    """Once labels were changed, the models could learn from better ones."""
    dataset = inspection.current
    before = dict(zip(judged.files, judged.labels.tolist(), strict=True))
    names = judged.names_now(dataset)
    same = sum(
        photo.file in before and names[before[photo.file]] == dataset.class_of(photo)
        for photo in dataset.photos
    )
    if same == len(dataset.photos) == len(judged.files):
        return
    if st.button(
        "Judge again",
        key="judge_again",
        icon=":material/refresh:",
        help="Your decisions are taken into account, and new photos are judged too.",
    ):
        job_requests.rank_labels(dataset)
        st.rerun()
