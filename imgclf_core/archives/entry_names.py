"""What the name of a file in a source says: its letters, whether it is harmless, whose it is.

Names are never used as paths; they are read here once and are only labels afterwards. Making
them fit to be shown is left to `support/safe_text.py`, finding the class in them to
`datasets/folder_layout.py`.
"""

import contextlib
import re
import zlib
from collections.abc import Sequence

from imgclf_core.config import Limits

_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "icon\r"})
_ARCHIVE_ENDINGS = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")

# One run of letters that Japanese programs write, two at least: a single kanji is more often a
# European accent that happens to read as one.
_JAPANESE_RUN = re.compile(r"[\u3005\u3041-\u309f\u30a1-\u30ff\u4e00-\u9fff]{2,}")


def decoded(raw: bytes, is_utf8: bool, unicode_paths: Sequence[bytes] = ()) -> str:
    """The name as its author wrote it.

    Args:
        raw: Bytes of the name in the zip.
        is_utf8: Whether the zip says that they are UTF-8.
        unicode_paths: Contents of the extra fields 0x7075.

    Returns:
        Letters with folders joined by `/`; backslashes stay where they begin an absolute path.
    """
    name = _from_unicode_paths(raw, unicode_paths) or _from_bytes(raw, is_utf8)
    return name if name.startswith("\\") or name[1:2] == ":" else name.replace("\\", "/")


def _from_unicode_paths(raw: bytes, fields: Sequence[bytes]) -> str:
    """The name in the field that was made for this very name, or nothing."""
    start = b"\1" + zlib.crc32(raw).to_bytes(4, "little")
    for field in fields:
        if field.startswith(start):
            with contextlib.suppress(UnicodeDecodeError):
                return field[len(start) :].decode("utf-8")
    return ""


def _from_bytes(raw: bytes, is_utf8: bool) -> str:
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode("utf-8")
    if not is_utf8:
        with contextlib.suppress(UnicodeDecodeError):
            japanese = raw.decode("cp932")
            if _JAPANESE_RUN.sub("", japanese).isascii():
                return japanese
    return raw.decode("cp437")


def is_system(name: str) -> bool:
    """Whether an operating system left the file: `.DS_Store`, `__MACOSX/`, hidden folders …"""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part.lower() in _SYSTEM_NAMES for part in parts)


def judge(name: str, limits: Limits) -> str:
    """Why a file of this name is not taken, or nothing where it may be."""
    if not name:
        return "it has no name"
    if "\0" in name:
        return "its name has a forbidden character"
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "its name is an absolute path"
    if ".." in name.split("/"):
        return "its name points outside of the zip"
    if len(name) > limits.name_length:
        return f"its name is longer than {limits.name_length} letters"
    if name.count("/") > limits.depth:
        return f"it lies more than {limits.depth} folders deep"
    if name.lower().endswith(_ARCHIVE_ENDINGS):
        return "an archive inside the archive is not opened"
    return ""
