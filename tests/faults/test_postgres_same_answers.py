"""One story on SQLite and on PostgreSQL: every command gives the same answer on both."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from changelog.model.exits import BUG, EXIT_CODES
from changelog.store.location import parse_location
from tests.in_process import call_main
from tests.postgres_server import PostgresServer
from tests.program import KEY, migrate
from tests.sandbox_faults import Fault, Sandbox

DIDS = ("did_b", "did_B", "did_a", "num-7Q.x", "did_10", "did_9", "ÄÖ", "Ab")
"""In another order in a dictionary than in bytes."""
NUMBERS = {did: f"+155512300{place:02}" for place, did in enumerate(DIDS)}
FIRST, SECOND, THIRD = "did_b", "did_B", "num-7Q.x"

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?")
"""Fields that say how long something took."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for did, number in NUMBERS.items():
            running.add_did(
                {
                    "id": did,
                    "number_e164": number,
                    "application_id": "app_support",
                    "route_mode": "webhook",
                    "status": "active",
                    "name": "Zürich ☎ 'quoted' 100% :did \\",
                }
            )
        yield running


@pytest.fixture
def databases(postgres: PostgresServer, tmp_path: Path) -> list[str]:
    """SQLite, and PostgreSQL that sorts text as a dictionary does or, built without ICU, as bytes.

    The other tests have a server that sorts as bytes.
    """
    url = postgres.create_database()
    name = url.rpartition("/")[2]
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name}".encode())
        make = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER"
        try:
            connection.execute(f"{make} icu ICU_LOCALE 'en-US'".encode())
        except psycopg.errors.FeatureNotSupported:
            connection.execute(f"{make} libc LOCALE 'C'".encode())
    both = [str(tmp_path / "log.db"), url]
    for place in both:
        migrate(parse_location(place))
    return both


Line = Sequence[str]
Happening = Callable[[Sandbox], None]


def moves(did: str, **fields: object) -> Happening:
    return lambda sandbox: sandbox.move(did, **fields)


def api_fails(fault: Fault, did: str) -> Happening:
    return lambda sandbox: sandbox.fail(fault, did=did)


def is_gone(did: str) -> Happening:
    def remove(sandbox: Sandbox) -> None:
        sandbox.remove(did)

    return remove


def saved(**fields: object) -> str:
    return json.dumps({"route_mode": "webhook", **fields})


ASKED: tuple[Line, ...] = (
    ["list"],
    ["list", "--application", "app_support"],
    ["list", "--route-mode", "reject", "--status", "active"],
    ["list", "--at", "tag:pre"],
    ["list", "--at", "2026-10-02"],
    ["log"],
    ["log", "-n", "3"],
    ["log", FIRST, "--routing"],
    ["log", NUMBERS[SECOND], "--field", "status"],
    ["log", FIRST, "--snapshots"],
    ["log", "--snapshots", "-n", "500"],
    ["log", "--tag", "pre"],
    ["log", "--until", "2026-10-02"],
    ["show", FIRST],
    ["show", f"{FIRST}@r1"],
    ["show", f"{FIRST}@tag:pre"],
    ["show", f"{SECOND}@previous"],
    ["show", f"{THIRD}@good"],
    ["show", "did_old"],
    ["diff"],
    ["diff", FIRST, SECOND, "--all-fields"],
    ["diff", "--from", "tag:pre", "--to", "tag:post", "--exit-code"],
    ["diff", FIRST, "--from", "r1", "--to", "latest~1"],
    ["restore", *DIDS, "--offline"],
    ["restore", FIRST, "--to", "good", "--offline"],
    ["restore", "--all", "--to", "tag:pre"],
    ["restore", "--all", "--to", "2026-10-02"],
    ["restore", FIRST, "nobody", "--offline"],
    ["show", "nobody"],
    ["show", f"{FIRST}@r99"],
    ["diff", "--from", "tag:nobody"],
    ["tag", "pre"],
)
"""What is asked after each chapter; some of it has no answer yet, which is an answer too."""

