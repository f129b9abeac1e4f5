"""Tries forty bad inputs and prints what was said: `python -m tests.benchmarks.forty_cases [N...]`

One row a case: number and title; what was tried; what the visitor read; what stayed intact, or
what did not; seconds with the making of the input; megabytes that the server did not give back;
megabytes of its child processes at their peak. Cases that take a browser or a network that learns
are tests of their own, which are run here. Numbers choose some cases. The exit status is 1 where a
rule is broken. What the cases are is told in `tests/hostile`.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.hostile import cases
from tests.hostile.case import MEGABYTE, MOST_SECONDS, Case, perform
from tests.hostile.visitor import Visitor
from tests.hostile.watching import Workers

_LONGEST = 420
_LAST_LINE = -1


def main() -> int:
    """Prints a row a case; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("numbers", nargs="*", type=int)
    chosen = parser.parse_args().numbers
    print("| # | case | tried | said | intact | s | server MB | child MB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        visitor = Visitor(Path(folder))
        for case in cases.ALL:
            if not chosen or case.number in chosen:
                fine = _attempted(case, visitor) if case.attempt else _tested(case)
                broken += not fine
    print(f"\n{broken} cases break a rule")
    return 1 if broken else 0


def _attempted(case: Case, visitor: Visitor) -> bool:
    with visitor.at_home():
        outcome = perform(case, visitor)
    broken = [*outcome.broken]
    if outcome.seconds > MOST_SECONDS:
        broken.append(f"within {MOST_SECONDS:.0f} s")
    intact = f"**BROKEN** {'; '.join(broken)}" if broken else "; ".join(outcome.intact)
    _row(
        case,
        case.tried,
        outcome.said,
        intact,
        outcome.seconds,
        f"{outcome.grown:+.0f}",
        outcome.worker,
    )
    return not broken


def _tested(case: Case) -> bool:
    """Runs the tests that stand for a case."""
    watch, started = Workers(), time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *case.beyond], capture_output=True, text=True
    )
    watch.end()
    names = ", ".join(f"`{name.partition('::')[2]}`" for name in case.beyond)
    last = ended.stdout.strip().splitlines()[_LAST_LINE]
    intact = last if ended.returncode == 0 else f"**BROKEN** {last}"
    seconds = time.perf_counter() - started
    _row(case, names, " … ".join(case.says), intact, seconds, "", watch.peak / MEGABYTE)
    return ended.returncode == 0


def _row(case: Case, tried: str, said: str, intact: str, seconds: float, grown: str, child: float):
    said = " ".join(said.split())
    said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    cells = (
        str(case.number),
        case.title,
        tried,
        said,
        intact,
        f"{seconds:.1f}",
        grown,
        f"{child:.0f}",
    )
    print("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
