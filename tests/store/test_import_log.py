"""Going on with a log from an export: what it lacks is stored, and never what contradicts it."""

import json
import signal
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from changelog.model.errors import BrokenExport, DatabaseError
from changelog.model.journal_head import Head
from changelog.store.journal.entry import GENESIS, make_entry
from changelog.store.journal.import_ import append_entries
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.schema.rows import entry_text
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import Logbook, RunningCapture
from tests.moving import export_of, exported, imported, reader, thin
from tests.program import Program, migrate


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Logbook]:
    """A log beside the one that is imported into; always SQLite."""
    with Logbook(SqliteLocation(tmp_path / "source.db")) as book:
        yield book
    _OPEN.clear()


_OPEN: dict[int, RunningCapture] = {}


def see(book: Logbook, *about: str, **more: Any) -> None:
    """One entry: an answer in a capture that stays open."""
    capture = more.pop("capture", None) or _OPEN.setdefault(id(book), book.capture())
    book.see(*about, capture=capture, **more)


def lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def test_a_log_that_lies_on_the_way_takes_what_it_lacks(
    source: Logbook, location: Location
) -> None:
    see(source, "app_a")
    imported(exported(source.location), location)
    see(source, "app_b")
    source.judge("bad", 2)
    grown = exported(source.location)
    result = imported(grown, location)
    assert (result.exit_code, result.stored, result.present, result.parted) == (0, 2, 1, None)
    assert result.head == json.loads(lines(grown)[0])["head"]
    assert exported(location) == grown
    assert_journal_is_whole(location)


def test_a_log_that_has_all_of_it_and_more_is_left_as_it_is(
    source: Logbook, location: Location
) -> None:
    see(source, "app_a")
    older = exported(source.location)
    see(source, "app_b")
    newer = exported(source.location)
    imported(newer, location)
    for content in (older, newer):
        result = imported(content, location)
        assert (result.exit_code, result.stored, result.parted) == (0, 0, None)
    assert exported(location) == newer


def test_where_two_logs_part_nothing_is_stored_and_the_first_entry_is_named(
    source: Logbook, logbook: Logbook
) -> None:
    see(source, "app_a")
    imported(exported(source.location), logbook.location)
    see(source, "app_b", did="did_theirs")
    see(source, "app_c")
    see(logbook, "app_b", did="did_ours", number_e164=None)
    before = exported(logbook.location)
    result = imported(exported(source.location), logbook.location)
    assert (result.exit_code, result.conditions, result.stored) == (4, ("different",), 0)
    assert result.parted == (2, "journal", ("did_ours",), ("did_theirs",))
    assert exported(logbook.location) == before


def test_the_program_says_where_they_part(source: Logbook, tmp_path: Path) -> None:
    see(source, "app_a", did="did_theirs")
    (tmp_path / "log.jsonl").write_bytes(exported(source.location))
    program = Program(tmp_path / "home", database=SqliteLocation(tmp_path / "log.db"))
    ours = {"id": "did_ours", "application_id": "app_a"}
    program.run("import", "-", stdin=json.dumps(ours)).ended(0)
    ran = program.run("import", str(tmp_path / "log.jsonl")).ended(4)
    assert ran.stdout == (
        "nothing stored: the log and the export differ from entry 1 on\n"
        "  here it is about did_ours\n"
        "  in the export it is about did_theirs\n"
        "  Import it into an empty database, named by --db.\n"
    )
    document = program.json("import", str(tmp_path / "log.jsonl"))
    assert (document["exit_code"], document["conditions"]) == (4, ["different"])
    assert document["parted"] == {
        "entry": 1,
        "because": "journal",
        "dids": ["did_ours"],
        "dids_in_export": ["did_theirs"],
    }


# What was pruned


def test_a_thinned_log_comes_back_as_thin_as_it_was(source: Logbook, location: Location) -> None:
    for _ in range(6):
        see(source, "app_a")
    thin(source, 2)
    see(source, "app_b")
    see(source, "app_b")
    thin(source, 1)
    content = exported(source.location)
    assert content.count(b'["pruned",') > 2
    imported(content, location)
    assert exported(location) == content


def test_a_whole_log_is_never_mixed_with_one_that_was_pruned_later(
    source: Logbook, location: Location, tmp_path: Path
) -> None:
    for _ in range(4):
        see(source, "app_a")
    whole = exported(source.location)
    imported(whole, location)
    thin(source, 1)
    thinned = exported(source.location)
    result = imported(thinned, location)
    assert (result.exit_code, result.stored) == (4, 0)
    assert result.parted == (2, "thinning", ("did_1",), ())
    assert exported(location) == whole
    # The other way about there is nothing to do: what was pruned does not come back.
    imported(thinned, new := SqliteLocation(tmp_path / "new.db"))
    assert imported(whole, new).stored == 0
    assert exported(new) == thinned


def test_snapshots_that_are_missing_without_an_account_are_damage(
    source: Logbook, tmp_path: Path
) -> None:
    for _ in range(4):
        see(source, "app_a")
    thin(source, 1)
    *entries, _ = reader(exported(source.location)).entries()
    cut, new = export_of(*entries), SqliteLocation(tmp_path / "new.db")
    with pytest.raises(
        BrokenExport, match="entry 2: its looks are not those that it was written with"
    ):
        imported(cut, new)
    result = imported(cut, new, proven_part=True)
    assert (result.exit_code, result.stored, result.export.entries) == (7, 1, 1)


