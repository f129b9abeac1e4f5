"""The whole report as one HTML file: which parts, in which order."""

from imgclf_core.reports import markup, photos, sections, sections_checks, sections_data, style
from imgclf_core.reports.report_data import Gathered

_PARTS = (
    sections.matrix,
    sections.per_class,
    sections.training,
    sections.confidence,
    sections.ranking,
    photos.mistakes,
    sections_checks.labels,
    sections_checks.shortcuts,
    sections_data.division,
    sections_data.repetition,
    sections_data.words,
)
_LINKS = {
    "matrix": "Confusion matrix",
    "classes": "Each class",
    "training": "Training",
    "confidence": "Confidence",
    "ranking": "ROC and precision",
    "mistakes": "Mistakes",
    "labels": "Labels",
    "shortcuts": "Shortcuts",
    "data": "Photos",
    "repeat": "Repeat it",
    "words": "Words",
}


def render(gathered: Gathered, made: float) -> str:
    """The page; the same for the same run, but for the date.

    Args:
        gathered: What it tells of.
        made: When, in seconds since 1970.
    """
    body = "\n".join(part(gathered) for part in _PARTS)
    links = "".join(
        f'<a href="#{key}">{markup.text(words)}</a>'
        for key, words in _LINKS.items()
        if f'<section id="{key}">' in body
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{style.POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{markup.text(f'Report of {gathered.run.name}')}</title>"
        f"<style>{style.SHEET}</style></head><body><main>\n"
        f"<header>{sections.title(gathered, made)}{sections.answer(gathered)}"
        f"<nav>{links}</nav></header>\n{body}\n</main></body></html>\n"
    )
