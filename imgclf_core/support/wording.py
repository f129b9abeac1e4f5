"""Numbers and names in plain words."""

from collections.abc import Sequence


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 photo`, `2 photos`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str], quote: bool = True, most: int = 5) -> str:
    """Names one after another, only the first few of many."""
    shown = [f"'{name}'" if quote else name for name in list(names)[:most]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def photos_in_words(count: int) -> str:
    """A number of photos in words."""
    return "1 photo" if count == 1 else f"{count:,} photos"