# Damage


def test_a_damaged_export_stores_nothing_or_what_is_proven_before_the_damage(
    source: Logbook, location: Location
) -> None:
    for application in "abcd":
        see(source, f"app_{application}")
    content = exported(source.location)
    forged = content.replace(b"app_c", b"app_x")
    with pytest.raises(
        BrokenExport, match=r"line \d+, entry 3: it is not what its own digest"
    ) as refused:
        imported(forged, location)
    assert "Nothing was stored" in refused.value.hint
    assert "--proven-part stores the entries before the damage, at most 2" in refused.value.hint
    assert b'"entries":0' in exported(location)
    result = imported(forged, location, proven_part=True)
    assert (result.exit_code, result.stored, result.export.entries) == (7, 2, 2)
    assert result.export.damage
    assert exported(location) == export_of(*islice(reader(content).entries(), 2))
    assert imported(content, location).stored == 2
    assert exported(location) == content


def test_the_proven_part_ends_before_a_forged_number(source: Logbook, tmp_path: Path) -> None:
    """Each made reading begin anew for ever, or failed."""
    see(source, "app_a")
    (first,) = reader(exported(source.location)).entries()
    to_come = entry_text(
        {"pruning": [(1, first.at, 0, "olga", 1)], "pruned": [(9, 1, 1, b"digest")]}
    )
    for n, facts in ((2, to_come), (-5, b"")):
        content = export_of(first, make_entry(n, first.at, first.digest, facts, b""))
        result = imported(content, SqliteLocation(tmp_path / f"{n}.db"), proven_part=True)
        assert (result.exit_code, result.stored, result.export.entries) == (7, 1, 1)


CONTRADICTIONS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "the same row twice": lambda lines: [*lines, lines[-1]],
    "the same key twice": lambda lines: [
        *lines,
        lines[-1].replace(b'"revision":1', b'"revision":2'),
    ],
    "a capture that is not there": lambda lines: [one for one in lines if b'["capture"' not in one],
    "a revision without its snapshot": lambda lines: [
        one for one in lines if b'["snapshot"' not in one
    ],
    "a column that its body contradicts": lambda lines: [
        one.replace(b'"application_id":"app_a","body"', b'"application_id":"app_x","body"')
        for one in lines
    ],
    "another DID's body": lambda lines: [
        one.replace(b'\\"id\\": \\"did_1', b'\\"id\\": \\"did_2') for one in lines
    ],
    "a revision that does not come first": lambda lines: [
        one.replace(b'"revision":1', b'"revision":2') for one in lines
    ],
    "another order": lambda lines: lines[::-1],
}


def test_what_contradicts_itself_is_no_log_though_its_digests_are_right(
    source: Logbook, location: Location
) -> None:
    """Whoever made it has this program too."""
    see(source, "app_a")
    (entry,) = reader(exported(source.location)).entries()
    facts = entry.facts.splitlines()
    for what, forge in CONTRADICTIONS.items():
        forged = b"".join(b"%s\n" % one for one in forge(facts))
        assert forged != entry.facts, what
        content = export_of(make_entry(1, entry.at, GENESIS, forged, b""))
        with pytest.raises(BrokenExport, match=r"no whole export|not whole"):
            imported(content, location)
        assert b'"entries":0' in exported(location), what


# Others who write, and runs that end early


def test_somebody_who_records_meanwhile_ends_the_import(source: Logbook, logbook: Logbook) -> None:
    see(source, "app_a")
    see(source, "app_b")
    first, second = reader(exported(source.location)).entries()
    append = partial(append_entries, logbook.transactions)
    head, _ = append(Head(0, GENESIS), [first])
    # As after a commit whose answer was lost: it is not stored twice.
    assert append(Head(0, GENESIS), [first]) == (head, 0)
    logbook.writer.add_tag("meanwhile", logbook.clock(), "olga")
    with pytest.raises(DatabaseError, match="somebody wrote to the database") as refused:
        append(head, [second])
    assert refused.value.code == "written_meanwhile"
    assert json.loads(lines(exported(logbook.location))[0])["entries"] == 2


def test_an_import_that_was_killed_is_completed_by_the_next(
    source: Logbook, location: Location, tmp_path: Path
) -> None:
    if isinstance(location, PostgresLocation):
        migrate(location)
    capture = source.capture()
    for n in range(90):
        see(source, f"app_{n}", did=f"did_{n % 7}", capture=capture)
    content = exported(source.location)
    path = tmp_path / "log.jsonl"
    path.write_bytes(content)
    program = Program(tmp_path / "home", database=location)
    code = (
        "import sys, os, signal\n"
        "import changelog.store.journal.import_ as importing\n"
        "importing._BATCH_ROWS = 20\n"
        "append = importing.append_entries\n"
        "def die(transactions, after, entries):\n"
        "    stored = append(transactions, after, entries)\n"
        "    if stored[0].n > 30: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return stored\n"
        "importing.append_entries = die\n"
        "from changelog.cli.main import main\n"
        f"sys.exit(main(['import', {str(path)!r}]))\n"
    )
    assert program.run_python(code).exit_code == -signal.SIGKILL
    assert_journal_is_whole(location)
    stored = json.loads(lines(exported(location))[0])["entries"]
    assert 30 < stored < 90
    document = program.run("import", str(path), "--json").ended(0).json
    assert (document["stored"], document["present"]) == (90 - stored, stored)
    assert exported(location) == content
