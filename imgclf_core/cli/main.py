"""The command line: the same work as the pages, for scripts and for large sets.

Results go to standard output, progress to standard error. With `--json` the last line of
standard output is one JSON object. Exit status: 0 done, 2 the input or an option is wrong, 1
anything else. What the commands do is in `cli/commands.py` and `cli/evaluate.py`.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from imgclf_core import __version__
from imgclf_core.cli import commands, evaluate
from imgclf_core.datasets.folder_layout import CLASS_FROM
from imgclf_core.datasets.split import SIDES, TEST
from imgclf_core.errors import ImgclfError, InputError
from imgclf_core.images.decode import FIT_MODES
from imgclf_core.inference import copies
from imgclf_core.runs.settings import CLASS_WEIGHTS, NETWORKS, SCHEDULES
from imgclf_core.support import error_messages, safe_text
from imgclf_core.training import presets

_LONGEST_SENTENCE = 2000


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        figures = options.command(options)
    except ImgclfError as error:
        print(_plain(error), file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read our output, `head` say, had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost frame: a sentence, and the way there
        if isinstance(error, OSError) and error.filename is not None:
            reason = f"'{error.filename}' cannot be read or written ({error.strerror})."
            print(_plain(reason), file=sys.stderr)
            return 2
        print(
            error_messages.of(error).sentence, error_messages.way(error), sep="\n", file=sys.stderr
        )
        return 1
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, allow_nan=False))
    return 0


def _plain(sentence: object) -> str:
    """A sentence without signs that steer a terminal: it may quote the name of a file."""
    return safe_text.clean(str(sentence), _LONGEST_SENTENCE)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str):
        print(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.", file=sys.stderr)
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m imgclf_core", description=__doc__.split("\n\n")[0])
    parser.add_argument("--version", action="version", version=f"imgclf {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def add(function, help_text: str) -> argparse.ArgumentParser:
        command = subparsers.add_parser(function.__name__, help=help_text)
        command.set_defaults(command=function)
        command.add_argument("--json", action="store_true", help="end with one JSON object")
        return command

    command = add(commands.ingest, "make a data set of a zip or folder")
    command.add_argument("input", type=Path, metavar="INPUT", help="zip or folder of class folders")
    command.add_argument("--out", type=Path, required=True, metavar="DATASET_DIR")
    command.add_argument("--seed", type=int, default=0, help="of the split")
    _add_reading(command)
    _add_train(add(commands.train, "train a network and test it"))
    command = add(commands.resume, "go on with a training from where it stopped")
    command.add_argument("run", type=Path, metavar="RUN_DIR")
    command.add_argument("--more-epochs", type=int, default=0, metavar="N")
    command = add(evaluate.evaluate, "figures of a run, wrong labels, a report")
    command.add_argument("run", type=Path, metavar="RUN_DIR")
    command.add_argument("--data", type=Path, metavar="INPUT", help="other photos to test on")
    command.add_argument("--side", choices=SIDES, default=TEST, help="which of its own photos")
    command.add_argument("--report", type=Path, metavar="FILE.html", help="write the report")
    command.add_argument("--figures", type=Path, metavar="DIR", help="all figures as PNG and CSV")
    command.add_argument("--no-labels", action="store_true", help="do not judge the labels")
    command = add(commands.classify, "answers for new photos")
    command.add_argument("model", type=Path, metavar="MODEL", help="run folder or exported zip")
    command.add_argument("input", type=Path, nargs="+", metavar="INPUT")
    command.add_argument("--csv", type=Path, metavar="FILE", help="table of all scores")
    command.add_argument("--copy-to", type=Path, metavar="DIR", help="copies named by the answer")
    command.add_argument("--layout", choices=copies.LAYOUTS, default=copies.NAMES)
    command = add(commands.export, "the model of a run, or a data set, as one zip")
    command.add_argument("run", type=Path, metavar="RUN_DIR", help="or a DATASET_DIR")
    command.add_argument("--out", type=Path, required=True, metavar="BUNDLE.zip")
    command.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="another name for a class, in the zip only",
    )
    command.add_argument(
        "--no-photos", action="store_true", help="drawn samples in place of photos of yours"
    )
    return parser


def _add_reading(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--class-from",
        choices=CLASS_FROM,
        help="which of several folders names the class (path: all of them)",
    )
    command.add_argument(
        "--object-pattern",
        metavar="PATTERN",
        help="photos of one object stay on one side, such as '{object}_*'",
    )
    command.add_argument(
        "--object-table",
        type=Path,
        metavar="CSV",
        help="the same, from a table with the columns file and group",
    )


def _add_train(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, required=True, metavar="INPUT")
    command.add_argument("--model", choices=NETWORKS)
    command.add_argument("--preset", choices=presets.PRESETS, default=presets.BALANCED)
    command.add_argument(
        "--recipe",
        choices=presets.RECIPES,
        default=presets.OURS,
        help="a published recipe in place of a network and preset of ours",
    )
    command.add_argument("--out", type=Path, required=True, metavar="RUN_DIR")
    command.add_argument("--seed", type=int, default=0, help="of split, weights and order")
    _add_reading(command)
    command.add_argument("--weights", metavar="{auto,imagenet,shipped,FILE}")
    for name, kind in (
        ("epochs", int),
        ("image-size", int),
        ("batch-size", int),
        ("learning-rate", float),
        ("weight-decay", float),
        ("dropout", float),
        ("patience", int),
        ("views", int),
        ("fine-tune-epochs", int),
        ("fine-tune-rate", float),
        ("rotation", float),
        ("zoom", float),
        ("shift", float),
    ):
        command.add_argument(f"--{name}", type=kind)
    command.add_argument("--flip", action=argparse.BooleanOptionalAction, default=None)
    command.add_argument("--schedule", choices=SCHEDULES)
    command.add_argument(
        "--fine-tune",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="let the upper blocks of MobileNetV2 learn too",
    )
    command.add_argument("--class-weights", choices=CLASS_WEIGHTS)
    command.add_argument("--fit", choices=FIT_MODES)
    command.add_argument(
        "--leave-out-small",
        action="store_true",
        default=None,
        help="train without classes of fewer than three photos",
    )
