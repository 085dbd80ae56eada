"""``restore --all``: which DIDs of a fleet are offered, and what is left out is counted."""

from pathlib import Path

import pytest

from tests.logbook import Logbook
from tests.program import Program

RETIRED = "1 retired DID differs and is left out: did_2"


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    """Three DIDs that moved after the tag; one of them was retired since."""
    capture = logbook.capture(tag="pre")
    for did in ("did_1", "did_2", "did_3"):
        logbook.see("app_a", did=did, capture=capture)
    capture.close()
    for did in ("did_1", "did_2"):
        logbook.see("app_b", did=did)
    logbook.judge("retired", 2, did="did_2")
    logbook.judge("retired", 1, did="did_3")
    return Program(tmp_path / "home", database=logbook.location)


def test_a_retired_did_is_left_out_and_counted(program: Program) -> None:
    line = ["restore", "--all", "--to", "tag:pre"]
    document = program.json(*line)
    assert [card["did"] for card in document["dids"]] == ["did_1"]
    assert document["retired"] == ["did_2"]
    for form in ("text", "markdown", "chat"):
        assert program.run(*line, "--format", form).ended(0).stdout.count(RETIRED) == 1
    for form in ("plain", "csv"):
        ran = program.run(*line, "--format", form).ended(0)
        assert "did_2" not in ran.stdout
        assert f"changelog: {RETIRED}\n" in ran.stderr


def test_a_retired_did_that_is_named_is_offered(program: Program) -> None:
    ran = program.run("restore", "did_2", "--to", "tag:pre", "--offline").ended(0)
    assert "PUT BACK r1" in ran.stdout
