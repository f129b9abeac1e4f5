"""What a process of a shared server still knows of a visitor whose pages are closed: nothing."""

import gc
import sys
import types
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from streamlit.runtime.caching import cache_data_api, cache_resource_api
from streamlit.testing.v1 import AppTest

import imgclf_core
from imgclf_core.ui import session
from imgclf_core.workspaces.workspace import Workspace, new_token
from tests.conftest import picture
from tests.pages.conftest import PROJECT, add_photos, add_run

OURS = "imgclf_core"
PAGES = ("1_Data", "2_Train", "3_Evaluate", "4_Classify", "5_Share")
ANNA, BERT = ("amphora-quokka", "secret-holiday"), ("lesion-kestrel", "patient-ledger")


def visit(workspace: Workspace, own: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Looks at every page and asks about a photo; sees the own names, and none of the other's."""
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=30)
    app.query_params["w"] = workspace.token
    app.run()
    seen = ""
    for page in PAGES:
        app.switch_page(f"pages/{page}.py").run()
        if page.endswith("Classify"):
            app.file_uploader[0].set_value([(f"{own[1]}.jpg", picture(5), "image/jpeg")]).run()
        assert not app.exception
        seen += "".join(str(e) for root in (app.main, app.sidebar) for e in _elements(root))
    assert app.session_state[session.TOKEN] == workspace.token
    assert all(word in seen.replace("\\", "") for word in own)
    assert not any(word in seen.replace("\\", "") for word in other)


def _elements(block) -> Iterator[object]:
    for child in block.children.values():
        yield getattr(child, "proto", "")
        if hasattr(child, "children"):
            yield from _elements(child)


def reachable(roots: Iterable[object]) -> Iterator[object]:
    """Everything that these objects hold on to, without going into modules that are not ours."""
    modules = {name: one for name, one in sys.modules.items() if isinstance(one, types.ModuleType)}
    foreign = {id(vars(one)) for name, one in modules.items() if not name.startswith(OURS)}
    todo, seen = list(roots), set()
    while todo:
        one = todo.pop()
        if id(one) in seen or id(one) in foreign or isinstance(one, types.ModuleType):
            continue
        if isinstance(one, types.FrameType | types.TracebackType):
            continue
        seen.add(id(one))
        yield one
        todo.extend(gc.get_referents(one))
        if isinstance(one, np.ndarray) and one.dtype.kind in "OUS":
            todo.extend(one.ravel().tolist())


def kept_names(words: Iterable[str]) -> set[str]:
    """Words that the caches of Streamlit or the modules of the app still know."""
    ours = [vars(one) for name, one in list(sys.modules.items()) if name.startswith(OURS)]
    kept = set()
    for one in reachable([*ours, *_storages()]):
        if isinstance(one, bytes | bytearray):
            kept |= {word for word in words if word.encode() in one}
        elif isinstance(one, str):
            kept |= {word for word in words if word in one}
    return kept


def _storages() -> list[object]:
    """Where `st.cache_data` and `st.cache_resource` keep what they were given."""
    return [vars(cache_data_api._data_caches), vars(cache_resource_api._resource_caches)]


@pytest.mark.slow
def test_the_process_forgets_a_visitor(home, tmp_path, monkeypatch):
    """After two visitors used all pages, neither a cache nor a module knows a name of theirs."""
    monkeypatch.setenv("IMGCLF_PROFILE", "shared")
    people = []
    for number, (word, photo) in enumerate((ANNA, BERT)):
        workspace = Workspace(new_token())
        (tmp_path / word).mkdir()
        entries = {
            f"{kind}{word}/{photo}-{i}.jpg": picture(1000 * number + 50 * tint + i, tint=tint)
            for tint, kind in ((0, ""), (2, "other "))
            for i in range(10)
        }
        add_photos(workspace, tmp_path / word, entries)
        add_run(workspace, "first")
        people.append(workspace)

    visit(people[0], ANNA, BERT)
    visit(people[1], BERT, ANNA)
    visit(people[0], ANNA, BERT)

    assert not kept_names((*ANNA, *BERT))
    left_behind = {"in a list": [f"{ANNA[0]}/1.jpg"]}
    monkeypatch.setattr(imgclf_core, "left_behind", left_behind, raising=False)
    assert kept_names((*ANNA, *BERT)) == {ANNA[0]}  # so it would have been found
