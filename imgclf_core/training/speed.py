"""How fast this machine is, learnt from what it did, so that times to go are honest.

Kept in one small file of the home: for each stage of each network, how many seconds it takes
here for one that `training/time_estimate.py` expects.
"""

from collections.abc import Mapping
from pathlib import Path

from imgclf_core import config
from imgclf_core.support import atomic_files

# A new measurement counts as much as all before it, so that one odd day does not last.
_SHARE = 0.5


def factor(name: str) -> float:
    """Seconds here for one expected second; 1 until something was measured."""
    known = _known().get(name)
    return float(known) if isinstance(known, int | float) and 0.02 < known < 50 else 1.0


def learn(measured: Mapping[str, float]) -> None:
    """Remembers factors by name."""
    known = _known()
    for name, value in measured.items():
        known[name] = round(_SHARE * value + (1 - _SHARE) * known.get(name, value), 4)
    atomic_files.write_json(_path(), known)


def _known() -> dict[str, float]:
    value = atomic_files.read_json(_path())
    return dict(value) if isinstance(value, dict) else {}


def _path() -> Path:
    return config.home() / "speed.json"
