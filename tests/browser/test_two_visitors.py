"""Two strangers on one shared server at the same time: nothing of one is anywhere of the other."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from imgclf_core.runs import calibration
from imgclf_core.workspaces.workspace import new_token
from tests.browser import journey, visitors
from tests.browser.journey import WAIT, Server, open_step, press, settle
from tests.browser.visitors import Names, Visitor, folder_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANNA = Names(
    "attic-of-gran-5521",
    ("amphora-quokka", "fresco-ocelot"),
    "secret-holiday-8731",
    "torn-heirloom-4410",
    "window-seat-6027",
    "drawer-key-3318",
    1000,
)
BERT = Names(
    "biopsy-ward-7742",
    ("lesion-kestrel", "mole-ibex"),
    "patient-ledger-1290",
    "smudged-slide-8865",
    "night-shift-2206",
    "waiting-room-9471",
    2000,
)


@dataclass
class Both:
    """Two visitors who did all of it, the server, and what it said.

    Attributes:
        log: What the server wrote.
        scratch: Its folder for temporary files.
    """

    server: Server
    log: Path
    scratch: Path
    anna: Visitor
    bert: Visitor

    def pairs(self) -> Iterator[tuple[Visitor, Visitor]]:
        """Each with the other."""
        yield self.anna, self.bert
        yield self.bert, self.anna

    def said_nothing(self) -> None:
        """Fails where the log has a name, or a key to a workspace."""
        said = self.log.read_bytes()
        for one, _ in self.pairs():
            assert not one.names.found_in(said)
            assert one.token.encode() not in said


@pytest.fixture(scope="module")
def both(chromium, tmp_path_factory) -> Iterator[Both]:
    """Both bring photos in, train, evaluate, classify and sort, one step after the other."""
    place = tmp_path_factory.mktemp("two")
    scratch, log = place / "scratch", place / "server.log"
    scratch.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(scratch))
        server = journey.start_server(place / "home", profile="shared", log=log)
    people = [visitors.arrive(chromium, names) for names in (ANNA, BERT)]
    try:
        for one in people:
            one.bring_in(server.url, place)
        for one in people:
            one.train()
        for one in people:
            one.see_data()
        for one in people:  # the second one trains while the first looks at the result
            one.evaluate()
            one.classify()
            one.sort(place)
        for one in people:
            one.see_every_page()
        yield Both(server, log, scratch, *people)
    finally:
        for one in people:
            one.context.close()
        server.kill()


@pytest.fixture
def stranger(chromium, both) -> Iterator[Page]:
    """A third browser that knows nothing."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def files_below(folder: Path, *but: Path) -> Iterator[Path]:
    """Files of a folder, without those of some folders in it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(one) for one in but):
            yield path


def lasting(folder: Path) -> set[Path]:
    """Files of a folder that are not just being written."""
    return {path for path in files_below(folder) if not path.name.startswith(".")}


def contents(folder: Path) -> Iterator[bytes]:
    """Of all files that are still there when they are read."""
    for path in files_below(folder):
        with contextlib.suppress(FileNotFoundError):
            yield path.read_bytes()


def words_at(page: Page, url: str) -> str:
    """What is written on a page, without the key to the workspace."""
    page.goto(url)
    settle(page)
    return page.get_by_test_id("stMain").inner_text()


def test_each_gets_what_is_theirs_and_nothing_of_the_other(both):
    """Messages, pages, pictures and files of one have every own name and none of the other's."""
    for own, other in both.pairs():
        answers = [own.fetch(url) for url in own.media]
        assert answers
        received = [*own.received, *(body for _, body in answers)]

        assert own.names.found_in(*received) == set(own.names.words())
        assert not other.names.found_in(*received)
        assert all(other.token.encode() not in one for one in received)


def test_the_disk_names_nobody_outside_of_the_own_workspace(both):
    """Neither in names of files nor in them: caches, locks, the other's folder, jobs, temporary."""
    for own, _ in both.pairs():
        workspace = folder_of(both.server, own)
        assert own.names.found_in(*contents(workspace))
        outside = [*files_below(both.server.home, workspace), *files_below(both.scratch)]
        for path in outside:
            assert not own.names.found_in(os.fsencode(path)), path
            with contextlib.suppress(FileNotFoundError):  # a job has ended, and taken it away
                assert not own.names.found_in(path.read_bytes()), path


def test_the_log_names_nobody(both):
    """No name of a file or class, and no key to a workspace."""
    both.said_nothing()


