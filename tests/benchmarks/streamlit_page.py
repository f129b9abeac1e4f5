"""What a running app has drawn in one tab: elements by their place, and what is red among them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Delta_pb2 import Delta

_BUG = "Something went wrong"
_Place = tuple[int, ...]


class Missing(Exception):
    """The page does not have what was looked for."""


@dataclass(frozen=True)
class Part:
    """An element or block of a page.

    Attributes:
        kind: Such as `button` or `expandable`; empty for a plain block.
        value: Its message, such as a `Button`; None for a plain block.
        id: Of the widget; empty where it is none.
        fragment: The part of the page that is refreshed alone and holds it; empty for none.
        run: Of the script, that drew it last.
    """

    kind: str
    value: object
    id: str
    fragment: str
    run: str


class Page:
    """The elements of one tab."""

    def __init__(self):
        self._parts: dict[_Place, Part] = {}

    def put(self, place: _Place, delta: Delta, run: str) -> None:
        """Draws one element or block, in place of what was there."""
        which = delta.WhichOneof("type")
        outer = getattr(delta, which)
        kind = (outer.WhichOneof("type") or "") if which != "new_transient" else ""
        value = getattr(outer, kind) if kind else None
        widget = getattr(value, "id", "") or getattr(outer, "id", "")
        self._parts[place] = Part(kind, value, widget, delta.fragment_id, run)

    def drop_stale(self, run: str, fragments: Collection[str]) -> None:
        """Drops what a run that has ended did not draw again.

        Args:
            run: Which.
            fragments: The parts of the page that it drew; empty for the whole page.
        """
        self._parts = {
            place: part
            for place, part in self._parts.items()
            if part.run == run or (fragments and part.fragment not in fragments)
        }

    def widgets(self) -> set[str]:
        """The ids of all widgets."""
        return {part.id for part in self._parts.values() if part.id}

    def find(self, kind: str, label: str) -> Part:
        """The first of a kind with these words on it.

        Raises:
            Missing: There is none, or it cannot be used.
        """
        for part in self._named(kind, label):
            if not getattr(part.value, "disabled", False):
                return part
        raise Missing(f"The page shows no {kind} '{label}' that can be used.")

    def has(self, kind: str, label: str) -> bool:
        """Whether `find` finds it."""
        return any(not getattr(p.value, "disabled", False) for p in self._named(kind, label))

    def bugs(self, run: str) -> list[str]:
        """Texts of exceptions, and of the sentence that stands for one, which a run drew."""
        found = [part for part in self._parts.values() if part.run == run]
        texts = [f"{p.value.type}: {p.value.message}" for p in found if p.kind == "exception"]
        return texts + [text for text in _red(found) if _BUG in text]

    def refusals(self, run: str) -> list[str]:
        """Texts of all other red boxes that a run drew: what the app says it cannot do."""
        found = [part for part in self._parts.values() if part.run == run]
        return [text for text in _red(found) if _BUG not in text]

    def _named(self, kind: str, label: str) -> Iterator[Part]:
        return (p for p in self._parts.values() if p.kind == kind and p.value.label == label)


def _red(parts: list[Part]) -> list[str]:
    alerts = [part.value for part in parts if part.kind == "alert"]
    return [alert.body for alert in alerts if alert.format == Alert.ERROR]
