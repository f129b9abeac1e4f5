"""All forty cases, in order."""

from tests.hostile import layouts, models, names, pictures, sessions, zips
from tests.hostile.case import Case

_MODULES = (zips, layouts, pictures, names, models, sessions)
ALL: tuple[Case, ...] = tuple(
    sorted((case for module in _MODULES for case in module.CASES), key=lambda case: case.number)
)
