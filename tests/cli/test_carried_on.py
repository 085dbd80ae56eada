"""What a look could not read, or read too late, is not taken for what it had been before."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from changelog.model.answers import Applications
from changelog.model.text.times import format_utc
from changelog.store.location import Location, SqliteLocation
from tests.logbook import DID, NUMBER, START, Logbook
from tests.program import Json, Program
from tests.sandbox_faults import Fault, Sandbox

OLD, NEW = "https://voice.example/old", "https://voice.example/new"
READ, NOT_READ = Applications({"app_a": OLD}), Applications(remark="applications: timeout")
NOW = Applications({"app_a": NEW})
OF_THE_TAG = "destination NOT READ by the tag's capture: any shown was known before, or stated"
UNKNOWN = "the capture of tag:v9:after did not read the destination of 2 DIDs"
BACK = ("restore", "--all", "--to", "tag:v9:before")


def see_both(logbook: Logbook, applications: Applications, tag: str | None = None) -> None:
    capture = logbook.capture(tag=tag, applications=applications)
    for place in (1, 2):
        logbook.see("app_a", did=f"did_{place}", number_e164=f"+1555000{place}", capture=capture)
    capture.close()


@pytest.fixture
def deployed(logbook: Logbook, program: Program) -> Program:
    """The capture after a deploy could not read the applications; another `answer_url` was set."""
    see_both(logbook, READ, "v9:before")
    see_both(logbook, NOT_READ, "v9:after")
    return program


@pytest.fixture
def read_later(deployed: Program, logbook: Logbook) -> Program:
    see_both(logbook, NOW)
    return deployed


def only_did(document: Json) -> Json:
    (found,) = document["dids"]
    assert isinstance(found, dict)
    return found


def test_a_comparison_says_which_destinations_a_tag_had_not_read(deployed: Program) -> None:
    sides = ("diff", "--from", "tag:v9:before", "--to", "tag:v9:after")
    for more in ((), ("--format", "chat"), ("did_1", "did_2"), ("--application", "app_a")):
        assert UNKNOWN in deployed.run(*sides, *more).ended(0).stdout
    assert UNKNOWN in deployed.run(*sides, "--format", "csv").ended(0).stderr
    document = deployed.run(*sides, "--exit-code", "--json").ended(3).json
    assert document["conditions"] == ["not_compared"]
    assert document["remarks"] == [f"{UNKNOWN}: whether that had changed by then is not known"]
    read = ("diff", "--from", "tag:v9:before", "--to", "latest", "--exit-code", "--json")
    assert deployed.run(*read).json["remarks"] == []


def test_what_was_read_only_after_the_deploy_may_be_of_it(read_later: Program) -> None:
    (group,) = read_later.json(*BACK)["groups"]
    assert (group["apart"], group["dids"]) == (None, ["did_1", "did_2"])
    assert "2 to put back" in read_later.run(*BACK).ended(0).stdout


def test_a_target_whose_destination_the_tag_had_not_read_says_so(read_later: Program) -> None:
    line = ("restore", "did_1", "--to", "tag:v9:after", "--offline")
    for form in ("text", "chat", "markdown"):
        assert OF_THE_TAG in read_later.run(*line, "--format", form).ended(0).stdout
    assert OF_THE_TAG in read_later.run(*line, "--format", "plain").ended(0).stderr
    assert only_did(read_later.json(*line))["destination_not_read"] is True
    before = ("restore", "did_1", "--to", "tag:v9:before", "--offline")
    assert only_did(read_later.json(*before))["destination_not_read"] is False
    for command in (("list", "--at", "tag:v9:after"), ("show", "did_1@tag:v9:after")):
        assert OF_THE_TAG in read_later.run(*command).ended(0).stdout
    rows = read_later.json("list", "--at", "tag:v9:after")["dids"]
    assert [row["destination_read"] for row in rows] == [False, False]


def test_a_destination_that_was_read_later_in_the_same_routing_is_known(
    deployed: Program, logbook: Logbook
) -> None:
    see_both(logbook, READ)
    line = ("restore", "did_1", "--to", "tag:v9:after", "--offline")
    assert only_did(deployed.json(*line))["destination_not_read"] is False


def test_already_there_says_by_what(deployed: Program) -> None:
    ran = deployed.run("restore", "did_1", "--to", "tag:v9:before", "--offline").ended(0)
    assert "Already there by the log, as of 2026-11-01" in ran.stdout
    plain = ("restore", "did_1", "--to", "tag:v9:before", "--offline", "--format", "plain")
    assert "1 DID: the last look did not read the destination, which is as of 2026-11-01" in (
        deployed.run(*plain).stderr
    )


@pytest.fixture
def live(tmp_path: Path, sandbox: Sandbox, location: Location) -> Program:
    program = Program(tmp_path / "home", api=sandbox, database=location)
    program.record("did_101", "did_102", "--tag", "one")
    return program


def test_what_was_not_read_at_the_tag_is_not_compared(live: Program, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status"), applications=True)
    live.record("--all", "--tag", "two")
    sandbox.clear_faults()
    sandbox.set_application("app_support", answer_url=NEW)
    found = only_did(live.run("verify", "did_101", "--to", "tag:two", "--json").ended(3).json)
    assert (found["outcome"], found["not_compared"]) == ("not_compared", ["destination"])
    live.run("verify", "did_101", "--to", "tag:one").ended(4)


def test_an_application_that_is_listed_no_more_is_no_all_clear(
    live: Program, sandbox: Sandbox
) -> None:
    sandbox.remove_application("app_support")
    ran = live.run("restore", "--all", "--to", "tag:one").ended(0)
    assert "nothing to put back but for answer_urls, which were not read" in ran.stdout
    assert live.json("restore", "--all", "--to", "tag:one")["destinations_unread"] is True


# A number that another DID has now


@pytest.fixture
def number_moved(live: Program, sandbox: Sandbox) -> Program:
    """The number of did_102 is that of did_105 now, whose own number nobody has."""
    live.record("did_102", "did_105", "--tag", "mon")
    sandbox.move("did_102", number_e164="+15557770000")
    sandbox.move("did_105", number_e164="+15551230002")
    return live


def test_a_number_is_compared_with_where_it_pointed_then(number_moved: Program) -> None:
    """However often: the first answer is in the log from then on."""
    line = ("verify", "+15551230002", "--to", "tag:one")
    for _ in range(3):
        found = only_did(number_moved.run(*line, "--json").ended(4).json)
        assert found["did"] == "did_105"
        assert found["expected"]["application_id"] == "app_support"
    assert found["expected_did"] == "did_102"
    said = number_moved.run(*line).ended(4).stdout
    assert "+15551230002 was the number of did_102 then" in said
    card = number_moved.run("restore", "did_105", "--to", "tag:mon").ended(0).stdout
    assert (
        "Already there, but its number was another one then, which no routing brings back" in card
    )


def test_a_number_that_nobody_has_any_more_is_no_match(number_moved: Program) -> None:
    number_moved.record("--all")
    numbers = number_moved.home / "numbers.txt"
    numbers.write_text("+15551230002\n+15551230005\n")
    ran = number_moved.run("verify", "--file", str(numbers), "--to", "tag:mon", "--json").ended(4)
    by_name = {found["requested"]: found for found in ran.json["dids"]}
    orphan = by_name["+15551230005"]
    assert (orphan["did"], orphan["outcome"]) == ("did_105", "mismatch")
    assert [change["field"] for change in orphan["changes"]] == ["number_e164"]
    assert "+15551230002" in by_name


def test_a_card_says_that_the_number_went_to_another_did_or_came_from_one(
    live: Program, sandbox: Sandbox
) -> None:
    number = "+15551230002"
    fields = sandbox.did("did_102")
    assert fields is not None
    sandbox.add_did({**fields, "id": "did_new", "application_id": "app_sales"})
    sandbox.remove("did_102")
    came = live.run("restore", number).ended(5).stdout
    assert f"! {number} was the number of did_102 until 20" in came
    assert "at least: that may be the cause, and no routing of did_102 brings it back" in came
    gone = f"{number} is the number of did_new now: no routing of did_102 brings it back"
    for more in ((), ("--to", "tag:one")):
        plain = live.run("restore", "did_102", *more, "--format", "plain").ended(0)
        assert f"did_102: {gone}" in plain.stderr
        assert gone in live.run("restore", "did_102", *more).ended(0).stdout
    shown = live.run("show", f"{number}@tag:one").ended(5).stderr
    assert "was the number of did_102 then: changelog show did_102@tag:one" in shown
    diff = live.run("diff", number, "--from", "tag:one").ended(5).stdout
    assert f"{number} was the number of did_102 then, and is compared as did_new" in diff


def test_a_number_that_two_dids_have_at_once_went_nowhere(live: Program, sandbox: Sandbox) -> None:
    fields = sandbox.did("did_102")
    assert fields is not None
    sandbox.add_did({**fields, "id": "did_new", "application_id": "app_sales"})
    live.record("did_102", "did_new")
    for did in ("did_102", "did_new"):
        said = live.run("restore", did).stdout
        assert "brings it back" not in said
        assert "carried +15551230002 too" in said


def test_what_is_there_already_is_told_beside_plain_lines(live: Program) -> None:
    plain = live.run("restore", "did_101", "--to", "tag:one", "--format", "plain").ended(0)
    assert plain.stderr == "changelog: did_101: Already there: nothing to put back\n"


def test_a_fleet_says_how_many_retired_dids_nobody_looked_at(
    live: Program, sandbox: Sandbox
) -> None:
    live.run("mark", "did_102", "retired", "-m", "ported").ended(0)
    sandbox.move("did_102", application_id="app_sales")
    said = live.run("restore", "--all", "--to", "tag:one").ended(0).stdout
    assert "1 retired, left out and not looked at" in said
    assert (
        "1 retired, left out and not looked at"
        in live.json("restore", "--all", "--to", "tag:one")["remarks"]
    )


def test_a_fleet_of_retired_dids_is_nothing_to_restore(live: Program) -> None:
    live.run("mark", "did_101", "did_102", "retired", "-m", "ported").ended(0)
    ran = live.run("restore", "--all", "--to", "tag:one").ended(5)
    assert "is retired" in ran.stderr


@pytest.mark.parametrize("start", ["14", "good", "previous", "r9"])
def test_a_start_that_no_did_has_is_no_comparison(live: Program, start: str) -> None:
    ran = live.run("diff", "--from", start, "--exit-code").ended(5)
    assert f"no DID has a revision that {start} means" in ran.stderr
    live.run("diff", "--exit-code").ended(0)


# An answer that came too late to begin a revision


@pytest.fixture
def late(tmp_path: Path) -> Iterator[tuple[Logbook, Program]]:
    """The capture of `pre` read app_x, and stored that after another one had stored app_b."""
    with Logbook(SqliteLocation(tmp_path / "log.db")) as logbook:
        logbook.see("app_a")
        capture = logbook.capture(tag="pre")
        received = logbook.clock()
        logbook.see("app_b")
        logbook.see("app_x", at=received, capture=capture)
        capture.close()
        logbook.see("app_b")
        yield logbook, Program(tmp_path / "home", database=logbook.location)


def test_a_late_answer_between_the_target_and_the_current_routing_is_said(
    late: tuple[Logbook, Program],
) -> None:
    logbook, program = late
    (answer,) = logbook.history().late
    warning = f"between r1 and r2 a look at {format_utc(answer.at)} showed app_x webhook"
    for form in ("text", "chat", "markdown"):
        assert warning in program.run("restore", DID, "--offline", "--format", form).stdout
    assert warning in program.run("restore", DID, "--offline", "--format", "plain").stderr
    assert "seen_between" in only_did(program.json("restore", DID, "--offline"))["warning_codes"]


def test_what_a_capture_read_too_late_is_neither_changed_nor_unchanged(
    late: tuple[Logbook, Program],
) -> None:
    _, program = late
    for names in ((), (DID,)):
        document = program.run("diff", *names, "--from", "tag:pre", "--json").ended(3).json
        assert document["counts"]["unreadable"] == 1
        message = only_did(document)["error"]["message"]
        assert message == "received before a newer answer; begins no revision: app_x webhook"
    assert "begins no revision: app_x webhook" in program.run("log", "--snapshots").ended(0).stdout


def test_an_import_that_came_too_late_is_said_of_its_tag(
    late: tuple[Logbook, Program], tmp_path: Path
) -> None:
    _, program = late
    body = f'{{"id": "{DID}", "number_e164": "{NUMBER}", "application_id": "app_o"}}'
    (tmp_path / "old.json").write_text(body)
    line = ("import", str(tmp_path / "old.json"), "--at", "2026-10-20T00:00Z", "--tag", "october")
    program.run(*line).ended(0)
    document = program.run("diff", "--from", "tag:october", "--json").ended(3).json
    assert "begins no revision: app_o no mode" in only_did(document)["error"]["message"]
    ran = program.run("restore", DID, "--to", "2026-10-21T00:00Z", "--offline").ended(5)
    assert f"{DID} has no revision by 2026-10-21 00:00:00Z" in ran.stdout + ran.stderr


# Nobody looked


def test_what_nobody_saw_at_the_end_is_not_unchanged_without_a_word(
    logbook: Logbook, program: Program
) -> None:
    for application, minute in (("app_a", 2), ("app_b", 10), ("app_b", 20)):
        logbook.see(application, at=START + timedelta(minutes=minute))
    between = ("--from", "2026-11-01T12:04Z", "--to", "2026-11-01T12:05Z")
    remark = "1 DID was last seen before 2026-11-01 12:{}:00Z: whether still so then is not known"
    for names in ((), (DID,)):
        remarks = program.json("diff", *names, *between)["remarks"]
        assert remarks == [remark.format("05")]
    # What changed after the start may have changed before it.
    seen = ("--from", "2026-11-01T12:04Z", "--to", "2026-11-01T12:15Z")
    assert program.json("diff", *seen)["remarks"] == [remark.format("04")]
    both = ("--from", "2026-11-01T12:12Z", "--to", "2026-11-01T12:15Z")
    assert program.json("diff", *both)["remarks"] == []


def test_a_comparison_of_moments_says_which_answers_came_too_late_for_them(
    logbook: Logbook, program: Program
) -> None:
    """The log holds a look that says otherwise, so "unchanged" alone would be false."""
    logbook.see("app_a", at=START + timedelta(minutes=2))
    logbook.see("app_b", at=START + timedelta(hours=9))
    past = logbook.capture(command="import", past=True)
    logbook.see("app_c", at=START + timedelta(hours=4), capture=past)
    sides = ("--from", "2026-11-01T13:00Z", "--to", "2026-11-01T18:00Z")
    late = "the last look before 2026-11-01 18:00:00Z saw another answer, too late to begin"
    for names in ((), (DID,)):
        remarks = program.json("diff", *names, *sides)["remarks"]
        assert [remark for remark in remarks if remark.startswith(late)], remarks


def test_no_revision_matches_as_of_a_time(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a")
    for names in ((), (DID,)):
        said = program.run("log", *names, "--since", "2026-11-20").ended(0).stdout
        assert "no revision matches" in said
        assert "from the log: last look at 2026-11-01 12:02:00Z" in said


def test_of_the_log_alone_a_later_look_that_failed_is_said(
    logbook: Logbook, program: Program
) -> None:
    capture = logbook.capture(tag="pre")
    logbook.see("app_a", capture=capture)
    capture.close()
    logbook.miss(500)
    said = program.run("restore", "--all", "--to", "tag:pre", "--offline").ended(0).stdout
    assert "1 DID cannot be read since 2026-11-01" in said


def test_an_empty_route_mode_is_a_step_too(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a", None)
    logbook.see("app_a", "webhook")
    said = program.run("restore", DID, "--offline").ended(0).stdout
    assert "1. It had no route mode: take webhook away" in said


def test_that_the_current_routing_was_judged_good_is_said_first(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    warning = "the current routing, r2, was judged GOOD by olga"
    assert warning not in program.run("restore", DID, "--offline").ended(0).stdout
    logbook.judge("good", 2)
    assert warning in program.run("restore", DID, "--offline").ended(0).stdout
    there = program.run("restore", DID, "--offline", "--to", "r2").ended(0)
    assert warning not in there.stdout


# What a capture did not read


@pytest.fixture
def partly(logbook: Logbook, program: Program) -> Program:
    """Three DIDs for tag:all; two moved, and tag:few read only the third; then they were back."""
    fleet = logbook.capture(tag="all")
    for place in (1, 2, 3):
        logbook.see("app_a", did=f"did_{place}", number_e164=f"+1555000{place}", capture=fleet)
    fleet.close()
    few = logbook.capture(tag="few")
    logbook.see("app_a", did="did_3", number_e164="+15550003", capture=few)
    few.close()
    return program


def test_what_a_tag_had_not_read_is_not_unchanged_without_a_word(partly: Program) -> None:
    sides = ("diff", "--from", "tag:all", "--to", "tag:few")
    remark = "2 DIDs were last seen before tag:few, and not read by its capture"
    for more in ((), ("--routing",), ("--format", "chat"), ("did_1", "did_2", "did_3")):
        assert remark in partly.run(*sides, *more).ended(0).stdout
    document = partly.run(*sides, "--exit-code", "--json").ended(3).json
    assert document["conditions"] == ["not_read_by_tag"]
    assert remark not in partly.run(*sides, "did_3").ended(0).stdout


def test_nor_is_it_where_the_comparison_begins_at_the_tag(
    partly: Program, logbook: Logbook
) -> None:
    start = ("diff", "--from", "tag:few")
    unseen = "2 DIDs were last seen before tag:few, and not read by its capture"
    ran = partly.run(*start, "--exit-code").ended(3)
    assert unseen in ran.stdout
    assert unseen in partly.run(*start, "--format", "csv").ended(0).stderr
    for place in (1, 2):
        logbook.see("app_a", did=f"did_{place}", number_e164=f"+1555000{place}")
    partly.run("tag", "moment").ended(0)
    assert "not read by" not in partly.run("diff", "--from", "tag:moment", "--exit-code").stdout
    until = partly.run("diff", "--from", "tag:all", "--to", "tag:moment").ended(0).stdout
    assert "3 DIDs were last seen before tag:moment: whether" in until
    said = partly.run(*start, "--exit-code").ended(0).stdout
    assert "2 DIDs were not read by the capture of tag:few, but seen so around it" in said


def test_a_return_to_what_no_tag_had_read_is_no_whole_all_clear(
    partly: Program, logbook: Logbook
) -> None:
    for place in (1, 2):
        logbook.see("app_a", did=f"did_{place}", number_e164=f"+1555000{place}")
    line = ("restore", "--all", "--to", "tag:few", "--offline")
    said = partly.run(*line).ended(0).stdout
    assert "no DID differs from what it was then, as far as was seen then" in said
    assert "2 DIDs are as other looks saw them. The tag's capture has no revision of them" in said
    assert partly.json(*line)["not_read_by_tag"] == ["did_1", "did_2"]


def test_no_match_at_a_moment_says_what_was_not_seen_then(
    partly: Program, logbook: Logbook
) -> None:
    said = partly.run("list", "app_x", "--at", "tag:few").ended(0).stdout
    assert said.startswith("as the log had it at 2026-11-01")
    assert "no DID matches" in said
    assert "2 DIDs of the log last seen before then" in said
    period = ("--since", "2026-11-02", "--until", "2026-11-03")
    logbook.see("app_b", did="did_3", at=START + timedelta(days=5), number_e164="+15550003")
    said = partly.run("log", "did_3", *period).ended(0).stdout
    assert "1 DID last seen before 2026-11-03 23:59:59Z" in said
    assert "last look at" not in said


def test_a_did_that_no_capture_of_a_deploy_read_is_not_said_to_have_changed_after_it(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    logbook.see("app_a", did="did_2", number_e164="+15550002")
    for tag, application in (("rel:before", "app_a"), ("rel:after", "app_b")):
        capture = logbook.capture(tag=tag)
        logbook.see(application, capture=capture)
        capture.close()
    logbook.see("app_b", did="did_2", number_e164="+15550002")
    line = ("restore", "--all", "--to", "tag:rel:before", "--offline")
    said = program.run(*line).ended(0).stdout
    assert "1 to put back, 1 not read at tag:rel:after" in said
    assert "NOT READ at tag:rel:after: changed in that deploy or after it" in said
    assert "CHANGED AFTER" not in said


def test_a_note_stays_with_its_revision(logbook: Logbook, program: Program) -> None:
    for application in ("app_a", "app_b", "app_a"):
        logbook.see(application)
    program.run("note", f"{DID}@r1", "-m", "the old one").ended(0)
    said = program.run("restore", DID, "--offline").ended(0).stdout
    assert ") on r1" in said.split('"the old one"')[1].splitlines()[0]


def test_an_empty_value_is_asked_for_by_an_empty_word(logbook: Logbook, program: Program) -> None:
    logbook.see(None, None)
    logbook.see("app_a", did="did_2", number_e164="+15550002")
    for option in ("--application", "--route-mode"):
        found = program.json("list", option, "")["dids"]
        assert [row["did"] for row in found] == [DID], option
        at = program.json("list", option, "", "--at", "2026-11-01T12:05Z")["dids"]
        assert [row["did"] for row in at] == [DID], option


def test_a_proof_for_all_counts_the_retired_that_it_leaves_out(live: Program) -> None:
    live.run("mark", "did_102", "retired", "-m", "given back").ended(0)
    ran = live.run("verify", "--all", "--to", "tag:one").ended(0)
    assert "1 retired, left out" in ran.stdout
    assert live.json("verify", "--all", "--to", "tag:one")["retired"] == 1


@pytest.mark.parametrize("command", [("verify", "--to", "latest"), ("deploy", "--tag", "t")])
def test_a_number_that_is_none_yet_is_refused_before_anything_is_asked(
    live: Program, command: tuple[str, ...]
) -> None:
    rest = ("--", "true") if command[0] == "deploy" else ()
    ran = live.run(command[0], "(555) 123-0004", *command[1:], *rest).ended(2)
    assert "neither an id nor a number" in ran.stderr


def test_a_return_whose_destination_nobody_read_is_one_by_application_and_mode(
    logbook: Logbook, program: Program
) -> None:
    for application, mode, destination in (
        (None, "sip", "sip:a@pbx.example"),
        (None, "sip", "sip:b@pbx.example"),
        ("app_a", "webhook", None),
        (None, "sip", None),
    ):
        logbook.see(application, mode, destination)
    said = program.run("restore", DID, "--offline").ended(0).stdout
    assert "You are back on r2 (by application and mode, since 2026-11-01" in said
    there = program.run("restore", DID, "--offline", "--to", "r2").ended(0).stdout
    assert ", as far as was read: nothing to put back." in there


def test_a_comparison_says_what_was_otherwise_in_between(
    logbook: Logbook, program: Program
) -> None:
    dids = [f"did_{place}" for place in range(10)]
    for did in dids:
        logbook.see("app_a", did=did, number_e164=None)
    from_ = logbook.now
    start = format_utc(from_).replace(" ", "T")
    for application in ("app_b", "app_a"):
        for did in dids:
            logbook.see(application, did=did, number_e164=None)
    back = "another routing in between, and back again"
    sides = ("diff", "--from", start)
    assert f"{back}: 10 DIDs ({', '.join(dids[:8])} …)" in program.run(*sides).ended(0).stdout
    assert f"{back}: did_1" in program.run(*sides, "did_1", "--format", "chat").ended(0).stdout
    assert f"{back}: did_1" in program.run(*sides, "did_1", "--format", "csv").ended(0).stderr
    assert program.run(*sides, "did_1", "--exit-code", "--json").ended(0).json["remarks"] == [
        f"{back}: did_1",
        f"1 DID was last seen before {format_utc(from_)}: whether still so then is not known",
    ]


def test_the_history_of_a_number_names_the_dids_that_had_it_before(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    logbook.see("app_a", number_e164="+15550009")
    logbook.see("app_b", did="did_2")
    before = f"{NUMBER} was the number of {DID} too: changelog log {DID}"
    assert before in program.run("log", NUMBER).ended(0).stdout
    assert before in program.run("log", NUMBER, "--since", "2026-11-02").ended(0).stdout
    assert before not in program.run("log", "did_2").ended(0).stdout
    (named,) = program.run("log", NUMBER, "--json").json["dids"]
    assert named["number_also_of"] == [DID]


def test_a_time_in_service_ends_with_the_last_look_that_read_the_destination(
    logbook: Logbook, program: Program
) -> None:
    for applications in (READ, READ, NOT_READ):
        capture = logbook.capture(applications=applications)
        logbook.see("app_a", capture=capture)
        capture.close()
        logbook.now += timedelta(hours=1)
    (card,) = program.run("restore", DID, "--offline", "--json").json["dids"]
    (row,) = card["recent"]
    assert timedelta(hours=1).seconds <= row["in_service_at_least_s"] < timedelta(hours=2).seconds


def test_what_was_not_visible_then_and_before_a_change_is_said(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    logbook.see("app_a", did="did_2", number_e164="+15550009")
    logbook.miss(404)
    then = format_utc(logbook.now).replace(" ", "T")
    logbook.see("app_a")
    again = format_utc(logbook.now).replace(" ", "T")
    rows = program.run("list", "--at", then, "--json").json["dids"]
    assert {row["did"]: row["visible"] for row in rows} == {DID: False, "did_2": True}
    said = program.run("list", "--at", then).ended(0).stdout.splitlines()
    assert ["not visible" in line for line in said if line.startswith("did_")] == [True, False]
    assert "not visible" not in program.run("list", "--at", again).ended(0).stdout
    everything = program.run("restore", "--all", "--to", then, "--offline").ended(0).stdout
    assert f"not visible then (404): {DID}\n" in everything
    logbook.miss(404)
    logbook.see("app_b")
    card = program.run("restore", DID, "--offline").ended(0).stdout
    assert "NOT VISIBLE in between: a 404 at" in card
