"""Whether a zip may be opened at all, and which of its files: judged from its list alone.

Nothing is unpacked here. The list is read in `archives/zip_directory.py`; names are judged in
`archives/entry_names.py`.
"""

import stat
from dataclasses import dataclass

from imgclf_core.archives import zip_member
from imgclf_core.archives.zip_directory import Directory, Entry
from imgclf_core.config import MEGABYTE, Limits
from imgclf_core.errors import ArchiveError

_LOCAL_HEADER_BYTES = 30
# Bits for ordinary and strong passwords, and the number that AES uses in place of a method.
_PASSWORD_BITS, _AES = 0x41, 99
_OTHER_METHODS = {
    1: "shrink",
    6: "implode",
    9: "deflate64",
    10: "implode",
    93: "zstandard",
    95: "xz",
    96: "JPEG",
    97: "WavPack",
    98: "PPMd",
}


@dataclass(frozen=True)
class Safe:
    """A zip that may be read, file by file.

    Attributes:
        limits: Of one file.
        reaching_too_far: The one file that, by its size, would reach into another, or None.
    """

    limits: Limits
    reaching_too_far: Entry | None

    def reason(self, entry: Entry) -> str:
        """Why a file is not taken, or nothing where it may be."""
        if entry is self.reaching_too_far:
            return "its declared size is wrong; it would reach into the file after it"
        return entry.damage or _judge_kind(entry) or _judge_size(entry, self.limits)


def judge(directory: Directory, name: str, limits: Limits) -> Safe:
    """Judges a zip as a whole.

    Args:
        directory: Its list.
        name: What people call it.
        limits: What to refuse.

    Raises:
        ArchiveError: It would unpack to too much, or its files overlap.
    """
    usable = [entry for entry in directory.entries if not entry.damage]
    overlapping = _overlapping(usable, directory.start)
    # One wrong size costs one file. More, or one place for two files, is how small zips unpack
    # to terabytes (CVE-2024-0450).
    offsets = {entry.offset for entry in usable}
    if len(overlapping) > 1 or len(offsets) < len(usable):
        raise ArchiveError(
            f"'{name}' is built so that its files overlap, as zip bombs are. "
            "Make the zip again from the folders."
        )
    too_far = overlapping[0] if overlapping else None
    total = sum(entry.size for entry in usable if entry is not too_far)
    if total > limits.total_bytes:
        raise ArchiveError(
            f"'{name}' would unpack to {total // MEGABYTE:,} MB; at most "
            f"{limits.total_bytes // MEGABYTE:,} MB can be taken. Leave photos out."
        )
    return Safe(limits, too_far)


def _overlapping(entries: list[Entry], directory_start: int) -> list[Entry]:
    """Files that end after the next one begins, or after the list of files does."""
    ordered = sorted(entries, key=lambda entry: entry.offset)
    ends = [*(entry.offset for entry in ordered[1:]), directory_start]
    return [
        entry
        for entry, end in zip(ordered, ends, strict=False)  # an empty zip has an end all the same
        if entry.offset + _LOCAL_HEADER_BYTES + entry.name_bytes + entry.packed > end
    ]


def _judge_kind(entry: Entry) -> str:
    if stat.S_ISLNK(entry.mode):
        return "it is a link, not a file"
    if entry.flags & _PASSWORD_BITS or entry.method == _AES:
        return "it is protected by a password; make a zip without one"
    if entry.method not in zip_member.METHODS:
        method = _OTHER_METHODS.get(entry.method, f"number {entry.method}")
        return f"its compression ({method}) is not supported; zip it again in the ordinary way"
    return ""


def _judge_size(entry: Entry, limits: Limits) -> str:
    if entry.size > limits.file_bytes:
        return f"it is larger than {limits.file_bytes // MEGABYTE} MB"
    ratio = entry.size / max(entry.packed, 1)
    if entry.size > MEGABYTE and ratio > limits.expansion:
        return f"it would unpack to {ratio:.0f} times its size"
    return "it is empty" if entry.size == 0 else ""
