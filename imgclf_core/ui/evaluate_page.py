"""The parts of the Evaluate page."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core import charts, naming
from imgclf_core.data.dataset import Dataset
from imgclf_core.data.layout import TEST
from imgclf_core.errors import DatasetError
from imgclf_core.evaluation import mistakes, results
from imgclf_core.evaluation.predictions import Predictions
from imgclf_core.evaluation.results import Result
from imgclf_core.training.run import Run
from imgclf_core.ui import comparison, frame, gallery, live, state
from imgclf_core.ui.visitor import Visit

_HISTORY_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


def headline(visit: Visit) -> Result:
    """Title, the answer in one sentence, four figures."""
    st.title("Evaluate")
    result = results.open_result(_chosen_run(visit))
    figures = result.figures
    seen = "photos it never saw" if result.side == TEST else f"{result.side} photos"
    st.write(
        f"**Right on {figures.right:,} of {figures.n:,} {seen}.** Always guessing "
        f"*{naming.markdown(figures.baseline_class)}* would get "
        f"{round(figures.baseline * figures.n):,}."
    )
    if result.side == TEST:
        _looks(visit, result.run)
    _version(visit, result.run)
    low, high = figures.interval
    with st.grid(4, min_column_width=150):
        st.metric("Accuracy", f"{figures.accuracy:.1%}", help="Share of photos guessed right.")
        st.metric(
            "Likely between", f"{low:.0%} – {high:.0%}",
            help="Where the accuracy on all photos of this kind probably lies: of a hundred such "
            "intervals about 95 hold it (Wilson interval). More test photos make it narrower.",
        )  # fmt: skip
        st.metric(
            "Always the largest class", f"{figures.baseline:.1%}",
            help="What guessing the most frequent class every time would get (baseline).",
        )  # fmt: skip
        st.metric(
            "Each class alike", f"{figures.balanced_accuracy:.1%}",
            help="Mean over the classes of the share found, so that a large class does not hide "
            "a small one (balanced accuracy).",
        )  # fmt: skip
    frame.next_button(frame.CLASSIFY, "Classify new photos")
    return result


def matrix(visit: Visit, result: Result) -> None:
    """The confusion matrix; a click or two select boxes open the photos of a cell."""
    st.subheader("Which were taken for which")
    shares = st.toggle("Shares of the true class", key="matrix_shares", persist_state="session")
    names = result.run.class_names
    figure = charts.confusion_matrix(result.figures.confusion, names, shares, visit.dark)
    event = st.plotly_chart(
        figure, key=f"matrix_{result.run.id}_{shares}", on_select="rerun", selection_mode="points",
        config={"displayModeBar": False},
        alt="Confusion matrix: rows are true classes, columns are guesses; the table has it too",
    )  # fmt: skip
    points = event["selection"]["points"]
    if points:
        state.put(state.MATRIX_CELL, (int(points[0]["y"]), int(points[0]["x"])))
    st.caption("Click a square to see its photos.")
    with st.expander("As a table"):
        columns = [f"guess_{k}" for k in range(len(names))]
        table = pd.DataFrame(result.figures.confusion, columns=columns)
        table.insert(0, "true \\ guess", list(names))
        labels = dict(zip(columns, names, strict=True))  # two names may read the same
        st.dataframe(table, hide_index=True, column_config=labels)


def photos_of_cell(visit: Visit, result: Result) -> None:
    """The photos of one cell, by default of the most frequent mistake."""
    names = result.run.class_names
    confusion = result.figures.confusion
    cell = state.get(state.MATRIX_CELL)
    if cell is None or max(cell) >= len(names):
        cell = _largest_mistake(confusion)
    st.subheader("Photos")
    options = range(len(names))
    columns = st.columns(2)
    # A key that names the cell lets a click on the matrix move the boxes.
    suffix = f"{result.run.id}_{cell[0]}_{cell[1]}"
    true = columns[0].selectbox(
        "True class", options, cell[0], format_func=names.__getitem__, key=f"true_{suffix}"
    )
    guess = columns[1].selectbox(
        "Guess", options, cell[1], format_func=names.__getitem__, key=f"guess_{suffix}"
    )
    state.put(state.MATRIX_CELL, (true, guess))
    answers = result.answers
    members = np.flatnonzero((answers.labels == true) & (answers.guesses == guess))
    order = members[np.argsort(-answers.scores[members, guess], kind="stable")]
    if not len(order):
        st.caption("No photo here.")
        return
    dataset = _dataset(visit, result.run)
    shown = order[gallery.page_of(len(order), f"cell_{suffix}_{true}_{guess}", 9)]
    cards = [
        _card(dataset, answers, i, f"guess {answers.scores[i, guess]:.3f}",
              *([f"true {answers.scores[i, true]:.3f}"] if true != guess else []))
        for i in shown
    ]  # fmt: skip
    gallery.show(cards, columns=3)


def tabs(visit: Visit, result: Result) -> None:
    """Mistakes, figures a class, curves, comparison."""
    wrong = mistakes.find_mistakes(result.answers, result.run.class_names)
    names = [f"Mistakes · {len(wrong)}", "Each class", "Curves", "Compare"]
    first, second, third, fourth = st.tabs(names, key="evaluate_tabs", on_change="rerun")
    if first.open:
        with first:
            _mistakes(visit, result, wrong)
    if second.open:
        with second:
            _per_class(visit, result)
    if third.open:
        with third:
            _curves(visit, result.run)
    if fourth.open:
        with fourth:
            comparison.show(visit, result)


def _looks(visit: Visit, run: Run) -> None:
    """How many runs have been judged by the sealed test photos."""
    run.open_test()
    same = [other for other in visit.workspace.runs() if other.dataset == run.dataset]
    count = sum(other.test_opened for other in same)
    if count > 1:
        st.caption(
            f"{count} runs have been looked at on these test photos. The more one chooses by "
            "them, the less their score says of new photos; choose by validation."
        )


def _version(visit: Visit, run: Run) -> None:
    """Says so where the photos were changed since."""
    dataset = visit.dataset
    if dataset and dataset.id == run.dataset.name and dataset.version != run.dataset_version:
        st.caption(
            f"Trained and tested on version {run.dataset_version} of the photos, which it keeps; "
            f"version {dataset.version} is open now."
        )


def _chosen_run(visit: Visit) -> Run:
    finished = [run for run in visit.workspace.runs() if run.finished]
    current = visit.run
    if len(finished) == 1:
        return current
    ids = [run.id for run in finished]
    labels = {run.id: f"{run.name} · {run.dataset_name}" for run in finished}
    # The key names the open run, so that opening another one elsewhere moves the box too.
    chosen = st.selectbox(
        "Run", ids, ids.index(current.id), format_func=labels.get,
        key=f"evaluated_run_{current.id}",
    )  # fmt: skip
    if chosen != current.id:
        state.forget(state.MATRIX_CELL)  # a cell of the other run
        dataset = next(run.dataset.name for run in finished if run.id == chosen)
        visit.workspace.remember(run=chosen, dataset=dataset)
        st.rerun()
    return current


def _dataset(visit: Visit, run: Run) -> Dataset | None:
    """The photos the run was trained on, or None where they were deleted."""
    try:
        return visit.workspace.dataset(run.dataset.name, run.dataset_version)
    except DatasetError:
        st.caption("The photos of this run were deleted; the figures remain.")
        return None


def _card(dataset: Dataset | None, answers: Predictions, i: int, *lines: str) -> gallery.Card:
    file, name = str(answers.files[i]), str(answers.names[i])
    return gallery.file_card(dataset, file, name, *lines)


def _largest_mistake(confusion: np.ndarray) -> tuple[int, int]:
    off = confusion - np.diag(np.diag(confusion))
    cell = np.unravel_index(off.argmax() if off.any() else confusion.argmax(), off.shape)
    return int(cell[0]), int(cell[1])


def _mistakes(visit: Visit, result: Result, wrong: list[mistakes.Mistake]) -> None:
    if not wrong:
        st.success(f"No mistakes on these {result.figures.n:,} photos.")
        return
    st.caption("Worst first: the truth got least against the guess.")
    dataset = _dataset(visit, result.run)
    shown = wrong[gallery.page_of(len(wrong), f"mistakes_{result.run.id}", 12)]
    gallery.show(
        [
            gallery.file_card(
                dataset, m.file, m.name,
                f"is {m.true_class}: {m.true_score:.3f}", f"guess {m.guess}: {m.guess_score:.3f}",
            )
            for m in shown
        ],
        columns=6,
        narrowest=140,
    )  # fmt: skip
    table = pd.DataFrame([asdict(m) for m in wrong]).drop(columns="file")
    for column in ("name", "true_class", "guess"):
        table[column] = table[column].map(naming.csv_cell)
    st.download_button(
        "Download the mistakes", table.to_csv(index=False), "mistakes.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _per_class(visit: Visit, result: Result) -> None:
    figures = result.figures
    rows = [asdict(f) for f in (*figures.per_class, *figures.averages)]
    table = pd.DataFrame(rows).rename(
        columns={"name": "Class", "precision": "Precision", "recall": "Recall", "f1": "F1",
                 "support": "Photos"}
    )  # fmt: skip
    number = st.column_config.NumberColumn
    st.dataframe(
        table, hide_index=True, height="content",
        column_config={
            "Precision": number(format="%.3f", help="Of the photos guessed so, the share that is."),
            "Recall": number(format="%.3f", help="Of the photos of this class, the share found."),
            "F1": number(format="%.3f", help="Between the two: their harmonic mean."),
            "Photos": number(help="Photos of this class that were tested (support)."),
        },
    )  # fmt: skip
    shares = {"precision": [f.precision for f in figures.per_class],
              "recall": [f.recall for f in figures.per_class]}  # fmt: skip
    figure = charts.per_class(result.run.class_names, shares, visit.dark)
    st.plotly_chart(
        figure, key="per_class", config={"displayModeBar": False},
        alt="Precision and recall of each class; the table above has them too",
    )  # fmt: skip


def _curves(visit: Visit, run: Run) -> None:
    history = run.history()
    live.curve_charts(run, history, visit.dark)
    table = pd.DataFrame(history)[list(_HISTORY_COLUMNS)]
    with st.expander("As a table"):
        st.dataframe(table, hide_index=True)
    st.download_button(
        "Download history.csv", table.to_csv(index=False), "history.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
