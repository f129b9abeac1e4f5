"""What one case is, what became of it, and the rules that hold for all of them."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.hostile.visitor import Visitor

MOST_SECONDS, MOST_GROWTH = 10.0, 50.0
MEGABYTE = 1024 * 1024
_NEVER_SAID = ("Traceback", 'File "', "Error:", "Exception", "errno", "0x", "object at")


@dataclass(frozen=True)
class Case:
    """A bad input or an unlucky session.

    Attributes:
        number: 1 to 40.
        title: A few words.
        says: Distinctive parts of what must be said, all of them.
        attempt: Makes the input, brings it to the door and gives what was said; its docstring
            tells what is tried. None where only `beyond` tries it.
        beyond: Tests that try what takes a browser, a network that learns or minutes, as pytest
            names them.
    """

    number: int
    title: str
    says: tuple[str, ...]
    attempt: Callable[[Visitor], str] | None = None
    beyond: tuple[str, ...] = ()

    @property
    def tried(self) -> str:
        return " ".join((self.attempt.__doc__ or "").split()) if self.attempt else ""


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        said: What the visitor read.
        intact: What was looked at and found as it should be.
        broken: What was not, in words.
        seconds: Wall time, with the making of the input.
        grown: Megabytes of resident memory that this process, the server, did not give back.
        worker: Megabytes of resident memory of its child processes at their peak.
    """

    said: str
    intact: tuple[str, ...]
    broken: tuple[str, ...]
    seconds: float
    grown: float
    worker: float


def perform(case: Case, visitor: Visitor) -> Outcome:
    """Tries a case that has an attempt, looks at all that was there before, and tidies up."""
    visitor.begin()
    before, started = _memory(), time.perf_counter()
    said = case.attempt(visitor)
    seconds = time.perf_counter() - started
    visitor.end()
    grown = _memory() - before
    rules = {
        f"server memory within {MOST_GROWTH:.0f} MB": grown <= MOST_GROWTH,
        "nothing of the program's inside was said": not any(one in said for one in _NEVER_SAID),
        **{f"'{part}' was said": part in said for part in case.says},
    }
    broken = [*visitor.broken, *(words for words, holds in rules.items() if not holds)]
    return Outcome(
        said,
        tuple(dict.fromkeys(visitor.intact)),
        tuple(broken),
        seconds,
        grown,
        visitor.worker_peak / MEGABYTE,
    )


def _memory() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / MEGABYTE
