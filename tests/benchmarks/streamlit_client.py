"""A tab of a browser without the browser: speaks with a running app as Streamlit's own page does.

It fetches the page and the cookie against forged requests, opens the websocket, asks for runs of
the script with the widgets it has touched, keeps what is drawn, sends files to the addresses that
the server names, and refreshes the parts of a page that ask for it. In three things it differs
from a browser: it never says which messages it still has, so that every answer comes whole; it
does not fetch pictures that a page only refers to; and a click waits for a refresh that is on its
way, so that one answer is not taken for another.
"""

import contextlib
import time
import uuid
from collections.abc import Callable

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.benchmarks.streamlit_page import Page

LONGEST_ANSWER = 60.0  # seconds, after which an answer counts as missing
_LONGEST_REFRESH = 5.0  # seconds; one whose part is gone meanwhile is not answered at all
REFRESHED, DRAWN_ANEW = "refresh", "drawn anew"
_XSRF = "_streamlit_xsrf"


class NoAnswer(Exception):
    """The server did not answer."""


class Client:
    """One visitor's tab.

    Args:
        url: Of the app, without a slash at the end.
        tell: Called with the kind and the seconds of every answer that nobody waits for: a part
            that was refreshed, or a page that drew itself anew after that.

    Attributes:
        page: What is drawn.
        bugs: Texts of all exceptions that any answer showed.
        refusals: Texts of all other red boxes.
    """

    def __init__(self, url: str, tell: Callable[[str, float], None]):
        self.page = Page()
        self.bugs: list[str] = []
        self.refusals: list[str] = []
        self._url, self._tell = url, tell
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy stands between us and this machine
        for path in ("/", "/_stcore/health", "/_stcore/host-config"):
            self._http.get(f"{url}{path}", timeout=LONGEST_ANSWER).raise_for_status()
        token = self._http.cookies[_XSRF]
        self._http.headers["X-Xsrftoken"] = token
        self._connection = connect(
            f"{url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit", token],
            origin=url,
            max_size=None,
            additional_headers={"Cookie": f"{_XSRF}={token}"},
        )
        self._session = self._query = self._page_hash = self._run = ""
        self._states: dict[str, WidgetState] = {}
        self._files: dict[str, FileURLs] = {}
        self._intervals: dict[str, float] = {}  # seconds, of parts that want to be refreshed
        self._due: dict[str, float] = {}  # when each of them is refreshed next
        self._asked: dict[str, float] = {}  # when a refresh was asked for that is on its way
        self._waiting = self._runs = False  # for an answer; whether the whole page is drawn now
        self._anew_since = 0.0

    def close(self) -> None:
        """Leaves, as a tab that is closed."""
        self._connection.close()
        self._http.close()

    def start(self) -> float:
        """Opens the start page; seconds until it was drawn."""
        return self._ask()

    def open(self, label: str) -> float:
        """Follows a link between pages; seconds until the page was drawn."""
        self._settle()
        link = self.page.find("page_link", label).value
        self._states.clear()  # what belongs to a page goes with it
        self._page_hash, self._query = link.page_script_hash, link.query_string
        return self._ask()

    def press(self, label: str) -> float:
        """Presses a button."""
        self._settle()
        button = self.page.find("button", label)
        return self._ask(WidgetState(id=button.id, trigger_value=True))

    def tick(self, label: str) -> float:
        """Ticks a box."""
        self._settle()
        box = self.page.find("checkbox", label)
        self._states[box.id] = WidgetState(id=box.id, bool_value=True)
        return self._ask()

    def choose(self, label: str, option: str) -> float:
        """Chooses one of several options that lie side by side."""
        self._settle()
        group = self.page.find("button_group", label)
        self._states[group.id] = WidgetState(id=group.id)
        self._states[group.id].string_array_value.data.append(option)
        return self._ask()

    def send_file(self, label: str, name: str, data: bytes) -> tuple[float, float]:
        """Puts a file into an uploader; seconds for its bytes, and for the answer."""
        self._settle()
        uploader = self.page.find("file_uploader", label)
        started = time.perf_counter()
        urls = self._place_for(name)
        answer = self._http.put(
            f"{self._url}{urls.upload_url}", files={name: (name, data)}, timeout=LONGEST_ANSWER
        )
        answer.raise_for_status()
        sent = time.perf_counter() - started
        info = UploadedFileInfo(file_id=urls.file_id, name=name, size=len(data), file_urls=urls)
        self._states[uploader.id] = WidgetState(id=uploader.id)
        self._states[uploader.id].file_uploader_state_value.uploaded_file_info.append(info)
        return sent, self._ask()

    def idle(self, until: float) -> None:
        """Looks at the page until that time by `time.perf_counter`; refreshes what asks for it."""
        while (now := time.perf_counter()) < until:
            for fragment, interval in list(self._intervals.items()):
                if self._due[fragment] <= now:
                    self._due[fragment] = now + interval
                    self._asked.setdefault(fragment, now)
                    self._send(fragment)
            soon = [self._due[fragment] for fragment in self._intervals]
            self._take(min([until, *soon]))

    def _ask(self, *triggers: WidgetState) -> float:
        """Asks for a run and waits for its end; seconds between."""
        self._intervals.clear()
        started, self._waiting = time.perf_counter(), True
        self._send("", *triggers)
        while self._waiting:
            if not self._take(started + LONGEST_ANSWER):
                self._waiting = False
                raise NoAnswer(f"No answer within {LONGEST_ANSWER:.0f} seconds.")
        return time.perf_counter() - started

    def _settle(self) -> None:
        """Lets what goes on by itself come to its end, so that answers are not mixed up."""
        until = time.perf_counter() + _LONGEST_REFRESH
        while (self._runs or self._asked) and self._take(until):
            pass
        self._runs = False
        self._asked.clear()

    def _send(self, fragment: str, *triggers: WidgetState) -> None:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash = self._query, self._page_hash
        rerun.fragment_id, rerun.is_auto_rerun = fragment, bool(fragment)
        rerun.widget_states.widgets.extend([*self._states.values(), *triggers])
        rerun.context_info.url = self._url
        rerun.context_info.timezone, rerun.context_info.locale = "UTC", "en"
        rerun.context_info.color_scheme = "light"
        self._connection.send(message.SerializeToString())

    def _place_for(self, name: str) -> FileURLs:
        message, number = BackMsg(), uuid.uuid4().hex
        message.file_urls_request.request_id = number
        message.file_urls_request.session_id = self._session
        message.file_urls_request.file_names.append(name)
        self._connection.send(message.SerializeToString())
        until = time.perf_counter() + LONGEST_ANSWER
        while number not in self._files:
            if not self._take(until):
                raise NoAnswer("The server names no place for a file.")
        return self._files.pop(number)

    def _take(self, until: float) -> bool:
        """Takes one message in; False where none came until then."""
        try:
            data = self._connection.recv(timeout=max(until - time.perf_counter(), 0))
        except TimeoutError:
            return False
        except ConnectionClosed as error:
            raise NoAnswer(f"The server closed the connection: {error}") from error
        message = ForwardMsg()
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta":
            self.page.put(tuple(message.metadata.delta_path), message.delta, self._run)
        else:
            handle = getattr(self, f"_on_{kind}", None)
            if handle:
                handle(getattr(message, kind), message.metadata.run)
        return True

    def _on_new_session(self, session: NewSession, run) -> None:
        self._session, self._run = session.initialize.session_id, run.script_run_id
        if run.fragment_ids:
            return
        self._runs, self._page_hash = True, session.page_script_hash
        self._anew_since = time.perf_counter()
        self._asked.clear()
        self._intervals.clear()

    def _on_script_finished(self, status: int, run) -> None:
        if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        now, fragments = time.perf_counter(), list(run.fragment_ids)
        self.page.drop_stale(self._run, fragments)
        self.bugs += self.page.bugs(self._run)
        self.refusals += self.page.refusals(self._run)
        for fragment in fragments:
            with contextlib.suppress(KeyError):
                self._tell(REFRESHED, now - self._asked.pop(fragment))
        if not fragments:
            alive = self.page.widgets()
            self._states = {key: state for key, state in self._states.items() if key in alive}
            if not self._waiting:
                self._tell(DRAWN_ANEW, now - self._anew_since)
            self._waiting = self._runs = False

    def _on_page_info_changed(self, info, run) -> None:
        self._query = info.query_string

    def _on_auto_rerun(self, wanted, run) -> None:
        if self._intervals.get(wanted.fragment_id) != wanted.interval:
            self._due[wanted.fragment_id] = time.perf_counter() + wanted.interval
        self._intervals[wanted.fragment_id] = wanted.interval

    def _on_stop_auto_rerun(self, wanted, run) -> None:
        for fragment in wanted.fragment_ids:
            self._intervals.pop(fragment, None)

    def _on_file_urls_response(self, response, run) -> None:
        self._files[response.response_id] = response.file_urls[0]

    def _on_session_event(self, event, run) -> None:
        if event.WhichOneof("type") == "script_compilation_exception":
            self.bugs.append(event.script_compilation_exception.message)
