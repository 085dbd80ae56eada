"""``list TEXT``, its columns on a narrow terminal, and hints for selectors in the wrong place."""

import re
from pathlib import Path

import pytest

from changelog.model.text.sanitize import width
from changelog.render.style import Style
from changelog.render.text import fitted
from changelog.store import reader
from tests.logbook import Logbook
from tests.program import KEY, Program
from tests.sandbox_faults import Sandbox
from tests.store.test_pages import CountedDeadline

LONG = "https://voice.example.com/tenants/4711/support/answer/night"


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    capture = logbook.capture(tag="pre", answer_urls={"app_9": LONG})
    fleet = {"did_9": "app_9", "did_90": "app_90", "did_91": "app_9"}
    for number, (did, application) in enumerate(fleet.items()):
        logbook.see(application, did=did, number_e164=f"+1555123000{number}", capture=capture)
    capture.close()
    logbook.see("app_91", did="did_91", number_e164="+15551230002")
    return Program(tmp_path / "home", database=logbook.location)


FOUND = {
    "app_9": ["did_9"],
    "app_9 ": ["did_9"],
    "app": ["did_9", "did_90", "did_91"],
    "did_9": ["did_9"],
    "_90": ["did_90"],
    "+15551230001": ["did_90"],
    "+1 (555) 123-0001": ["did_90"],
    "15551230001": ["did_90"],
    "1230001": ["did_90"],
    "+1 555": ["did_9", "did_90", "did_91"],
    "(555) 123-0001": ["did_90"],
    "001555123": ["did_9", "did_90", "did_91"],
    "123 0001 x7": ["did_90"],
    "tenants/4711": ["did_9"],
    LONG: ["did_9"],
    "nowhere": [],
}


def test_a_text_is_part_of_where_a_number_points_and_an_exact_match_wins(program: Program) -> None:
    listed = {text: [row["did"] for row in program.json("list", text)["dids"]] for text in FOUND}
    assert listed == FOUND


def test_a_text_looks_into_the_fleet_of_a_moment_too(program: Program) -> None:
    then = program.json("list", "app_9", "--at", "tag:pre")["dids"]
    assert [row["did"] for row in then] == ["did_9", "did_91"]


def test_a_text_that_reads_as_a_time_is_refused_with_the_command(program: Program) -> None:
    for text in ("14:00", "2026-11-23", "2h ago", "yesterday", "now"):
        error = program.run("list", text, "--json").ended(2).error
        quoted = f"'{text}'" if " " in text else text
        assert error["hint"].endswith(f"changelog list --at {quoted}")


def test_a_tag_that_is_listed_as_a_text_is_refused_with_the_command(program: Program) -> None:
    error = program.run("list", "tag:pre", "--json").ended(2).error
    assert error["hint"].endswith("changelog list --at tag:pre")


def test_eighty_columns_say_which_number_points_where(program: Program) -> None:
    code, screen = program.run_on_terminal("list", environment={"NO_COLOR": "1", "COLUMNS": "80"})
    assert code == 0
    head, *rows = screen.splitlines()
    assert head.split()[:5] == ["did", "number", "application_id", "route_mode", "destination"]
    assert max(map(width, (head, *rows))) <= 80
    (nine,) = [row for row in rows if row.startswith("did_9 ")]
    assert nine.split()[:4] == ["did_9", "+15551230000", "app_9", "webhook"]
    start, end = nine.split()[4].split("…")
    assert LONG.startswith(start)
    assert LONG.endswith(end)
    assert "… no room for seen_since: widen the terminal, or use --format csv" in rows


