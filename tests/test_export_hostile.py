"""Whatever a file that calls itself an export holds: it is refused with its line, no traceback."""

import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog.model.errors import BrokenExport, SchemaMismatch
from changelog.model.log_format import export_reading
from changelog.model.log_format.journal import GENESIS, Entry, row_digest, row_text, rows_digest
from changelog.store.location import SqliteLocation
from tests.logbook import Logbook
from tests.moving import exported, imported, reader
from tests.program import Program

AT = 1_793_534_580_000_000
CAPTURE = {
    "id": 1,
    "command": "record",
    "started_at": AT,
    "reads_from": AT,
    "recorded_by": "olga",
    "tool_version": "0",
    "entry": 1,
}
SNAPSHOT = {"did": "did_1", "received_at": AT, "capture": 1, "revision": 1, "entry": 1}
BODY = '{"id":"did_1","application_id":"app_a"}'


def revision(**other: Any) -> dict[str, Any]:
    """A revision with a digest of its own that is right."""
    said = {
        "did": "did_1",
        "revision": 1,
        "routing": 1,
        "application_id": "app_a",
        "first_seen_at": AT,
        "capture": 1,
        "body": BODY,
        **other,
    }
    return {**said, "digest": row_digest("revision", said), "entry": 1}


def forged(*rows: tuple[str, dict[str, Any]], at: int = AT) -> bytes:
    """An export of one entry, made by somebody who knows how: every digest is right."""
    return of_texts([row_text(table, row) for table, row in rows], at)


def of_texts(texts: list[str], at: Any = AT) -> bytes:
    digests: dict[bool, list[bytes]] = {True: [], False: []}
    for text in texts:
        is_snapshot = text.startswith('["snapshot"')
        digests[is_snapshot].append(hashlib.sha256(text.encode()).digest())
    entry = Entry(1, at, GENESIS, rows_digest(digests[False]), rows_digest(digests[True]))
    head = f"1:{entry.digest.hex()}"
    spelled = [
        {"schema": "changelog/export/1", "database": "0004", "entries": 1, "head": head},
        {
            "n": 1,
            "at": at,
            "previous": GENESIS.hex(),
            "rows": entry.rows.hex(),
            "snapshots": entry.snapshots.hex(),
            "digest": entry.digest.hex(),
            "lines": len(texts),
        },
        {"end": head, "lines": len(texts) + 3},
    ]
    first, said, end = (json.dumps(one, separators=(",", ":")) for one in spelled)
    return "\n".join([first, said, *texts, end, ""]).encode()


WHOLE = (
    ("capture", CAPTURE),
    ("did", {"did": "did_1", "entry": 1}),
    ("revision", revision()),
    ("snapshot", SNAPSHOT),
)


def test_what_is_forged_here_would_be_taken_if_it_were_right(tmp_path: Path) -> None:
    assert imported(forged(*WHOLE), SqliteLocation(tmp_path / "log.db")).stored == 1


WRONG_ROWS: dict[str, tuple[str, dict[str, Any], str]] = {
    "an unknown table": ("sqlite_master", {"entry": 1}, "there is no table 'sqlite_master'"),
    "the journal itself": ("journal", {"n": 9, "entry": 1}, "there is no table 'journal'"),
    "an unknown column": ("did", {"did": "x", "x": 1, "entry": 1}, "did has no column 'x'"),
    "a column that lacks": ("did", {"entry": 1}, "did lacks its column did"),
    "another entry": ("did", {"did": "x", "entry": 2}, "the row says that another entry"),
    "no entry": ("did", {"did": "x"}, "the row says that another entry wrote it"),
    "a number for a text": ("did", {"did": 7, "entry": 1}, "did.did holds what it cannot"),
    "a bool for a number": ("snapshot", {**SNAPSHOT, "revision": True}, "a value is neither"),
    "a fraction": ("snapshot", {**SNAPSHOT, "revision": 1.5}, "a value is neither"),
    "a list": ("did", {"did": ["x", "y"], "entry": 1}, "a value is neither"),
    "bytes for a text": ("did", {"did": b"x", "entry": 1}, "did.did holds what it cannot"),
    "more than 32 bits": ("snapshot", {**SNAPSHOT, "revision": 2**31}, "snapshot.revision holds"),
    "more than 64 bits": ("snapshot", {**SNAPSHOT, "received_at": 2**64}, "snapshot.received_at"),
    "a time after all years": ("snapshot", {**SNAPSHOT, "received_at": 10**18}, "received_at hol"),
    "a NUL": ("did", {"did": "a\0b", "entry": 1}, "did has characters that no database takes"),
    "a lone surrogate": ("did", {"did": "\ud800", "entry": 1}, "did has characters that no"),
    "no body": ("revision", revision(body="[]"), "revision.body is no JSON object"),
    "a body that is not JSON": ("revision", revision(body="{"), "revision.body is not JSON"),
    "a body too deep": ("revision", revision(body='{"a":' * 99 + "1" + "}" * 99), "is not JSON"),
    "a digest of another": ("revision", {**revision(), "status": "x"}, "revision.digest is not"),
    "neither read nor not": ("snapshot", {**SNAPSHOT, "revision": None}, "a snapshot has either"),
    "remarks that are none": (
        "capture_end",
        {"capture": 1, "finished_at": AT, "remarks": "{}", "entry": 1},
        "capture_end.remarks is no list of texts",
    ),
    "names that are none": (
        "selection",
        {"digest": b"x", "every": 0, "names": b"x", "entry": 1},
        "selection.names cannot be unpacked",
    ),
}
"""What is wrong → the table, the row, the beginning of what is said."""


