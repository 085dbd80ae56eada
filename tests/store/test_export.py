"""A log that was exported, imported and exported again is the same file, whatever keeps it."""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from changelog.store.journal.entry import deflate, inflate
from changelog.store.location import SqliteLocation, parse_location
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.tables import JOURNAL_LOOKS
from tests.logbook import Logbook
from tests.moving import exported, imported, thin
from tests.postgres_server import PostgresServer
from tests.program import Program, invisible_in
from tests.store.test_schema import record
from tests.tampering import behind

ROOT = Path(__file__).parents[2]
DIDS = ("did_1", "did_2", "did_ä", 'did_"\\')
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
STEPS = st.one_of(
    st.tuples(
        st.just("see"),
        st.sampled_from(DIDS),
        st.sampled_from(["app_a", "app_b", None]),
        st.one_of(st.none(), TEXTS),
        TEXTS,
    ),
    st.tuples(st.just("miss"), st.sampled_from(DIDS), st.sampled_from([404, 401, "timeout"])),
    st.tuples(st.just("note"), TEXTS),
    st.tuples(st.just("judge"), st.sampled_from(["good", "bad"])),
    st.tuples(st.just("hear"), st.sampled_from(["pass", "fail"])),
    st.tuples(st.just("tag"), st.text("abc", min_size=1, max_size=8)),
    st.tuples(st.just("fleet"), TEXTS),
    st.tuples(st.just("thin"), st.integers(1, 3)),
)
LOGS = st.lists(STEPS, max_size=12)


def play(book: Logbook, steps: list[tuple[Any, ...]]) -> None:
    """What a team does over the months; what can not be done yet is left out."""
    seen: set[str] = set()
    tags: set[str] = set()
    for step in steps:
        match step:
            case ("see", did, application, destination, status):
                seen.add(did)
                book.see(application, destination=destination, did=did, status=status)
            case ("miss", did, status):
                book.miss(status, did=did)
            case ("fleet", note):
                urls = {"app_a": f"https://voice.example/{note}"}
                capture = book.capture(note=note, answer_urls=urls)
                for did in DIDS[:3]:
                    seen.add(did)
                    book.see("app_a", did=did, capture=capture)
                capture.close()
            case ("tag", name) if name not in tags:
                tags.add(name)
                book.writer.add_tag(name, book.clock(), "olga")
            case ("thin", every):
                thin(book, every)
            case (what, said) if "did_1" in seen:
                if what == "note":
                    book.writer.add_note(book.revision(1), said, "olga")
                    book.writer.add_capture_note(1, said, "olga")
                elif what == "judge":
                    book.judge(said, 1)
                elif what == "hear":
                    book.hear(said, 1)


@contextmanager
def sqlite_places(count: int) -> Iterator[list[SqliteLocation]]:
    with tempfile.TemporaryDirectory() as folder:
        yield [SqliteLocation(Path(folder) / f"log{n}.db") for n in range(count)]


@given(LOGS)
@settings(max_examples=15, deadline=None)
def test_what_is_imported_is_exported_again_byte_for_byte(steps: list[tuple[Any, ...]]) -> None:
    with sqlite_places(2) as (here, there):
        with Logbook(here) as book:
            play(book, steps)
        content = exported(here)
        result = imported(content, there)
        assert result.exit_code == 0
        assert result.stored == content.count(b'\n{"n":')
        assert exported(there) == content


@given(LOGS)
@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_a_log_goes_to_a_server_and_back_and_from_a_server(
    postgres: PostgresServer, steps: list[tuple[Any, ...]]
) -> None:
    with sqlite_places(2) as (here, back):
        shared, other = (parse_location(postgres.create_log()) for _ in range(2))
        with Logbook(here) as book:
            play(book, steps)
        content = exported(here)
        imported(content, shared)
        assert exported(shared) == content
        imported(exported(shared), back)
        assert exported(back) == content
        with Logbook(other) as book:
            play(book, steps)
        # The same steps make the same log, whatever keeps it.
        assert exported(other) == content


def test_every_table_is_in_an_export_and_every_column_can_be(logbook: Logbook) -> None:
    fill_whole(logbook)
    rows = [json.loads(line) for line in exported(logbook.location).splitlines() if line[0] == 91]
    assert {table for table, _ in rows} == SHAPES.keys() - {"rebuild"}
    for table, values in rows:
        assert values.keys() <= set(SHAPES[table].columns)


def fill_whole(book: Logbook) -> None:
    """At least one row in every table, and a log that holds: what was pruned is gone."""
    book.see("app_a")
    book.see("app_a")
    book.see("app_a")
    record(book)
    thin(book, 2)


# The program


@pytest.fixture
def program(sqlite_logbook: Logbook, tmp_path: Path) -> Program:
    fill_whole(sqlite_logbook)
    return Program(tmp_path / "home", database=sqlite_logbook.location)


def test_the_program_writes_what_proves_itself_and_nothing_a_terminal_would_obey(
    program: Program, sqlite_logbook: Logbook
) -> None:
    sqlite_logbook.writer.add_note(sqlite_logbook.revision(1), "\u202e\x1b[31m\u0085", "olga")
    ran = program.run("export").ended(0)
    assert ran.stdout.encode() == exported(sqlite_logbook.location)
    assert (ran.stdout.isascii(), invisible_in(ran.stdout), ran.stderr) == (True, [], "")


