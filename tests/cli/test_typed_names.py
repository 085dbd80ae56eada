"""What people type and paste: numbers, several DIDs at once, lists, and what the shell offers."""

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox
from tests.logbook import Logbook
from tests.program import KEY, Program

HOTLINE, FAX, LONDON = "+15551230001", "+4930901820", "+442079460123"


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    for did, number in (("did_1", HOTLINE), ("did_2", FAX), ("did_3", LONDON)):
        logbook.see("app_a", did=did, number_e164=number)
    return Program(tmp_path / "home", database=logbook.location)


def shown(program: Program, *words: str) -> str:
    return program.run("show", *words).ended(0).stdout.split()[0]


def test_a_number_is_found_as_tickets_and_phones_write_it(program: Program) -> None:
    for text in (
        "+1 (555) 123-0001",
        "+1.555.123.0001",
        "tel:+1-555-123-0001",
        "0015551230001",
        "15551230001",
        " +1\u00a0555 123 0001\u00a0",
        "(+1) 555 123 0001",
        "+ 1 555 123 0001",
        "1 (555) 123-0001",
        "1-555-123-0001",
        "00 1 555 123 0001",
        "+1/555/123/0001",
        "+1\u2011555\u2011123\u20110001",
        "\u202a+1 555 123 0001\u202c",
        "TEL:+1-555-123-0001;ext=5",
        "+1 555 123 0001 ext 7",
        "1 555 123 0001 x7",
        "callto:+15551230001",
    ):
        assert shown(program, text) == "did_1", text
    assert shown(program, "+1", "555", "123", "0001") == "did_1"
    assert shown(program, "+44 (0)20 7946 0123") == "did_3"
    assert shown(program, "0049 (0)30 901820") == "did_2"


def test_a_national_form_is_understood_where_its_country_is_set(program: Program) -> None:
    for region, text, did in (
        ("US", "(555) 123-0001", "did_1"),
        ("US", "555 123 0001", "did_1"),
        ("US", "(555) 123-0001 x7", "did_1"),
        ("US", "\uff15\uff15\uff15 123 0001", "did_1"),
        ("US", "011 49 30 901820", "did_2"),
        ("DE", "030 901820", "did_2"),
        ("DE", "030/901820", "did_2"),
        ("GB", "(020) 7946 0123", "did_3"),
    ):
        program.run("show", text).ended(5)
        (program.home / "region.toml").write_text(f'region = "{region}"\n')
        assert shown(program, text, "--config", "region.toml") == did, (region, text)
        listed = program.json("list", text, "--config", "region.toml")["dids"]
        assert [row["did"] for row in listed] == [did], (region, text)


def test_a_number_of_the_log_without_its_plus_is_asked_for_as_the_log_has_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", api=sandbox)
    program.record("did_101")
    (program.home / "changelog.toml").write_text('region = "DE"\n')
    program.environment["CHANGELOG_CONFIG"] = str(program.home / "changelog.toml")
    assert "unchanged   did_101" in program.run("record", "15551230001").ended(0).stdout
    assert ("GET", "/v1/dids/by-number/+15551230001") in sandbox.requests


def test_a_plain_number_does_without_the_rules_of_its_country(program: Program) -> None:
    code = (
        "import sys\nfrom changelog.cli.main import main\n"
        "code = main(['restore', '+1 (555) 123-0001', '--offline'])\n"
        "sys.exit(7 if 'phonenumbers' in sys.modules else code)"
    )
    program.run_python(code).ended(5)


def test_an_unknown_number_is_answered_with_the_one_that_it_fits_and_never_taken(
    program: Program,
) -> None:
    for text in ("1230001", "0001", "555-123-0001"):
        ran = program.run("show", text).ended(5)
        assert f"Did you mean did_1 ({HOTLINE})?" in ran.stderr
        assert ran.stdout == ""
    assert "It knows did_1, did_2, did_3." in program.run("show", "001").ended(5).stderr
    assert f"did_1 ({HOTLINE})" in program.run("show", "+15551239999").ended(5).stderr


