"""Rules that hold for the whole program: who may import whom, and who touches what."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "imgclf_core"
UI = ENGINE / "ui"
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]

# The rooms of the engine, the highest first. An import only points down; rooms on one line do not
# know each other. The drawing in `imgclf_core/README.md` is compared with this.
LAYERS = (
    ("cli", "ui"),
    ("reports", "workspaces"),
    ("bundles", "charts"),
    ("analysis",),
    ("training", "inference"),
    ("datasets", "runs"),
    ("archives", "metrics", "jobs", "networks"),
    ("images",),
    ("support",),
    ("errors", "config"),
)
# The one place that names all kinds of jobs; it imports none of them.
REGISTRY = "job_registry"
# What may lie beside the rooms; `__init__` and `__main__` are Python's own.
LOOSE = {"errors", "config", REGISTRY, "__init__", "__main__"}
MOST_FLOORS, MOST_ROOMS = 10, 22

# What stands in for a file operation of ours, by the name it is called by.
FILE_OPERATIONS = {
    "open",
    "read_bytes",
    "write_bytes",
    "read_text",
    "write_text",
    "unlink",
    "rmdir",
    "mkdir",
    "rmtree",
    "touch",
    "memmap",
    "fromfile",
    "tofile",
    "copyfile",
    "copy2",
    "fsync",
}
# Modules that offer such names themselves, and libraries that mean something else by them.
OWN_DOORS = {"file_system", "atomic_files", "small_files", "Image", "stack", "webbrowser"}
ELSEWHERE = {
    "imgclf_core/support/file_system.py": "it is the place",
    "imgclf_core/bundles/writer/predict.py": "goes along to where the program is not",
    "imgclf_core/networks/shipped/make.py": "makes what the program ships",
    "imgclf_core/jobs/memory.py": "asks the operating system",
    "imgclf_core/cli/main.py": "closes standard output",
    "imgclf_core/ui/classify/canvas.py": "comes with the program",
    "imgclf_core/ui/photo_grid.py": "comes with the program",
}
HEAVY = ("tensorflow", "keras", "sklearn", "scipy", "altair")


def module_name(path: Path) -> str:
    """Full name of a module, or of a package where the file is its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """Full names of everything a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = list(path.relative_to(ROOT).parent.parts)
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            names.update(f"{module}.{alias.name}" for alias in node.names)
    return names


def import_graph() -> dict[str, set[str]]:
    """Which module of the engine imports which, by full names."""
    paths = {module_name(path): path for path in ENGINE.rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        found = set()
        for target in imported(path):
            while target and target not in paths:  # a name inside a module
                target = target.rpartition(".")[0]
            found.add(target)
        graph[name] = found - {"", name}
    return graph


def room_of(module: str) -> str:
    """The room of a module of the engine: the first part of its name below the engine."""
    return module.split(".")[1] if "." in module else ""


def package_of(module: str) -> str:
    """The folder of a module; what lies loose is a package of its own."""
    path = ROOT / Path(*module.split("."))
    return module if path.is_dir() or module.count(".") == 1 else module.rpartition(".")[0]


def circles(graph: Mapping[str, Iterable[str]]) -> list[set[str]]:
    """Sets of nodes that reach each other, each with more than one (R. Tarjan, 1972)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = lowest[node] = len(index)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in index:
                visit(target)
                lowest[node] = min(lowest[node], lowest[target])
            elif target in stack:
                lowest[node] = min(lowest[node], index[target])
        if lowest[node] == index[node]:
            at = stack.index(node)
            component = set(stack[at:])
            del stack[at:]
            if len(component) > 1:
                found.append(component)

    for node in list(graph):
        if node not in index:
            visit(node)
    return found


def grouped(graph: Mapping[str, Iterable[str]], group) -> dict[str, set[str]]:
    """The same graph with modules put together by what `group` calls them."""
    found: dict[str, set[str]] = {}
    for module, targets in graph.items():
        own = found.setdefault(group(module), set())
        own.update(group(target) for target in targets)
        own.discard(group(module))
    return found


def engine_files() -> list[Path]:
    """All files of the engine, the pages' helpers apart."""
    return [path for path in ENGINE.rglob("*.py") if UI not in path.parents]


