"""What people are told when something fails, and what the log keeps."""

import errno
import logging

import pytest

from imgclf_core.errors import ArchiveError, JobMemoryError
from imgclf_core.support import error_messages

logger = logging.getLogger("imgclf.test")


def raised(error: Exception) -> Exception:
    """The error with the way it took."""
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ArchiveError("'a.zip' is empty. Choose another."), "input", "'a.zip' is empty"),
        (JobMemoryError("Too little memory."), "memory", "Too little memory."),
        (MemoryError(), "memory", "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "failed", "The disk is full"),
        (OSError(errno.EIO, "Input/output error", "/x/tom.jpg"), "failed", "Input/output error"),
        (KeyError("tom.jpg"), "bug", "Something went wrong"),
    ],
)
def test_everything_has_a_sentence_and_a_number(error, kind, words):
    """Ours say their own; file operations and bugs get one that names no file."""
    failure = error_messages.of(raised(error))

    assert failure.kind == kind
    assert words in failure.sentence
    assert "tom.jpg" not in failure.sentence
    assert len(failure.number) == 6


@pytest.mark.parametrize("error", [KeyError("tom.jpg"), ArchiveError("'tom.jpg' is none.")])
def test_a_log_that_others_read_has_the_way_and_no_message(error, caplog):
    """Names of files are in messages, so only kinds of exception and places are kept."""
    caplog.set_level(logging.INFO)
    caught = raised(error)
    failure = error_messages.of(caught)

    error_messages.log(logger, "page Data", caught, failure, private=False)

    assert failure.number in caplog.text
    assert f"{type(error).__name__} < tests/support/test_error_messages.py" in caplog.text
    assert "tom.jpg" not in caplog.text


def test_the_owners_own_log_has_the_whole_of_a_bug(caplog):
    """On one's own computer nothing is hidden from whoever looks for the cause."""
    caught = raised(KeyError("tom.jpg"))

    error_messages.log(logger, "page Data", caught, error_messages.of(caught), private=True)

    assert "tom.jpg" in caplog.text
    assert "Traceback" in caplog.text