def test_the_nearest_dids_are_named_and_not_the_first(logbook: Logbook, tmp_path: Path) -> None:
    for place in range(30):
        logbook.see("app_a", did=f"{'abcde'[place % 5]}-{place:02}.x")
    program = Program(tmp_path / "home", database=logbook.location)
    hint = program.run("show", "d-1z.x").ended(5).stderr
    assert "The nearest are d-13.x, d-18.x, " in hint
    assert "To see all 30: changelog list" in hint


def test_a_number_of_a_town_is_answered_with_the_one_that_it_fits(program: Program) -> None:
    """By the rules of its country it would be a number that cannot be."""
    (program.home / "region.toml").write_text('region = "US"\n')
    ran = program.run("show", "123-0001", "--config", "region.toml").ended(5)
    assert f"Did you mean did_1 ({HOTLINE})?" in ran.stderr
    assert "+11230001" not in ran.stderr


@pytest.mark.parametrize("moment", ["2001-01-01", "tag:old"])
def test_a_moment_before_the_log_begins_names_the_first_look(
    program: Program, logbook: Logbook, moment: str
) -> None:
    logbook.writer.add_tag("old", datetime(2001, 1, 1, tzinfo=UTC), "olga")
    for words in (
        ("list", "--at", moment),
        ("diff", "--from", moment),
        ("restore", "--all", "--to", moment, "--offline"),
    ):
        ran = program.run(*words).ended(5)
        assert "the log holds nothing from 2001-01-01" in ran.stderr
        assert "Its first look was at 20" in ran.stderr


def test_a_tag_for_a_moment_before_the_log_begins_is_refused(program: Program) -> None:
    # Refused before a hint to write it whole: what that advises would be refused as well.
    for text in ("2001-01-01", "1990-01-01T00:00Z"):
        ran = program.run("tag", "old", "--at", text).ended(5)
        assert f"the log holds nothing from {text[:10]}" in ran.stderr
        assert "Its first look was at 20" in ran.stderr
        assert "Write it whole" not in ran.stderr
    assert "there is no tag 'old'" in program.run("list", "--at", "tag:old").ended(5).stderr


def test_a_time_without_its_date_is_echoed_with_it(program: Program) -> None:
    ran = program.run("log", "--since", "yesterday", "--until", "now")
    assert ran.stderr.startswith("changelog: yesterday is 20")
    assert program.run("log", "--since", "2001-01-01T00:00Z").ended(0).stderr == ""
    assert program.run("log", "--since", "yesterday", "--json").stderr == ""


def test_a_number_of_digits_that_nobody_quoted_is_refused_before_anything_is_fetched(
    program: Program,
) -> None:
    commands = "record", "restore", "verify --route-mode x", "watch --once", "diff", "log"
    with Sandbox(key=KEY) as api:
        program.environment |= {"MINIVOICE_API_KEY": KEY, "MINIVOICE_API_URL": api.url}
        for command in (*commands, "note -m x", "mark -m x", "deploy --tag t"):
            name, *options = command.split()
            after = {"mark": ["good"], "deploy": ["--", "true"]}.get(name, [])
            ran = program.run(name, *options, "1", "555", "123", "0001", *after).ended(2)
            assert f"Quote it: changelog {name} '1 555 123 0001'." in ran.stderr
        for number in ("49 30-901 820", "030 901820"):
            assert f" '{number}'." in program.run("record", *number.split()).ended(2).stderr
        assert api.requests == ()


def test_two_short_words_are_two_ids_and_each_line_of_a_list_is_one(program: Program) -> None:
    with Sandbox(key=KEY) as api:
        program.environment |= {"MINIVOICE_API_KEY": KEY, "MINIVOICE_API_URL": api.url}
        document = program.run("record", "1001", "1002", "--json").ended(3).json
        assert {did["requested"] for did in document["dids"]} == {"1001", "1002"}
        (program.home / "ids").write_text("1003\n1004\n1005\n")
        document = program.run("record", "--file", "ids", "--json").ended(3).json
        assert {did["requested"] for did in document["dids"]} == {"1003", "1004", "1005"}
        for name in ("restore", "verify --route-mode x"):
            program.run(*name.split(), "--file", "ids").ended(3 if "verify" in name else 5)


