"""Official weights are downloaded, checked and kept, or done without."""

import hashlib
import http.server
import os
import socket
import threading
import time

import pytest

from imgclf_core import config
from imgclf_core.errors import DownloadError
from imgclf_core.networks import weights
from imgclf_core.support import download
from tests.networks.conftest import SIZE


class Host:
    """A host of weights on this machine.

    Attributes:
        body: What it answers.
        length: The length it declares, if not that of the body.
        wait: Set to let a slow host go on.
        asked: Paths that were asked for.
    """

    def __init__(self):
        self.body, self.status, self.length = b"", 200, None
        self.wait: threading.Event | None = None
        self.asked: list[str] = []

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        """Answers one request."""
        self.asked.append(handler.path)
        if self.wait:
            self.wait.wait(20)
        handler.send_response(self.status)
        handler.send_header("Content-Length", str(self.length or len(self.body)))
        handler.end_headers()
        handler.wfile.write(self.body)


@pytest.fixture
def host():
    """A host, with the address to give to `resolve` as `url`."""
    host = Host()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            host.answer(self)

        def log_message(self, *arguments):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # the other side hung up, as it should

    server = Server(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield host
    if host.wait:
        host.wait.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def other_network() -> bytes:
    """A weights file of a narrower MobileNetV2."""
    import tempfile
    from pathlib import Path

    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "other.h5"
        network = keras.applications.MobileNetV2(
            (SIZE, SIZE, 3), alpha=0.35, include_top=False, weights=None
        )
        network.save(path)
        return path.read_bytes()


def left_in_cache() -> list[str]:
    """Files of weights in the cache, the note about the failure apart."""
    folder = config.home() / "cache" / "weights"
    return sorted(path.name for path in folder.glob("*") if path.name != "unreachable")


@pytest.mark.slow
def test_official_weights_are_downloaded_checked_and_kept(host, official_file):
    """The second training does not ask the host again."""
    host.body = official_file
    first = weights.resolve(weights.AUTO, SIZE, host.url)
    assert (first.source, first.note) == ("imagenet", "")
    assert first.sha256 == hashlib.sha256(official_file).hexdigest()
    assert weights.resolve(weights.IMAGENET, SIZE, host.url) == first
    name = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{SIZE}_no_top.h5"
    assert host.asked == [f"/{name}"]
    assert left_in_cache() == [name, name.replace(".h5", ".sha256")]


@pytest.mark.slow
def test_a_download_that_was_changed_on_the_disk_is_made_anew(host, official_file):
    """A file cut short by a full disk or a crash would otherwise be used for ever."""
    host.body = official_file
    first = weights.resolve(weights.IMAGENET, SIZE, host.url)
    first.path.write_bytes(official_file[: len(official_file) // 2])
    assert weights.resolve(weights.AUTO, SIZE, host.url) == first
    assert len(host.asked) == 2
    assert first.path.read_bytes() == official_file


@pytest.mark.slow
def test_at_160_pixels_a_file_that_keras_does_not_publish_is_refused(host, official_file):
    """Random weights of the right shapes are not the official ones."""
    host.body = official_file
    with pytest.raises(DownloadError, match="is not the file that Keras publishes"):
        weights.resolve(weights.IMAGENET, 160, host.url)
    assert left_in_cache() == []


@pytest.mark.slow
def test_a_file_of_another_network_is_refused(host, other_network):
    """Wrong shapes fail the check, and `auto` goes on with the shipped weights."""
    host.body = other_network
    with pytest.raises(DownloadError, match="failed their check"):
        weights.resolve(weights.IMAGENET, SIZE, host.url)
    chosen = weights.resolve(weights.AUTO, SIZE, host.url)
    assert chosen.source == "shipped"
    assert "The weights that come with the app were used instead." in chosen.note
    assert left_in_cache() == []


def refused() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


def test_a_host_that_cannot_be_reached_is_said():
    """`imagenet` raises, for the person asked for just these."""
    with pytest.raises(DownloadError, match="the host cannot be reached"):
        weights.resolve(weights.IMAGENET, SIZE, refused())


def test_a_host_that_says_no_is_quoted(host):
    """The number of the answer is in the sentence."""
    host.status = 403
    with pytest.raises(DownloadError, match="the host answered 403"):
        weights.resolve(weights.IMAGENET, SIZE, host.url)


def test_a_download_cut_off_is_not_kept(host):
    """Fewer bytes than declared are no file."""
    host.body, host.length = b"half", 1000
    with pytest.raises(DownloadError, match="cut off"):
        weights.resolve(weights.IMAGENET, SIZE, host.url)
    assert left_in_cache() == []


def test_a_download_far_too_large_is_given_up(host, monkeypatch):
    """The size is bounded whatever the host declares."""
    monkeypatch.setattr(download, "LARGEST_DOWNLOAD", 1000)
    host.body = bytes(200_000)
    with pytest.raises(DownloadError, match="far too large"):
        weights.resolve(weights.IMAGENET, SIZE, host.url)
    assert left_in_cache() == []


def test_a_slow_host_is_given_up(host, monkeypatch):
    """`auto` waits a bounded time and then uses the shipped weights."""
    monkeypatch.setattr(weights, "AUTO_SECONDS", 0.2)
    host.wait = threading.Event()
    chosen = weights.resolve(weights.AUTO, SIZE, host.url)
    assert chosen.source == "shipped"
    assert "did not arrive within" in chosen.note


def test_auto_does_not_try_again_within_the_hour(host):
    """The note is repeated, the host is not; after an hour it is asked once more."""
    host.status = 500
    first = weights.resolve(weights.AUTO, SIZE, host.url)
    assert "the host answered 500" in first.note
    assert weights.resolve(weights.AUTO, SIZE, host.url) == first
    assert len(host.asked) == 1
    failed = config.home() / "cache" / "weights" / "unreachable"
    os.utime(failed, (time.time() - 3700,) * 2)
    weights.resolve(weights.AUTO, SIZE, host.url)
    assert len(host.asked) == 2
