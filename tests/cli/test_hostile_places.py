"""Where the log, its helpers and the secrets lie: who may read them, and where links lead."""

import json
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from changelog.model.errors import UsageError
from changelog.sandbox.server import Sandbox
from changelog.store.db_errors import translate
from changelog.store.engine import make_engine
from changelog.store.location import SqliteLocation, default_location
from tests.program import KEY, Program, files_under, invisible_in
from tests.secrets_search import places_of

BODY = '{"id":"did_1","number_e164":"+15551230001","application_id":"app_a","route_mode":"webhook"}'


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path / "home", database=str(tmp_path / "home" / "log.db"))
    (program.home / "a.json").write_text(BODY)
    return program


def mode_of(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_nobody_else_reads_the_log_nor_what_lies_beside_it(umask: int, tmp_path: Path) -> None:
    location = SqliteLocation(tmp_path / "log.db")
    before = os.umask(umask)
    try:
        location.prepare()
        engine = make_engine(location)
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE x (a)")
            connection.commit()
            found = {path.name: mode_of(path) for path in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("log.db", "log.db-wal", "log.db-shm"), "0o600")


def test_no_run_leaves_a_file_that_others_read_or_that_nobody_asked_for(
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with Sandbox(key=KEY) as api:
        home = tmp_path / "home"
        program = Program(home, api=api, database=str(home / "log.db"), TMPDIR=str(temporary))
        for words in (
            ["record", "did_101", "--json"],
            ["watch", "--all", "--once", "--metrics", "metrics.prom"],
            ["restore", "did_101"],
        ):
            program.run_through(["/bin/sh", "-c", 'umask 0; exec "$@"', "sh"], *words)
    modes = {path.name: mode_of(path) for path, _ in files_under(tmp_path)}
    # A collector runs as somebody else, and the metrics hold figures alone.
    assert modes.pop("metrics.prom") == "0o644"
    assert set(modes) <= {"log.db", "log.db-wal", "log.db-shm", "log.db-watch-all"}
    assert set(modes.values()) == {"0o600"}


def test_a_link_to_a_file_is_followed_and_one_that_leads_nowhere_is_not(program: Program) -> None:
    real, link = program.home / "real.db", program.home / "link.db"
    link.symlink_to(real)
    ran = program.run("import", "a.json", "--db", "link.db").ended(8)
    assert "a symbolic link that leads to no file" in ran.stderr
    assert not real.exists()
    program.run("import", "a.json", "--db", "real.db").ended(0)
    program.run("import", "a.json", "--db", "link.db").ended(0)
    assert program.json("log", "--db", "real.db", "--snapshots")["snapshots"][0]["capture"] == 2


def test_links_in_a_circle_are_a_database_that_cannot_be_used(program: Program) -> None:
    (program.home / "a.db").symlink_to("b.db")
    (program.home / "b.db").symlink_to("a.db")
    for words in (("import", "a.json"), ("log",), ("db", "current")):
        assert program.run(*words, "--db", "a.db").exit_code in (5, 8, 0)
        assert "Traceback" not in program.run(*words, "--db", "a.db").stderr


def test_whoever_could_change_the_log_behind_its_back_is_warned_of(program: Program) -> None:
    folder = program.home / "open"
    folder.mkdir()
    folder.chmod(0o777)
    ran = program.run("import", "a.json", "--db", "open/log.db").ended(0)
    assert "everybody may replace the database" in ran.stderr
    folder.chmod(0o1777)
    assert program.run("import", "a.json", "--db", "open/log.db").ended(0).stderr == ""
    (folder / "log.db").chmod(0o606)
    ran = program.run("import", "a.json", "--db", "open/log.db").ended(0)
    assert "everybody may write to the database" in ran.stderr


def test_a_settings_file_that_everybody_may_write_is_warned_of(program: Program) -> None:
    file = program.home / "changelog.toml"
    file.write_text('operator = "olga"\n')
    assert program.run("db", "path", "--config", "changelog.toml").ended(0).stderr == ""
    assert program.run("db", "path", "--config", "/dev/null").ended(0).stderr == ""
    file.chmod(0o602)
    ran = program.run("db", "path", "--config", "changelog.toml").ended(0)
    assert "send the keys elsewhere" in ran.stderr


def test_config_says_which_key_everybody_can_read(program: Program) -> None:
    for name, mode in (("open", 0o644), ("closed", 0o640)):
        (program.home / name).write_text(f"key-in-{name}-0123456789")
        (program.home / name).chmod(mode)
    (program.home / "changelog.toml").write_text(
        '[keys.open]\nfile = "open"\n[keys.closed]\nfile = "closed"\n'
    )
    ran = program.run("config", "--config", "changelog.toml").ended(0)
    said = {line.split()[0]: line for line in ran.stdout.splitlines() if line}
    assert "everybody on this machine can read it" in said["open"]
    assert "everybody" not in said["closed"]
    keys = program.json("config", "--config", "changelog.toml")["keys"]
    assert [one["readable_by_all"] for one in keys] == [False, True, False]


@pytest.mark.parametrize(
    ("place", "exit_code"),
    [
        ("~nobody-of-that-name/log.db", 2),
        ("x" * 5000, 8),
        ("sqlite:///a%00b", 2),
        ("sqlite://[", 2),
        ("sqlite://u:p4ssword@host/x", 2),
        ("host=db dbname=x password=p4ssword", 2),
        ("mysql://u:p4ssword@host/x", 2),
        ("postgresql://u:p4ssword@[::1", 2),
        ("postgresql://u:p4ssword", 2),
        ("postgresql://u:p4ss/word@host/x", 2),
        ("postgresql:/u:p4ssword@host/x", 2),
        ("postgresql//u:p4ssword@host/x", 2),
        ("//u:p4ssword@host/x", 2),
        ("sqlite:log.db", 2),
        ("mysql:u@host/x", 2),
        ("u:p4ssword@host/changelog", 2),
        ("u:p4ssword@x://host", 2),
        ("host.example:5432/changelog", 2),
        ("u@host.example/changelog", 2),
        ("postgresql;//u:p4ssword@host/x", 2),
        ("postgresql:///u:p4ssword@host/x", 2),
        ("sqlite:///:memory:", 2),
        ("./:memory:", 2),
        ("log.db?mode=ro", 2),
        ("/srv/log.db?immutable=1", 2),
        ("sqlite:///log.db?mode=ro", 2),
        ("sqlite:///log.db#x", 2),
        ("a.json", 8),
        (".", 8),
        ("/dev/null/x", 8),
        ("a.json/x", 8),
    ],
)
def test_no_place_for_the_log_ends_in_anything_but_an_explanation(
    place: str, exit_code: int, program: Program
) -> None:
    for words in (("db", "upgrade"), ("log",)):
        ran = program.run(*words, "--db", place)
        assert ran.exit_code in {exit_code, *([5] if words == ("log",) else [])}, ran
        assert "Traceback" not in ran.stderr
        assert "p4ssword" not in ran.stdout + ran.stderr
        assert invisible_in(ran.stderr) == []
        assert len(ran.stderr) < 5000


def test_what_looks_like_an_address_makes_no_file(program: Program) -> None:
    before = set(program.home.iterdir())
    for place in ("sqlite:log.db", "u:p4ssword@host/log.db", "sqlite:///log.db?mode=ro", "x;//y"):
        program.run("import", "a.json", "--db", place).ended(2)
    assert set(program.home.iterdir()) == before


@pytest.mark.parametrize("name", ["./a:b.db", "./olga@noc.db", "./a?mode=ro", "sqlite:///a:b.db"])
def test_a_path_may_hold_what_addresses_hold(name: str, program: Program) -> None:
    program.run("import", "a.json", "--db", name).ended(0)
    assert (program.home / name.removeprefix("sqlite:///")).is_file()


@pytest.mark.parametrize("code", [15, 4618, 5386])
def test_a_disk_without_shared_memory_is_named_with_the_way_out(code: int) -> None:
    """No disk of this machine refuses to map memory: the error is SQLite's own, made by hand."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    mapped = translate(error, SqliteLocation(Path("/net/log.db")))
    assert mapped is not None
    assert "network file system" in mapped.hint
    assert "local disk, or use PostgreSQL" in mapped.hint


def test_a_user_without_a_home_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a container a user need not have a name, and then has no home either."""

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(UsageError, match="no home folder"):
        default_location({})


# Secrets in what is given


@pytest.mark.parametrize(
    "words",
    [
        ("record", "did_1", "-m", f"with {KEY}"),
        ("note", "did_1", "-m", "the key is MV_LIVE_abcdef123456"),
        ("tag", "mv_live_abcdef123456"),
        ("tag", "mv_test_abcdef123456"),
        ("tag", "keymv_test_abcdef123456"),
        ("import", "a.json", "--by", KEY, "--json"),
    ],
)
def test_a_key_in_an_argument_is_refused_and_kept_nowhere(
    words: tuple[str, ...], program: Program
) -> None:
    program.run("import", "a.json").ended(0)
    ran = program.run(*words).ended(2)
    assert "holds an API key" in ran.stderr
    assert KEY not in ran.stderr
    assert places_of([KEY], program.home) == []


SECRETS = {
    "a key of a file": {"MINIVOICE_API_KEY": "", "MINIVOICE_API_KEY_FILE": "in_file"},
    "a webhook secret": {"MINIVOICE_WEBHOOK_SECRET": "sesame-open-4711"},
    "a webhook secret of a file": {"MINIVOICE_WEBHOOK_SECRET_FILE": "in_file"},
    "a key that the settings name": {"CHANGELOG_CONFIG": "keys.toml"},
    "a key in a variable that the settings name": {
        "CHANGELOG_CONFIG": "variable.toml",
        "KEY_OF_SUPPORT": "sesame-open-4711",
    },
}


@pytest.mark.parametrize("named", SECRETS)
def test_every_secret_that_is_named_is_refused_in_arguments_and_left_out_of_names(
    named: str, program: Program
) -> None:
    secret = "sesame-open-4711"  # noqa: S105 -- the test's own
    (program.home / "in_file").write_text(f"{secret}\n")
    (program.home / "keys.toml").write_text('[keys.support]\nfile = "in_file"\n')
    (program.home / "variable.toml").write_text('[keys.support]\nenv = "KEY_OF_SUPPORT"\n')
    environment = SECRETS[named]
    program.run("import", "a.json", environment=environment).ended(0)
    for words in (
        ("note", "did_1", "-m", f"with {secret}"),
        ("mark", "did_1", secret, "-m", "why"),
        ("import", "a.json", f"--by={secret}", "--json"),
        ("tag", "c2VzYW1lLW9wZW4tNDcxMQ"),
    ):
        ran = program.run(*words, environment=environment).ended(2)
        assert "holds an API key" in ran.stderr
        assert secret not in ran.stderr
    operator = {**environment, "CHANGELOG_OPERATOR": f"olga {secret}"}
    program.run("note", "did_1", "-m", "seen", environment=operator).ended(0)
    assert "olga [redacted]" in program.run("show", "did_1").ended(0).stdout


def test_a_key_in_the_name_of_the_operator_is_not_kept(program: Program) -> None:
    program.run("import", "a.json", environment={"CHANGELOG_OPERATOR": f"olga {KEY}"}).ended(0)
    assert "by olga [redacted]" in program.run("log").ended(0).stdout
    assert places_of([KEY], program.home) == []


def test_a_note_that_only_speaks_of_keys_is_kept(program: Program) -> None:
    program.run("import", "a.json", "-m", "rotated the mv_live_ key").ended(0)


def test_a_key_in_a_file_that_is_imported_is_not_kept(program: Program) -> None:
    (program.home / "support").write_text("key-of-support-0123456789")
    (program.home / "keys.toml").write_text('[keys.support]\nfile = "support"\n')
    (program.home / "echo.json").write_text(
        BODY.replace("app_a", f"{KEY}-key-of-support-0123456789")
    )
    call = {"id": "c", "application_id": KEY, "to": "+15551230001"}
    event = {"event": "call.completed", "created_at": "2026-11-01T00:00:00Z", "call": call}
    (program.home / "call.json").write_text(json.dumps(event))
    dated = ("--at", "2026-10-01T00:00Z")
    program.run("import", "echo.json", "--config", "keys.toml", *dated).ended(0)
    program.run("evidence", "call.json", "--config", "keys.toml").ended(0)
    shown = program.run("show", "did_1", "--json").ended(0)
    assert shown.json["application_id"] == "[redacted]-[redacted]"
    assert len(shown.json["evidence"]) == 1
    assert KEY not in shown.stdout


def test_a_key_behind_a_pipe_is_read_once_and_serves_the_whole_run(tmp_path: Path) -> None:
    piped = 'exec 3< <(printf %s "$KEY"); MINIVOICE_API_KEY_FILE=/dev/fd/3 "$@"'
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox, key="", KEY=KEY)
        program.run_through(["/bin/bash", "-c", piped, "sh"], "record", "did_101").ended(0)