CHAPTERS: dict[str, tuple[Line | Happening, ...]] = {
    "nothing is recorded": (),
    "a first capture": (
        ["import", "saved.json", "--at", "2026-10-01T00:00Z"],
        ["record", *DIDS, "-m", "first 'look' 100%", "--tag", "pre", "--ticket", "T-1"],
    ),
    "a deploy": (
        moves(FIRST, application_id="app_maintenance"),
        moves(SECOND, route_mode="reject", status="suspended"),
        moves(THIRD, application_id="app\0odd ‮ name", later_field={"a": [1, None, "x"]}),
        lambda sandbox: sandbox.set_application("app_sales", answer_url="https://b.example/x"),
        ["record", *DIDS, "--tag", "post", "--by", "deploy-bot", "--changed-by", "ana"],
        ["note", f"{FIRST}@r1", "-m", "spoken by Ann ☎"],
        ["mark", f"{FIRST}@r1", "good", "-m", "heard it ring"],
        ["mark", f"{THIRD}@latest", "bad", "-m", "silence"],
        ["tag", "a-moment", "--at", "2026-10-02T00:00Z"],
    ),
    "what cannot be read": (
        is_gone("did_a"),
        api_fails(Fault("status", status=418), "did_9"),
        api_fails(Fault("html"), "did_10"),
        ["record", "did_a", "did_9", "did_10", "Ab", "never-seen"],
        ["mark", "Ab", "retired", "-m", "given back"],
        ["record", "--all"],
        lambda sandbox: sandbox.restore("did_a"),
        Sandbox.clear_faults,
    ),
    "a return": (
        ["restore", FIRST, "--live"],
        ["diff", SECOND, "--to", "live"],
        moves(FIRST, application_id="app_support"),
        moves("did_9", number_e164=NUMBERS["did_10"]),
        ["verify", FIRST, "--to", "tag:pre"],
        ["verify", FIRST, "--application", "app_sales", "--status", "active"],
        ["verify", SECOND, "--route-mode", "reject"],
        ["record", "--all", "-m", "all's well"],
        ["record", "Ab"],
        ["mark", FIRST, "bad", "-m", "again"],
    ),
}
SAVED = (
    saved(id=FIRST, number_e164=NUMBERS[FIRST], application_id="app_old"),
    saved(id="did_old", number_e164="+15550009999", application_id="app\x00", padding="x" * 9000),
)


def same(value: Any, database: str) -> Any:
    """`value` without what must differ: times and the keys that hold some, how long something took,
    the database's name, and in which entry of the journal it is: a transaction stores what answers
    there are."""
    if isinstance(value, dict):
        return {
            name: "MEASURED"
            if isinstance(inner, float) or name in ("entry", "following")
            else same(inner, database)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [same(inner, database) for inner in value]
    return TIME.sub("TIME", value).replace(database, "DB") if isinstance(value, str) else value


def answer(line: Line, database: str) -> Any:
    """The exit code and the document that a command line comes to. In this process: so many
    processes would take minutes."""
    code, said = call_main(*line, "--json", "--db", database)
    assert code != EXIT_CODES[BUG], said
    return code, same(json.loads(said), database)


def test_every_command_answers_alike_on_both_databases(
    databases: list[str], sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIVOICE_API_URL", sandbox.url)
    monkeypatch.setenv("MINIVOICE_API_KEY", sandbox.key)
    monkeypatch.chdir(tmp_path)
    # One at a time: several would come in any order.
    Path("changelog.toml").write_text("concurrency = 1")
    monkeypatch.setenv("CHANGELOG_CONFIG", "changelog.toml")
    Path("saved.json").write_text("\n".join(SAVED))
    for chapter, steps in CHAPTERS.items():
        for step in [*steps, *ASKED]:
            if callable(step):
                step(sandbox)
                continue
            sqlite, postgres = (answer(step, database) for database in databases)
            assert sqlite == postgres, f"{chapter}: changelog {' '.join(step)}"
