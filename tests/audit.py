"""Whether a version that is installed has a known vulnerability: `python -m tests.audit`.

Asks pip-audit about everything in this environment. Ends with 1 only where a newer version mends a
vulnerability; one that nobody has mended yet is printed, and so is that nothing could be asked,
for a check must not fail because a network is missing.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

_LONGEST = 240  # seconds
# Also with the installer itself, which is in every environment and is not ours to choose.
_COMMAND = ["-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--local"]


@dataclass(frozen=True)
class Verdict:
    """What came of it.

    Attributes:
        lines: To be printed.
        failed: Whether something can and must be done.
    """

    lines: tuple[str, ...]
    failed: bool


def verdict(output: str) -> Verdict:
    """What the answer of pip-audit, JSON or nothing at all, means."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(("Not audited: the list of known vulnerabilities was not reached.",), False)
    asked = [package for package in packages if "skip_reason" not in package]
    lines = [f"Audited {len(asked)} of {len(packages)} packages."]
    failed = False
    for package in asked:
        for found in package["vulns"]:
            mended = ", ".join(found["fix_versions"])
            failed |= bool(mended) and package["name"] != "pip"
            remedy = f"mended in {mended}" if mended else "not mended yet"
            lines.append(f"{package['name']} {package['version']}: {found['id']}, {remedy}")
    return Verdict(tuple(lines), failed)


def main() -> int:
    """Prints the verdict on this environment; the exit status."""
    try:
        done = subprocess.run(
            [sys.executable, *_COMMAND], capture_output=True, text=True, timeout=_LONGEST
        )
        output = done.stdout
    except subprocess.TimeoutExpired:
        output = ""
    found = verdict(output)
    print("\n".join(found.lines))
    return int(found.failed)


if __name__ == "__main__":
    sys.exit(main())
