"""A card says for how long nothing changed up to when that was seen, and never what came later."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from changelog.model.text.times import format_utc, rfc3339
from tests.html_page import Page
from tests.logbook import DID, NUMBER, START, Logbook
from tests.program import Json, Program
from tests.sandbox_faults import Sandbox

DAY = timedelta(days=1)
FORMS = ("text", "chat", "markdown", "html")
LATER = "What came later is not known."


def at(day: float) -> str:
    return (START + day * DAY).strftime("%Y-%m-%d %H:%M:%SZ")


def said(program: Program, *more: str) -> Iterator[str]:
    for form in FORMS:
        ran = program.run("restore", DID, "--offline", "--format", form, *more)
        yield Page(ran.stdout).text if form == "html" else ran.stdout


def card(program: Program, *more: str) -> Json:
    (only,) = program.json("restore", DID, *more)["dids"]
    assert isinstance(only, dict)
    return only


def test_from_the_log_a_routing_is_unchanged_until_it_was_last_seen(
    logbook: Logbook, program: Program
) -> None:
    for application, day in (("app_a", 0), ("app_b", 1), ("app_b", 10)):
        logbook.see(application, at=START + day * DAY)
    logbook.now = START + 20 * DAY
    logbook.miss(500)
    for text in said(program):
        assert f"UNCHANGED for at least 9 d until {at(10)}, when last seen." in text
        assert LATER in text
        assert "may not be the cause" not in text
        assert "Nothing else changed" not in text
    assert card(program, "--offline")["unchanged_for_s"] == 9 * 24 * 3600


def test_what_is_not_visible_is_not_said_to_be_unchanged(
    logbook: Logbook, program: Program
) -> None:
    for application, day in (("app_a", 0), ("app_b", 1), ("app_b", 10)):
        logbook.see(application, at=START + day * DAY)
    logbook.now = START + 20 * DAY
    logbook.miss(404)
    for text in said(program):
        assert "UNCHANGED" not in text
        assert "NOT VISIBLE (404 at" in text
    assert card(program, "--offline")["unchanged_for_s"] is None


def test_across_a_404_only_what_was_seen_is_unchanged_and_in_service(
    logbook: Logbook, program: Program
) -> None:
    for application, day in (("app_a", 0), ("app_b", 1), ("app_b", 10)):
        logbook.see(application, at=START + day * DAY)
    logbook.now = START + 15 * DAY
    logbook.miss(404)
    missed = card(program, "--offline")["not_visible_at"]
    logbook.see("app_b", at=START + 20 * DAY)
    shown = str(missed)[:19].replace("T", " ")
    between = f"NOT VISIBLE in between: a 404 at {shown}Z, seen last at {at(10)} and again at"
    for text in said(program):
        assert "UNCHANGED" not in text
        assert f"{between} {at(20)}." in text
        assert "in service at least 9 d" in text
    found = card(program, "--offline")
    assert found["unchanged_for_s"] == 0
    assert found["recent"][0]["in_service_at_least_s"] == 9 * 24 * 3600
    logbook.see("app_b", at=START + 22 * DAY)
    for text in said(program):
        assert f"UNCHANGED for at least 2 d until {at(22)}, when last seen." in text
        assert LATER in text
        assert "in service at least 11 d" in text
    for _ in range(3):
        logbook.see("app_b", at=logbook.now + 8 * DAY)
    program.run("prune", "--older-than", "1s").ended(0)
    for text in said(program):
        assert f"NOT VISIBLE in between: a 404 at {shown}Z" in text


def test_a_404_of_another_key_ends_no_time_in_service(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a", at=START)
    logbook.see("app_b", at=START + DAY)
    logbook.now = START + 2 * DAY
    logbook.miss(404, key="another")
    logbook.see("app_b", at=START + 9 * DAY)
    for text in said(program):
        assert "NOT VISIBLE" not in text
        assert f"UNCHANGED for at least 8 d until {at(9)}" in text


def test_a_look_says_what_updated_at_is_now_where_no_field_shows_why(
    live: Program, sandbox: Sandbox, logbook: Logbook
) -> None:
    moved = datetime.now(UTC).replace(microsecond=0) - 30 * DAY
    touched = moved + 29 * DAY
    logbook.now = moved - 2 * DAY
    logbook.see("app_a", "reject", at=moved - DAY)
    logbook.see("app_b", "reject", at=moved, updated_at=moved.isoformat())
    body = {"id": DID, "number_e164": NUMBER, "application_id": "app_b", "route_mode": "reject"}
    body |= {"status": "active", "updated_at": moved.isoformat()}
    sandbox.add_did(body)
    said = live.run("restore", DID).stdout
    assert "UNCHANGED for at least 30 d" in said
    assert "The routing may not be the cause. Nothing else changed." in said
    assert f"The API's updated_at says {format_utc(moved)}, within that time." in said
    sandbox.add_did({**body, "updated_at": touched.isoformat()})
    first = f"As r2 was first read, updated_at said {format_utc(moved)}, within that time"
    for form in FORMS:
        ran = live.run("restore", DID, "--format", form)
        said = Page(ran.stdout).text if form == "html" else ran.stdout
        assert f"But something was touched at {format_utc(touched)}." in said
        assert f"{first}; now it says {format_utc(touched)}." in said
        assert "Nothing else changed" not in said
    found = card(live)
    assert found["live"]["api_updated_at"] == rfc3339(touched)
    assert found["since"]["api_updated_at"] == rfc3339(moved)
    said = live.run("restore", DID, "--offline").stdout
    assert f"{first}." in said
    # A field that changed says what was touched.
    sandbox.add_did({**body, "updated_at": touched.isoformat(), "status": "suspended"})
    said = live.run("restore", DID).stdout
    assert "The routing may not be the cause." in said
    assert "Changed since then: status active → suspended" in said
    assert f"{first}." in said


def test_a_look_that_learned_the_destination_hides_no_touch(
    live: Program, sandbox: Sandbox, logbook: Logbook
) -> None:
    touched = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    first = touched - 90 * DAY
    logbook.see("app_sales", updated_at=first.isoformat(), at=touched - 3 * DAY)
    body = {"id": DID, "number_e164": NUMBER, "application_id": "app_sales", "status": "active"}
    body |= {"route_mode": "webhook", "updated_at": touched.isoformat()}
    sandbox.add_did(body)
    said = f"updated_at said {format_utc(first)}; now it says {format_utc(touched)}."
    for _ in range(2):
        shown = live.run("restore", DID).stdout
        assert "Since then only learned, not changed: destination" in shown
        assert said in shown


def test_of_a_did_that_is_not_visible_nobody_knows_what_is_set_now(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    logbook.see("app_a", "reject")
    logbook.miss(404)
    for text in said(program):
        assert "Set its route mode to webhook." in text
        assert "(now " not in text
