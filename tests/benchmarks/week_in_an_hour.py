"""A week of a shared server: `python -m tests.benchmarks.week_in_an_hour --visitors 200`

Visitors come one after another, two at a time, over a real websocket: each brings photos in, has
one classified, trains a network and leaves for good. The clock of what is kept runs faster, so
that the minutes stand for seven days: photos and networks are thrown away after a seventh of
them, by the sweeping of the server itself. In the end everybody's time runs out.

Columns: visitors so far; data sets and networks made; workspaces there; files and megabytes below
the home of the app; files in the folder for temporary files; anonymous and resident memory of the
server in MB (Linux); processes of jobs. The first row that counts is the one after five visitors:
by then everything has been loaded that is loaded once.

Options: `--visitors 200`; `--minutes 60`; `--photos 24` of each of three classes; `--log FILE`.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from imgclf_core import config
from imgclf_core.workspaces import expiry
from tests.benchmarks.scripted_visitor import Tally, Visitor
from tests.benchmarks.twenty_visitors import end_workers, memory_of, workers
from tests.browser import journey

_DAYS = 7
_AT_ONCE = 2
_WARM = 5
_SECONDS_UNTIL_FORGOTTEN = 150  # Streamlit keeps a session for two minutes after its tab is gone
_SERVE = "--serve-with-days-of"


class Week:
    """The visitors, and what they made.

    Args:
        server: The app.
        temporary: Where the server and its jobs keep temporary files.
        options: Of the command.
    """

    def __init__(self, server: journey.Server, temporary: Path, options: argparse.Namespace):
        self._server, self._temporary, self._options = server, temporary, options
        self._numbers = iter(range(options.visitors))
        self._alone = threading.Lock()
        self.tally = Tally()
        self.gone = self.datasets = self.networks = 0
        self._begun = time.perf_counter()
        print(
            f"{'minute':>6} {'visitors':>8} {'sets':>5} {'nets':>5} {'spaces':>6} {'files':>6} "
            f"{'MB':>7} {'temp':>5} {'anonymous':>9} {'resident':>8} {'jobs':>4}"
        )

    def visits(self) -> None:
        """Lets them come, as fast as the week wants it."""
        pace = 60 * self._options.minutes * (_DAYS - 1) / _DAYS / self._options.visitors
        threads = [threading.Thread(target=self._come, args=(pace,)) for _ in range(_AT_ONCE)]
        for thread in threads:
            thread.start()
        printed = 0
        while any(thread.is_alive() for thread in threads):
            time.sleep(1)
            if (not printed and self.gone >= _WARM) or self.gone >= printed + 20:
                printed = self.gone
                self.row("")
        for thread in threads:
            thread.join()

    def row(self, what: str) -> None:
        """Prints how things stand."""
        files = [path for path in self._server.home.rglob("*") if path.is_file()]
        megabytes = sum(path.stat().st_size for path in files if path.exists()) / 2**20
        spaces = len(list((self._server.home / "workspaces").glob("*")))
        left = sum(1 for path in self._temporary.rglob("*") if path.is_file())
        anonymous, resident = memory_of(self._server.process.pid)
        minute = (time.perf_counter() - self._begun) / 60
        print(
            f"{minute:6.1f} {self.gone:8} {self.datasets:5} {self.networks:5} {spaces:6} "
            f"{len(files):6} {megabytes:7.1f} {left:5} {anonymous:9.1f} {resident:8.1f} "
            f"{len(workers(self._server.home)):4}  {what}",
            flush=True,
        )

    def _come(self, pace: float) -> None:
        while True:
            with self._alone:
                number = next(self._numbers, None)
            if number is None:
                return
            due = self._begun + pace * number
            time.sleep(max(0.0, due - time.perf_counter()))
            self._visit(Visitor(number, self._server.url, self._options, self.tally))

    def _visit(self, visitor: Visitor) -> None:
        made = visitor.live()
        with self._alone:
            self.gone += 1
            self.datasets += made >= 1
            self.networks += made >= 2


def _serve(arguments: list[str]) -> None:
    """The app as Streamlit starts it, with days that last less long."""
    from streamlit.web import cli

    day = float(arguments[0])
    config.LIMITS[config.SHARED] = replace(config.LIMITS[config.SHARED], seconds_kept=day)
    expiry.SECONDS_BETWEEN_SWEEPS *= day / 86_400
    sys.argv = ["streamlit", *arguments[1:]]
    cli.main()


def main() -> None:
    """Prints the rows."""
    if sys.argv[1:2] == [_SERVE]:
        _serve(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--log", type=Path)
    options = parser.parse_args()
    options.every, options.padding, options.seed = 15.0, 0.0, 0
    day = 60 * options.minutes / _DAYS
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        home, temporary = Path(name) / "home", Path(name) / "temporary"
        temporary.mkdir()
        os.environ["TMPDIR"] = str(temporary)
        program = ("-m", __spec__.name, _SERVE, str(day))
        server = journey.start_server(home, config.SHARED, log=options.log, program=program)
        try:
            week = Week(server, temporary, options)
            week.row("nobody came yet")
            week.visits()
            week.row("all have left")
            time.sleep(max(day, _SECONDS_UNTIL_FORGOTTEN) + 10)
            Visitor(10_000, server.url, options, week.tally).look_in()
            time.sleep(5)
            week.row("a day later")
            week.tally.show()
        finally:
            server.kill()
            end_workers(home)


if __name__ == "__main__":
    main()