def test_ids_of_few_digits_that_the_log_knows_are_names(program: Program) -> None:
    for did in ("123", "4567"):
        (program.home / f"{did}.json").write_text(json.dumps({"id": did, "route_mode": "sip"}))
    program.run("import", "123.json", "4567.json").ended(0)
    document = program.run("log", "123", "4567", "999", "--json").ended(5).json
    assert [did["did"] for did in document["dids"]] == ["123", "4567", None]
    # Too long for one number, or each a number by itself: as they were named.
    assert len(program.run("log", *["12345"] * 4, "--json").ended(5).json["dids"]) == 4
    assert len(program.run("log", "5551230", "5551239", "--json").ended(5).json["dids"]) == 2


# Several at once


def test_several_dids_are_noted_and_judged_and_one_bad_name_loses_no_good_one(
    program: Program,
) -> None:
    ran = program.run("note", "did_1", "nobody", f"{FAX}@r1", "-m", "seen").ended(5)
    assert ran.stdout.splitlines() == [
        "noted on did_1 r1, app_a webhook [current]",
        "noted on did_2 r1, app_a webhook [current]",
    ]
    assert "knows no DID 'nobody'" in ran.stderr
    document = program.json("mark", "did_1", "nobody", "did_3", "good", "-m", "heard")
    assert [one["did"] for one in document["dids"]] == ["did_1", None, "did_3"]
    assert [one["error"] and one["error"]["code"] for one in document["dids"]] == [
        None,
        "unknown_did",
        None,
    ]
    assert document["conditions"] == ["unknown_did"]


@pytest.mark.parametrize(
    "selector", ["2", "2d", "yesterday", "14:00", "2 days ago", "an hour ago", "previous", "then"]
)
def test_a_selector_beside_a_did_is_judged_as_no_did(
    sqlite_logbook: Logbook, tmp_path: Path, selector: str
) -> None:
    """What is judged stays: it must not land on the current routing."""
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    program.run("tag", "then", "--at", "2026-11-01T12:03Z").ended(0)
    meant = "tag:then" if selector == "then" else selector
    for command in (("mark", "did_1", *selector.split(), "good"), ("note", "did_1", selector)):
        refused = program.run(*command, "-m", "heard").ended(2).stderr
        assert f"'{selector}' names a revision, not a DID" in refused
        assert shlex.join([f"did_1@{meant}"]) in refused
    assert "judged" not in program.run("log", "did_1").stdout


@pytest.mark.parametrize("command", ["restore", "verify"])
def test_the_hint_for_a_time_beside_a_did_names_that_time(
    sqlite_logbook: Logbook, tmp_path: Path, command: str
) -> None:
    sqlite_logbook.see("app_a")
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    for time in ("2 days ago", "yesterday 14:00", "2 pm", "an hour ago"):
        refused = program.run(command, "did_1", *time.split()).ended(2).stderr
        assert f"Use: changelog {command} did_1 --to '{time}'" in refused


def test_a_second_in_which_the_did_changed_names_no_revision_to_judge(
    logbook: Logbook, tmp_path: Path
) -> None:
    """A card shows that second as the beginning of r2; the moment itself would name r1."""
    program = Program(tmp_path / "home", database=logbook.location)
    logbook.see("app_a", did="did_1")
    began = logbook.now.replace(microsecond=0) + timedelta(minutes=2)
    logbook.see("app_b", did="did_1", at=began + timedelta(milliseconds=412))
    moment = f"{began:%Y-%m-%dT%H:%M:%SZ}"
    for words in (("mark", f"did_1@{moment}", "bad"), ("note", f"did_1@{moment}")):
        refused = program.run(*words, "-m", "silent").ended(2).stderr
        assert f"r2 began at {began:%Y-%m-%dT%H:%M:%S}.412000Z" in refused
        assert "did_1@r2" in refused
    earlier = f"did_1@{began - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    assert "r1" in program.run("mark", earlier, "good", "-m", "fine").ended(0).stdout
    exact = f"did_1@{began:%Y-%m-%dT%H:%M:%S}.5Z"
    assert "r2" in program.run("mark", exact, "bad", "-m", "silent").ended(0).stdout
    assert "moment" not in program.run("show", f"did_1@{moment}").ended(0).stderr