def test_values_that_look_alike_once_they_are_cut_are_told_of(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    for did, middle in (("did_1", "blue"), ("did_2", "green")):
        url = f"https://{'voice.' * 5}example/{middle}/{'menu/' * 8}answer"
        capture = sqlite_logbook.capture(answer_urls={f"app_{did}": url})
        sqlite_logbook.see(f"app_{did}", did=did, capture=capture)
        capture.close()
    _, screen = program.run_on_terminal("list", environment={"NO_COLOR": "1", "COLUMNS": "80"})
    assert "… different values look alike in destination: widen the terminal" in screen
    assert "… no room for seen_since" in screen
    _, screen = program.run_on_terminal("list", environment={"NO_COLOR": "1", "COLUMNS": "300"})
    assert "look alike" not in screen


def test_a_list_that_is_piped_is_never_cut(program: Program) -> None:
    head, *rows = program.run("list").ended(0).stdout.splitlines()
    assert head.split() == [
        *("did", "number", "application_id", "route_mode", "destination", "status"),
        "seen_since",
    ]
    assert any(LONG in row for row in rows)
    assert "…" not in "".join(rows)


def test_what_people_call_an_application_is_said_where_there_is_room(
    logbook: Logbook, program: Program
) -> None:
    with_names = logbook.capture(answer_urls={"app_9": LONG}, names={"app_9": "Night line"})
    logbook.see("app_9", did="did_9", number_e164="+15551230000", capture=with_names)
    with_names.close()
    piped = program.run("list").ended(0).stdout.splitlines()
    assert piped[0].split()[-2:] == ["seen_since", "application_name"]
    assert piped[1].endswith("Z  Night line")
    assert "application_id  app_9 (Night line)" in program.run("restore", "did_9").stdout
    for columns, is_named in (("80", False), ("250", True)):
        environment = {"NO_COLOR": "1", "COLUMNS": columns}
        _, screen = program.run_on_terminal("list", environment=environment)
        assert ("Night line" in screen) == is_named
        assert ("no room for seen_since and application_name" in screen) == (not is_named)


@pytest.mark.parametrize("columns", [20, 40, 80, 120, 400])
def test_one_long_id_does_not_blank_the_others(columns: int) -> None:
    heads = ("did", "number", "destination", "status", "seen_since")
    rows = [
        heads,
        ("x" * 255, "+1555", "sip:a", "active", "now"),
        ("did_2", "-", "sip:b", "-", "-"),
    ]
    shown = fitted(rows, Style(width=columns), ("status", "seen_since"))
    assert shown[2].split()[:3] == ["did_2", "-", "sip:b"]
    assert "sip:a" in shown[1]
    if columns >= 40:
        assert max(map(width, shown[:3])) <= columns
    if "seen_since" not in shown[0]:
        assert "seen_since" in shown[-1]


def test_long_ids_leave_room_for_where_each_number_points_and_since_when() -> None:
    heads = ["did", "number", "application_id", "route_mode", "destination", "status", "seen_since"]
    now = "2026-11-27T02:10:00Z"
    ids = [f"did_{number:026}" for number in range(2)]
    rows = [heads] + [
        [did, "+15551230001", f"app_{did}", "webhook", destination, "active", now]
        for did, destination in zip(ids, ("sip:emea-night@sbc.example.com", LONG), strict=True)
    ]
    *shown, left_out = fitted(rows, Style(width=80), ("status", "seen_since"))
    assert [row.split()[4:] for row in shown[1:]] == [
        ["sip:eme…le.com", "active"],
        ["https:/…/night", "active"],
    ]
    assert "no room for seen_since" in left_out
    assert max(map(width, shown)) <= 80
    head, *wider = fitted(rows, Style(width=110), ("status", "seen_since"))
    assert head.split()[-1] == "seen_since"
    assert [row.split()[-1] for row in wider] == [now, now]


def test_a_tag_without_its_tag_is_named(program: Program) -> None:
    for line in (
        ["diff", "--from", "pre"],
        ["diff", "did_9", "--from", "r1", "--to", "pre"],
        ["list", "--at", "pre"],
        ["restore", "--all", "--to", "pre"],
        ["show", "did_9@pre"],
        ["tag", "other", "--at", "pre"],
    ):
        error = program.run(*line, "--json").ended(2).error
        assert error["hint"] == "Did you mean the tag? Write: tag:pre.", line
    assert "tag:post" not in program.run("list", "--at", "post").ended(2).stderr


def test_a_hint_names_only_what_the_option_takes(program: Program) -> None:
    for line in (
        ["list", "--at", "nonsense"],
        ["restore", "--all", "--offline", "--to", "nonsense"],
        ["restore", "--all", "--offline", "--to", "live"],
        ["tag", "other", "--at", "nonsense"],
    ):
        hint = program.run(*line, "--json").ended(2).error["hint"]
        assert hint.startswith("Use one of: latest, tag:NAME, a "), line
        assert not {"previous", "good", "r3", "latest~2"} & set(re.split("[ ,]+", hint)), line
    for word in ("latest", "tag:pre", "yesterday"):
        program.run("list", "--at", word).ended(0)
        program.run("restore", "--all", "--offline", "--to", word).ended(0)


def test_a_deploy_without_its_side_is_named(program: Program, logbook: Logbook) -> None:
    for side in ("before", "after"):
        capture = logbook.capture(tag=f"rel-7:{side}")
        logbook.see("app_9", did="did_9", capture=capture)
        capture.close()
    hint = "Did you mean before that deploy? Write: tag:rel-7:before."
    for line, exit_code in (
        (["restore", "--all", "--offline", "--to", "rel-7"], 2),
        (["list", "--at", "rel-7"], 2),
        (["restore", "--all", "--offline", "--to", "tag:rel-7"], 5),
        (["diff", "--from", "tag:rel-7"], 5),
    ):
        assert program.run(*line, "--json").ended(exit_code).error["hint"] == hint, line


def test_revisions_among_the_dids_of_a_diff_are_named_right(program: Program) -> None:
    for given, command in (
        (["did_91", "r1", "r2"], "changelog diff did_91 --from r1 --to r2"),
        (["did_91", "1"], "changelog diff did_91 --from 1"),
        (["tag:pre", "latest"], "changelog diff DID --from tag:pre --to latest"),
        (["did_91", "2h ago"], "changelog diff did_91 --from '2h ago'"),
        (["did_91@r1", "did_91@r2"], "changelog diff did_91 --from r1 --to r2"),
        (["did_91@r1", "did_9"], "changelog diff did_91 did_9 --from r1"),
        (["did_91", "--from", "r1", "r2"], "changelog diff did_91 --from r1 --to r2"),
    ):
        error = program.run("diff", *given, "--json").ended(2).error
        assert error["hint"] == f"Use: {command}"


def test_a_deadline_that_is_over_at_once_is_no_answer_and_exit_code_3(program: Program) -> None:
    for command in (["list"], ["log"], ["diff"], ["status"], ["show", "did_9"]):
        error = program.run(*command, "--deadline", "0s", "--json").ended(3).error
        assert error["code"] == "incomplete", command
        assert program.run(*command, "--deadline", "1h").exit_code == 0, command


@pytest.mark.parametrize("command", ["diff", "log"])
def test_what_a_deadline_cut_short_says_how_far_it_got(
    command: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for looks in range(4, 20):
        monkeypatch.setattr(reader, "ReadDeadline", lambda _, looks=looks: CountedDeadline(looks))
        ran = program.run(command)
        if ran.exit_code == 3 and ran.stdout:
            break
    assert "INCOMPLETE: --deadline cut the answer short; the last that was read is" in ran.stderr
    assert "incomplete" in program.run(command, "--json").ended(3).json["conditions"]


def test_a_list_says_between_which_looks_each_came_there(program: Program) -> None:
    (moved,) = program.json("list", "app_91")["dids"]
    (entry,) = program.json("log", "did_91", "-n", "1")["entries"]
    window = ("not_before", "not_after", "api_updated_at")
    assert [moved[name] for name in window] == [entry[name] for name in window]
    assert moved["not_before"] < moved["not_after"] == moved["since"]
    (first,) = program.json("list", "app_9")["dids"]
    assert (first["not_before"], first["not_after"]) == (None, first["since"])


def test_a_plain_list_is_whole_and_can_be_fed_back(logbook: Logbook, tmp_path: Path) -> None:
    url = "https://user:secret@voice.example.com/support?token=1"
    with Sandbox(KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox, database=logbook.location)
        sandbox.set_application("app_support", answer_url=url)
        program.run("record", "did_101", "did_104", "--tag", "pre").ended(0)
        plain = program.run("list", "--format", "plain").ended(0)
        assert plain.stderr.startswith("changelog: from the log: last look at 20")
        rows = [row.split("\t") for row in plain.stdout.splitlines()]
        documents = program.json("list")["dids"]
        fields = ("did", "number", "application_id", "route_mode", "destination")
        assert rows == [[row[name] or "" for name in fields] for row in documents]
        assert rows[0][4] == url
        program.run("record", "--file", "-", stdin=plain.stdout).ended(0)
        file = tmp_path / "fleet.tsv"
        file.write_text(plain.stdout)
        program.run("verify", "--file", str(file), "--to", "tag:pre").ended(0)
        program.run("note", "--file", str(file), "-m", "seen").ended(0)
        assert [len(row["notes"]) for row in program.json("log")["entries"]] == [1, 1]


def test_a_plain_list_is_of_the_moment_and_says_beside_it_what_it_has_no_room_for(
    program: Program, logbook: Logbook
) -> None:
    logbook.miss(404, did="did_9")
    logbook.judge("retired", 1, did="did_90")
    plain = program.run("list", "did_91", "--format", "plain").ended(0)
    assert plain.stdout == "did_91\t+15551230002\tapp_91\twebhook\t\n"
    then = program.run("list", "did_91", "--at", "tag:pre", "--format", "plain").ended(0)
    assert then.stdout == f"did_91\t+15551230002\tapp_9\twebhook\t{LONG}\n"
    beside = program.run("list", "--format", "plain").ended(0).stderr.splitlines()
    assert beside == [
        "changelog: 1 of 3 DIDs not visible (404), seen last as listed: did_9",
        "changelog: 1 of 3 DIDs retired: did_90",
        "changelog: from the log: last looks from 2026-11-01 12:02:00Z to 2026-11-01 12:11:00Z;"
        " 1 DID cannot be read since 2026-11-01 12:16:00Z: did_9",
        "changelog: 1 DID: the last look did not read the destination: did_90",
    ]
    assert program.run("list", "nowhere", "--format", "plain").ended(0).stdout == ""
