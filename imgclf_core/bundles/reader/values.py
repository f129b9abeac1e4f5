"""JSON of a stranger: parsed with care, and each value asked for with its type and bounds.

Which values there must be is told in `bundles/reader/manifest.py`.
"""

import json
from typing import Any, NoReturn

from imgclf_core.errors import ModelError
from imgclf_core.support import safe_text


def parsed(data: bytes, name: str) -> Any:
    """The JSON in the bytes of `labels.json`.

    Args:
        data: The caller bounds how many.
        name: Of the bundle, for people.

    Raises:
        ModelError: It is no JSON, or says NaN or infinity.
    """
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"'labels.json' in '{name}' is damaged. Export the model again."
        ) from error


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


class Said:
    """Names and values of a stranger.

    Every method that gives a value raises `ModelError`, with the name of the value, where it is
    missing or is not what was asked for.

    Args:
        value: Where it came from, any JSON.
        name: Of the bundle, for people.
        where: What stands before the names in sentences, such as `gate.`.
    """

    def __init__(self, value: Any, name: str, where: str = ""):
        self._name, self._where = name, where
        if not isinstance(value, dict):
            raise self.wrong("", "a list of names and values")
        self._value: dict[str, Any] = value

    def __call__(self, key: str) -> Any:
        if key not in self._value:
            raise self.wrong(key, "there")
        return self._value[key]

    def part(self, key: str) -> "Said":
        """Names and values within a value."""
        return Said(self(key), self._name, f"{self._where}{key}.")

    @property
    def names(self) -> list[str]:
        return list(self._value)

    def text(self, key: str, longest: int) -> str:
        """One line of visible letters."""
        value = self(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return safe_text.clean(value, longest)

    def one_of(self, key: str, allowed: tuple) -> Any:
        value = self(key)
        if type(value) is bool or value not in allowed:
            raise self.wrong(key, f"one of {', '.join(map(str, allowed))}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        value = self(key)
        if type(value) not in (int, float) or not low <= value <= high:
            raise self.wrong(key, f"a number from {low} to {high}")
        return float(value)

    def whole(self, key: str, low: int, high: int) -> int:
        value = self(key)
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}")
        return value

    def wrong(self, key: str, must_be: str) -> ModelError:
        """The error that says what a value must be."""
        what = f"'{safe_text.clean(self._where + key)}'" if key or self._where else "the whole file"
        return ModelError(
            f"'labels.json' in '{self._name}' cannot be used: {what} is not {must_be}. "
            "Export the model again."
        )

    def refused(self, sentence: str) -> ModelError:
        """An error about the bundle as a whole."""
        return ModelError(f"'{self._name}' {sentence}")
