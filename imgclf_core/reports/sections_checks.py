"""What was found about labels and shortcuts, where somebody asked for it; otherwise nothing."""

from collections.abc import Sequence

from imgclf_core.analysis.robustness import interpretation
from imgclf_core.analysis.robustness.interpretation import Finding
from imgclf_core.analysis.robustness.metadata_probe import Clue
from imgclf_core.reports import markup
from imgclf_core.reports.report_data import Gathered
from imgclf_core.reports.tables import COUNT, NUMBER, SHARE, WORDS, Table

_MOST_LABELS = 20


def labels(gathered: Gathered) -> str:
    """The labels that look most wrong; empty where nobody has looked."""
    judged = gathered.judged
    if judged is None:
        return ""
    flagged = sum(bool(judged.issues.flagged[i]) for i in judged.still_open(gathered.current))
    found = (
        f"{flagged:,} of {len(judged.files):,} labels are worth a look."
        if flagged
        else "No label stands out. The most doubtful ones all the same:"
    )
    how = (
        "Each photo was judged by a simple model that has not learnt from it, on what a fixed "
        "network sees. Most doubtful first; the suggestion may be wrong, too. What was "
        "decided since is left away."
    )
    content = markup.table(label_issues(gathered), _MOST_LABELS)
    return markup.section("labels", "Labels that look wrong", markup.paragraph(found, how), content)


def shortcuts(gathered: Gathered) -> str:
    """Whether it looks at the right thing; empty where nobody has asked."""
    found = gathered.shortcuts
    if found is None:
        return ""
    summary = interpretation.summary(found)
    return markup.section(
        "shortcuts",
        "Is it looking at the right thing?",
        markup.paragraph(markup.text(summary.sentence), kind="warning" if summary.warns else ""),
        markup.heading("Asked again with changed photos"),
        markup.paragraph(markup.text(interpretation.which_photos(found))),
        _findings(interpretation.of_variations(found)),
        markup.heading("Told without looking"),
        markup.paragraph(
            "A simple model guessed the classes from what is known beside the picture. Where that "
            "works, the photos of the classes may come from different sources."
        ),
        _findings(interpretation.of_clues(found.appearance)),
    )


def every_table(gathered: Gathered) -> list[Table]:
    """The tables of both, as far as there are any."""
    made = []
    if gathered.judged is not None:
        made.append(label_issues(gathered))
    if gathered.shortcuts is not None:
        made += [variations(gathered), clues(gathered)]
    return made


def label_issues(gathered: Gathered) -> Table:
    """The whole queue, the most doubtful label first, without what was decided since."""
    judged = gathered.judged
    names, guesses, scores = (
        judged.class_names,
        judged.issues.suggestions,
        judged.issues.out_of_fold,
    )
    photos = {photo.file: photo for photo in gathered.current.photos}
    rows = tuple(
        (
            photo.name,
            photo.side,
            names[judged.labels[i]],
            float(scores[i, judged.labels[i]]),
            names[guesses[i]],
            float(scores[i, guesses[i]]),
        )
        for i in judged.still_open(gathered.current)
        for photo in (photos[judged.files[i]],)
    )
    head = ("photo", "side", "label", "score of the label", "looks like", "score of that")
    return Table("label_issues", head, (WORDS, WORDS, WORDS, NUMBER, WORDS, NUMBER), rows)


def variations(gathered: Gathered) -> Table:
    """Right answers for photos changed in each way."""
    rows = tuple(
        (one.name, one.n, one.right, one.accuracy, *one.interval, -one.loss, one.chance)
        for one in gathered.shortcuts.variations
    )
    head = (
        "photos",
        "asked",
        "right",
        "share right",
        "likely from",
        "likely to",
        "change",
        "by chance",
    )
    return Table(
        "changed_photos", head, (WORDS, COUNT, COUNT, SHARE, SHARE, SHARE, "+.1%", NUMBER), rows
    )


def clues(gathered: Gathered) -> Table:
    """Right guesses from each kind of clue beside the picture."""
    rows = tuple(
        (clue.name, clue.known, clue.n, *_guessed(clue), float(clue.baseline))
        for clue in gathered.shortcuts.appearance.clues
    )
    head = (
        "guessed from",
        "photos that have it",
        "guessed",
        "share right",
        "likely from",
        "likely to",
        "always the largest class",
    )
    return Table("without_looking", head, (WORDS, COUNT, COUNT, *[SHARE] * 4), rows)


def _guessed(clue: Clue) -> tuple[float | None, ...]:
    return (float(clue.accuracy), *clue.interval) if clue.n else (None, None, None)


def _findings(findings: Sequence[Finding]) -> str:
    """Each in its sentence; those that warn stand out."""
    return markup.facts(
        [
            (
                one.name,
                f"<b>{markup.text(one.sentence)}</b>" if one.warns else markup.text(one.sentence),
            )
            for one in findings
        ]
    )
