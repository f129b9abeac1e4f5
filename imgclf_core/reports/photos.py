"""The worst mistakes as small photos inside the page."""

from imgclf_core.analysis.mistakes import Mistake
from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import DatasetError, ImageError
from imgclf_core.images import decode
from imgclf_core.reports import markup
from imgclf_core.reports.report_data import Gathered

MOST = 24
_SIDE, _QUALITY = 176, 78  # sharp on paper, and about 6 kB each


def mistakes(gathered: Gathered) -> str:
    """Photos with their names, true classes, guesses and both scores; the rest is in a table."""
    wrong = gathered.mistakes
    if not wrong:
        said = f"No mistakes on these {gathered.result.figures.n:,} photos."
        return markup.section("mistakes", "Mistakes", markup.paragraph(said))
    shown = dict(zip(gathered.run.class_names, gathered.names, strict=True))
    cards = "".join(_card(gathered.dataset, one, shown) for one in wrong[:MOST])
    count = "The only one." if len(wrong) == 1 else f"All {len(wrong):,}."
    if len(wrong) > MOST:
        count = f"The worst {MOST} of {len(wrong):,}; all are in <code>mistakes.csv</code>."
    order = "Worst first: the truth got least against the guess. Numbers are scores."
    gone = "" if gathered.dataset else "The photos were deleted; what was guessed remains."
    return markup.section(
        "mistakes",
        "Mistakes",
        markup.paragraph(count, order if len(wrong) > 1 else "Numbers are scores.", gone),
        f'<div class="cards">{cards}</div>',
    )


def _card(dataset: Dataset | None, mistake: Mistake, shown: dict[str, str]) -> str:
    lines = (
        ("is", shown[mistake.true_class], mistake.true_score),
        ("guess", shown[mistake.guess], mistake.guess_score),
    )
    told = "".join(
        f"<span><b>{word} {markup.name(name)}</b> <var>{score:.3f}</var></span>"
        for word, name, score in lines
    )
    picture = _picture(dataset, mistake)
    return (
        f"<figure>{picture}<figcaption>{told}<small>{markup.name(mistake.name)}</small>"
        "</figcaption></figure>"
    )


def _picture(dataset: Dataset | None, mistake: Mistake) -> str:
    if dataset is not None:
        try:
            data = photo_files.read_file(dataset, mistake.file, mistake.name)
            pixels = decode.read_picture(data, at_least=_SIDE).pixels
            small = decode.to_jpeg(pixels, longest_side=_SIDE, quality=_QUALITY)
            return markup.jpeg(small, f"photo {mistake.name}")
        except (DatasetError, ImageError):
            pass  # gone or damaged since: said in its place
    return '<div class="gone">photo not there</div>'
