"""All that the tests install is pinned, and the audit of the pins does not flatter."""

import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import requires, version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
OURS = "minivoice-changelog"
PINS: dict[str, str] = {
    canonicalize_name(name): pinned
    for name, pinned in re.findall(
        r"^([\w.-]+)==([^\s;]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE
    )
}


def needed(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What a package with these extras asks for on this machine."""
    for text in requires(name) or ():
        one = Requirement(text)
        if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in ("", *extras)):
            yield canonicalize_name(one.name), frozenset(one.extras)


def closure() -> set[str]:
    """All that ``pip install -e '.[dev]'`` brings."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [(OURS, frozenset({"dev"}))]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += needed(*one)
    return {name for name, _ in found} - {OURS}


def test_whatever_the_tests_install_is_pinned_to_the_version_that_is_here() -> None:
    installed = {name: version(name) for name in closure()}
    assert installed.keys() <= PINS.keys(), "renew the pins: .github/CONTRIBUTING.md"
    wrong = {name: there for name, there in installed.items() if PINS[name] != there}
    assert not wrong, "install with: pip install -c constraints.txt -e '.[dev]'"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(*packages: Mapping[str, object]) -> dict[str, object]:
    return {"dependencies": list(packages), "fixes": []}


SOUND = {"name": "one", "version": "1.0", "vulns": []}
HURT = {"name": "two", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "three", "skip_reason": "Dependency not found and could not be audited"}


def test_only_a_known_vulnerability_fails_and_it_says_what_to_do(audit: ModuleType) -> None:
    code, said = audit.judge(report(SOUND, HURT, UNKNOWN))
    assert code == 1
    assert "two 2.0: CVE-1 (fixed in 2.1)" in said
    assert "renew the pins" in said


def test_what_was_not_looked_up_is_not_called_sound(audit: ModuleType) -> None:
    """pip-audit itself ends with 0 where its service knows none of the packages."""
    assert audit.judge(report(SOUND)) == (0, "1 pinned versions looked up, no known vulnerability")
    code, said = audit.judge(report(SOUND, UNKNOWN))
    assert (code, "NOT AUDITED: three" in said) == (0, True)
    code, said = audit.judge(report(UNKNOWN, UNKNOWN))
    assert code == 0
    assert said.startswith("NOT AUDITED")
    assert "proves nothing" in said


def test_a_tool_that_cannot_be_had_stops_no_other_check(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "PIP", [sys.executable, "-c", "raise SystemExit(1)"])
    assert audit.main() == 0
    assert "NOT AUDITED: pip-audit==2.10.1 could not be installed" in capsys.readouterr().out
    monkeypatch.setattr(audit, "PIP", [sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(audit, "WITHIN_S", 0.3)
    assert audit.main() == 0
    assert "could not be installed in 0 seconds" in capsys.readouterr().out


def test_a_service_that_says_nothing_that_can_be_read_proves_nothing(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for said in ("", "Traceback", "[]", "{}", '{"dependencies": []}'):
        monkeypatch.setattr(audit, "run", lambda *_, said=said, **__: said)
        assert audit.main() == 0
        assert "NOT AUDITED: the service gave no answer" in capsys.readouterr().out