def offenders(paths: list[Path], package: str) -> list[str]:
    """Which of the files import a package or something inside it."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imported(path)
        if name == package or name.startswith(f"{package}.")
    ]


def test_every_room_has_its_layer():
    """No folder and no loose module is outside of the plan, and nothing planned is missing."""
    folders = {path.name for path in ENGINE.iterdir() if (path / "__init__.py").is_file()}
    loose = {path.stem for path in ENGINE.glob("*.py")}
    planned = {room for line in LAYERS for room in line}

    assert folders | {"errors", "config"} == planned
    assert loose == LOOSE
    assert len(planned | {REGISTRY}) <= MOST_ROOMS
    assert len(LAYERS) <= MOST_FLOORS


def test_imports_only_point_down():
    """A room knows only rooms of lower layers; those on one line do not know each other."""
    floor = {room: number for number, line in enumerate(LAYERS) for room in line}
    upward = [
        f"{module} imports {target}"
        for module, targets in import_graph().items()
        for target in targets
        if room_of(module) in floor
        and room_of(target) != room_of(module)
        and floor.get(room_of(target), -1) <= floor[room_of(module)]
        and target != "imgclf_core"
    ]
    assert upward == []


def test_folders_of_pages_do_not_know_each_other():
    """What two pages share lies in `ui/` itself; `app.py` and `pages/` put the parts together."""
    found = [
        f"{module} imports {target}"
        for module, targets in import_graph().items()
        for target in targets
        if re.match(r"imgclf_core\.ui\.\w+\.", module)
        and re.match(r"imgclf_core\.ui\.\w+\.", target)
        and package_of(module) != package_of(target)
    ]
    assert found == []


def test_the_registry_names_jobs_and_imports_none():
    """It knows the room of jobs alone, and nothing in the engine imports it."""
    graph = import_graph()
    registry = f"imgclf_core.{REGISTRY}"
    assert {room_of(target) for target in graph[registry]} == {"jobs"}
    assert [module for module, targets in graph.items() if registry in targets] == []


@pytest.mark.parametrize("group", [str, package_of, room_of])
def test_nothing_imports_in_a_circle(group):
    """Neither modules, nor folders, nor whole rooms."""
    assert circles(grouped(import_graph(), group)) == []


def test_a_circle_would_be_found():
    """Of two and of three; what only leads into a circle is none."""
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == [{"a", "b"}]
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}) == [{"a", "b", "c"}]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_drawing_shows_the_layers():
    """The first block of `imgclf_core/README.md` names the rooms line by line, as they are."""
    text = (ENGINE / "README.md").read_text("utf-8")
    drawing = re.search(r"```\n(.*?)```", text, re.DOTALL).group(1)
    lines = []
    for line in drawing.splitlines():
        words = [
            word.split("/")[0].split(".")[0] for word in re.findall(r"[a-z_]+[/.][a-z]*", line)
        ]
        rooms = tuple(word for word in words if any(word in names for names in LAYERS))
        if rooms:
            lines.append(set(rooms))
    assert lines == [set(names) for names in LAYERS]


def test_jobs_are_asked_for_through_one_door():
    """Only `workspaces/job_requests.py` and the room of jobs itself use the queue."""
    asking = []
    for path in [*ENGINE.rglob("*.py"), *PAGES]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = getattr(node, "func", None)
            if (
                isinstance(called, ast.Attribute)
                and called.attr.startswith("submit")
                and getattr(called.value, "id", "") == "queue"
            ):
                asking.append(path.relative_to(ENGINE).as_posix())
    assert {name for name in asking if not name.startswith("jobs/")} == {
        "workspaces/job_requests.py"
    }


def test_only_pages_know_streamlit():
    """The engine runs without a page in sight."""
    assert len(engine_files()) > 30
    assert offenders(engine_files(), "streamlit") == []


def test_the_engine_does_not_know_its_pages():
    """Nothing outside of `ui` imports `imgclf_core.ui`."""
    assert offenders(engine_files(), "imgclf_core.ui") == []


def test_the_server_never_loads_the_heavy_libraries():
    """All that the pages import leaves TensorFlow, scikit-learn, SciPy and Altair unloaded."""
    ours = {module_name(path) for path in UI.rglob("*.py")}
    used = {name for path in [*PAGES, *UI.rglob("*.py")] for name in imported(path)}
    code = f"""
import importlib, sys
for name in {sorted(ours | used | {"streamlit"})!r}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        importlib.import_module(name.rpartition(".")[0])  # a name inside a module
print("checked", *sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["checked"]


def file_operations(path: Path) -> list[str]:
    """Calls in a file that touch the disk by another way than `file_system.py`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "open":
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} open")
        elif isinstance(called, ast.Attribute) and called.attr in FILE_OPERATIONS:
            owner = called.value.id if isinstance(called.value, ast.Name) else ""
            if called.attr == "open" and owner not in {"os", "zipfile", "gzip", "path"}:
                continue  # of a dialog, a zip or a picture
            if owner not in OWN_DOORS:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {called.attr}")
    return found


def test_all_file_operations_pass_through_one_place():
    """So that a test can make each of them fail; the exceptions are few and have a reason."""
    found = [
        one
        for path in [*ENGINE.rglob("*.py"), *PAGES]
        if path.relative_to(ROOT).as_posix() not in ELSEWHERE
        for one in file_operations(path)
    ]
    assert found == []