@pytest.mark.parametrize("wrong", WRONG_ROWS)
def test_a_row_that_no_log_can_have_is_refused_though_its_digests_are_right(wrong: str) -> None:
    table, row, said = WRONG_ROWS[wrong]
    with pytest.raises(BrokenExport) as refused:
        list(reader(forged((table, row))).entries())
    assert said in refused.value.message
    assert "line 3, entry 1: " in refused.value.message


SPELLINGS: dict[str, str] = {
    "a name twice": '["did",{"did":"a","did":"b","entry":1}]',
    "spaces": '["did", {"did":"a","entry":1}]',
    "another order": '["did",{"entry":1,"did":"a"}]',
    "a letter as an escape": '["did",{"did":"\\u0061","entry":1}]',
    "not ASCII": '["did",{"did":"ä","entry":1}]',
    "NaN": '["did",{"did":NaN,"entry":1}]',
    "a number of 5,000 digits": f'["did",{{"did":{"9" * 5000},"entry":1}}]',
    "too deep": "[" * 100_000,
    "no row": '{"did":"a"}',
    "not JSON": "nonsense",
    "capital digits": '["selection",{"digest":["AB"],"entry":1,"every":1}]',
    "too much in it": f'["did",{{"did":[{"[]," * 60_000}1],"entry":1}}]',
}


@pytest.mark.parametrize("how", SPELLINGS)
def test_a_line_has_one_spelling(how: str) -> None:
    with pytest.raises(BrokenExport, match="line 3, entry 1: "):
        list(reader(of_texts([SPELLINGS[how]])).entries())


def test_a_line_without_an_end_takes_no_more_memory_than_a_line_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export_reading, "LONGEST_LINE", 100_000)

    class Endless:
        def __init__(self) -> None:
            self.beginning = of_texts(['["did"']).splitlines(keepends=True)[:2]

        def readline(self, limit: int) -> bytes:
            return self.beginning.pop(0) if self.beginning else b"x" * limit

    from changelog.store.journal.row_types import row_of

    with pytest.raises(BrokenExport, match="line 3, entry 1: the line is longer than 100000 byt"):
        list(export_reading.ExportReader(Endless(), "x", row_of, ("0004",)).entries())


def test_a_text_without_an_end_is_looked_through_once() -> None:
    content = of_texts(['["did",{"did":"' + '\\"' * 1_000_000])
    with pytest.raises(BrokenExport, match="line 3, entry 1: it is not JSON"):
        list(reader(content).entries())


def test_a_long_line_of_nothing_much_is_not_unfolded() -> None:
    content = of_texts(['["did",{"did":[' + "[]," * 1_000_000 + '1],"entry":1}]'])
    made = reader(content)
    tracemalloc.start()
    with pytest.raises(BrokenExport, match="there is too much in it"):
        list(made.entries())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(content)


HEADS: dict[str, tuple[bytes, type[Exception], str]] = {
    "a newer format": (b'"changelog/export/2"', SchemaMismatch, "written by a newer program"),
    "a much newer one": (b'"changelog/export/11"', SchemaMismatch, "written by a newer program"),
    "no number": (b'"changelog/export/x"', BrokenExport, "line 1: it does not begin as"),
    "a number of its own": (b'"changelog/export/\xc2\xb2"', BrokenExport, "line 1: "),
    "none": (b"7", BrokenExport, "line 1: it does not begin as an export does"),
}


