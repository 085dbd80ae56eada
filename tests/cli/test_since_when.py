"""Since when: a window between two looks, what the API says of it, and old news said first."""

from datetime import timedelta
from typing import Any

import pytest

from changelog.model.text.times import format_range
from tests.logbook import START, Logbook
from tests.program import Json, Program

DAY = timedelta(days=1)


def at(**after: float) -> str:
    return (START + timedelta(**after)).strftime("%Y-%m-%d %H:%M:%SZ")


def card(program: Program, *more: str) -> tuple[list[str], Json]:
    """The lines under the heading, up to the sides, and the same DID as JSON."""
    line = ["restore", "did_1", "--offline", *more]
    text = program.run(*line).ended(0).stdout.split("\n\n")
    document = program.json(*line)
    return [line.strip() for line in text[1].splitlines()[1:]], document["dids"][0]


def moved(logbook: Logbook, stable: timedelta, **fields: Any) -> None:
    """Recorded daily; the routing moves after the second look and is then `stable`."""
    logbook.see("app_a", at=START)
    logbook.see("app_a", at=START + DAY)
    logbook.see("app_b", at=START + 2 * DAY, **fields)
    if stable:
        logbook.see("app_b", at=START + 2 * DAY + stable, **fields)


def test_a_change_lies_between_two_looks(logbook: Logbook, program: Program) -> None:
    moved(logbook, timedelta(hours=3))
    lines, document = card(program)
    assert lines[0] == f"Routing changed between {at(days=1)} and {at(days=2)}."
    assert document["since"] == {
        "not_before": "2026-11-02T12:00:00.000000Z",
        "not_after": "2026-11-03T12:00:00.000000Z",
        "api_updated_at": None,
    }
    assert document["unchanged_for_s"] == 3 * 3600
    assert document["as_of"] == "2026-11-03T15:00:00.000000Z"


@pytest.mark.parametrize(
    ("updated_at", "says"),
    [
        (
            "2026-11-03T02:10:00Z",
            "As r2 was first read, updated_at said {}, within that time.",
        ),
        (
            "2026-10-01T02:10:00Z",
            "As r2 was first read, updated_at said {}, outside that time.",
        ),
        # A whole second may be any moment of it.
        (
            "2026-11-02T12:00:00Z",
            "As r2 was first read, updated_at said {}, within that time.",
        ),
        (
            "2026-11-02T11:59:59Z",
            "As r2 was first read, updated_at said {}, outside that time.",
        ),
        (
            "2026-11-03T12:00:01Z",
            "As r2 was first read, updated_at said {}, outside that time.",
        ),
        ("yesterday", None),
    ],
)
def test_what_the_api_says_of_it_is_said_beside(
    logbook: Logbook, program: Program, updated_at: str, says: str | None
) -> None:
    moved(logbook, timedelta(0), updated_at=updated_at)
    lines, document = card(program)
    shown = updated_at.replace("T", " ")
    assert lines[1] == (says.format(shown) if says else f"From the log, as of {at(days=2)}.")
    assert (document["since"]["api_updated_at"] is None) == (says is None)
    entry = program.json("log", "did_1")["entries"][0]
    assert entry["api_updated_at"] == document["since"]["api_updated_at"]
    assert (entry["not_before"], entry["not_after"]) == (
        "2026-11-02T12:00:00.000000Z",
        "2026-11-03T12:00:00.000000Z",
    )


@pytest.mark.parametrize(
    ("stable", "says"),
    [
        (timedelta(hours=3), None),
        (DAY, None),
        (DAY + timedelta(hours=1), "UNCHANGED for at least 1 d 1 h until "),
        (90 * DAY, "UNCHANGED for at least 90 d until "),
    ],
)
def test_a_routing_untouched_for_a_day_is_said_to_be_first(
    logbook: Logbook, program: Program, stable: timedelta, says: str | None
) -> None:
    moved(logbook, stable)
    lines, document = card(program)
    assert document["unchanged_for_s"] == stable.total_seconds()
    if says is None:
        assert lines[0].startswith("Routing changed between")
    else:
        seen = (START + 2 * DAY + stable).strftime("%Y-%m-%d %H:%M:%SZ")
        assert lines[:2] == [f"{says}{seen}, when last seen.", "What came later is not known."]


def test_what_else_changed_is_said_with_it(logbook: Logbook, program: Program) -> None:
    moved(logbook, 24 * DAY)
    logbook.see("app_b", at=START + 27 * DAY, status="suspended")
    lines, _ = card(program)
    assert lines[0].startswith(f"UNCHANGED for at least 25 d until {at(days=27)}, when last seen")
    assert "Changed since then: status active → suspended" in lines


