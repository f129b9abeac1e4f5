"""The narrow column of the Train page: what to train, how long it takes, and the button.

What goes on and what came out is in `ui/train/now.py`, the table of runs in
`ui/train/runs_table.py`.
"""

import streamlit as st

from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import BoundError
from imgclf_core.networks import mobilenet_v2, scratch_cnn
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import safe_text
from imgclf_core.training import presets, time_estimate
from imgclf_core.training.presets import BALANCED, OURS, QUICK, THOROUGH
from imgclf_core.ui import job_cards, resize_choice, shared_server
from imgclf_core.ui.train import settings_form
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import trainings

BOTH = "both"
_NETWORKS = {
    mobilenet_v2.NAME: "Pretrained MobileNetV2",
    scratch_cnn.NAME: "Scratch CNN",
    BOTH: "Both, and compare",
}
_SUITS = {
    mobilenet_v2.NAME: (
        "Has seen a million photos and only learns your classes on top. "
        "Right for most sets, from about 20 photos a class; takes seconds."
    ),
    scratch_cnn.NAME: (
        "Starts knowing nothing and sees only your photos. For pictures unlike photographs, "
        "for large sets, and to see how learning works; takes minutes."
    ),
    BOTH: (
        "Trains one after the other on the same photos. "
        "Shows what the million photos were worth to you."
    ),
}
_PRESETS = {QUICK: "Quick", BALANCED: "Balanced", THOROUGH: "Thorough"}
_RECIPES = {
    OURS: "Ours",
    presets.SCENE_NETWORK: "Scene network, 150 pixels",
    presets.SPORTS_NETWORK: "Sports network, 224 pixels",
    presets.SPORTS_TRANSFER: "Sports transfer, 224 pixels",
}
_RECIPE_WORDS = {
    presets.SCENE_NETWORK: (
        "As published for six kinds of landscape: 30 epochs, no variety, 135,942 numbers for six "
        "classes. It learns from your photos as they are divided here."
    ),
    presets.SPORTS_NETWORK: (
        "As published for two kinds of sport: 500 epochs at a very low rate, six million numbers "
        "for two classes. Its authors divided 80/20; that is set on the Data page. They prepared "
        "variety but never used it; here it is used."
    ),
    presets.SPORTS_TRANSFER: (
        "As published: only the last layer learns, 500 epochs at a very low rate. The variety its "
        "authors prepared but never used is here three copies of each photo."
    ),
}


def choose_and_start(visit: Visit) -> None:
    """Network, preset, settings folded, one primary button."""
    dataset = visit.dataset
    network = st.radio(
        "Network",
        list(_NETWORKS),
        key="network",
        persist_state="session",
        format_func=_NETWORKS.get,
    )
    st.caption(_SUITS[network])
    preset = st.segmented_control(
        "How thorough",
        list(_PRESETS),
        default=BALANCED,
        required=True,
        key="effort",
        persist_state="session",
        format_func=_PRESETS.get,
        help="How often every photo is shown and in how many varied copies; *Thorough* also lets "
        "the upper blocks of MobileNetV2 learn (fine-tuning).",
    )
    recipe = _recipe()
    chosen = _settings(visit, network, preset or BALANCED, recipe)
    st.caption(
        f"About **{job_cards.duration(_seconds(dataset, chosen))}** for these photos, on this "
        f"computer.{_other_presets(visit, network, preset or BALANCED) if recipe == OURS else ''}"
    )
    leave_out, may_start = _small_classes(dataset)
    may_start = _room(visit, _seconds(dataset, chosen)) and may_start
    if st.button(
        "Train",
        type="primary",
        key="train",
        icon=":material/play_arrow:",
        disabled=not may_start,
        width="stretch",
    ):
        _start(visit, dataset, chosen, leave_out)
        st.rerun()


def begin(visit: Visit, dataset: Dataset, settings: TrainingSettings) -> None:
    """Starts a training, unless the same goes on already."""
    if trainings.is_training(visit.runs, dataset, settings):
        st.toast("This training is going on already.")
    else:
        visit.workspace.add_run(dataset, settings, visit.profile)


def _room(visit: Visit, seconds: float) -> bool:
    """Whether a shared server has room for this training; says so where it has not."""
    shared_server.training_note(visit.limits)
    try:
        visit.workspace.room_for_training(seconds, visit.runs)
    except BoundError as error:
        st.warning(safe_text.markdown(str(error), longest=1000))
        return False
    return True


def _small_classes(dataset: Dataset) -> tuple[bool, bool]:
    """Whether small classes shall be left out, and whether training may start."""
    small = class_checks.too_small_classes(dataset)
    if not class_checks.can_train(dataset):
        st.warning("Training needs two classes with enough photos. Bring in more on the Data page.")
        return False, False
    if not small:
        return False, True
    st.warning(
        f"Too few photos to train: {safe_text.markdown(', '.join(small), longest=300)}. A class "
        f"needs at least {class_checks.FEWEST_TO_TRAIN}."
    )
    leave_out = st.checkbox("Train without them", key="leave_out")
    return leave_out, leave_out


def _start(visit: Visit, dataset: Dataset, chosen: list[TrainingSettings], leave_out: bool) -> None:
    for settings in chosen:
        begin(visit, dataset, settings_module.changed(settings, leave_out_small=leave_out))


def _recipe() -> str:
    """The folded choice of a published recipe."""
    fold = st.expander("Recipe", key="recipe_fold", on_change="rerun")
    if not fold.open:
        return st.session_state.get("recipe", OURS)
    with fold:
        recipe = st.selectbox(
            "Recipe",
            list(_RECIPES),
            key="recipe",
            persist_state="session",
            format_func=_RECIPES.get,
            label_visibility="collapsed",
            help="Networks of published write-ups, to repeat and to teach.",
        )
        if recipe != OURS:
            st.caption(_RECIPE_WORDS[recipe])
    return recipe


def _settings(visit: Visit, network: str, preset: str, recipe: str) -> list[TrainingSettings]:
    """What would be trained: the preset or recipe, or what the form says."""
    dataset = visit.dataset
    if recipe != OURS:
        st.caption(f"Recipe: **{_RECIPES[recipe]}**, in place of the choices above.")
        return [settings_form.show(visit, presets.recipe(recipe), f"{recipe}_{dataset.id}")]
    if network == BOTH:
        st.caption("Both use their default settings.")
        return _preset_settings(visit, network, preset)
    (begin,) = _preset_settings(visit, network, preset)
    # The form keeps what was changed in it until what it begins with changes.
    key = f"{network}_{dataset.id}_{hash(begin)}"
    return [settings_form.show(visit, begin, key)]


def _preset_settings(visit: Visit, network: str, preset: str) -> list[TrainingSettings]:
    photos = int(visit.dataset.counts[:, 0].sum())
    names = (mobilenet_v2.NAME, scratch_cnn.NAME) if network == BOTH else (network,)
    return [
        resize_choice.remembered(visit, presets.settings(name, photos, preset)) for name in names
    ]


def _other_presets(visit: Visit, network: str, chosen: str) -> str:
    """How long those presets take that are not chosen."""
    words = []
    for preset, name in _PRESETS.items():
        if preset != chosen:
            seconds = _seconds(visit.dataset, _preset_settings(visit, network, preset))
            words.append(f"{name} {job_cards.duration(seconds)}")
    return f" {', '.join(words)}."


def _seconds(dataset: Dataset, chosen: list[TrainingSettings]) -> float:
    return sum(time_estimate.seconds(settings, len(dataset.photos)) for settings in chosen)
