"""Whatever a file that calls itself an export holds: it is refused with its line, no traceback."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog.model.errors import BrokenExport, SchemaMismatch
from changelog.store.journal import export
from changelog.store.journal.entry import GENESIS, BrokenEntry, make_entry, rows_in
from changelog.store.location import SqliteLocation
from tests.logbook import Logbook
from tests.moving import export_of, exported, imported, read, reader
from tests.program import Program

AT = 1_793_534_580_000_000
CAPTURE = {
    "id": 1,
    "command": "record",
    "started_at": AT,
    "reads_from": AT,
    "recorded_by": "olga",
    "tool_version": "0",
}
SNAPSHOT = {"did": "did_1", "received_at": AT, "capture": 1, "revision": 1}
BODY = '{"id":"did_1","application_id":"app_a"}'


def revision(**other: Any) -> dict[str, Any]:
    return {
        "did": "did_1",
        "revision": 1,
        "routing": 1,
        "application_id": "app_a",
        "first_seen_at": AT,
        "capture": 1,
        "body": BODY,
        **other,
    }


def row_text(table: str, row: dict[str, Any]) -> str:
    """As the journal spells it, whatever the values are."""
    values = {
        name: [value.hex()] if isinstance(value, bytes) else value
        for name, value in row.items()
        if value is not None
    }
    return json.dumps([table, values], sort_keys=True, separators=(",", ":"))


def forged(*rows: tuple[str, dict[str, Any]], at: int = AT) -> bytes:
    """An export of one entry, made by somebody who knows how: every digest is right."""
    return of_texts([row_text(table, row) for table, row in rows], at)


def of_texts(texts: list[str], at: int = AT) -> bytes:
    facts = "".join(f"{text}\n" for text in texts).encode()
    return export_of(make_entry(1, at, GENESIS, facts, b""))


WHOLE = (
    ("capture", CAPTURE),
    ("did", {"did": "did_1"}),
    ("revision", revision()),
    ("snapshot", SNAPSHOT),
)


def test_what_is_forged_here_would_be_taken_if_it_were_right(tmp_path: Path) -> None:
    assert imported(forged(*WHOLE), SqliteLocation(tmp_path / "log.db")).stored == 1


WRONG_ROWS: dict[str, tuple[str, dict[str, Any], str]] = {
    "an unknown table": ("sqlite_master", {}, "there is no such table"),
    "the journal itself": ("journal", {"n": 9}, "there is no such table"),
    "an unknown column": ("did", {"did": "x", "x": 1}, "the table did has no such columns"),
    "an entry of its own": ("did", {"did": "x", "entry": 1}, "the table did has no such columns"),
    "a column that lacks": ("did", {}, "did is missing"),
    "a number for a text": ("did", {"did": 7}, "did is no str"),
    "a bool for a number": ("snapshot", {**SNAPSHOT, "revision": True}, "revision is no int"),
    "a fraction": ("snapshot", {**SNAPSHOT, "revision": 1.5}, "revision is no int"),
    "a list": ("did", {"did": ["x", "y"]}, "did is no str"),
    "bytes for a text": ("did", {"did": b"x"}, "did is no str"),
    "more than 32 bits": ("snapshot", {**SNAPSHOT, "revision": 2**31}, "revision is too large"),
    "more than 64 bits": ("snapshot", {**SNAPSHOT, "received_at": 2**64}, "received_at is too lar"),
    "a time after all years": ("snapshot", {**SNAPSHOT, "received_at": 10**18}, "is too large"),
    "a NUL": ("did", {"did": "a\0b"}, "did has characters that no database takes"),
    "a lone surrogate": ("did", {"did": "\ud800"}, "did has characters that no database takes"),
    "no body": ("revision", revision(body="[]"), "its body is no JSON object"),
    "a body that is not JSON": ("revision", revision(body="{"), "its body is not JSON"),
    "a body too deep": ("revision", revision(body='{"a":' * 99 + "1" + "}" * 99), "is not JSON"),
    "neither read nor not": ("snapshot", {**SNAPSHOT, "revision": None}, "or neither"),
    "remarks that are none": (
        "capture_end",
        {"capture": 1, "finished_at": AT, "remarks": "{}"},
        "its remarks are no list of texts",
    ),
    "names that are none": (
        "selection",
        {"digest": b"x", "every": 0, "names": b"x"},
        "its names are no list of texts",
    ),
    "a problem under another's key": (
        "problem",
        {"digest": b"x", "code": "x", "message": "", "body": b""},
        "its key is not the digest of what it says",
    ),
}
"""What is wrong → the table, the row, the beginning of what is said."""


@pytest.mark.parametrize("wrong", WRONG_ROWS)
def test_a_row_that_no_log_can_have_is_refused_though_its_digests_are_right(wrong: str) -> None:
    table, row, said = WRONG_ROWS[wrong]
    with pytest.raises(BrokenExport) as refused:
        read(forged((table, row)))
    assert said in refused.value.message
    assert "line 3, entry 1: " in refused.value.message


SPELLINGS: dict[str, str] = {
    "a name twice": '["did",{"did":"a","did":"b"}]',
    "spaces": '["did", {"did":"a"}]',
    "another order": '["snapshot",{"did":"a","capture":1,"received_at":1,"revision":1}]',
    "a letter as an escape": '["did",{"did":"\\u0061"}]',
    "not ASCII": '["did",{"did":"ä"}]',
    "NaN": '["did",{"did":NaN}]',
    "a number of 5,000 digits": f'["did",{{"did":{"9" * 5000},"entry":1}}]',
    "too deep": "[" * 100_000,
    "no row": '{"did":"a"}',
    "not JSON": "nonsense",
    "capital digits": '["selection",{"digest":["AB"],"every":1}]',
    "too much in it": f'["did",{{"did":[{"[]," * 60_000}1],"entry":1}}]',
}


@pytest.mark.parametrize("how", SPELLINGS)
def test_a_line_has_one_spelling(how: str) -> None:
    with pytest.raises(BrokenExport, match="line 3, entry 1: "):
        read(of_texts([SPELLINGS[how]]))


def test_a_line_without_an_end_takes_no_more_memory_than_a_line_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "LARGEST_ENTRY", 100_000)

    class Endless:
        def __init__(self) -> None:
            self.beginning = of_texts(['["did"']).splitlines(keepends=True)[:2]

        def readline(self, limit: int) -> bytes:
            return self.beginning.pop(0) if self.beginning else b"x" * limit

    with pytest.raises(BrokenExport, match="line 3, entry 1: the line is longer than 100000 byt"):
        list(export.ExportReader(Endless(), "x").entries())


def test_a_text_without_an_end_is_looked_through_once() -> None:
    content = of_texts(['["did",{"did":"' + '\\"' * 1_000_000])
    with pytest.raises(BrokenExport, match="line 3, entry 1: one of its lines is"):
        read(content)


@pytest.mark.parametrize("much", ["[],", '"",', '[],"",'])
def test_a_long_line_of_nothing_much_is_not_unfolded(much: str) -> None:
    content = of_texts(['["did",{"did":[' + much * 1_000_000 + "1]}]"])
    (entry,) = reader(content).entries()
    tracemalloc.start()
    with pytest.raises(BrokenEntry, match="there is too much in it"):
        list(rows_in(entry.facts))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(content)


HEADS: dict[str, tuple[bytes, type[Exception], str]] = {
    "one of before": (b'"changelog/export/1"', SchemaMismatch, "that was never released"),
    "a newer format": (b'"changelog/export/3"', SchemaMismatch, "written by a newer program"),
    "a much newer one": (b'"changelog/export/11"', SchemaMismatch, "written by a newer program"),
    "not ASCII": (b'"changelog/export/\xc2\xb2"', BrokenExport, "line 1: "),
    "none": (b"7", BrokenExport, "line 1: it does not begin as an export does"),
}


@pytest.mark.parametrize("head", HEADS)
def test_what_is_no_export_of_this_format_is_refused(head: str) -> None:
    said, error, message = HEADS[head]
    with pytest.raises(error, match=message):
        reader(forged(*WHOLE).replace(b'"changelog/export/2"', said, 1))


def test_a_newer_schema_of_the_database_is_refused() -> None:
    content = forged(*WHOLE)
    with pytest.raises(SchemaMismatch, match="schema 99; this one knows 4") as refused:
        reader(content.replace(b'"database":"4"', b'"database":"99"', 1))
    assert (refused.value.exit_code, refused.value.code) == (8, "newer_schema")


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
        read(changed)


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
    if lines == content.splitlines(keepends=True):
        return
    with pytest.raises((BrokenExport, SchemaMismatch)):
        read(b"".join(lines))


def test_a_file_that_went_over_another_system_is_read_all_the_same(content: bytes) -> None:
    carried = b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")
    assert len(list(reader(carried).entries())) == content.count(b'\n{"n":')


@given(st.binary(max_size=200))
def test_noise_behind_a_beginning_is_refused(noise: bytes) -> None:
    with pytest.raises((BrokenExport, SchemaMismatch)):
        list(reader(b'{"schema":"changelog/export/2"' + noise).entries())


def test_the_program_says_where_and_what_to_do(tmp_path: Path, content: bytes) -> None:
    program = Program(tmp_path / "home", database=str(tmp_path / "log.db"))
    broken = content.replace(b'"app_a"', b'"app_b"')
    (program.home / "log.jsonl").write_bytes(broken)
    ran = program.run("import", "log.jsonl").ended(7)
    assert ran.stderr.startswith("changelog: log.jsonl is no whole export: line 7, entry 1: ")
    assert "Nothing was stored" in ran.stderr
    error = program.run("import", "log.jsonl", "--json").ended(7).error
    assert (error["code"], bool(error["hint"])) == ("broken_export", True)
    part = program.run("import", "-", "--proven-part", "--json", stdin=content[:-40].decode())
    assert part.ended(7).json["conditions"] == ["broken_log"]
    assert part.json["stored"] == part.json["export"]["entries"] > 0
    newer = content.replace(b"export/2", b"export/3", 1)
    (program.home / "log.jsonl").write_bytes(newer)
    assert program.run("import", "log.jsonl", "--json").ended(8).error["code"] == "newer_schema"
    for option in (["--at", "2026-11-01T00:00Z"], ["-m", "x"], ["--tag", "x"], ["--by", "x"]):
        program.run("import", "log.jsonl", *option).ended(2)
