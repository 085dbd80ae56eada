"""Packed bodies: nothing is lost, the format is fixed, and a broken one costs only itself."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from changelog.store import packing
from changelog.store.location import SqliteLocation
from changelog.store.packing import BrokenBody, PackedWith, pack_body, unpack_body
from changelog.store.transaction import stored_digest
from tests.logbook import DID, Logbook
from tests.program import Program

COLUMNS = PackedWith(
    "did_123", "+15551230001", "app_123", "webhook", "https://a.example/answer", "active"
)
BARE = PackedWith("did_ü", None, None, None, None, None)
DOCUMENTED = (
    '{"id":"did_123","customer_id":"cust_123","application_id":"app_123","number_e164":'
    '"+15551230001","provider":"didww","status":"active","route_mode":"webhook",'
    '"created_at":"2026-05-29T12:00:00Z","updated_at":"2026-05-29T12:00:00Z"}'
)
SPACED = json.dumps(json.loads(DOCUMENTED))
LONG = json.dumps({"id": "did_123", "tags": [f"t{place}" for place in range(500)]})
MIB = 1024 * 1024

GOLDEN = {
    "0123c6571089a1e3317435b500": (DOCUMENTED, COLUMNS),
    "012332f2a0524334fed055d50200": (SPACED, COLUMNS),
    "0143773434f9441dde038ccf0c854733fa946a01": ('{"id":"did_ü","name":"Zürich ☎"}', BARE),
    "00": ("", COLUMNS),
    "0078": ("x", COLUMNS),
}
"""Bytes that logs hold already, and what they mean."""

optional = st.none() | st.text(max_size=60)
columns = st.builds(PackedWith, st.text(max_size=60), *[optional] * 5)
bodies = st.text() | st.builds(
    json.dumps, st.dictionaries(st.text(), st.text() | st.integers() | st.none())
)


@given(bodies, columns)
@example("", COLUMNS)
@example('{"name":"\\ud800 \\u0000"}', COLUMNS)
@example("\0\x01\x7f\u202e\U0010ffff", BARE)
@example('{"id":"did_123"}' * (MIB // 16), COLUMNS)
@example(LONG, BARE)
def test_what_was_packed_is_unpacked_exactly(body: str, its: PackedWith) -> None:
    packed = pack_body(body, its)
    assert unpack_body(packed, its) == body
    assert len(packed) <= len(body.encode()) + 1


def test_a_mebibyte_of_noise_is_kept_as_it_is() -> None:
    noise = Random(7).randbytes(MIB).decode("latin-1")  # noqa: S311 -- nothing is kept secret
    assert unpack_body(pack_body(noise, COLUMNS), COLUMNS) == noise


def test_a_body_too_large_to_be_unpacked_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_LARGEST", 1000)
    for size in (999, 1000, 1001, 5000):
        body = "a" * size
        assert unpack_body(pack_body(body, COLUMNS), COLUMNS) == body


@pytest.mark.parametrize("packed", GOLDEN)
def test_what_a_log_holds_already_can_be_unpacked_for_good(packed: str) -> None:
    """Fails where the dictionary is changed without a new marker and a migration."""
    body, its = GOLDEN[packed]
    assert unpack_body(bytes.fromhex(packed), its) == body


def test_the_documented_body_takes_a_few_bytes() -> None:
    for body in (DOCUMENTED, SPACED):
        assert len(pack_body(body, COLUMNS)) < 20


@given(bodies, columns, st.data())
def test_a_changed_byte_is_seen(body: str, its: PackedWith, data: st.DataObject) -> None:
    packed = pack_body(body, its)
    place = data.draw(st.integers(0, len(packed) - 1))
    changed = bytearray(packed)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert_seen(packed, bytes(changed), its)


@pytest.mark.parametrize(("body", "its"), GOLDEN.values())
def test_every_byte_counts(body: str, its: PackedWith) -> None:
    packed = pack_body(body, its)
    for place in range(len(packed)):
        for value in {0, 1, 2, 255, packed[place] ^ 1} - {packed[place]}:
            assert_seen(packed, packed[:place] + bytes([value]) + packed[place + 1 :], its)
    for length in range(len(packed)):
        assert_seen(packed, packed[:length], its)
    assert_seen(packed, packed + b"\0", its)


def assert_seen(packed: bytes, changed: bytes, its: PackedWith) -> None:
    """Nothing else than BrokenBody comes out, and what can be read has another digest."""
    try:
        unpack_body(changed, its)
    except BrokenBody:
        return
    assert stored_digest(b"row", changed) != stored_digest(b"row", packed)


READINGS = (
    ("restore", DID, "--offline"),
    ("restore", DID, "--offline", "--format", "plain"),
    ("log",),
    ("log", DID, "--json"),
    ("diff", DID),
    ("diff", "--from", "r1", DID, "--json"),
    ("list", "--json"),
)


def test_a_broken_body_costs_only_what_needs_it(tmp_path: Path) -> None:
    """The columns still say what to put back, and that a body is broken is said beside it; show
    ends with 8."""
    location = SqliteLocation(tmp_path / "log.db")
    with Logbook(location) as book:
        for application_id in ("app_a", "app_b"):
            book.see(application_id)
            book.see(application_id, did="did_2")
    program = Program(tmp_path / "olga", database=location)
    before = program.run_each(READINGS)
    damage(location.path, f"UPDATE revision SET body = x'01ffff' WHERE did = '{DID}'")
    for whole, broken in zip(before, program.run_each(READINGS), strict=True):
        assert broken.ended(0).stdout == whole.stdout
        named = f"the body of {DID} r" in broken.stderr
        assert named == (broken.arguments[0] != "list"), broken

    shown = program.run_each([("show", f"{DID}@{one}", "--json") for one in ("r1", "r2")])
    for revision, ran in zip(("r1", "r2"), shown, strict=True):
        assert ran.ended(8).error["code"] == "broken_body"
        assert f"{DID} {revision}" in ran.error["message"]
    program.run("show", "did_2").ended(0)


def test_what_is_read_after_a_broken_body_begins_a_revision(sqlite_logbook: Logbook) -> None:
    """It cannot be known to be the same, and the rest of the fleet is recorded all the same."""
    sqlite_logbook.see("app_a")
    assert isinstance(sqlite_logbook.location, SqliteLocation)
    damage(sqlite_logbook.location.path, "UPDATE revision SET body = x'02'")
    again = sqlite_logbook.see("app_a")
    assert (again.outcome, again.revision, again.changes) == ("changed", 2, ())
    assert sqlite_logbook.see("app_a").outcome == "unchanged"


def damage(path: Path, statement: str) -> None:
    """What somebody with the file in hand can do: the triggers go first."""
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()
