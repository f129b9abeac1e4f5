"""What the person says of a model that is given away, kept with the run as `sharing.json`.

Names of classes can be changed for it without training again: only the bundle has them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from imgclf_core.datasets.dataset import LONGEST_CLASS_NAME
from imgclf_core.errors import OptionError
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, safe_text

FILE = "sharing.json"
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Sharing:
    """What goes into the bundle besides the model.

    Attributes:
        class_names: K names in the order of the scores.
        purpose, source, rights: Of the model and its photos, in the person's words; may be empty.
        photos: Whether sample photos are the person's own; otherwise they are drawn.
    """

    class_names: tuple[str, ...]
    purpose: str = ""
    source: str = ""
    rights: str = ""
    photos: bool = True


def load(run: Run, source: str = "", rights: str = "") -> Sharing:
    """What was said of a run; by default its own names.

    Args:
        run: Which.
        source, rights: What is known of its photos, where nothing was said yet.
    """
    value = atomic_files.read_json(run.folder / FILE)
    known = Sharing(run.class_names, source=source, rights=rights)
    if not isinstance(value, dict) or len(value.get("class_names", ())) != len(run.class_names):
        return known
    return replace(known, **{**value, "class_names": tuple(value["class_names"])})


def save(run: Run, sharing: Sharing) -> None:
    """Keeps it.

    Raises:
        OptionError: A name is empty, or two are alike.
    """
    checked = replace(
        sharing,
        class_names=checked_names(sharing.class_names, len(run.class_names)),
        purpose=_note(sharing.purpose),
        source=_note(sharing.source),
        rights=_note(sharing.rights),
    )
    atomic_files.write_json(run.folder / FILE, asdict(checked))


def renamed(names: Sequence[str], changes: Mapping[str, str]) -> tuple[str, ...]:
    """The names with some changed.

    Raises:
        OptionError: One that shall be changed is not there.
    """
    missing = [name for name in changes if name not in names]
    if missing:
        raise OptionError(
            f"There is no class '{safe_text.clean(missing[0])}' here. The classes are "
            f"{', '.join(map(safe_text.clean, names))}."
        )
    return tuple(changes.get(name, name) for name in names)


def checked_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Names as they are kept: one line each, none empty, no two alike.

    Raises:
        OptionError: They cannot be used; the sentence tells which.
    """
    plain = tuple(safe_text.clean(str(name), LONGEST_CLASS_NAME).strip() for name in names)
    if len(plain) != count or not all(plain):
        raise OptionError("Every class needs a name. Type one where it is empty.")
    twice = [name for i, name in enumerate(plain) if name in plain[:i]]
    if twice:
        raise OptionError(f"Two classes are called '{twice[0]}'. Give one of them another name.")
    return plain


def _note(text: str) -> str:
    kept = "\n".join(safe_text.clean(line, LONGEST_NOTE) for line in text.strip().splitlines())
    return kept[:LONGEST_NOTE]