def test_what_is_said_of_a_tag_that_had_not_read_the_did_says_so(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", database=logbook.location)
    logbook.see("app_a", did="did_1")
    capture = logbook.capture(tag="release-7")
    logbook.see("app_a", did="did_2", capture=capture)
    capture.close()
    logbook.see("app_b", did="did_1")
    ran = program.run("mark", "did_1@tag:release-7", "good", "-m", "worked", "--json").ended(0)
    assert (ran.json["revision"], ran.json["not_read"]) == (1, True)
    assert ran.json["unseen_since"] is not None
    said = program.run("note", "did_1@tag:release-7", "-m", "worked").ended(0).stdout
    assert "at that time: NOT READ by the tag's capture" in said


def test_a_number_of_two_dids_is_not_judged_as_one_without_a_word(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", database=logbook.location)
    number = "+15557770000"
    for did in ("did_1", "did_2"):
        logbook.see("app_a", did=did, number_e164=number)
    ran = program.run("mark", number, "bad", "-m", "silent", "--json").ended(0)
    hit = ran.json["did"]
    (other,) = ran.json["number_also_of"]
    assert {hit, other} == {"did_1", "did_2"}
    also = f"the number belongs to {other} too, of which this says nothing"
    assert also in program.run("note", f"{number}@r1", "-m", "silent").ended(0).stdout
    assert also not in program.run("note", hit, "-m", "silent").ended(0).stdout
    logbook.see("app_a", did=other, number_e164="+15557770001")
    assert also not in program.run("mark", number, "retired", "-m", "gone").ended(0).stdout


@pytest.mark.parametrize("words", [("mark", "did_1", "bad", "-m", "x"), ("tag", "before-move")])
def test_a_mistyped_path_leaves_no_empty_log_behind(tmp_path: Path, words: tuple[str, ...]) -> None:
    program = Program(tmp_path / "home")
    mistyped = tmp_path / "lgo.db"
    assert "there is no log at" in program.run(*words, "--db", str(mistyped)).ended(5).stderr
    assert not mistyped.exists()


def test_a_selector_that_is_none_is_refused_before_anything_is_written(program: Program) -> None:
    program.run("note", "did_1", "did_2@nonsense", "-m", "seen").ended(2)
    assert program.json("show", "did_1")["notes"] == []


def test_a_list_holds_one_did_a_line_with_comments_and_what_follows_a_tab(
    program: Program,
) -> None:
    listed = f"# moved\ndid_1\t{HOTLINE}\tapp_a\twebhook\t\n{FAX} # the fax\n\n"
    (program.home / "list").write_text(f"\ufeff{listed}")
    for words, text in ((("--file", "-"), listed), (("--file", "list"), "")):
        ran = program.run("mark", *words, "good", "-m", "heard", stdin=text).ended(0)
        assert [line.split()[1] for line in ran.stdout.splitlines()] == ["did_1", "did_2"]
        document = program.run("restore", *words, "--offline", "--json", stdin=text).json
        assert [one["did"] for one in document["dids"]] == ["did_1", "did_2"]
    assert "cannot be read" in program.run("note", "--file", "none", "-m", "x").ended(2).stderr
    assert "no DID is named" in program.run("note", "-m", "x").ended(2).stderr


def test_a_note_on_a_tag_is_one_note_on_its_capture(program: Program) -> None:
    for did in ("did_1", "did_4"):
        body = {"id": did, "number_e164": None, "application_id": "app_b", "route_mode": "webhook"}
        (program.home / f"{did}.json").write_text(json.dumps(body))
    program.run("import", "did_1.json", "did_4.json", "--tag", "move").ended(0)
    ran = program.run("note", "tag:move", "-m", "by the carrier").ended(0)
    assert re.fullmatch(r"noted on capture \d+ \(tag:move\): 2 DIDs\n", ran.stdout)
    noted = {did: program.json("show", did)["notes"] for did in ("did_1", "did_2", "did_4")}
    assert {did: [note["text"] for note in notes] for did, notes in noted.items()} == {
        "did_1": ["by the carrier"],
        "did_2": [],
        "did_4": ["by the carrier"],
    }
    # Among DIDs it is a line of the answer, and one name that is none loses no other.
    several = program.run("note", "did_2", "tag:move", "tag:none", "-m", "x", "--json").ended(5)
    _, on_capture, missed = several.json["dids"]
    assert (on_capture["requested"], on_capture["dids_read"]) == ("tag:move", 2)
    assert missed["error"]["code"] == "unknown_tag"


def test_a_note_on_a_tag_of_a_moment_is_refused_before_anything_is_written(
    program: Program,
) -> None:
    program.run("tag", "noon").ended(0)
    ran = program.run("note", "did_1", "tag:noon", "-m", "x").ended(2)
    assert "names a moment" in ran.stderr
    assert "changelog note DID@tag:noon -m TEXT" in ran.stderr
    assert program.json("show", "did_1")["notes"] == []
    program.run("note", "did_1@tag:noon", "-m", "x").ended(0)
    program.run("note", "tag:none", "-m", "x").ended(5)


def test_words_that_name_nothing_are_refused_with_their_line_before_anything_is_fetched(
    program: Program,
) -> None:
    (program.home / "list").write_text("did_1\n\ngarbage line here\n")
    line = "list, line 3: 'garbage line here' is neither an id nor a number"
    ran = program.run("record", "--file", "list")
    assert line in ran.stdout
    assert "2 requested" in ran.stdout
    assert "did_1  " in ran.stdout
    (program.home / "list").write_text("garbage line here\n")
    assert "list, line 1: 'garbage" in program.run("record", "--file", "list").ended(2).stderr
    ran = program.run("record", "did_1", "030 901820").ended(2)
    assert "'030 901820' is neither an id nor a number" in ran.stderr
    assert "country's code (+1555…)" in ran.stderr


def test_an_unknown_name_says_what_may_be_missing(program: Program) -> None:
    hint = program.run("show", "030901820").ended(5).stderr
    assert "a national number needs the setting region of its country" in hint
    ran = program.run("restore", "+15551239999", "--offline").ended(5)
    assert "If it was never recorded: changelog record +15551239999" in ran.stderr
    assert ran.stdout == ""


def test_a_tag_without_its_beginning_is_named(program: Program) -> None:
    program.run("tag", "friday").ended(0)
    hint = program.run("note", "friday", "-m", "x").ended(5).stderr
    assert "Did you mean the tag? Write: tag:friday." in hint


# What the shell offers


def offered(program: Program, line: str) -> list[str]:
    words = {
        "_CHANGELOG_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    ran = program.run_as("changelog", environment=words).ended(0)
    assert ran.stderr == ""
    return ran.stdout.split()


def test_the_shell_is_offered_commands_and_their_options(program: Program) -> None:
    assert offered(program, "changelog re") == ["record", "restore"]
    assert "--offline" in offered(program, "changelog restore --of")


def test_the_shell_is_offered_what_the_log_holds(program: Program) -> None:
    program.run("tag", "friday").ended(0)
    assert offered(program, "changelog restore did_") == ["did_1", "did_2", "did_3"]
    assert offered(program, "changelog restore +4") == [LONDON, FAX]
    assert offered(program, "changelog show did_1@r") == ["did_1@r1"]
    assert offered(program, "changelog diff --from t") == ["today", "tag:friday"]
    assert offered(program, "changelog log --tag f") == ["friday"]
    assert offered(program, "changelog diff --to l") == ["live", "latest"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["restore", "did_1", "--to", "tag", ":", "fr"], ["friday"]),
        (["restore", "did_1", "--to", "tag", ":"], ["friday"]),
        (["show", "did_1", "@", "r"], ["r1"]),
        (["show", "did_1", "@", "tag", ":", "f"], ["friday"]),
        (["mark", "did_1", "go"], ["good"]),
        (["list", "--format", "=", "c"], ["csv"]),
        (["list", "--format", "="], ["text", "json"]),
        (["restore", "did_2", ""], ["did_1", "did_2", "did_3"]),
    ],
)
def test_bash_is_offered_what_stands_behind_a_break_of_its_words(
    program: Program, words: list[str], offered: list[str]
) -> None:
    program.run("tag", "friday").ended(0)
    script = Path(__file__).parents[2] / "completions" / "changelog.bash"
    asked = f"""
        source {shlex.quote(str(script))}
        COMP_WORDS=(changelog {shlex.join(words)}) COMP_CWORD={len(words)}
        _changelog_completion changelog
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    bin_folder = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment = {**program.environment, **bin_folder}
    ran = subprocess.run(
        ["/bin/bash", "-c", asked], env=environment, capture_output=True, text=True, check=True
    )
    assert [*filter(None, ran.stdout.splitlines())][: len(offered)] == offered


def test_where_there_is_no_log_the_shell_is_offered_nothing_and_told_nothing(
    program: Program,
) -> None:
    program.environment["CHANGELOG_DATABASE_URL"] = str(program.home / "none.db")
    assert offered(program, "changelog restore d") == []


def test_the_completion_script_is_shown_for_bash(program: Program) -> None:
    # The shell is named: otherwise it is guessed from the processes above, and there may be none.
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    ran = program.run_as("changelog", "--show-completion", "bash", environment=named).ended(0)
    assert "_CHANGELOG_COMPLETE=complete_bash" in ran.stdout
    assert "complete -o default -F _changelog_completion changelog" in ran.stdout


# Tags


def test_tags_are_listed_newest_first_with_what_each_names(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", key="", database=logbook.location)
    program.run("tag").ended(5)
    capture = logbook.capture(tag="release-7:before")
    logbook.see(capture=capture)
    capture.close()
    assert "no tag" not in program.run("tag").ended(0).stdout
    program.run("tag", "noon", "--by", "carl").ended(0)
    noon, before = program.run("tag").ended(0).stdout.splitlines()
    assert re.fullmatch(r"noon +20\S+ \S+Z  moment +carl", noon)
    assert re.fullmatch(r"release-7:before  2026-11-01 \S+Z  capture 1  olga", before)
    document = program.json("tag")
    assert [(tag["name"], tag["capture"]) for tag in document["tags"]] == [
        ("noon", None),
        ("release-7:before", 1),
    ]
    assert document["more"] is False


def test_a_log_without_tags_says_so_and_a_name_is_not_guessed(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", key="", database=logbook.location)
    logbook.see()
    assert program.run("tag").ended(0).stdout == "no tag is recorded yet\n"
    assert "changelog tag NAME --at T" in program.run("tag", "--at", "14:00").ended(2).stderr
    program.run("tag", "noon").ended(0)
    unknown = program.run("log", "--tag", "nooon").ended(5).stderr
    assert "There are: noon. To list them with their times: changelog tag" in unknown


def test_a_number_that_was_given_away_hides_no_did(tmp_path: Path) -> None:
    with Sandbox(KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        program.record("did_101")
        sandbox.move("did_101", number_e164="+15551239999")
        program.record("did_101")
        said = program.run("restore", "+15551230001").stdout
        assert "NOT VISIBLE" not in said
        assert "carried several numbers: +15551230001, +15551239999. The last one is" in said
        sandbox.move("did_102", number_e164="+15551230001")
        (card,) = program.json("restore", "+15551230001")["dids"]
        assert card["did"] == "did_102"
        sandbox.remove("did_102")
        sandbox.remove("did_101")
        (card,) = program.json("restore", "did_101")["dids"]
        assert not card["visible"]


def test_a_step_names_the_number_that_the_did_has_now(logbook: Logbook, tmp_path: Path) -> None:
    program = Program(tmp_path / "home", key="", database=logbook.location)
    logbook.see("app_a")
    logbook.see("app_b", number_e164="+15551239999")
    said = program.run("restore", "did_1", "--offline").ended(0).stdout
    assert "assign did_1 (+15551239999) to application app_a" in said


NOT_A_DID = [
    ("diff did_101 --from r1 r2", "diff did_101 --from r1 --to r2", False),
    ("diff did_101 --to r2 r1", "diff did_101 --from r1 --to r2", False),
    ("diff did_101 --from r1 --to r2 r3", "diff did_101 --from r1 --to r2", True),
    ("diff did_101 r1 r2 tag:pre", "diff did_101 --from r1 --to r2", True),
    ("diff did_101 live", "diff did_101 --to live", False),
    ("diff did_101 r1 --to live", "diff did_101 --from r1 --to live", False),
    ("restore did_101 r1", "restore did_101 --to r1", False),
    ("restore did_101 tag:pre", "restore did_101 --to tag:pre", False),
    ("restore did_101 good --offline", "restore did_101 --to good", False),
    ("restore did_101 --to r1 2h --live", "restore did_101 --to r1", True),
    ("restore r1", "restore DID --to r1", False),
    ("verify did_101 r1", "verify did_101 --to r1", False),
    ("verify did_101 yesterday --application app_a", "verify did_101 --to yesterday", False),
]


@pytest.mark.parametrize(("line", "meant", "is_too_many"), NOT_A_DID)
def test_a_revision_among_the_dids_is_explained_before_anything_is_fetched(
    sandbox: Sandbox, tmp_path: Path, line: str, meant: str, is_too_many: bool
) -> None:
    program = Program(tmp_path / "home", api=sandbox)
    program.record("did_101")
    asked = len(sandbox.requests)
    error = program.run(*line.split(), "--json").ended(2).error
    assert error["hint"] == f"Use: changelog {meant}"
    assert ("one revision too many" in error["message"]) is is_too_many
    assert len(sandbox.requests) == asked


def test_a_known_id_is_a_did_whatever_it_looks_like(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    for did in ("good", "r1", "did_1"):
        sqlite_logbook.see("app_a", did=did)
    program = Program(tmp_path / "home", key="", database=sqlite_logbook.location)
    cards = program.run("restore", "did_1", "good", "r1", "--offline", "--json").ended(5)
    assert [card["did"] for card in cards.json["dids"]] == ["did_1", "good", "r1"]
    # So many digits are a part of a number.
    said = program.run("restore", "12345", "--offline").ended(5).stderr
    assert "the log knows no DID '12345'" in said


def test_a_revision_is_no_did_to_record(sqlite_logbook: Logbook, tmp_path: Path) -> None:
    sqlite_logbook.see("app_a")
    program = Program(tmp_path / "home", key="", database=sqlite_logbook.location)
    said = program.run("note", "r1", "-m", "x").ended(5).stderr
    assert "A revision stands behind its DID: DID@r1." in said
    assert "changelog record" not in said


def test_a_part_of_a_number_is_answered_with_the_number(sandbox: Sandbox, tmp_path: Path) -> None:
    program = Program(tmp_path / "home", api=sandbox)
    number = program.record("did_101")["dids"][0]["number"]
    part, meant = number[2:], f"Did you mean did_101 ({number})?"
    assert meant in program.run("restore", part, "--offline", "--format", "plain").ended(5).stderr
    assert meant in program.run("record", part).ended(3).stdout
    assert program.record(part, exit_code=3)["dids"][0]["error"]["hint"] == meant


def test_a_time_that_nobody_quoted_is_not_taken_for_dids(
    logbook: Logbook, program: Program
) -> None:
    now = datetime.now(UTC)
    for application, hours in (("app_b", 5), ("app_c", 1), ("app_d", 0)):
        logbook.see(application, at=now - timedelta(hours=hours), number_e164=HOTLINE)
    card = program.json("restore", "did_1", "--to", "2", "hours", "ago", "--offline")["dids"]
    assert [(one["did"], one["target"]["revision"]) for one in card] == [("did_1", 2)]
    marked = program.run("mark", "did_1@2", "hours", "ago", "bad", "-m", "silent").ended(0)
    assert "marked did_1 r2" in marked.stdout
    refused = program.run("mark", "did_1", "@r1", "bad", "-m", "silent").ended(2)
    assert "did_1@r1" in refused.stderr
    assert "bad" not in program.run("show", "did_1@r1").stdout