def test_addresses_of_pictures_tell_nothing_and_cannot_be_guessed(both):
    """They are hashes of the content: no name, no key, no number to count on from."""
    for own, other in both.pairs():
        for url in own.media:
            assert re.search(r"/media/[0-9a-f]{32,64}\.\w+$", url)
            assert not own.names.found_in(url.encode())
            last = re.sub(r"[0-9a-f](\.\w+)$", r"g\1", url)
            assert other.fetch(last)[0] == 404


def test_a_wrong_key_opens_the_same_page_whether_it_is_close_or_not(both, stranger):
    """One letter off, made up, or gone: the same words; what is no key is as good as none."""
    near = both.anna.token[:-2] + ("AA" if both.anna.token[-2:] != "AA" else "BB")
    close = words_at(stranger, f"{both.server.url}/?w={near}")
    assert "There is nothing under this address" in close
    assert words_at(stranger, f"{both.server.url}/?w={new_token()}") == close
    none = words_at(stranger, both.server.url)
    assert words_at(stranger, f"{both.server.url}/?w=personal") == none
    assert not ANNA.found_in(close.encode(), none.encode(), stranger.content().encode())


@contextlib.contextmanager
def broken(path: Path) -> Iterator[None]:
    """A folder where a file should be, for the length of the block."""
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    yield
    path.rmdir()
    path.write_bytes(kept)


def test_an_error_is_told_to_its_visitor_alone(both):
    """A file that cannot be read: a sentence with a number, which the log has without any name."""
    anna, bert = both.anna.page, both.bert.page
    runs = folder_of(both.server, both.anna).glob(f"runs/*/{calibration.FILE}")
    (file,) = [path for path in runs if not path.parent.name.startswith("first-")]
    open_step(anna, "Data")
    heard = len(both.bert.received)
    with broken(file):
        open_step(anna, "Evaluate")
        told = anna.get_by_text(re.compile(r"^Number \w+$")).first
        number = told.inner_text(timeout=WAIT).split()[-1].encode()
        open_step(bert, "Evaluate")

    expect(bert.get_by_text("Which were taken for which")).to_be_visible(timeout=WAIT)
    assert b"error " + number in both.log.read_bytes()
    assert all(number not in one for one in both.bert.received[heard:])
    both.said_nothing()


def test_a_copy_is_given_away_and_the_original_stays(both, stranger):
    """The link of the app has no key; what is done to a copy stays in the copy."""
    page = both.anna.page
    open_step(page, "imgclf")
    for words in ("24 hours after your last visit", "the link is the key"):
        expect(page.get_by_text(words)).to_be_visible()
    press(page, "Links to give away")
    press(page, "Make a copy")
    links = page.get_by_test_id("stCode")
    expect(links).to_have_count(2, timeout=WAIT)
    assert links.nth(0).inner_text().strip() == f"{both.server.url}/"
    copy = links.nth(1).inner_text().strip()
    assert both.anna.token not in copy

    assert "This is your own copy" in words_at(stranger, copy)
    expect(stranger.get_by_text(ANNA.archive).first).to_be_visible()
    assert both.anna.token not in stranger.url
    before = lasting(folder_of(both.server, both.anna))
    delete_everything(stranger)
    assert lasting(folder_of(both.server, both.anna)) >= before
    page.reload()
    settle(page)
    expect(page.get_by_text(ANNA.archive).first).to_be_visible(timeout=WAIT)


def delete_everything(page: Page) -> None:
    """The way out, on the start page."""
    open_step(page, "imgclf")
    page.get_by_text("how to delete everything").click()
    page.get_by_text("Yes, delete all my photos").click()
    press(page, "Delete everything of mine")
    expect(page.get_by_text("Everything of yours was deleted")).to_be_visible(timeout=WAIT)


def test_what_is_deleted_is_gone_everywhere(both):
    """From the disk and from the addresses of pictures; the other one keeps all of theirs."""
    anna, bert = both.anna, both.bert
    open_step(anna.page, "Train")
    expect(anna.page.get_by_text("nobody looks at for 10 minutes")).to_be_visible(timeout=WAIT)
    folder, name = folder_of(both.server, anna), anna.token
    delete_everything(anna.page)

    assert not folder.exists()
    assert [bert.fetch(url)[0] for url in anna.media] == [404] * len(anna.media)
    everywhere = [*files_below(both.server.home), *files_below(both.scratch)]
    assert not any(ANNA.found_in(os.fsencode(one)) or name in str(one) for one in everywhere)
    assert folder_of(both.server, bert).exists()
    both.said_nothing()
