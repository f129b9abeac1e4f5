"""The first half of the report: what the network gets right, and what not.

Photos are in `reports/photos.py`; data and how to repeat it in `reports/sections_data.py`.
"""

import time

import numpy as np

from imgclf_core.networks import catalogue
from imgclf_core.reports import drawing, figures, figures_scores, markup, tables, words
from imgclf_core.reports.report_data import Gathered
from imgclf_core.support import safe_text
from imgclf_core.training import summary

_MOST_PAIRS = 10
_MOST_BARS = 30


def title(gathered: Gathered, made: float) -> str:
    """Network, data set and dates."""
    run = gathered.run
    network = catalogue.WORDS[run.settings.model]
    return f"<h1>{markup.text(network)} on {markup.name(run.dataset_name)}</h1>" + markup.paragraph(
        f"Run {markup.name(run.name)}, trained on {date(run.created)}.",
        f"Report of {date(made)}.",
        kind="quiet",
    )


def answer(gathered: Gathered) -> str:
    """The answer in one sentence, four figures, and what they mean."""
    result = gathered.result.figures
    low, high = result.interval
    cards = (
        ("Accuracy", words.percent(result.accuracy)),
        ("Likely between", f"{low:.1%} – {high:.1%}"),
        ("Always the largest class (baseline)", words.percent(result.baseline)),
        ("Each class alike (balanced accuracy)", words.percent(result.balanced_accuracy)),
    )
    shown = "".join(
        f"<div><b>{markup.text(value)}</b><small>{markup.text(term)}</small></div>"
        for term, value in cards
    )
    always = (
        f"Always guessing <i>{markup.name(result.baseline_class)}</i> would get "
        f"{words.percent(result.baseline)}."
    )
    return (
        markup.paragraph(markup.text(words.answer(gathered)), always, kind="answer")
        + f'<div class="figures">{shown}</div>'
        + markup.paragraph(markup.text(words.likely(result)), markup.text(words.meaning(result)))
        + markup.paragraph(markup.text(words.second_tags(gathered)))
        + _warning(words.caution(gathered.result.side))
        + "".join(_warning(said) for said in summary.warnings(gathered.report, gathered.names))
        + _warning(gathered.run.note)
    )


def matrix(gathered: Gathered) -> str:
    """The confusion matrix and the most confused pairs."""
    count = len(gathered.names)
    if count <= figures.MOST_WITH_NUMBERS:
        drawn = _matrix_table(gathered)
        how = "Rows are true classes, columns are guesses; below each count its share of the row."
    else:
        svg = drawing.svg(lambda: figures.confusion_matrix(gathered), "confusion_matrix")
        drawn = markup.figure(svg, f"Confusion matrix of {count} classes, as colours")
        how = (
            "Rows are true classes, columns are guesses; the darker, the larger the share of the "
            "row. All counts are in <code>confusion_matrix.csv</code>."
        )
    pairs = tables.confused_pairs(gathered)
    if not pairs.rows:
        below = markup.paragraph("Nothing was taken for anything else.")
    else:
        below = markup.heading("Most often confused") + markup.table(pairs, _MOST_PAIRS)
    return markup.section(
        "matrix", "Which were taken for which", markup.paragraph(how), drawn, below
    )


def per_class(gathered: Gathered) -> str:
    """Precision, recall, F1, support and areas of each class."""
    how = markup.paragraph(
        "Precision: of the photos guessed so, the share that is. Recall: of the photos of the "
        "class, the share that was found. F1 lies between the two. The areas are explained below."
    )
    drawn = ""
    if len(gathered.names) <= _MOST_BARS:
        svg = drawing.svg(lambda: figures.per_class(gathered), "per_class")
        drawn = markup.figure(svg, "Precision and recall of each class; the table has them too")
    table = markup.table(tables.per_class(gathered), emphasised=2)
    return markup.section("classes", "Each class", how, table, drawn)


