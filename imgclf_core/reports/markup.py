"""Pieces of HTML. Everything that strangers named passes through `text` or `name`.

No script and nothing from outside: what is shown lies in the file itself. How it looks is in
`reports/style.py`, what it says in the sections.
"""

import base64
import html
from collections.abc import Sequence
from typing import Any

from imgclf_core.reports.tables import Table
from imgclf_core.support import safe_text

# Tables of so many rows are printed on one sheet.
_SHORT = 24


def text(value: Any) -> str:
    """A value as plain text."""
    return html.escape(str(value).encode("utf-8", "replace").decode("utf-8"))


def name(value: str, longest: int = safe_text.LONGEST_LABEL) -> str:
    """A name of a stranger, on one line, which turns no text around it."""
    return f"<bdi>{text(safe_text.clean(value, longest))}</bdi>"


def paragraph(*sentences: str, kind: str = "") -> str:
    """Sentences of markup, one after another; empty ones are left out."""
    said = " ".join(sentence for sentence in sentences if sentence)
    return f"<p{_class(kind)}>{said}</p>" if said else ""


def section(key: str, title: str, *parts: str) -> str:
    """A part of the report; `key` is where links lead."""
    return f'<section id="{key}"><h2>{text(title)}</h2>{"".join(parts)}</section>'


def heading(title: str) -> str:
    """The title of a part of a section."""
    return f"<h3>{text(title)}</h3>"


def facts(pairs: Sequence[tuple[str, str]], kind: str = "") -> str:
    """Terms, which are plain text, and what is to be said of each, which is markup."""
    rows = "".join(f"<dt>{text(term)}</dt><dd>{said}</dd>" for term, said in pairs)
    return f"<dl{_class(kind)}>{rows}</dl>"


def table(content: Table, most: int | None = None, emphasised: int = 0) -> str:
    """A table; text to the left, numbers to the right.

    Args:
        content: What to show.
        most: Rows shown; what is left out is said below.
        emphasised: How many of the last rows are sums or averages.
    """
    head = "".join(
        f'<th scope="col"{_class("" if words else "number")}>{text(title)}</th>'
        for title, words in zip(content.head, _are_words(content), strict=True)
    )
    shown = content.rows if most is None else content.rows[:most]
    first_sum = len(shown) - emphasised
    rows = "".join(
        f"<tr{_class('sum' if i >= first_sum else '')}>{_cells(row, content)}</tr>"
        for i, row in enumerate(shown)
    )
    rest = len(content.rows) - len(shown)
    note = f"and {rest:,} more in <code>{text(content.name)}.csv</code>" if rest else ""
    kind = "wide short" if len(shown) <= _SHORT else "wide"
    return (
        f'<div class="{kind}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"</div>{paragraph(note, kind='quiet')}"
    )


def figure(inner: str, words: str, caption: str = "") -> str:
    """A drawing with what it shows in words, for those who do not see it.

    Args:
        inner: An `<svg>` or `<img>`.
        words: Read aloud in place of it.
        caption: Markup below it.
    """
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure role="group" aria-label="{text(words)}">{inner}{below}</figure>'


def jpeg(data: bytes, words: str) -> str:
    """A photo inside the page."""
    code = base64.b64encode(data).decode("ascii")
    return f'<img alt="{text(words)}" src="data:image/jpeg;base64,{code}">'


def shown(value: Any, form: str) -> str:
    """A cell as markup: names stay names, numbers take their form, nothing is a dash."""
    if value is None or value != value:  # NaN is not itself
        return "–"
    return name(value) if isinstance(value, str) else text(format(value, form))


def _cells(row: tuple, content: Table) -> str:
    words = _are_words(content)
    first, *others = [
        f"<td{_class('' if word else 'number')}>{shown(value, form)}</td>"
        for value, form, word in zip(row, content.formats, words, strict=True)
    ]
    return first.replace("<td", '<th scope="row"', 1).replace("</td>", "</th>") + "".join(others)


def _are_words(content: Table) -> list[bool]:
    return [form == "" for form in content.formats]


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
