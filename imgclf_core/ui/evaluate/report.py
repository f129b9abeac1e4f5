"""For a report: figures of each class, curves over thresholds, the training, the files."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis import selection
from imgclf_core.charts.confidence import score_bins
from imgclf_core.charts.confusion import per_class_bars
from imgclf_core.charts.ranking import precision_recall_curve, roc_curve
from imgclf_core.metrics import ranking, reliability
from imgclf_core.reports import write
from imgclf_core.runs import run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.support import file_system, safe_text
from imgclf_core.ui import downloads, job_cards
from imgclf_core.ui.evaluate import doors, photos
from imgclf_core.ui.evaluate.inspection import Inspection
from imgclf_core.workspaces import job_requests

_CLASS_PLACE, _CURVE_PLACE = "class", "curve"
_MOST_BARS = 20
_HISTORY_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


def show(inspection: Inspection) -> None:
    """Each class, its curves, the training, and everything as files."""
    _classes(inspection)
    st.divider()
    _curves(inspection)
    st.divider()
    st.subheader("How it learnt")
    _training(inspection.run, inspection.visit.dark)
    st.divider()
    _files(inspection)


def _classes(inspection: Inspection) -> None:
    figures, names = inspection.result.figures, inspection.class_names
    st.subheader("Each class")
    left, right = st.columns([3, 2], gap="large")
    with left:
        table = pd.DataFrame([asdict(f) for f in (*figures.per_class, *figures.averages)])
        table = table.rename(
            columns={
                "name": "Class",
                "precision": "Precision",
                "recall": "Recall",
                "f1": "F1",
                "support": "Photos",
            }
        )
        number = st.column_config.NumberColumn
        st.dataframe(
            table,
            hide_index=True,
            height="content" if len(names) <= 20 else 500,
            column_config={
                "Precision": number(
                    format="%.3f", help="Of the photos guessed so, the share that is."
                ),
                "Recall": number(
                    format="%.3f", help="Of the photos of this class, the share found."
                ),
                "F1": number(format="%.3f", help="Between the two: their harmonic mean."),
                "Photos": number(help="Photos of this class that were tested (support)."),
            },
        )
        _class_bars(inspection)
    with right:
        _photos_of_class(inspection)


def _class_bars(inspection: Inspection) -> None:
    """Precision and recall; of very many classes those that are found worst."""
    per_class, names = inspection.result.figures.per_class, inspection.class_names
    shown = list(range(len(names)))
    if len(names) > _MOST_BARS:
        shown = sorted(sorted(shown, key=lambda k: per_class[k].f1)[:_MOST_BARS])
        st.caption(f"The {_MOST_BARS} classes with the lowest F1.")
    shares = {
        "precision": [per_class[k].precision for k in shown],
        "recall": [per_class[k].recall for k in shown],
    }

    def door_of(points) -> doors.Door:
        kind = "guessed" if points[0]["curve_number"] == 0 else "of class"
        return (kind, shown[int(points[0]["point_index"])])

    doors.chart(
        inspection,
        per_class_bars([names[k] for k in shown], shares, inspection.visit.dark),
        _CLASS_PLACE,
        "per_class",
        door_of,
        "Precision and recall of each class; the table above has them too",
    )


def _photos_of_class(inspection: Inspection) -> None:
    answers, names = inspection.result.answers, inspection.class_names
    hardest = int(
        np.argmin([f.f1 if f.support else np.inf for f in inspection.result.figures.per_class])
    )
    kind, label = doors.opened(inspection, _CLASS_PLACE, ("of class", hardest))
    label = min(label, len(names) - 1)
    chosen = st.selectbox(
        "Class",
        range(len(names)),
        label,
        format_func=names.__getitem__,
        key=doors.place(inspection, f"class_box_{kind}_{label}"),
    )
    if chosen != label:
        doors.open_(inspection, _CLASS_PLACE, (kind, chosen))
        st.rerun()
    found = (
        selection.guessed(answers, label)
        if kind == "guessed"
        else (selection.of_class(answers, label))
    )
    title = f"Guessed {names[label]}" if kind == "guessed" else f"All {names[label]}"
    photos.answered(
        inspection,
        title,
        found,
        f"{_CLASS_PLACE}_{kind}_{label}",
        photos.BESIDE_A_CHART,
    )


def _curves(inspection: Inspection) -> None:
    answers, names, dark = inspection.result.answers, inspection.class_names, inspection.visit.dark
    st.subheader(
        "Scores of one class",
        help="ROC and precision-recall curves: what would be "
        "found, and what taken for it by mistake, if every photo with at least a certain "
        "score for the class counted as it. Click a point or a bar.",
    )
    label = st.selectbox(
        "Scores of",
        range(len(names)),
        format_func=names.__getitem__,
        key=f"curve_class_{inspection.run.id}",
        width=300,
    )
    own, scores = answers.labels == label, answers.scores[:, label]
    roc, recall = ranking.roc(own, scores), ranking.precision_recall(own, scores)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if np.isnan(roc.area):
            st.caption("This class has no photo here, or no other class has.")
            return

        def at_least(points) -> doors.Door | None:
            data = points[0].get("customdata")
            return ("at least", label, float(data[0])) if data else None

        def in_bin(points) -> doors.Door:
            number, is_class, _ = points[0]["customdata"]
            return ("scores", label, int(number), bool(is_class))

        for name, figure in (
            ("roc", roc_curve(roc, names[label], dark)),
            ("recall", precision_recall_curve(recall, names[label], dark)),
        ):
            doors.chart(
                inspection,
                figure,
                _CURVE_PLACE,
                f"{name}_{label}",
                at_least,
                f"{name} curve; area below",
            )
        st.markdown("**How the scores lie**")
        bins = [
            np.bincount(reliability.bin_of(scores[mask]), minlength=reliability.BINS)
            for mask in (own, ~own)
        ]
        doors.chart(
            inspection,
            score_bins(*bins, names[label], dark),
            _CURVE_PLACE,
            f"bins_{label}",
            in_bin,
            "Photos by their score for this class",
        )
        _curve_table(answers, names)
    with right:
        _photos_of_curve(inspection, label)


def _curve_table(answers: Predictions, names: tuple[str, ...]) -> None:
    with st.expander("Areas of all classes, as a table", key="areas", on_change="rerun") as fold:
        if not fold.open:
            return
        rows = []
        for k, name in enumerate(names):
            own, scores = answers.labels == k, answers.scores[:, k]
            areas = ranking.roc(own, scores).area, ranking.precision_recall(own, scores).area
            rows.append((name, *areas))
        number = st.column_config.NumberColumn(format="%.3f")
        st.dataframe(
            pd.DataFrame(rows, columns=["Class", "Area under ROC", "Average precision"]),
            hide_index=True,
            placeholder="",
            column_config={"Area under ROC": number, "Average precision": number},
        )


def _photos_of_curve(inspection: Inspection, label: int) -> None:
    answers, name = inspection.result.answers, inspection.class_names[label]
    door = doors.opened(inspection, _CURVE_PLACE)
    if door is None or door[1] != label:
        door = ("at least", label, 0.5)
    if door[0] == "at least":
        title = f"At least {min(door[2], 1):.3f} for {name}"
        found = selection.at_least(answers, label, door[2])
    else:
        low, high = door[2] / reliability.BINS, (door[2] + 1) / reliability.BINS
        whose = name if door[3] else "other classes"
        title = f"{whose}, with {low:.0%} to {high:.0%} for {name}"
        found = selection.score_within(answers, label, door[2], door[3])
    photos.answered(inspection, title, found, "_".join(map(str, door)), photos.BESIDE_A_CHART)


def _training(run: Run, dark: bool) -> None:
    history = run_store.history(run)
    if not history:
        st.caption("This model was computed at once, without epochs.")
        return
    job_cards.curve_charts(run, history, dark)
    table = pd.DataFrame(history)[list(_HISTORY_COLUMNS)]
    with st.expander("As a table"):
        st.dataframe(table, hide_index=True)
    st.download_button(
        "Download history.csv",
        table.to_csv(index=False),
        "history.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _files(inspection: Inspection) -> None:
    """The report as one HTML file, and all figures and tables."""
    run, side = inspection.run, inspection.result.side
    st.subheader("Everything as files")
    found = job_cards.result(
        run.folder / run_store.REPORT_FOLDER,
        lambda: job_requests.write_report(run, side),
        lambda: write.files(run, side),
        "One HTML file with all figures, the worst mistakes, and how to repeat the training; it "
        "opens anywhere and prints well. And every figure as PNG, every table as CSV.",
        "Write the report",
        "Writing the report",
        8.0,
    )
    if found is None:
        return
    page, figures = found
    name = safe_text.file_name(run.name, "report")
    with st.container(horizontal=True):
        _download("Download the report", page, f"{name}-{side}.html", "text/html")
        _download("Download the figures", figures, f"{name}-{side}.zip", "application/zip")


def _download(label: str, path: Path, name: str, kind: str) -> None:
    downloads.button(label, lambda: file_system.read(path), name, kind)
