"""What a bundle says of its model: `labels.json`, read as the words of a stranger.

Every value that is used has a type and bounds; names become one line of visible letters. What
is not known is left out, so a later version may say more. Whether the files of the bundle are
as told here is judged in `bundles/reader/imported.py`.
"""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from imgclf_core.bundles.format import FORMAT
from imgclf_core.bundles.reader import values
from imgclf_core.bundles.reader.values import Said
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.datasets.dataset import LONGEST_CLASS_NAME
from imgclf_core.images.decode import FIT_MODES
from imgclf_core.networks import array_shapes, catalogue, weights
from imgclf_core.runs import ood_detector
from imgclf_core.runs.calibration import Calibration
from imgclf_core.support import safe_text

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_NOTE = 1000
_MOST_VERSIONS = 40


@dataclass(frozen=True)
class Part:
    """A file of the bundle: SHA-256 (hexadecimal) and number of its bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """What is known of an exported model.

    Attributes:
        name, dataset: For people.
        class_names: K different names in the order of the scores.
        network: A name in `networks.array_shapes.NETWORKS`.
        image_size: Side of the square that it sees, in pixels.
        fit: How photos are brought to it, see `images.decode.fit`.
        embedding: Numbers that the last layer sees, D.
        backbone: SHA-256 of our shipped weights where only the last layer was learnt on these;
            None where the bundle has all arrays.
        made_with: Program and version.
        weights: `source`, `sha256` and `note` of the pretrained weights; empty for scratch.
        versions: Of the libraries it was trained with.
        confidence: Temperature and threshold.
        gate: Limit (0 to 2) and number of neighbours of the gate, or None.
        test: `accuracy` (0 to 1), `interval` [low, high] and `n`; None where it was not tested.
        files: Every other file of the bundle.
    """

    name: str
    dataset: str
    class_names: tuple[str, ...]
    network: str
    image_size: int
    fit: str
    embedding: int
    backbone: str | None
    made_with: str = ""
    weights: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    confidence: Calibration = field(default_factory=Calibration)
    gate: tuple[float, int] | None = None
    test: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Part] = field(default_factory=dict)

    @property
    def tested(self) -> bool:
        """Whether its score on photos it never saw is known."""
        return all(self.test.get(key) is not None for key in ("accuracy", "interval", "n"))

    def to_json(self) -> dict[str, Any]:
        """`labels.json` again, in our words."""
        known = self.gate and {"limit": self.gate[0], "neighbours": self.gate[1]}
        side = [self.image_size, self.image_size]
        names = list(self.class_names)
        return {
            "format": FORMAT,
            **asdict(self),
            "class_names": names,
            "image_size": side,
            "gate": known,
        }


def of_bytes(data: bytes, name: str) -> Manifest:
    """The manifest in the bytes of `labels.json`.

    Args:
        data: At most `foreign.MOST_LABEL_BYTES`.
        name: Of the bundle, for people.

    Raises:
        ModelError: It is damaged, of another version, or says what cannot be.
    """
    return of_json(values.parsed(data, name), name)


def of_json(value: Any, name: str) -> Manifest:
    """The manifest in JSON values.

    Raises:
        ModelError: As `of_bytes`.
    """
    said = Said(value, name)
    _check_format(said)
    network = said.one_of("network", array_shapes.NETWORKS)
    known = Manifest(
        name=said.text("name", safe_text.LONGEST_LABEL) or "model",
        dataset=said.text("dataset", safe_text.LONGEST_LABEL),
        class_names=_class_names(said),
        network=network,
        image_size=_image_size(said, network),
        fit=said.one_of("fit", tuple(FIT_MODES)),
        embedding=said.whole("embedding", 1, 1 << 20),
        backbone=_backbone(said, network),
        made_with=said.text("made_with", safe_text.LONGEST_LABEL),
        weights=_strings(said, "weights", _LONGEST_NOTE),
        versions=_strings(said, "versions", safe_text.LONGEST_LABEL),
        confidence=_confidence(said),
        gate=_gate(said),
        test=_test(said),
        files=_files(said),
    )
    if known.embedding != array_shapes.embedding(network):
        raise said.wrong("embedding", f"{array_shapes.embedding(network)} for this network")
    return known


def _check_format(said: Said) -> None:
    number = said.whole("format", 0, 1_000_000)
    if number > FORMAT:
        raise said.refused(
            f"was made by a newer imgclf (format {number}; this one reads {FORMAT}). "
            "Update imgclf here."
        )
    if number < FORMAT:
        raise said.refused(
            f"was exported by an earlier imgclf (format {number}). Export the run again with "
            "this version."
        )


def _class_names(said: Said) -> tuple[str, ...]:
    most = LIMITS[PERSONAL].classes
    value = said("class_names")
    if not isinstance(value, list) or not 2 <= len(value) <= most:
        raise said.wrong("class_names", f"a list of 2 to {most:,} names")
    if not all(isinstance(one, str) for one in value):
        raise said.wrong("class_names", "a list of texts")
    names = tuple(safe_text.clean(one, LONGEST_CLASS_NAME) for one in value)
    if not all(names) or len(set(names)) < len(names):
        raise said.wrong("class_names", "a list of different names that can be read")
    return names


def _image_size(said: Said, network: str) -> int:
    value, sizes = said("image_size"), catalogue.image_sizes(network)
    if not isinstance(value, list) or value not in [[side, side] for side in sizes]:
        choices = ", ".join(f"{side} x {side}" for side in sizes)
        raise said.wrong("image_size", f"one of {choices}, which this network takes")
    return int(value[0])


def _backbone(said: Said, network: str) -> str | None:
    value = said("backbone")
    if value is None:
        return None
    if network not in catalogue.ON_BACKBONE:
        raise said.wrong("backbone", "empty, as it is for a network from scratch")
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise said.wrong("backbone", "a SHA-256")
    if value != weights.sha256_of(weights.SHIPPED_WEIGHTS):
        raise said.refused(
            "builds on pretrained weights that this imgclf does not come with. Use the version "
            "of imgclf that exported it."
        )
    return value


def _confidence(said: Said) -> Calibration:
    part = said.part("confidence")
    return Calibration(
        temperature=part.number("temperature", 1e-6, 1000),
        fitted_on=part.whole("fitted_on", 0, 1_000_000_000),
        threshold=part.number("threshold", 0, 1),
    )


def _gate(said: Said) -> tuple[float, int] | None:
    if said("gate") is None:
        return None
    part = said.part("gate")
    return part.number("limit", 0, 2), part.whole("neighbours", 1, ood_detector.MOST_ROWS)


def _test(said: Said) -> dict[str, Any]:
    if said("test") is None:
        return {}
    part = said.part("test")
    if any(part(key) is None for key in ("accuracy", "interval", "n")):
        return {}
    bounds = part("interval")
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise part.wrong("interval", "two numbers")
    pair = Said({"low": bounds[0], "high": bounds[1]}, "", "test.interval.")
    low = pair.number("low", 0, 1)
    return {
        "accuracy": part.number("accuracy", 0, 1),
        "interval": [low, pair.number("high", low, 1)],
        "n": part.whole("n", 0, 1_000_000_000),
    }


def _strings(said: Said, key: str, longest: int) -> dict[str, str]:
    part = said.part(key)
    if len(part.names) > _MOST_VERSIONS:
        raise said.wrong(key, f"at most {_MOST_VERSIONS} entries")
    return {safe_text.clean(one): part.text(one, longest) for one in part.names}


def _files(said: Said) -> dict[str, Part]:
    listed, found = said.part("files"), {}
    for name in listed.names:
        part = listed.part(name)
        sha256 = part("sha256")
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            raise part.wrong("sha256", "a SHA-256")
        found[name] = Part(sha256, part.whole("bytes", 0, 1 << 40))
    return found
