"""How photos are shown to networks, as the person chose it on the Data page.

Kept in the workspace, so that the Train page begins with it.
"""

from imgclf_core.errors import OptionError
from imgclf_core.images import decode
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.ui.visitor import Visit

FIT_WORDS = {
    decode.CROP: "Keep the middle (crop)",
    decode.PAD: "Add white borders (pad)",
    decode.STRETCH: "Squeeze into a square (stretch)",
}
_KEY = "seeing"


def remember(visit: Visit, **chosen) -> None:
    """Keeps what was chosen; where that is the default, nothing."""
    plain = TrainingSettings()
    changed = {name: value for name, value in chosen.items() if value != getattr(plain, name)}
    visit.workspace.remember(**{_KEY: changed or None})


def remembered(visit: Visit, defaults: TrainingSettings) -> TrainingSettings:
    """The settings with what was chosen on the Data page."""
    try:
        return settings_module.changed(defaults, **visit.workspace.current().get(_KEY, {}))
    except (OptionError, TypeError):
        return defaults