def test_the_whole_way_with_the_program(program: Program, tmp_path: Path) -> None:
    new = str(tmp_path / "new.db")
    said = program.run("export", "--out", "log.jsonl").ended(0)
    head = json.loads((program.home / "log.jsonl").read_text().splitlines()[0])["head"]
    assert head in said.stderr
    first = program.run("import", "log.jsonl", "--db", new).ended(0)
    assert first.stdout.endswith(f"\nhead {head}\n")
    again = program.run("import", "log.jsonl", "--db", new).ended(0)
    assert again.stdout.startswith("nothing to do: all ")
    proven = program.run("check", "--db", new, "--against", head).ended(0)
    assert head in proven.stdout
    exports = [program.run("export"), program.run("export", "--db", new)]
    assert exports[0].stdout == exports[1].stdout
    for question in (["restore", "did_1", "--offline"], ["log", "--json"], ["show", "did_1@r2"]):
        ran, there = program.run_each([question, [*question, "--db", new]])
        # A command to paste names the log that was named.
        answered = there.stdout.replace(f" --db {new}", "")
        assert (ran.exit_code, ran.stdout) == (there.exit_code, answered)


def test_a_pipe_is_read_as_a_file_is(program: Program, tmp_path: Path) -> None:
    content = program.run("export").stdout
    new = ["--db", str(tmp_path / "new.db")]
    document = program.run("import", "-", *new, "--json", stdin=content).ended(0).json
    assert document["schema"] == "changelog/import/1"
    assert document["stored"] == document["export"]["entries"] > 10
    assert document["head"] == document["export"]["head"]
    assert (document["capture"], document["dids"], document["parted"]) == (None, [], None)
    assert program.run("export", *new).stdout == content


def test_a_log_in_which_nothing_is_recorded_is_exported_too(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    content = program.run("export").ended(0).stdout
    assert [json.loads(line) for line in content.splitlines()] == [
        {"schema": "changelog/export/2", "database": "4", "entries": 0, "head": None},
        {"end": None, "lines": 2},
    ]
    ran = program.run("import", "-", "--db", str(tmp_path / "new.db"), stdin=content).ended(0)
    assert ran.stdout == "nothing to do: all 0 entries of the export are here already\nhead none\n"
    nowhere = program.run("export", "--db", str(tmp_path / "nowhere.db")).ended(5)
    assert nowhere.stderr.startswith("changelog: nothing is recorded yet: there is no log at ")
    assert not (tmp_path / "nowhere.db").exists()


def test_a_broken_log_is_written_as_it_is_and_said_to_be_broken(
    program: Program, sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    with behind(sqlite_logbook.location) as connection:
        looks = connection.execute(JOURNAL_LOOKS.select()).first()
        assert looks is not None
        other = inflate(looks.looks).replace(b"did_1", b"did_9")
        connection.execute(
            JOURNAL_LOOKS.update().where(JOURNAL_LOOKS.c.n == looks.n).values(looks=deflate(other))
        )
    ran = program.run("export", "--out", "log.jsonl").ended(7)
    assert re.match(
        r"changelog: the log is broken, and so is its export: entry \d+ cannot", ran.stderr
    )
    assert '"did":"did_9"' in (program.home / "log.jsonl").read_text()
    refused = program.run("import", "log.jsonl", "--db", str(tmp_path / "new.db")).ended(7)
    assert "its looks are not those that it was written with" in refused.stderr


def test_altered_rows_are_neither_in_an_export_nor_in_its_exit_code(
    program: Program, sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    before = program.run("export").ended(0).stdout
    with behind(sqlite_logbook.location) as connection:
        connection.execute(
            SQLModel.metadata.tables["revision"].update().values(application_id="app_forged")
        )
    program.run("check").ended(7)
    assert program.run("export").ended(0).stdout == before
    said = program.run("export", "--help").stdout
    assert "7   the journal is damaged, and so is the export; altered rows alone are" in said


# What a stranger is told


def test_the_docs_prove_an_export_without_this_program(program: Program, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "export.md").read_text()
    (script,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    assert script.count("\n") <= 40
    content = program.run("export").stdout
    assert '["pruned",' in content
    path = tmp_path / "log.jsonl"
    head = json.loads(content.splitlines()[0])["head"]

    def prove(text: str) -> tuple[int, str]:
        path.write_text(text)
        ran = program.run_python(script, str(path))
        return ran.exit_code, ran.stdout

    assert prove(content) == (0, f"whole: {head}\n")
    lines = content.splitlines(keepends=True)
    for place in (2, len(lines) // 2, len(lines) - 2):
        forged = lines[place].replace("1", "2", 1)
        code, said = prove("".join([*lines[:place], forged, *lines[place + 1 :]]))
        assert (code, said) == (1, "")
    assert prove("".join(lines[:-1]))[0] == 1


def test_the_docs_name_every_table_and_column() -> None:
    guide = (ROOT / "docs" / "export.md").read_text()
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| (.*) \|$", guide))
    for name, shape in SHAPES.items():
        documented = set(re.findall(r"`(\w+)`", rows[name].split(" | ")[0]))
        assert documented == set(shape.columns), name
