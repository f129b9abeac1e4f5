"""What people are told when something fails, and what a log keeps of it: the only place.

Our own errors are sentences already. A file operation that failed gets one here; anything else
is a bug, of which people get a number and the log gets the way it took through the program. A
log that others than the owner of the photos may read holds no message of an exception, for
those quote names and contents of files.
"""

import logging
import secrets
import traceback
from dataclasses import dataclass
from pathlib import Path

from imgclf_core.errors import ImgclfError, InputError, JobMemoryError
from imgclf_core.support import file_system

INPUT, MEMORY, FAILED, BUG = "input", "memory", "failed", "bug"

DISK_IS_FULL = "The disk is full. Free some space and go on: what was reached is kept."

_HERE = Path(__file__).resolve().parents[2]
_PLACES = 8  # of the way through the program, innermost first


@dataclass(frozen=True)
class Failure:
    """What came of an exception.

    Attributes:
        sentence: For the person.
        kind: `input` (the person can mend it), `memory`, `failed` or `bug`.
        number: Under which the log knows it.
    """

    sentence: str
    kind: str
    number: str


def of(error: BaseException) -> Failure:
    """What to tell of an exception, with a new number."""
    number = secrets.token_hex(3)
    if isinstance(error, ImgclfError):
        kind = MEMORY if isinstance(error, JobMemoryError) else FAILED
        return Failure(str(error), INPUT if isinstance(error, InputError) else kind, number)
    if isinstance(error, MemoryError):
        return Failure("There was not enough memory for this. Try again later.", MEMORY, number)
    if isinstance(error, OSError):
        return Failure(_of_a_file(error), FAILED, number)
    return Failure(
        "Something went wrong inside the program. Your photos and models are safe. Try again; "
        "if it happens again, tell whoever runs this app the number.",
        BUG,
        number,
    )


def log(
    logger: logging.Logger, where: str, error: BaseException, failure: Failure, private: bool
) -> None:
    """Keeps an exception under its number.

    Args:
        logger: Which.
        where: A page or a job.
        error, failure: What happened, and what was said.
        private: Whether only the owner of the photos reads this log; then it has the message.
    """
    level = logging.INFO if failure.kind == INPUT else logging.ERROR
    details = _whole(error) if private and level == logging.ERROR else way(error)
    logger.log(level, "%s, error %s: %s", where, failure.number, details)


def way(error: BaseException) -> str:
    """Kinds of exception and places in the program, innermost first; no message, no value."""
    places = [
        f"{_inside(frame.filename)}:{frame.lineno} in {frame.name}"
        for frame in reversed(traceback.extract_tb(error.__traceback__)[-_PLACES:])
    ]
    return " < ".join([type(error).__name__, *places])


def _whole(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _inside(path: str) -> str:
    """A path below the program, or only the name of a file of a library."""
    file = Path(path)
    return file.relative_to(_HERE).as_posix() if file.is_relative_to(_HERE) else file.name


def _of_a_file(error: OSError) -> str:
    if error.errno in file_system.FULL:
        return DISK_IS_FULL
    return (
        f"A file could not be read or written ({error.strerror or type(error).__name__}). "
        "What was there before is unchanged. Try again; if it happens again, check the disk."
    )
