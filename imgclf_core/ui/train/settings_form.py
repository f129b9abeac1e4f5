"""The folded settings of a training."""

import streamlit as st

from imgclf_core.networks import catalogue, weights
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.settings import CLASS_WEIGHTS, TrainingSettings
from imgclf_core.ui.resize_choice import FIT_WORDS
from imgclf_core.ui.visitor import Visit

_WEIGHT_WORDS = {
    weights.AUTO: "Official if they can be had, else shipped",
    weights.IMAGENET: "Official ImageNet weights",
    weights.SHIPPED: "Those that come with the app",
}
_CLASS_WEIGHT_WORDS = {
    "auto": "Where classes are unequal",
    "on": "Always",
    "off": "Never",
}


def show(visit: Visit, defaults: TrainingSettings, key: str) -> TrainingSettings:
    """The fold with all settings.

    Args:
        visit: Whose page it is.
        defaults: What stands in the form at first.
        key: Names this form, so that another network has a form of its own.

    Returns:
        Checked settings.
    """
    with st.expander("Settings", key=f"settings_{key}", on_change="rerun") as fold:
        pass
    if not fold.open:
        return _kept(defaults, key)
    with fold:
        form = _Form(key, defaults)
        form.learning()
        form.fine_tuning()
        form.variety()
        form.rest(visit)
    return form.settings()


def _kept(defaults: TrainingSettings, key: str) -> TrainingSettings:
    """What was chosen while the fold was open."""
    kept = st.session_state.get(f"chosen_{key}")
    return settings_module.from_json(kept) if kept else defaults


class _Form:
    """Widgets one after another, each filling one setting."""

    def __init__(self, key: str, defaults: TrainingSettings):
        self._key, self._pretrained = key, defaults.on_backbone
        self._now = _kept(defaults, key)

    def settings(self) -> TrainingSettings:
        """The settings so far, kept for when the fold is closed."""
        st.session_state[f"chosen_{self._key}"] = self._now.to_json()
        return self._now

    def learning(self) -> None:
        """Epochs, rate, batch and size."""
        sizes = catalogue.image_sizes(self._now.model)
        self._number("epochs", "Epochs", 1, 1000, 1, "Times every training photo is shown.")
        self._choice(
            "image_size",
            "Photo size",
            sizes,
            lambda side: f"{side} x {side} pixels",
            "Larger shows more detail and takes longer.",
        )
        self._number(
            "batch_size",
            "Batch size",
            1,
            512,
            1,
            "Photos looked at between two corrections of the network.",
        )
        self._set(
            learning_rate=st.select_slider(
                "Learning rate",
                _rates(self._now.learning_rate),
                value=self._now.learning_rate,
                key=f"learning_rate_{self._key}",
                format_func=lambda rate: f"{rate:g}",
                help="How large the corrections are. Too high runs away, too low takes for ever.",
            )
        )

    def fine_tuning(self) -> None:
        """Whether the upper blocks of the pretrained network learn too."""
        if not self._pretrained:
            return
        self._set(
            fine_tune=st.checkbox(
                "Let the upper blocks learn too",
                self._now.fine_tune,
                key=f"tune_{self._key}",
                help="Fine-tuning: after the last layer, the blocks below it are adapted to your "
                "photos at a low rate. Takes minutes; kept only if validation gets better.",
            )
        )
        if self._now.fine_tune:
            self._number("fine_tune_epochs", "Epochs of that", 1, 1000, 1, "Few are enough.")

    def variety(self) -> None:
        """Ranges of the augmentation."""
        st.markdown(
            "**Variety** (augmentation)",
            help="Shown on your photos under *Data*, *What the network sees*.",
        )
        if self._pretrained:
            self._number(
                "views",
                "Extra varied copies of each photo",
                0,
                8,
                1,
                "The pretrained part looks at each copy once. 0 switches variety off.",
            )
        self._slider("rotation", "Turn, degrees to either side", 0.0, 90.0, 5.0)
        self._slider("zoom", "Zoom, share", 0.0, 0.5, 0.05)
        self._slider("shift", "Shift, share of the side", 0.0, 0.3, 0.05)
        self._set(
            flip=st.checkbox(
                "Mirror left to right",
                self._now.flip,
                key=f"flip_{self._key}",
                help="Switch it off where left and right mean something, as in writing.",
            )
        )

    def rest(self, visit: Visit) -> None:
        """Dropout, class weights, stopping, seed, fit and weights."""
        st.markdown("**More**")
        self._choice(
            "fit",
            "Photos that are not square",
            list(FIT_WORDS),
            FIT_WORDS.get,
            "The same is done to every photo that is classified later.",
        )
        self._slider(
            "dropout",
            "Dropout",
            0.0,
            0.8,
            0.05,
            "Share of what it sees that is hidden at random, against learning by heart.",
        )
        self._choice(
            "class_weights",
            "Weigh rare classes up",
            CLASS_WEIGHTS,
            _CLASS_WEIGHT_WORDS.get,
            "So that a class with few photos counts as much as one with many.",
        )
        self._number(
            "patience",
            "Stop after this many epochs without getting better",
            0,
            1000,
            1,
            "Early stopping. 0 never stops early; the best epoch is kept either way.",
        )
        self._number("seed", "Seed", 0, 2**31 - 1, 1, "The same seed gives the same training.")
        if self._pretrained:
            self._weights(visit)

    def _weights(self, visit: Visit) -> None:
        choices = [*weights.CHOICES, weights.FILE] if visit.may_type_paths else weights.CHOICES
        is_file = self._now.weights not in weights.CHOICES
        choice = st.selectbox(
            "Which pretrained weights",
            choices,
            key=f"weights_{self._key}",
            index=len(choices) - 1 if is_file else choices.index(self._now.weights),
            format_func=lambda name: _WEIGHT_WORDS.get(name, "A file of mine"),
        )
        if choice == weights.FILE:
            path = st.text_input(
                "Path of the weights file",
                self._now.weights if is_file else "",
                key=f"weights_file_{self._key}",
                help="A Keras .h5 of MobileNetV2 without its top layer.",
            )
            choice = path or weights.AUTO
        self._set(weights=choice)

    def _set(self, **changes) -> None:
        self._now = settings_module.changed(self._now, **changes)

    def _number(self, name: str, label: str, low: int, high: int, step: int, help_text: str):
        value = st.number_input(
            label,
            low,
            high,
            getattr(self._now, name),
            step,
            key=f"{name}_{self._key}",
            help=help_text,
        )
        self._set(**{name: int(value)})

    def _slider(self, name, label, low, high, step, help_text: str | None = None) -> None:
        value = st.slider(
            label,
            low,
            high,
            float(getattr(self._now, name)),
            step,
            key=f"{name}_{self._key}",
            help=help_text,
        )
        self._set(**{name: value})

    def _choice(self, name, label, options, words, help_text: str) -> None:
        options = list(options)
        value = st.selectbox(
            label,
            options,
            options.index(getattr(self._now, name)),
            key=f"{name}_{self._key}",
            format_func=words,
            help=help_text,
        )
        self._set(**{name: value})


def _rates(default: float) -> list[float]:
    steps = {m * 10.0**e for e in (-6, -5, -4, -3, -2) for m in (1, 2, 5)} | {default}
    return sorted(float(f"{rate:g}") for rate in steps)
