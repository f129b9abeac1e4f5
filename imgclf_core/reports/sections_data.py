"""The second half of the report: the photos, how to repeat the work, and what words mean."""

from collections import Counter

from imgclf_core import __version__
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import SIDES
from imgclf_core.networks import weights
from imgclf_core.reports import glossary, markup, repeat, tables
from imgclf_core.reports.report_data import Gathered
from imgclf_core.reports.tables import Table
from imgclf_core.runs import settings as settings_module

_MOST_REASONS = 8


def division(gathered: Gathered) -> str:
    """Photos of each class and side, what was left out, receipts and notes."""
    table = markup.table(tables.division(gathered), emphasised=1)
    said = markup.paragraph(
        "The network learns from the training photos, the validation photos choose its best "
        "moment, and the test photos are kept sealed for the score. Photos that are nearly the "
        "same are never on two sides."
    )
    if gathered.dataset is None:
        gone = markup.paragraph(
            "The data set was deleted since, so its photos, receipts and notes cannot be told any "
            "more.",
            kind="warning",
        )
        return markup.section("data", "The photos", said, gone, table)
    return markup.section(
        "data", "The photos", said, table, markup.facts(_about(gathered, gathered.dataset))
    )


def repetition(gathered: Gathered) -> str:
    """Everything that the result follows from, and the command that makes it again."""
    run, dataset = gathered.run, gathered.dataset
    start = start_of(gathered)
    source = repeat.source(run, dataset)
    parts = [markup.heading("What it follows from"), markup.facts(_facts(gathered, start))]
    if start:
        shell = repeat.in_shell(repeat.command(run, source, start))
        line = " ".join(f"<span>{markup.text(word)}</span>" for word in shell)
        parts += [
            markup.heading("The command"),
            f"<pre>{line}</pre>",
            markup.paragraph(markup.text(source.sentence), _weights_hint(gathered)),
            markup.paragraph(
                "On another machine or with other versions the last digits may differ.",
                kind="quiet",
            ),
        ]
    chosen = [
        (
            name,
            markup.text(value)
            + "".join(f" ({start.words}: {markup.text(one)})" for one in other if one),
        )
        for name, value, *other in settings(gathered).rows
    ]
    parts += [markup.heading("All settings"), markup.facts(chosen, "columns settings")]
    return markup.section("repeat", "How to repeat it", *parts)


def settings(gathered: Gathered) -> Table:
    """Every setting, beside what the preset or recipe has where that is something else."""
    run, start = gathered.run, start_of(gathered)
    differing = settings_module.differences(start.settings, run.settings) if start else {}
    rows = [
        (
            name.replace("_", " "),
            repeat.shown_value(name, value),
            repeat.shown_value(name, differing[name][0]) if name in differing else "",
        )
        for name, value in run.settings.to_json().items()
    ]
    if not start or not differing:
        return tables.of_words("settings", ("setting", "value"), [row[:2] for row in rows])
    return tables.of_words("settings", ("setting", "value", f"{start.words} has"), rows)


def start_of(gathered: Gathered) -> repeat.Start | None:
    """The preset or recipe that the settings are told from."""
    photos = repeat.training_photos(gathered.dataset, gathered.everything)
    return repeat.nearest_start(gathered.run.settings, photos)


def words(_: Gathered) -> str:
    """The glossary."""
    terms = [(term, markup.text(meaning)) for term, meaning in glossary.TERMS.items()]
    return markup.section("words", "Words", markup.facts(terms, "columns"))


def _about(gathered: Gathered, dataset: Dataset) -> list[tuple[str, str]]:
    receipt = dataset.receipt
    received = f"{receipt.received:,} files, of which {receipt.taken:,} were taken as photos"
    reasons = Counter(reason for _, reason in receipt.skipped).most_common()
    skipped = [f"{count:,}: {markup.name(reason, 200)}" for reason, count in reasons]
    left = Counter(item.reason for item in dataset.left_out).most_common()
    left_out = [f"{count:,}: {markup.name(reason, 200)}" for reason, count in left]
    small = [name for name in dataset.class_names if name not in gathered.run.class_names]
    pairs = [
        ("Data set", f"{markup.name(dataset.name)}, version {dataset.version}"),
        ("Received", received),
        ("Skipped", _list(skipped)),
        ("Left out", _list(left_out)),
        ("Classes that took no part", ", ".join(map(markup.name, small)) or "none"),
        ("Divided", _divided(dataset)),
        ("Source", _note(dataset.source_note)),
        ("Rights", _note(dataset.rights_note)),
    ]
    if receipt.notes:
        pairs.insert(4, ("Notes", _list([markup.name(note, 400) for note in receipt.notes])))
    return pairs


def _facts(gathered: Gathered, start: repeat.Start | None) -> list[tuple[str, str]]:
    run = gathered.run
    found = repeat.data_hash(gathered.everything, run.class_names)
    return [
        (
            "Photos",
            f"{markup.name(run.dataset_name)}, version {run.dataset_version}, "
            f"{len(gathered.everything):,} photos took part",
        ),
        (
            "Hash of the photos",
            f"<code>{found}</code><br>SHA-256 of one line a photo, sorted: its "
            "own SHA-256, class and side as a JSON list",
        ),
        ("Split", _split(gathered)),
        ("Settings", markup.text(_begun(gathered, start))),
        ("Seed", str(run.settings.seed)),
        ("Weights", _weights(gathered)),
        (
            "Libraries",
            markup.text(", ".join(f"{k} {v}" for k, v in sorted(run.versions.items())))
            or "not kept",
        ),
        ("Report by", f"imgclf {markup.text(__version__)}"),
    ]


def _begun(gathered: Gathered, start: repeat.Start | None) -> str:
    in_short = gathered.run.settings.in_short
    if start is None:
        return f"{in_short}; no command can give exactly these, see the table"
    count = len(settings_module.differences(start.settings, gathered.run.settings))
    differing = "nothing changed" if not count else f"{count} changed, see the table"
    return f"{start.words}, {differing}: {in_short}"


def _split(gathered: Gathered) -> str:
    dataset = gathered.dataset
    return "not known any more" if dataset is None else _divided(dataset)


def _divided(dataset: Dataset) -> str:
    shares = ", ".join(f"{dataset.shares[side]:.0%} {side}" for side in SIDES)
    drawn = f"at random with seed {dataset.seed}, to about {shares}"
    return f"as the data came; what was open, {drawn}" if dataset.divided else drawn


def _weights(gathered: Gathered) -> str:
    kept = gathered.run.weights
    if not kept:
        return "none: it began knowing nothing"
    note = f"<br>{markup.name(kept['note'], 400)}" if kept.get("note") else ""
    return (
        f"{markup.text(kept.get('source', ''))}, SHA-256 "
        f"<code>{markup.text(kept.get('sha256', ''))}</code>{note}"
    )


def _weights_hint(gathered: Gathered) -> str:
    run = gathered.run
    source = run.weights.get("source")
    if run.settings.weights != weights.AUTO or source not in (weights.SHIPPED, weights.IMAGENET):
        return ""
    return (
        "Which weights 'auto' finds depends on what can be downloaded; add "
        f"<code>--weights {source}</code> to have the same for sure."
    )


def _note(text: str) -> str:
    return markup.name(text, 2000) if text.strip() else "not told"


def _list(items: list[str]) -> str:
    if not items:
        return "none"
    rest = len(items) - _MOST_REASONS
    shown = "<br>".join(items[:_MOST_REASONS])
    return f"{shown}<br>and {rest:,} other reasons" if rest > 0 else shown