@pytest.mark.parametrize("head", HEADS)
def test_what_is_no_export_of_this_format_is_refused(head: str) -> None:
    said, error, message = HEADS[head]
    with pytest.raises(error, match=message):
        reader(forged(*WHOLE).replace(b'"changelog/export/1"', said, 1))


def test_a_newer_schema_of_the_database_is_refused_and_an_unknown_one_too() -> None:
    content = forged(*WHOLE)
    with pytest.raises(SchemaMismatch, match="schema 0099; this one knows 0004") as refused:
        reader(content.replace(b'"0004"', b'"0099"', 1))
    assert (refused.value.exit_code, refused.value.code) == (8, "newer_schema")
    with pytest.raises(BrokenExport, match="there is no schema '0000'"):
        reader(content.replace(b'"0004"', b'"0000"', 1))


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    with Logbook(SqliteLocation(tmp_path_factory.mktemp("hostile") / "log.db")) as book:
        book.see("app_a")
        book.miss(404)
        book.judge("good", 1)
        yield exported(book.location)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_byte_can_be_changed_taken_or_added(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.binary(max_size=2).filter(lambda one: one != content[place : place + 1]))
    changed = content[:place] + byte + content[place + 1 :]
    if changed.replace(b"\r\n", b"\n") == content:
        return
    with pytest.raises((BrokenExport, SchemaMismatch)):
        list(reader(changed).entries())


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_line_can_be_taken_doubled_or_moved(content: bytes, data: st.DataObject) -> None:
    lines = content.splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1))
    line = lines.pop(place)
    what = data.draw(st.sampled_from(["taken", "doubled", "moved"]))
    if what == "doubled":
        lines[place:place] = [line, line]
    elif what == "moved":
        lines.insert(other, line)
    rows = content.splitlines(keepends=True)
    if lines == rows or (what == "moved" and _same_entry(rows, place, other)):
        return
    with pytest.raises((BrokenExport, SchemaMismatch)):
        list(reader(b"".join(lines)).entries())


def _same_entry(rows: list[bytes], one: int, other: int) -> bool:
    """The order of an entry's rows proves nothing."""
    between = rows[min(one, other) : max(one, other) + 1]
    return all(line.startswith(b"[") for line in between)


def test_a_file_that_went_over_another_system_is_read_all_the_same(content: bytes) -> None:
    carried = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")
    assert len(list(reader(carried).entries())) == content.count(b'\n{"n":')


@given(st.binary(max_size=200))
def test_noise_behind_a_beginning_is_refused(noise: bytes) -> None:
    with pytest.raises((BrokenExport, SchemaMismatch)):
        list(reader(b'{"schema":"changelog/export/1"' + noise).entries())


def test_the_program_says_where_and_what_to_do(tmp_path: Path, content: bytes) -> None:
    program = Program(tmp_path / "home", database=str(tmp_path / "log.db"))
    broken = content.replace(b'"app_a"', b'"app_b"')
    (program.home / "log.jsonl").write_bytes(broken)
    ran = program.run("import", "log.jsonl").ended(7)
    line = 1 + next(n for n, one in enumerate(broken.splitlines()) if b"app_b" in one)
    assert ran.stderr.startswith(f"changelog: log.jsonl is no whole export: line {line}, entry 1: ")
    assert "Nothing was stored" in ran.stderr
    error = program.run("import", "log.jsonl", "--json").ended(7).error
    assert (error["code"], bool(error["hint"])) == ("broken_export", True)
    part = program.run("import", "-", "--proven-part", "--json", stdin=content[:-40].decode())
    assert part.ended(7).json["conditions"] == ["broken_log"]
    assert part.json["stored"] == part.json["export"]["entries"] > 0
    newer = content.replace(b"export/1", b"export/2", 1)
    (program.home / "log.jsonl").write_bytes(newer)
    assert program.run("import", "log.jsonl", "--json").ended(8).error["code"] == "newer_schema"
    for option in (["--at", "2026-11-01T00:00Z"], ["-m", "x"], ["--tag", "x"], ["--by", "x"]):
        program.run("import", "log.jsonl", *option).ended(2)