def test_of_a_first_revision_nothing_says_when_it_began(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a", at=START + DAY)
    line = ["restore", "did_1", "--offline"]
    text = program.run(*line).ended(5).stdout
    assert f"Routing was first seen at {at(days=1)}: when it began is not known." in text
    assert program.json(*line)["dids"][0]["since"]["not_before"] is None


def test_times_in_service_are_as_sure_as_the_looks(logbook: Logbook, program: Program) -> None:
    looks = ((0, "a"), (5, "a"), (10, "b"), (11, "b"), (13, "a"), (15, "b"), (17, "c"))
    for minutes, application in looks:
        logbook.see(f"app_{application}", at=START + timedelta(hours=1, minutes=minutes))
    text = program.run("restore", "did_1", "--offline").ended(0).stdout
    assert "in service 2 times, 1 min to 12 min" in text
    assert "in service 2 times, at least 5 min" in text
    records = {
        one["application_id"]: one
        for one in program.json("restore", "did_1", "--offline")["dids"][0]["recent"]
    }
    assert records["app_b"]["in_service_at_least_s"] == 60
    assert records["app_b"]["in_service_at_most_s"] == 720
    assert records["app_a"]["in_service_at_most_s"] is None
    # Nobody knows whether it ended after its last look.
    assert records["app_c"]["in_service_at_most_s"] is None


@pytest.mark.parametrize(
    ("at_least", "at_most", "shown"),
    [
        (46, 180, "46 s to 3 min"),
        (60, 60.5, "1 min"),
        (0, 300, "at most 5 min"),
        (0, 0, "under a second"),
        (60, None, "at least 1 min"),
        (0, None, "for an unknown time"),
    ],
)
def test_a_length_within_limits_is_said_as_a_range(
    at_least: float, at_most: float | None, shown: str
) -> None:
    assert format_range(at_least, at_most) == shown


def test_long_ago_is_counted_from_the_last_look_and_from_the_change(
    logbook: Logbook, program: Program
) -> None:
    began = logbook.now = START - 60 * DAY
    logbook.see("app_a", at=began + DAY)
    logbook.see("app_b", at=began + 17 * DAY)
    logbook.see("app_b", at=began + 38 * DAY)
    _, document = card(program)
    assert document["warnings"] == [
        "r1 was last seen 37 days before the last look, 16 days before the current routing was"
        " first seen"
    ]
    assert document["warning_codes"] == ["long_ago"]


def test_what_changed_and_is_now_as_it_was_is_said_with_what_it_was_in_between(
    logbook: Logbook, program: Program
) -> None:
    moved(logbook, timedelta(0), status="suspended", label="x")
    for hours, status in enumerate(("blocked", "active", "suspended"), 1):
        logbook.see("app_b", at=START + 2 * DAY + timedelta(hours=hours), status=status, label="y")
    lines, document = card(program)
    assert [line for line in lines if line.startswith("Changed since")] == [
        "Changed since then: label x → y",
        "Changed since then: status suspended → active",
        "Changed since then: status active → suspended",
    ]
    assert [
        (change["field"], change["before"], change["after"])
        for change in document["current"]["since_routing_change"]
    ] == [
        ("label", "x", "y"),
        ("status", "suspended", "active"),
        ("status", "active", "suspended"),
    ]


def test_a_late_answer_with_another_routing_ends_what_is_called_unchanged(
    logbook: Logbook, program: Program
) -> None:
    slow = logbook.capture()
    for days in (0, 2, 10, 12):
        logbook.see("app_a" if days else "app_z", at=START + days * DAY)
    whole, _ = card(program)
    assert whole[0] == f"UNCHANGED for at least 10 d until {at(days=12)}, when last seen."
    # The same routing at another time, or another status, was no other routing.
    for hours, change in ((1, {}), (2, {"status": "suspended"})):
        logbook.see("app_a", at=START + 3 * DAY + timedelta(hours=hours), capture=slow, **change)
    assert card(program)[0] == whole
    for minutes in (0, 20):
        late = START + 3 * DAY + timedelta(minutes=minutes)
        logbook.see("app_b", at=late, capture=slow)
    lines, document = card(program)
    assert lines[0] == f"UNCHANGED for at least 8 d 23 h until {at(days=12)}, when last seen."
    assert document["unchanged_for_s"] == (9 * DAY - timedelta(hours=1)).total_seconds()
    looks = (
        f"{at(days=3, minutes=20)}, seen last at {at(days=2)} and again at {at(days=3, hours=1)}"
    )
    assert f"SEEN OTHERWISE in between: app_b webhook at {looks}." in lines
    current = next(one for one in document["recent"] if one["standing"] == "current")
    assert current["in_service_s"] == (10 * DAY).total_seconds()
    text = program.run("restore", "did_1", "--offline").ended(0).stdout
    assert "in service at least 8 d 23 h" in text
