"""Names that strangers chose, made safe to show and to store.

Class and file names are data everywhere: in Markdown, in charts, in CSV files and in the
file system. This is the only place that escapes them.
"""

import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Sequence

LONGEST_LABEL = 60
LONGEST_FILE_NAME = 80

# Control characters, and the marks that change the direction of text (U+202E and kin).
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:@&=^])")
_WEB_ADDRESS = re.compile(r"(?i)(https?|ftp|www|mailto)(?=\\?[:.])")
_UNSAFE_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_WINDOWS_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def clean(text: str, longest: int = LONGEST_LABEL) -> str:
    """One line of visible letters in normal form, shortened with an ellipsis."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", text)).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def markdown(text: str, longest: int = 200) -> str:
    """The text as itself inside Streamlit's Markdown: no links, pictures, colours or maths."""
    escaped = _MARKDOWN.sub(r"\\\1", clean(text, longest))
    # A zero-width joiner keeps the renderer from making links of bare addresses.
    return _WEB_ADDRESS.sub(
        lambda match: match.group(0)[0] + "\u2060" + match.group(0)[1:], escaped
    )


def chart_text(text: str) -> str:
    """The text as itself inside a Plotly figure, whose labels know some HTML."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names on one line, with a number behind those that would read the same."""
    plain = [clean(name) or "(no name)" for name in names]
    used, told = Counter(plain), []
    seen: Counter[str] = Counter()
    for name in plain:
        seen[name] += 1
        number = seen[name]
        told.append(name if number == 1 else _unused(name, number, used))
    return tuple(told)


def _unused(name: str, number: int, used: Counter[str]) -> str:
    while used[f"{name} ({number})"]:
        number += 1
    used[f"{name} ({number})"] += 1
    return f"{name} ({number})"


def csv_cell(text: str) -> str:
    """The text with a quote before it where a spreadsheet would run it as a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\0") else text


def file_name(text: str, fallback: str = "unnamed") -> str:
    """Letters, digits, dot, dash and underscore only: safe as a download on every system."""
    plain = unicodedata.normalize("NFKD", clean(text, 200))
    slug = _UNSAFE_IN_FILE_NAMES.sub("-", plain.encode("ascii", "ignore").decode("ascii"))
    slug = slug.strip("-.")[:LONGEST_FILE_NAME].rstrip("-.")
    if not slug:
        return fallback
    return f"_{slug}" if _WINDOWS_RESERVED.match(slug) else slug


def folder_name(text: str) -> str:
    """A name for a folder or file inside a zip: letters of any script, safe on every system."""
    plain = "".join(
        letter if letter.isalnum() or letter in " ._-()[]" else "-" for letter in clean(text)
    )
    name = plain.strip(" .-…") or "unnamed"
    return f"_{name}" if _WINDOWS_RESERVED.match(name) else name


def new_id(text: str) -> str:
    """A folder name of our own that still tells what it holds, such as `heroes-3f9a1c`."""
    return f"{file_name(text, 'set')[:30].lower()}-{secrets.token_hex(3)}"