def training(gathered: Gathered) -> str:
    """The curves, and what they say."""
    ended = [markup.text(said) for said in summary.after(gathered.report)]
    if not gathered.history:
        said = markup.paragraph("Its last layer was computed in one step, so there are no curves.")
        return markup.section("training", "How it learnt", said)
    svg = drawing.svg(lambda: figures.training_curves(gathered), "training_curves")
    count = len(gathered.history)
    drawn = markup.figure(
        svg,
        f"Right answers and loss over {count} epochs, for training and validation",
        "The ring marks the best epoch, which was kept. All epochs are in "
        "<code>history.csv</code>.",
    )
    sentence = markup.paragraph(markup.text(summary.sentence(gathered.history)), *ended)
    return markup.section("training", "How it learnt", sentence, drawn)


def confidence(gathered: Gathered) -> str:
    """Reliability diagram, calibration error and coverage."""
    svg = drawing.svg(lambda: figures_scores.reliability(gathered), "reliability")
    calibration = gathered.result.calibration
    after, before = gathered.after.error, gathered.before.error
    error = f"{after:.3f} (before temperature scaling {before:.3f})"
    pairs = [
        ("Expected calibration error", error),
        ("Log loss", f"{gathered.result.figures.log_loss:.3f}"),
        (
            "Temperature",
            f"{calibration.temperature:.3f}, found with "
            f"{calibration.fitted_on:,} validation photos",
        ),
        (
            "Threshold",
            f"{calibration.threshold:.0%}" if calibration.threshold else "none: it always answers",
        ),
    ]
    drawn = markup.figure(
        svg,
        "Share of right answers by score, and what is answered for each threshold",
        "Left: numbers are photos; bars that reach the line mean scores one can believe. Right: "
        "what is left when unsure photos are not answered.",
    )
    said = markup.paragraph(
        markup.text(words.confidence(gathered)), markup.text(words.threshold(gathered))
    )
    return markup.section(
        "confidence", "Can its confidence be believed?", said, drawn, markup.facts(pairs)
    )


def ranking(gathered: Gathered) -> str:
    """ROC and precision-recall curves."""
    said = markup.paragraph(
        "How well the score of a class sorts its photos before all others, whatever the threshold. "
        "The number behind each name is the area below its curve: 1 is perfect, and an area under "
        "ROC of 0.5 is chance."
    )
    known = [pair for pair in gathered.rankings if not np.isnan(pair[0].area)]
    if not known:
        said += markup.paragraph("There are photos of one class only, so there is no curve.")
        return markup.section("ranking", "Each class against the rest", said)
    svg = drawing.svg(lambda: figures_scores.ranking(gathered), "ranking")
    rest = (
        "" if len(known) <= figures_scores.MOST_NAMED_CURVES else "The classes with the least area."
    )
    drawn = markup.figure(svg, "ROC and precision-recall curves; the table has the areas", rest)
    return markup.section("ranking", "Each class against the rest", said, drawn)


def date(seconds: float) -> str:
    """A day, in words."""
    return time.strftime("%d %B %Y", time.localtime(seconds)).lstrip("0")


def _warning(sentence: str) -> str:
    return markup.paragraph(markup.text(safe_text.clean(sentence, 600)), kind="warning")


def _matrix_table(gathered: Gathered) -> str:
    names, counts = gathered.names, gathered.result.figures.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    head = "".join(f'<th scope="col">{markup.name(name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{markup.name(name)}</th>'
        + "".join(_cell(int(n), float(share)) for n, share in zip(*row, strict=True))
        + "</tr>"
        for name, *row in zip(names, counts, shares, strict=True)
    )
    kind = "wide matrix many" if len(names) > 8 else "wide matrix"
    return (
        f'<div class="{kind}"><table><thead><tr><th scope="col">true class \\ guess</th>{head}'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(count: int, share: float) -> str:
    background = figures.cell_colour(share)
    below = f"<small>{share:.0%}</small>" if count else ""
    look = f"background:{background};color:{figures.ink(share)}"
    return f'<td style="{look}">{count:,}{below}</td>'
