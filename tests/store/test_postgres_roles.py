"""The page for the administrator, run as it stands, and the program under exactly its roles."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState

from changelog.sandbox.server import Sandbox
from changelog.store.location import parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.postgres_server import PostgresServer, postgres_or_skip
from tests.program import Json, Program, Ran

PAGE = (Path(__file__).parents[2] / "docs" / "postgresql.md").read_text()
OWNER, RECORDER, READER = "changelog_owner", "olga", "anna"
PASSWORDS = {OWNER: "owner-4711", RECORDER: "recorder-4711", READER: "reader-4711"}

RELATIONS = """
    SELECT relname FROM pg_class
    WHERE relkind = %s AND relnamespace = 'public'::regnamespace ORDER BY relname
"""


@dataclass(frozen=True)
class Sql:
    user: str
    database: str
    text: str


@dataclass(frozen=True)
class Command:
    line: str


def steps() -> Iterator[Sql | Command]:
    """What the page says to do, in its order."""
    marked = r"<!-- (?:run|as (\w+) in (\w+)) -->\n```(sql|sh)\n(.*?)```"
    for user, database, kind, text in re.findall(marked, PAGE, re.DOTALL):
        yield Sql(user, database, text) if kind == "sql" else Command(text.strip())


@dataclass
class Site:
    """A server that was set up by the page, with an API that its users record from."""

    server: PostgresServer
    sandbox: Sandbox
    home: Path

    def url(self, user: str, database: str = "changelog") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.server.port}/{database}"

    @property
    def passfile(self) -> dict[str, str]:
        return {"PGPASSFILE": str(self.home / "pgpass")}

    def program(self, user: str, **more: str) -> Program:
        return Program(
            self.home,
            api=self.sandbox,
            key=self.sandbox.key,
            database=self.url(user),
            **{**self.passfile, **more},
        )

    def connect(self, user: str, database: str = "changelog") -> psycopg.Connection:
        password = PASSWORDS.get(user, "")
        return psycopg.connect(self.url(user, database), autocommit=True, password=password)

    def do(self, step: Sql | Command) -> None:
        """What stands on the page, but for the server's address."""
        if isinstance(step, Sql):
            where = ["--set", "ON_ERROR_STOP=1", "--dbname", self.url(step.user, step.database)]
            self.server.run(
                "psql", *where, "--file", "-", stdin=step.text, environment=self.passfile
            )
            return
        line = step.line.replace("db.example", f"127.0.0.1:{self.server.port}")
        line = line.replace("changelog.dump", str(self.home / "changelog.dump"))
        words = shlex.split(line)
        if words[0].startswith("CHANGELOG_DATABASE_URL="):
            url = words[0].partition("=")[2]
            assert words[1] == "changelog"
            self.program(OWNER, CHANGELOG_DATABASE_URL=url).run(*words[2:]).ended(0)
        else:
            self.server.run(*words, environment=self.passfile)

    def relations(self, kind: str) -> list[str]:
        with self.connect("postgres") as connection:
            return [name for (name,) in connection.execute(RELATIONS, [kind])]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Set up by the page up to its backups; with two routings of did_101 in the log."""
    home = tmp_path_factory.mktemp("site")
    with postgres_or_skip() as server, Sandbox() as sandbox:
        site = Site(server, sandbox, home)
        server.require_passwords()
        write_passfile(site)
        for step in before_the_backups():
            site.do(step)
            set_passwords(site)
        program = site.program(RECORDER)
        program.record("did_101", "did_102", "--tag", "pre", "-m", "first look")
        sandbox.move("did_101", application_id="app_maintenance")
        program.record("did_101", "--tag", "post")
        yield site


def before_the_backups() -> list[Sql | Command]:
    found = list(steps())
    return found[: next(place for place, step in enumerate(found) if "pg_dump" in str(step))]


def write_passfile(site: Site) -> None:
    path = Path(site.passfile["PGPASSFILE"])
    lines = [f"127.0.0.1:*:*:{user}:{password}" for user, password in PASSWORDS.items()]
    path.write_text("\n".join([*lines, ""]))
    path.chmod(0o600)


def set_passwords(site: Site) -> None:
    r"""What ``\password`` does, for the roles that the page has made so far."""
    with site.connect("postgres", "postgres") as connection:
        made = connection.execute("SELECT rolname FROM pg_roles WHERE rolcanlogin").fetchall()
        for (role,) in made:
            if role in PASSWORDS:
                change = sql.SQL("ALTER ROLE {} PASSWORD {}")
                connection.execute(change.format(sql.Identifier(role), PASSWORDS[role]))


# The page


def test_the_page_has_all_its_steps() -> None:
    kinds = [step.user if isinstance(step, Sql) else "run" for step in steps()]
    assert kinds == ["postgres", "run", OWNER, "postgres", "run", "postgres", "run"]
    assert "GRANT SELECT, INSERT" in PAGE


def test_the_roles_of_the_page_hold_just_these_rights(site: Site) -> None:
    with site.connect("postgres") as connection:
        found = connection.execute("""
            SELECT grantee, table_name, privilege_type
            FROM information_schema.role_table_grants
            WHERE table_schema = 'public' AND grantee <> 'changelog_owner'
        """).fetchall()
    tables, views = site.relations("r"), site.relations("v")
    expected = {("changelog_recorder", table, "SELECT") for table in [*tables, *views]}
    expected |= {
        ("changelog_recorder", table, "INSERT") for table in tables if table != "alembic_version"
    }
    expected.add(("changelog_recorder", "watch_state", "UPDATE"))
    expected |= {("changelog_reader", view, "SELECT") for view in views}
    assert {tuple(row) for row in found} == expected
    assert len(found) == len(expected)


def test_only_the_roles_of_the_page_get_in(site: Site) -> None:
    with site.connect("postgres", "postgres") as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger-4711'")
    program = site.program(RECORDER)
    program.environment["CHANGELOG_DATABASE_URL"] = site.url("stranger:stranger-4711")
    ran = program.run("list", "--json").ended(8)
    assert "permission denied for database" in ran.error["message"]
    assert "4711" not in ran.stderr


@pytest.mark.parametrize(
    ("user", "options", "said"),
    [
        (f"{READER}:guessed-0815", "", "password authentication failed"),
        (READER, "?sslmode=verify-full&sslrootcert=system", "SSL"),
    ],
)
def test_a_wrong_password_or_a_server_without_tls_ends_with_8(
    site: Site, user: str, options: str, said: str
) -> None:
    more = {} if options else {"PGPASSFILE": ""}
    program = site.program(user, **more)
    program.environment["CHANGELOG_DATABASE_URL"] += options
    for line in (["list"], ["note", "did_101", "-m", "hm"]):
        ran = program.run(*line).ended(8)
        assert said in ran.stderr
        assert "0815" not in ran.stderr


def test_later_tables_and_views_get_their_rights_when_the_page_is_run_again(site: Site) -> None:
    (again,) = [step for step in steps() if isinstance(step, Sql) and step.user == OWNER]
    with site.connect(OWNER) as owner:
        view = "'restore_target'::regclass"
        definition, comment = owner.execute(
            f"SELECT pg_get_viewdef({view}), obj_description({view}, 'pg_class')"
        ).fetchone() or (None, None)
        owner.execute("DROP VIEW restore_target")
        owner.execute(f"CREATE VIEW restore_target AS {definition}")
        owner.execute(f"COMMENT ON VIEW restore_target IS '{comment}'")
        owner.execute("CREATE TABLE later (n integer)")
        owner.execute("INSERT INTO later VALUES (7)")
        owner.execute("CREATE VIEW later_log AS SELECT n FROM later")
        owner.execute("REVOKE SELECT ON schema_version FROM changelog_reader")
        said = site.program(READER).run("restore", "did_101", "--offline").ended(8).stderr
        assert "does not let this user read it: permission denied for view" in said
        assert "give the rights anew" in said
        try:
            with site.connect(READER) as reader:
                refused(reader, "SELECT * FROM restore_target")
                refused(reader, "SELECT * FROM later_log")
                site.do(again)
                assert reader.execute("SELECT * FROM restore_target").fetchall()
                assert reader.execute("SELECT * FROM later_log").fetchall() == [(7,)]
                refused(reader, "SELECT * FROM later")
            with site.connect(RECORDER) as recorder:
                recorder.execute("INSERT INTO later VALUES (8)")
                refused(recorder, "DELETE FROM later")
                refused(recorder, "INSERT INTO later_log VALUES (9)")
        finally:
            owner.execute("DROP VIEW later_log")
            owner.execute("DROP TABLE later")


def test_a_backup_is_restored_whole_with_its_rights_and_refusals(site: Site) -> None:
    for step in list(steps())[len(before_the_backups()) :]:
        site.do(step)
    restored = site.url(RECORDER, "changelog_restored")
    for line in (["list"], ["log"], ["log", "--snapshots"], ["diff", "--from", "tag:pre"]):
        program = site.program(READER)
        old = program.run(*line).ended(0)
        program.environment["CHANGELOG_DATABASE_URL"] = site.url(READER, "changelog_restored")
        assert program.run(*line).ended(0).stdout == old.stdout
    program = site.program(RECORDER)
    program.run("check", "--db", restored).ended(0)
    program.environment["CHANGELOG_DATABASE_URL"] = restored
    program.record("did_101")
    with site.connect(RECORDER, "changelog_restored") as connection:
        refused(connection, "DELETE FROM note")
    with (
        site.connect(OWNER, "changelog_restored") as connection,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        connection.execute("DELETE FROM revision")
    assert_journal_is_whole(parse_location(site.url("postgres", "changelog_restored")))


def test_any_server_will_do_for_a_reader_and_a_recorder_finds_the_one_that_takes_writes(
    site: Site,
) -> None:
    nobody, server = "127.0.0.1:9", f"127.0.0.1:{site.server.port}"
    hosts = f"{nobody},{server}/changelog?target_session_attrs="
    reader, recorder = site.program(READER), site.program(RECORDER)
    reader.environment["CHANGELOG_DATABASE_URL"] = f"postgresql://{READER}@{hosts}any"
    recorder.environment["CHANGELOG_DATABASE_URL"] = f"postgresql://{RECORDER}@{hosts}read-write"
    reader.run("list").ended(0)
    recorder.run("note", "did_101", "-m", "found it").ended(0)
    with site.connect("postgres") as connection:
        connection.execute("ALTER DATABASE changelog SET default_transaction_read_only = on")
        try:
            reader.run("list").ended(0)
            ran = site.program(RECORDER).run("note", "did_101", "-m", "hm").ended(8)
            assert "is a replica or read-only" in ran.stderr
            assert "read-only" in recorder.run("note", "did_101", "-m", "hm").ended(8).stderr
        finally:
            connection.execute("ALTER DATABASE changelog RESET default_transaction_read_only")


# The recorder


def test_a_recorder_can_run_every_command(site: Site) -> None:
    program = site.program(RECORDER)
    body = json.dumps({"id": "did_900", "application_id": "app_old", "route_mode": "webhook"})
    (site.home / "saved.json").write_text(body)
    for line in (
        ["import", "saved.json", "--at", "2026-11-01T00:00Z"],
        ["record", "did_103", "-m", "why", "--tag", "mine", "--ticket", "T-1"],
        ["record", "--all"],
        ["note", "did_101@r1", "-m", "spoken by Ann"],
        ["mark", "did_101@r1", "good", "-m", "heard it ring"],
        ["mark", "did_103", "retired", "-m", "given back"],
        ["tag", "a-moment"],
        ["verify", "did_101", "--to", "latest"],
        ["diff", "did_101", "--to", "live"],
        ["restore", "did_101", "--live"],
        ["export", "--out", "log.jsonl"],
        ["import", "log.jsonl"],
    ):
        ran = program.run(*line)
        # did_900 is not known to this API: partial, and the rest recorded.
        ran.ended(3 if line == ["record", "--all"] else 0)
    card = only_did(program.run("restore", "did_101", "--json").ended(0))
    assert card["live"]["recorded"] is True
    assert program.run("db", "current").ended(0).stdout
    assert_journal_is_whole(parse_location(site.url("postgres")))


READING = (
    ["log"],
    ["log", "did_101", "--snapshots"],
    ["log", "--tag", "pre"],
    ["show", "did_101@tag:pre"],
    ["list"],
    ["list", "--at", "tag:pre"],
    ["diff"],
    ["diff", "did_101", "--from", "tag:pre", "--to", "tag:post"],
    ["restore", "did_101", "--offline"],
    ["restore", "+15551230001", "--offline", "--format", "plain"],
    ["restore", "--all", "--to", "tag:pre", "--offline"],
)


REFUSALS = (InsufficientPrivilege, ObjectNotInPrerequisiteState)
"""No right to; and, for a view over several tables, nothing that could be written to."""


def refused(connection: psycopg.Connection, statement: str) -> None:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except REFUSALS:
        return
    pytest.fail(f"{connection.info.user} may {statement}")


TO_NOBODY = (
    "CREATE TABLE mine (n integer)",
    "CREATE TEMPORARY TABLE mine (n integer)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mine",
    "DROP SCHEMA public CASCADE",
    "ALTER DATABASE changelog RENAME TO mine",
    "SET session_replication_role = replica",
    "SET ROLE changelog_owner",
    "DROP FUNCTION changelog_refuse() CASCADE",
    "CREATE OR REPLACE FUNCTION changelog_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'",
    "UPDATE alembic_version SET version_num = '0000'",
    "INSERT INTO alembic_version VALUES ('0000')",
    "DELETE FROM alembic_version",
)


@pytest.mark.parametrize("user", [RECORDER, READER])
def test_nobody_but_the_owner_can_make_or_take_anything(site: Site, user: str) -> None:
    """What they may do to tables and views is all among the rights of the page."""
    with site.connect(user) as connection:
        for statement in TO_NOBODY:
            refused(connection, statement)


# The reader


def test_a_reader_sees_every_view(site: Site) -> None:
    with site.connect(READER) as reader:
        for view in site.relations("v"):
            reader.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(view)))


def test_a_reader_gets_the_recorders_answers(site: Site) -> None:
    reader, recorder = site.program(READER), site.program(RECORDER)
    for line in READING:
        mine, theirs = (one.run(*line).ended(0) for one in (reader, recorder))
        assert (mine.stdout, mine.stderr) == (theirs.stdout, theirs.stderr)


@pytest.mark.parametrize(
    "line",
    [
        ["record", "did_101"],
        ["verify", "did_101", "--to", "latest"],
        ["diff", "did_101", "--to", "live"],
        ["note", "did_101", "-m", "hm"],
        ["mark", "did_101", "bad", "-m", "hm"],
        ["tag", "readers"],
        ["import", "saved.json"],
    ],
    ids=lambda line: line[0],
)
def test_a_reader_who_writes_is_told_so_before_anything_is_fetched(
    site: Site, line: list[str]
) -> None:
    (site.home / "saved.json").write_text('{"id": "did_101", "application_id": "app_x"}')
    asked = site.sandbox.requests
    ran = site.program(READER).run(*line, "--json").ended(8)
    assert "does not let this user write to it" in ran.error["message"]
    assert "permission denied" in ran.error["message"]
    assert "the rights of a recorder" in ran.error["hint"]
    assert site.sandbox.requests == asked


def test_a_reader_is_told_which_rights_export_and_check_lack(site: Site) -> None:
    lacking_for = {"export": "journal, journal_looks", "check": "alembic_version, alert, "}
    for line, lacking in lacking_for.items():
        ran = site.program(READER).run(line).ended(8)
        assert ran.stdout == ""
        assert f"may not read every table: SELECT is missing on {lacking}" in ran.stderr


def test_a_readers_restore_looks_and_says_that_the_look_is_not_recorded(site: Site) -> None:
    site.sandbox.move("did_102", application_id="app_maintenance")
    program = site.program(READER)
    card = only_did(program.run("restore", "did_102", "--json").ended(0))
    assert (card["live"]["looked"], card["live"]["recorded"]) == (True, False)
    assert "permission denied" in card["live"]["store_error"]["message"]
    assert card["current"]["application_id"] == "app_maintenance"
    assert card["target"]["application_id"] == "app_support"
    assert "NOT RECORDED" in program.run("restore", "did_102").ended(0).stdout
    site.sandbox.move("did_102", application_id="app_support")


def only_did(ran: Ran) -> Json:
    (did,) = ran.json["dids"]
    assert isinstance(did, dict)
    return did
