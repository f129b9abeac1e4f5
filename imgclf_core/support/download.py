"""Downloading one file as a whole, within a limit of time and of size.

Which file, and whether what arrived is the right one, is decided in `networks/weights.py`.
"""

import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from imgclf_core import config
from imgclf_core.errors import DownloadError
from imgclf_core.support import file_system

LARGEST_DOWNLOAD = 50 * config.MEGABYTE


def fetch(url: str, path: Path, seconds: float) -> None:
    """Downloads a file as a whole, within a time limit.

    Raises:
        DownloadError: Refused, too slow, too large or cut off; nothing is left at `path`.
    """
    file_system.make_folder(path.parent)
    failure: list[Exception] = []
    # A thread, because looking up a host name knows no time limit.
    thread = threading.Thread(target=_fetch, args=(url, path, seconds, failure), daemon=True)
    thread.start()
    thread.join(seconds + 0.5)
    if thread.is_alive():
        raise DownloadError(f"The official weights did not arrive within {seconds:.0f} s.")
    if failure:
        raise DownloadError(f"The official weights were not downloaded: {failure[0]}.")


def _fetch(url: str, path: Path, seconds: float, failure: list[Exception]) -> None:
    deadline = time.monotonic() + seconds
    partial = path.with_name(f"{path.name}.{threading.get_ident()}.part")
    try:
        with (
            urllib.request.urlopen(url, timeout=seconds) as answer,
            file_system.open(partial, "wb") as file,
        ):
            expected = int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(1 << 16):
                file.write(chunk)
                if file.tell() > LARGEST_DOWNLOAD:
                    raise DownloadError("the file is far too large")
                if time.monotonic() > deadline:
                    raise DownloadError(f"it did not arrive within {seconds:.0f} s")
            if expected and file.tell() != expected:
                raise DownloadError("it was cut off")
        if time.monotonic() <= deadline:
            file_system.rename(partial, path)
    except urllib.error.HTTPError as error:
        failure.append(DownloadError(f"the host answered {error.code}"))
    except TimeoutError:
        failure.append(DownloadError(f"they did not arrive within {seconds:.0f} s"))
    except DownloadError as error:
        failure.append(error)
    except (OSError, ValueError):
        failure.append(DownloadError("the host cannot be reached"))
    finally:
        file_system.remove(partial)
