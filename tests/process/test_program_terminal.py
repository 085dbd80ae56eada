"""The program at a prompt: pipes, colour, help, completion, and what people mistype."""

import json
import re
from pathlib import Path

import pytest

from changelog import __version__
from changelog.cli.exit_codes import meaning
from changelog.cli.main import COMMANDS
from tests.program import KEY, Program, Ran
from tests.sandbox_faults import Fault, Sandbox

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def program(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A log of one DID with two routings, and enough history to fill a pipe."""
    made = Program(tmp_path_factory.mktemp("terminal"), api=shared_sandbox)
    (made.home / "old.json").write_text(json.dumps({"id": "did_101", "application_id": "app_old"}))
    many = [{"id": f"d_{n}", "application_id": "a" * 900, "route_mode": "x"} for n in range(200)]
    (made.home / "many.json").write_text(json.dumps(many))
    made.run("import", "old.json", "many.json", "--at", "2026-11-01T00:00Z").ended(0)
    made.record("did_101", "--tag", "used")
    return made


# Pipes

PIPED: dict[str, tuple[list[str], int]] = {
    "log": (["log", "-n", "999"], 1),
    "log --json": (["log", "-n", "999", "--json"], 1),
    "list": (["list"], 1),
    "list --json": (["list", "--json"], 1),
    "diff": (["diff"], 1),
    "restore": (["restore", "did_101", "--offline"], 0),
    "help": (["--help"], 0),
}
"""What is said → the command line, the lines that are read of it."""


@pytest.mark.parametrize("what", PIPED)
def test_a_reader_that_has_enough_closes_the_pipe_quietly(program: Program, what: str) -> None:
    line, lines = PIPED[what]
    ran = program.read_by_head(lines, *line)
    assert len(ran.stdout.splitlines()) == lines
    assert ran.stderr == ""
    assert ran.exit_code != 1, "it is no bug of this program"


def test_a_record_goes_on_though_nobody_reads_what_it_says(tmp_path: Path) -> None:
    with Sandbox(key=KEY) as sandbox:
        sandbox.fail(Fault("slow", seconds=0.5), did="did_102")
        sandbox.fail(Fault("slow", seconds=0.5), did="did_103")
        program = Program(tmp_path / "home", api=sandbox)
        dids = ["did_101", "did_102", "did_103"]
        ran = program.read_by_head(1, "record", *dids, "--concurrency", "1")
        assert ran.stderr == ""
        assert [one["did"] for one in program.json("list")["dids"]] == dids


def test_without_an_output_there_is_no_traceback(program: Program) -> None:
    closed = program.run_without_stdout("log")
    assert "Traceback" not in closed.stderr


# Colour


def test_what_is_no_terminal_gets_no_escape_sequence(program: Program) -> None:
    lines = [["list"], ["log", "did_101"], ["restore", "did_101", "--offline"], ["log", "nope"]]
    for ran in program.run_each(lines):
        assert "\x1b" not in ran.stdout + ran.stderr, ran.arguments


def test_a_terminal_gets_colour_unless_no_color_or_a_dumb_one_says_otherwise(
    program: Program,
) -> None:
    line = ["restore", "did_101", "--offline"]
    code, coloured = program.run_on_terminal(*line)
    assert code == 0
    assert ANSI.search(coloured)
    without = program.run(*line).stdout
    assert ANSI.sub("", coloured).replace("\r\n", "\n") == without
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        _, bare = program.run_on_terminal(*line, environment=environment)
        assert bare.replace("\r\n", "\n") == without
    _, plain = program.run_on_terminal(*line, "--format", "plain")
    assert not ANSI.search(plain)
    _, document = program.run_on_terminal(*line, "--json")
    assert json.loads(document)["exit_code"] == 0


def test_a_long_run_shows_its_progress_on_a_terminal_only(tmp_path: Path) -> None:
    dids = [f"p_{n}" for n in range(24)]
    with Sandbox(key=KEY) as sandbox:
        for did in dids:
            sandbox.add_did({"id": did, "application_id": "a", "route_mode": "x"})
        program = Program(tmp_path / "home", api=sandbox)
        (program.home / "list.txt").write_text("# all\n" + "\n".join(dids))
        line = ["record", "--file", "list.txt", "--rate", "40/s"]
        code, shown = program.run_on_terminal(*line)
        assert code == 0
        assert re.search(r"\d+/24  \d+/s  about .* left", shown)
        assert program.run(*line).ended(0).stderr == ""


# Help


def test_every_command_has_help_with_an_example_and_its_exit_codes(program: Program) -> None:
    for name, ran in zip(
        COMMANDS, program.run_each([name, "--help"] for name in COMMANDS), strict=True
    ):
        text = ran.ended(0).stdout
        assert re.search(rf"Example:\n +changelog {name}\b", text), name
        assert "Exit codes:" in text, name
        codes = re.findall(r"^ +(\d+) +(.+)$", text.partition("Exit codes:")[2], re.MULTILINE)
        assert codes == [(c, meaning(name, int(c))) for c, _ in codes], name
        assert codes[0][0] == "0", name
        assert ran.stderr == ""


def test_the_help_of_record_names_every_code_that_it_can_end_with(
    program: Program, tmp_path: Path
) -> None:
    empty = Program(tmp_path / "home", api=program.environment["MINIVOICE_API_URL"])
    code = empty.run("record", "--all").exit_code
    assert re.search(rf"^ +{code} ", program.run("record", "--help").stdout, re.MULTILINE)


def test_help_names_every_command_and_the_version_is_the_packages(program: Program) -> None:
    for option in ("--help", "-h"):
        text = program.run(option).ended(0).stdout
        assert [name for name in COMMANDS if f"  {name} " not in text] == []
    assert program.run("--version").ended(0).stdout == f"changelog {__version__}\n"


def test_without_a_command_the_help_is_shown_as_it_is(program: Program) -> None:
    ran = program.run()
    assert "Commands:\n" in ran.stdout + ran.stderr
    assert "\\x0a" not in ran.stdout + ran.stderr


# What people mistype

MISTYPED: dict[str, tuple[list[str], int]] = {
    "a wrong id": (["restore", "did_1O1", "--offline"], 5),
    "an empty id": (["show", ""], 5),
    "an empty id to record": (["record", ""], 2),
    "an id with a line break": (["record", "did\n101"], 2),
    "an empty selector": (["show", "did_101@"], 2),
    "another alphabet's digit": (["show", "did_101@r٣"], 2),
    "--at nonsense": (["list", "--at", "yesterday-ish"], 2),
    "--at a revision": (["list", "--at", "r1"], 2),
    "--since nonsense": (["log", "--since", "2026-13-45"], 2),
    "--since an age without end": (["log", "--since", "999999w"], 2),
    "--rate nonsense": (["record", "did_101", "--rate", "1e9"], 2),
    "--rate zero": (["record", "did_101", "--rate", "0"], 2),
    "--concurrency zero": (["record", "did_101", "--concurrency", "0"], 2),
    "-n zero": (["log", "-n", "0"], 2),
    "--format of another command": (["log", "--format", "plain"], 2),
    "--live and --offline": (["restore", "did_101", "--live", "--offline"], 2),
    "--config of nothing": (["log", "--config", "nowhere.toml"], 2),
    "--at yet to come": (["import", "old.json", "--at", "2999-01-01T00:00Z"], 2),
    "--file of a folder": (["record", "--file", "."], 2),
    "--db of a folder": (["log", "--db", "."], 8),
    "--db of nothing": (["log", "--db", "sqlite://"], 2),
    "a settings file of no TOML": (["log", "--config", "comments.json"], 2),
    "a settings file with a wrong type": (["log", "--config", "wrong.toml"], 2),
    "-- and nothing": (["show", "--"], 2),
    "-- before an option": (["log", "--", "--json"], 5),
    "-- before the command": (["--", "log", "did_101"], 0),
    "-- before a DID": (["restore", "--offline", "--", "did_101"], 0),
    "a number with spaces and dashes": (["log", "+1 555 123-0001"], 0),
    "a number and a selector": (["show", "+1 555-1230001@r2"], 0),
    "the same DID twice": (["restore", "did_101", "did_101", "--offline"], 0),
}


@pytest.fixture(scope="module")
def mistyped(program: Program) -> dict[str, Ran]:
    (program.home / "comments.json").write_text('{"database": ')
    (program.home / "wrong.toml").write_text('volatile = "calls_today"\n')
    lines = [line for line, _ in MISTYPED.values()]
    return dict(zip(MISTYPED, program.run_each(lines), strict=True))


@pytest.mark.parametrize("what", MISTYPED)
def test_what_is_mistyped_is_named_with_its_code_and_without_a_traceback(
    mistyped: dict[str, Ran], what: str
) -> None:
    ran = mistyped[what].ended(MISTYPED[what][1])
    if ran.exit_code:
        assert re.match(r"changelog: .+\n", ran.stderr)
        assert "a bug in this program" not in ran.stderr


def test_an_empty_database_no_key_and_no_network_each_say_what_to_do(
    program: Program, tmp_path: Path
) -> None:
    new = Program(tmp_path / "home", key="")
    for ran in new.run_each([["restore", "did_101"], ["log"], ["list"], ["show", "did_101"]]):
        assert "changelog record DID" in ran.ended(5).stderr, ran.arguments
    assert "MINIVOICE_API_KEY" in new.run("record", "did_101").ended(2).stderr
    assert not list(new.home.rglob("*.db"))
    nobody = {"MINIVOICE_API_URL": "http://127.0.0.1:9/v1"}
    card = program.run("restore", "did_101", environment=nobody).ended(0)
    assert "Live look failed (the connection was refused)" in card.stdout
    for url in ("http://api.example/v1", "api.minivoice.eu"):
        ran = program.run("record", "did_101", environment={"MINIVOICE_API_URL": url}).ended(2)
        assert "MINIVOICE_API_URL" in ran.stderr, url


def test_the_same_did_named_twice_has_one_card(mistyped: dict[str, Ran]) -> None:
    assert mistyped["the same DID twice"].stdout.count("PUT BACK") == 1


def test_the_same_did_named_twice_is_compared_once(program: Program) -> None:
    counts = program.json("diff", "did_101", "did_101")["counts"]
    assert (counts["compared"], counts["changed"]) == (1, 1)


def test_restore_all_to_a_time_before_the_log_claims_nothing_about_then(program: Program) -> None:
    ran = program.run("restore", "--all", "--to", "2020-01-01", "--offline")
    assert "every DID has the routing that it had then" not in ran.stdout


def test_a_selector_behind_a_did_that_takes_none_is_explained(program: Program) -> None:
    for line in (["restore", "did_101@r1", "--offline"], ["verify", "did_101@r1", "--to", "r1"]):
        ran = program.run(*line).ended(2)
        assert "Name did_101 alone" in ran.stderr


NOT_TEXT = "Z\udcfcrich"
"""What Python makes of an argument from a terminal that is set to Latin-1."""


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "en_US.ISO-8859-1"}, {"PYTHONIOENCODING": "ascii"}], ids=str
)
def test_what_programs_read_is_utf_8_whatever_the_terminal_can_draw(
    locale: dict[str, str], program: Program
) -> None:
    body = '{"id": "did_ü", "number_e164": "+15557770001", "application_id": "münchen"}'
    (program.home / "a.json").write_text(body)
    database = {"CHANGELOG_DATABASE_URL": str(program.home / "own.db")}
    program.run("import", "a.json", environment=database).ended(0)
    changed = body.replace("münchen", "köln")
    (program.home / "b.json").write_text(changed)
    program.run("import", "b.json", environment=database).ended(0)
    restore = ("restore", "+15557770001", "--offline")
    for arguments in (
        (*restore, "--format", "plain"),
        (*restore, "--format", "csv"),
        ("list", "--format", "csv"),
        ("log", "--format", "markdown"),
    ):
        plain = program.run(*arguments, environment=database)
        ran = program.run(*arguments, environment={**database, **locale})
        assert (ran.exit_code, ran.stdout) == (plain.exit_code, plain.stdout)
        assert "ü" in ran.stdout


def test_an_argument_in_another_encoding_is_no_bug_of_this_program(program: Program) -> None:
    lines = [
        ["show", NOT_TEXT],
        ["restore", NOT_TEXT, "--offline"],
        ["list", "--application", NOT_TEXT],
        ["note", "did_101", "-m", NOT_TEXT],
        ["record", "did_101", "-m", NOT_TEXT],
    ]
    assert [ran.arguments for ran in program.run_each(lines) if ran.exit_code == 1] == []


def test_a_list_that_a_spreadsheet_saved_is_read(program: Program) -> None:
    (program.home / "list.csv").write_bytes(b"\xef\xbb\xbfdid_101\r\n")
    program.run("record", "--file", "list.csv").ended(0)


@pytest.mark.parametrize("wrong", [{"MINIVOICE_API_KEY": "two words"}, {"MINIVOICE_API_URL": "x"}])
def test_restore_says_why_it_could_not_even_look(program: Program, wrong: dict[str, str]) -> None:
    for form in ("text", "plain"):
        ran = program.run("restore", "did_101", "--format", form, environment=wrong).ended(0)
        assert "API key" in ran.stdout + ran.stderr or "API URL" in ran.stdout + ran.stderr


# The stand-ins


def test_demo_tells_the_whole_story_without_a_key_and_leaves_a_log(tmp_path: Path) -> None:
    stranger = Program(tmp_path / "home", key="", CHANGELOG_DATABASE_URL="")
    ran = stranger.run("demo", "--db", "demo.db").ended(0)
    assert ran.stderr == ""
    for said in ("application_id app_support → app_maintenance", "PUT BACK r1", "match  did_101"):
        assert said in ran.stdout
    commands = re.findall(r"^\$ changelog (\w+)", ran.stdout, re.MULTILINE)
    assert commands == ["record", "record", "diff", "restore", "verify", "log"]
    assert "demo.db" in ran.stdout
    left = stranger.json("list", "--db", "demo.db")
    assert [one["application_id"] for one in left["dids"]] == ["app_support", "app_support"]


def test_sandbox_answers_until_it_is_interrupted(program: Program, tmp_path: Path) -> None:
    with program.start("sandbox") as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+/v1", said)
            assert found
            other = Program(tmp_path / "home", api=found[0], key="mv_sandbox_not_a_secret")
            other.run("record", "did_101").ended(0)
        finally:
            process.terminate()
