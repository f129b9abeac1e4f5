"""Two runs of the same photos side by side, on the Evaluate page."""

import streamlit as st

from imgclf_core import charts, naming
from imgclf_core.evaluation import results
from imgclf_core.evaluation.results import Result
from imgclf_core.ui import live
from imgclf_core.ui.visitor import Visit


def show(visit: Visit, result: Result) -> None:
    """Another run of the same photos beside this one."""
    others = _others(visit, result)
    if not others:
        st.write("Train a second network on the same photos to see the two side by side.")
        st.caption("Runs on other versions of the photos count only if their test is the same.")
        return
    chosen = st.selectbox(
        "Compare with", list(others), format_func=lambda name: others[name].run.name,
        key="compared_run",
    )  # fmt: skip
    other = others[chosen]
    pair = (result, other)
    titles = [one.run.name if result.run.name != other.run.name else one.run.id for one in pair]
    for column, one, title in zip(st.columns(2), pair, titles, strict=True):
        with column:
            st.markdown(f"**{naming.markdown(title)}**")
            _summary(one)
            figure = charts.confusion_matrix(
                one.figures.confusion, one.run.class_names, False, visit.dark
            )
            st.plotly_chart(
                figure, key=f"compare_{one.run.id}", config={"displayModeBar": False},
                alt=f"Confusion matrix of {title}",
            )  # fmt: skip
    recalls = {
        t: [f.recall for f in one.figures.per_class] for t, one in zip(titles, pair, strict=True)
    }
    st.markdown("**Share of each class that was found** (recall)")
    st.plotly_chart(
        charts.per_class(result.run.class_names, recalls, visit.dark), key="compare_recall",
        config={"displayModeBar": False}, alt="Recall of each class for both runs",
    )  # fmt: skip
    _differences(*pair)


def _others(visit: Visit, result: Result) -> dict[str, Result]:
    """Results of other runs on the same photos, by the name of the run."""
    found = {}
    for run in visit.workspace.runs():
        if run.finished and run.id != result.run.id and run.dataset == result.run.dataset:
            other = results.open_result(run, result.side)
            if results.comparable(result, other):
                found[run.id] = other
    return found


def _summary(one: Result) -> None:
    report, figures = one.run.report(), one.figures
    low, high = figures.interval
    st.write(f"Right on **{figures.right} of {figures.n}**: {figures.accuracy:.1%}")
    st.caption(
        f"likely between {low:.0%} and {high:.0%}; {report['epochs_run']} epochs in "
        f"{live.duration(report['seconds']['total'])}"
    )


def _differences(first: Result, second: Result) -> None:
    only_first, only_second = results.right_only_by_one(first, second)
    st.write(
        f"On the same photos, **{only_first}** were guessed right only by the first and "
        f"**{only_second}** only by the second."
    )
