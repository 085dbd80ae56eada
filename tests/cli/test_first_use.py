"""A team whose first use is the incident: saved responses are all that is known of before."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import SqliteLocation
from tests.program import Program


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Program:
    database = SqliteLocation(tmp_path / "log.db")
    return Program(tmp_path / "olga", api=sandbox, key=sandbox.key, database=database)


@pytest.fixture
def saved(tmp_path: Path) -> str:
    path = tmp_path / "saved.json"
    body = {"id": "did_101", "application_id": "app_before", "route_mode": "webhook"}
    path.write_text(json.dumps(body))
    return str(path)


def test_a_saved_response_imported_first_is_the_target_of_the_live_look(
    program: Program, saved: str
) -> None:
    program.run("import", saved, "--at", "2026-01-05T00:00Z").ended(0)
    ran = program.run("restore", "did_101", "--format", "plain").ended(0)
    assert ran.stdout.split("\t")[:4] == [
        "did_101",
        "+15551230001",
        "app_before",
        "webhook",
    ]


def test_one_imported_too_late_begins_no_revision_and_is_named_all_the_same(
    program: Program, saved: str
) -> None:
    program.run("record", "did_101").ended(0)
    program.run("import", saved, "--at", "2026-01-05T00:00Z").ended(0)
    ran = program.run("restore", "did_101", "--offline", "--format", "plain").ended(5)
    assert "received 2026-01-05 00:00:00Z, says app_before webhook" in ran.stderr
    (card,) = program.run("restore", "did_101", "--offline", "--json").ended(5).json["dids"]
    assert [one["application_id"] for one in card["alternatives"]] == ["app_before"]
    assert card["target"] is None
