"""Nothing is claimed beyond what was seen: what a look read, when it was, and what nobody read."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from changelog.model.answers import Applications
from changelog.store.location import Location
from tests.html_page import Page
from tests.logbook import DID, START, Logbook
from tests.program import Program
from tests.sandbox_faults import Fault, Sandbox

DAY = timedelta(days=1)
URLS = {"app_a": "https://a.example/x", "app_b": "https://b.example/x"}
MOVED = {"app_a": "https://moved.example/x"}
FORMS = ("text", "chat", "markdown", "html")


def look(
    logbook: Logbook,
    application: str,
    day: int,
    *,
    read: bool = True,
    urls: Mapping[str, str] = URLS,
) -> None:
    """See the DID in a capture that read the applications, or could not."""
    applications = Applications(urls if read else {}, None if read else "could not be read")
    capture = logbook.capture(applications=applications)
    logbook.see(application, at=START + day * DAY, capture=capture)
    capture.close()


def at(day: int) -> str:
    return (START + day * DAY).strftime("%Y-%m-%d %H:%M:%SZ")


def first_lines(program: Program, *more: str) -> str:
    said = program.run("restore", DID, "--offline", *more).ended(0).stdout
    return Page(said).text if "html" in more else said


UNTIL = "UNCHANGED for at least 24 d until {}, when last seen"
LATER = "What came later is not known."


@pytest.mark.parametrize(
    ("looks", "says"),
    [
        ([(2, True), (26, True)], LATER),
        (
            [(2, True), (26, False)],
            f"The answer_url was read only at {at(2)}: it may have changed before or since.",
        ),
        (
            [(2, True), (9, True), (26, False)],
            f"The answer_url was read only from {at(2)} to {at(9)}: it may have changed"
            " before or since.",
        ),
        ([(2, False), (26, False)], "The answer_url was never read: it may have changed."),
        (
            [(2, False), (25, True), (26, True)],
            f"The answer_url is known only from {at(25)} on: it may have changed before.",
        ),
    ],
)
def test_unchanged_is_said_of_what_was_read_all_the_time(
    logbook: Logbook, program: Program, looks: list[tuple[int, bool]], says: str
) -> None:
    look(logbook, "app_a", 1)
    for day, read in looks:
        look(logbook, "app_b", day, read=read)
    said = first_lines(program)
    part = "" if says == LATER else ": application and mode"
    assert f"{UNTIL.format(at(26))}{part}.\n" in said
    assert f"  {says}\n" in said
    assert UNTIL.format(at(26)) in first_lines(program, "--format", "chat")


def test_a_stated_destination_is_not_seen_by_a_look(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a", at=START)
    logbook.see(None, "sip", "sip:a@example.com", at=START + DAY)
    logbook.see(None, "sip", "sip:a@example.com", at=START + 25 * DAY)
    said = first_lines(program)
    until = f"{UNTIL.format(at(25))}: application and mode."
    assert f"{until}\n  The destination was stated, and no look shows it: it may" in said
    assert f"as of {at(25)}; the destination was stated, and no look shows it." in said


@pytest.mark.parametrize("application", ["app_b", "app_\u00e9", 'app"%\\', "{}"])
def test_a_look_does_not_read_the_destination_of_an_application_that_is_not_listed(
    logbook: Logbook, program: Program, application: str
) -> None:
    look(logbook, "app_a", 1)
    look(logbook, application, 2, urls={**URLS, application: "https://odd.example"})
    others = Applications(MOVED, listed=frozenset(MOVED))
    capture = logbook.capture(applications=others)
    logbook.see(application, at=START + 9 * DAY, capture=capture)
    capture.close()
    assert f"The answer_url was read only at {at(2)}" in first_lines(program)


def test_a_look_that_never_read_the_destination_says_what_it_looked_at(
    live: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=403), applications=True)
    live.record("did_101")
    ran = live.run("restore", "did_101")
    assert "Application and mode were read and recorded at 20" in ran.stdout
    assert "; the answer_url was never read." in ran.stdout
    answer = live.json("restore", "did_101")
    assert answer["destinations_unread"] is True
    assert answer["dids"][0]["destination_unread"] is True
    sandbox.clear_faults()
    assert "The live route was read and recorded at 20" in live.run("restore", "did_101").stdout
    answer = live.json("restore", "did_101")
    assert answer["destinations_unread"] is False
    assert answer["dids"][0]["destination_unread"] is False


def test_not_visible_says_when_and_to_which_key(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a", key="support")
    logbook.see("app_b", key="support")
    logbook.judge("good", 1)
    logbook.miss(404, key="support")
    (card,) = program.json("restore", DID, "--offline")["dids"]
    shown = str(card["not_visible_at"])[:19].replace("T", " ") + "Z"
    assert card["not_visible_at"] == card["newest_look_at"] != card["as_of"]
    assert card["read_last_with"] == "support"
    for form in FORMS:
        said = first_lines(program, "--format", form)
        assert f"NOT VISIBLE (404 at {shown}). Its last routing" in said
        assert f"not visible (404 at {shown}) to the key support that read it last" in said
        # The target is what was seen last: its people are named once.
        assert said.count("recorded by olga") == 1
        assert said.count("Before it, judged good: r1") == 1


def test_a_live_404_says_when_it_was_looked(live: Program, sandbox: Sandbox) -> None:
    live.record("did_101")
    sandbox.remove("did_101")
    said = live.run("restore", "did_101").ended(0).stdout
    (card,) = live.json("restore", "did_101", "--offline")["dids"]
    assert "The API answered 404 at 20" in said
    assert f"Z, recorded. Last seen {str(card['as_of'])[:10]}" in said


def test_a_404_from_another_key_is_an_answer_and_no_failed_look(
    sandbox: Sandbox, location: Location, tmp_path: Path, logbook: Logbook
) -> None:
    logbook.see("app_a", key="support", did="did_9")
    live = Program(tmp_path / "home", api=sandbox, database=location)
    for form in FORMS:
        said = live.run("restore", "did_9", "--live", "--format", form).ended(5).stdout
        said = Page(said).text if form == "html" else said
        assert "Live look failed" not in said
        assert "The API answered 404 at 20" in said
        assert "Z, recorded. From the log, as of" in said
        assert "The key support read it last" in said


def test_a_retired_did_says_so_and_why(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    assert "RETIRED" not in first_lines(program)
    logbook.judge("retired", 2)
    for form in FORMS:
        said = first_lines(program, "--format", form)
        assert "this DID is RETIRED since 2026-11-01" in said
        assert "by olga: because" in said
    ran = program.run("restore", DID, "--offline", "--format", "plain")
    assert "this DID is RETIRED since" in ran.stderr
    (card,) = program.json("restore", DID, "--offline")["dids"]
    assert (card["retirement"]["by"], card["retirement"]["reason"]) == ("olga", "because")
    assert card["warning_codes"][0] == "retired"


def test_times_seen_do_not_stand_for_a_destination_that_was_read_once(
    logbook: Logbook, program: Program
) -> None:
    look(logbook, "app_a", 1)
    look(logbook, "app_b", 2)
    look(logbook, "app_b", 3, read=False)
    assert f"seen 2 times, its destination last {at(2)}" in first_lines(program)
    look(logbook, "app_a", 4, read=False)
    look(logbook, "app_a", 5)
    look(logbook, "app_c", 6)
    said = first_lines(program)
    assert f"seen 2 times, its destination last {at(2)}" in said
    assert "seen 3 times, its destination not each time" in said


def test_a_moment_before_the_first_look_is_no_revision(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a")
    said = program.run("restore", DID, "--offline", "--to", "2020-01-01").ended(5).stdout
    assert f"NO TARGET: {DID} had not been read by 2020-01-01 23:59:59Z" in said


@pytest.mark.parametrize(("read", "seen"), [((1, 2), 2), ((1,), 1)])
def test_a_look_that_did_not_read_the_destination_does_not_show_the_old_one(
    logbook: Logbook, program: Program, read: tuple[int, ...], seen: int
) -> None:
    for day in (1, 2, 3):
        look(logbook, "app_a", day, read=day in read)
    look(logbook, "app_a", 4, urls=MOVED)
    assert f"Routing changed between {at(seen)} and " in first_lines(program)
    between = (START + seen * DAY).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    (card,) = program.json("restore", DID, "--offline")["dids"]
    (row,) = program.json("list")["dids"]
    entry = program.json("log", DID)["entries"][0]
    assert [one["not_before"] for one in (card["since"], row, entry)] == [between] * 3
    in_service = {each["revision"]: each["in_service_at_least_s"] for each in card["recent"]}
    assert in_service[1] == (seen - 1) * DAY.total_seconds()


def test_a_body_without_the_field_does_not_show_the_destination(
    live: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "settings.toml").write_text('destination_fields = ["sip_uri"]\n')
    live.environment["CHANGELOG_CONFIG"] = str(tmp_path / "settings.toml")
    body = {"id": "did_7", "number_e164": "+15551230007", "route_mode": "sip"}
    for uri in ("sip:a@example.com", "sip:b@example.com"):
        sandbox.add_did({**body, "sip_uri": uri})
        live.record("did_7")
    (card,) = live.json("restore", "did_7")["dids"]
    assert card["destination_unread"] is False
    seen_at = str(card["as_of"])[:19].replace("T", " ")
    sandbox.add_did(body)
    (card,) = live.json("restore", "did_7")["dids"]
    assert card["current"]["destination"] == "sip:b@example.com"
    assert card["destination_unread"] is True
    said = live.run("restore", "did_7").ended(0).stdout
    assert "Application and mode were read and recorded at 20" in said
    assert f"; destination as of {seen_at}Z, not read now." in said
    sandbox.add_did({**body, "sip_uri": "sip:c@example.com"})
    (card,) = live.json("restore", "did_7")["dids"]
    (row,) = live.json("list", "did_7")["dids"]
    assert row["not_before"] == card["since"]["not_before"]
    assert str(row["not_before"])[:19].replace("T", " ") == seen_at
