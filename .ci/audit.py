"""Looks the pinned versions up among the known vulnerabilities, where that data can be had.

Ends with 1 only where a pinned version is known to be vulnerable. Without data nothing is proven:
that is said loudly, and the other checks go on. A tool that finds no entry for a package reports
no vulnerability either, so what was really looked up is counted.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PINS = Path(__file__).parent.parent / "constraints.txt"
TOOL = "pip-audit==2.10.1"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
NO_ANSWER = "the service gave no answer"
WITHIN_S = 30.0
"""For all of it. Nobody should have to wait for this beside the tests."""


class NoDataError(Exception):
    """Why nothing could be looked up."""


def main() -> int:
    try:
        report = look_up(time.monotonic() + WITHIN_S)
    except NoDataError as why:
        print(f"NOT AUDITED: {why}. No version was looked up; this run proves nothing about them.")
        return 0
    code, said = judge(report)
    print(said)
    return code


def judge(report: dict[str, Any]) -> tuple[int, str]:
    """The exit code and what to say of pip-audit's report."""
    looked_up = [one for one in report["dependencies"] if "skip_reason" not in one]
    skipped = [one["name"] for one in report["dependencies"] if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {known['id']}"
        f" (fixed in {', '.join(known['fix_versions']) or 'no version yet'})"
        for one in looked_up
        for known in one["vulns"]
    ]
    if found:
        return 1, "\n".join(["VULNERABLE, renew the pins (.github/CONTRIBUTING.md):", *found])
    if not looked_up:
        return 0, (
            "NOT AUDITED: the service answered, and knows none of the pinned packages. No version"
            " was looked up; this run proves nothing about them."
        )
    said = f"{len(looked_up)} pinned versions looked up, no known vulnerability"
    return 0, f"{said}; NOT AUDITED: {', '.join(skipped)}" if skipped else said


def look_up(deadline: float) -> dict[str, Any]:
    """pip-audit's report. Raises NoDataError."""
    with tempfile.TemporaryDirectory(prefix="changelog-audit-") as folder:
        # Beside the project's own packages, whose versions it would change.
        install = [*PIP, "install", "-q", "--target", folder, TOOL]
        run(install, deadline, f"{TOOL} could not be installed")
        audit = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
        pins = ["--requirement", str(PINS), "--no-deps", "--disable-pip", "--timeout", "10"]
        said = run([*audit, *pins], deadline, NO_ANSWER, codes=(0, 1), path=folder)
    try:
        report = json.loads(said)
    except ValueError:
        raise NoDataError(NO_ANSWER) from None
    if not isinstance(report, dict) or not report.get("dependencies"):
        raise NoDataError(NO_ANSWER)
    return report


def run(
    command: list[str],
    deadline: float,
    otherwise: str,
    *,
    codes: tuple[int, ...] = (0,),
    path: str = "",
) -> str:
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            check=False,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            timeout=max(deadline - time.monotonic(), 0.1),
        )
    except subprocess.TimeoutExpired:
        raise NoDataError(f"{otherwise} in {WITHIN_S:.0f} seconds") from None
    if ended.returncode not in codes:
        raise NoDataError(otherwise)
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main())
