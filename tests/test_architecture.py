"""Rules that hold for the whole program: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "imgclf_core"
UI = ENGINE / "ui"
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
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


def test_only_pages_know_streamlit():
    """The engine runs without a page in sight."""
    assert len(engine_files()) > 30
    assert offenders(engine_files(), "streamlit") == []


def test_the_engine_does_not_know_its_pages():
    """Nothing outside of `ui` imports `imgclf_core.ui`."""
    assert offenders(engine_files(), "imgclf_core.ui") == []


def test_the_ground_floor_imports_nothing_of_ours():
    """Every module can use errors and settings of the machine without a circle."""
    ground = [ENGINE / "errors.py", ENGINE / "config.py", ENGINE / "support/file_system.py"]
    assert offenders(ground, "imgclf_core") == []


def test_the_server_never_loads_the_heavy_libraries():
    """All that the pages import leaves TensorFlow, scikit-learn, SciPy and Altair unloaded."""
    ours = {f"imgclf_core.ui.{path.stem}" for path in UI.glob("*.py") if path.stem != "__init__"}
    used = {name for path in [*PAGES, *UI.glob("*.py")] for name in imported(path)}
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
    """Calls in a file that touch the disk by another way than `support/file_system.py`."""
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
