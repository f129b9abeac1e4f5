"""What the app is built on: bounds that are tested, and vulnerabilities that are known."""

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests import audit

PROJECT = Path(__file__).parents[1]


def requirements(name: str) -> list[Requirement]:
    """The lines of a file of requirements that name a package."""
    lines = (PROJECT / name).read_text("utf-8").splitlines()
    words = [line.partition("#")[0].strip() for line in lines]
    return [Requirement(line) for line in words if line and not line.startswith("-")]


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_every_requirement_has_one_lower_bound(name):
    """`.ci/run lowest` turns each into the version it names; the newest is what pip takes."""
    for requirement in requirements(name):
        (bound,) = requirement.specifier
        assert bound.operator == ">=", requirement
        assert Version(version(requirement.name)) >= Version(bound.version)


def test_both_lists_of_dependencies_are_the_same():
    """`pyproject.toml` is for installing, `requirements.txt` for people and Community Cloud."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [Requirement(line) for line in project["dependencies"]]
    assert declared == requirements("requirements.txt")


def answer(*fixes: str, name: str = "pillow") -> str:
    """What pip-audit says of one package with one vulnerability."""
    found = {"id": "CVE-2030-1", "fix_versions": list(fixes), "aliases": [], "description": ""}
    package = {"name": name, "version": "13.0.0", "vulns": [found]}
    return json.dumps({"dependencies": [package], "fixes": []})


def test_a_vulnerability_that_an_update_mends_fails_the_check():
    """It is named with the version that mends it."""
    found = audit.verdict(answer("13.0.1"))
    assert found.failed
    assert "pillow 13.0.0: CVE-2030-1, mended in 13.0.1" in found.lines


def test_a_vulnerability_that_nobody_has_mended_is_only_told():
    """Nothing could be done about it."""
    found = audit.verdict(answer())
    assert not found.failed
    assert "pillow 13.0.0: CVE-2030-1, not mended yet" in found.lines


@pytest.mark.parametrize("output", ["", "Traceback", "{}", "[]"])
def test_without_a_network_nothing_fails_and_it_is_told(output):
    """No answer is not an answer that all is well."""
    found = audit.verdict(output)
    assert not found.failed
    assert found.lines[0].startswith("Not audited")


def test_packages_that_were_not_found_do_not_count_as_audited():
    """A mirror without the list answers so."""
    skipped = {"name": "pillow", "skip_reason": "not found"}
    found = audit.verdict(json.dumps({"dependencies": [skipped]}))
    assert found.lines == ("Audited 0 of 1 packages.",)
    assert not found.failed
