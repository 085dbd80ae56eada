"""``evidence`` as a process on both databases: what test calls prove, and where it is seen."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from tests.journal_walk import assert_journal_is_whole
from tests.logbook import NUMBER, Logbook
from tests.program import Json, Program
from tests.webhooks import webhook

OTHER_NUMBER = "+15551230002"
A_MOMENT = timedelta(seconds=20)


def just_after(logbook: Logbook) -> datetime:
    """After what the log holds, before what it will hold next."""
    return logbook.now + A_MOMENT


def heard(
    program: Program, *bodies: str, exit_code: int = 0, options: tuple[str, ...] = ()
) -> Json:
    ran = program.run("evidence", "-", "--json", *options, stdin="\n".join(bodies))
    return ran.ended(exit_code).json


def results(document: Json) -> list[tuple[str | None, str | None, int | None, str]]:
    return [(one["call"], one["did"], one["revision"], one["result"]) for one in document["events"]]


def test_each_call_is_tied_to_the_revision_current_at_its_time_in_whatever_order_they_come(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    first = just_after(logbook)
    logbook.see("app_b")
    second = just_after(logbook)
    calls = [
        webhook("c2", NUMBER, "app_b", second),
        webhook("c1", NUMBER, "app_a", first),
        webhook("c1", NUMBER, "app_a", first, "call.answered"),
        webhook("c2", NUMBER, "app_b", second),
        webhook("c3", NUMBER, "app_a", second),
        # Began on the old routing, ended on the new one.
        webhook("c1", NUMBER, "app_a", second, "call.failed"),
    ]
    document = heard(program, *calls)
    assert results(document) == [
        ("c2", "did_1", 2, "reached"),
        ("c1", "did_1", 1, "reached"),
        ("c1", "did_1", 1, "reached"),
        ("c2", "did_1", 2, "reached"),
        ("c3", "did_1", 2, "differs"),
        ("c1", "did_1", 1, "reached"),
    ]
    assert document["counts"] == {"stored": 5, "duplicate": 1, "ignored": 0}
    assert document["schema"] == "changelog/evidence/1"
    (differs,) = (one for one in document["events"] if one["result"] == "differs")
    assert differs["differences"] == [
        {"field": "application_id", "before": "app_b", "after": "app_a", "routing": True}
    ]
    again = heard(program, *calls)
    assert again["counts"] == {"stored": 0, "duplicate": 6, "ignored": 0}
    assert results(again) == results(document)
    assert_journal_is_whole(logbook.location)


def test_a_number_that_moved_means_the_did_that_had_it_at_the_time_of_the_call(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a", did="did_1")
    logbook.see("app_b", did="did_2", number_e164=OTHER_NUMBER)
    before = just_after(logbook)
    logbook.see("app_a", did="did_1", number_e164="+15551230009")
    between = just_after(logbook)
    logbook.see("app_b", did="did_2", number_e164=NUMBER)
    after = just_after(logbook)
    document = heard(
        program,
        webhook("c1", NUMBER, "app_b", after),
        webhook("c2", NUMBER, "app_a", before),
        webhook("c3", OTHER_NUMBER, "app_b", before),
        webhook("c4", "1 555 123-0001", "app_b", after),
        webhook("c5", NUMBER, "app_a", between),
        webhook("c6", NUMBER, "app_a", before - timedelta(days=1)),
    )
    assert results(document) == [
        ("c1", "did_2", 2, "reached"),
        ("c2", "did_1", 1, "reached"),
        ("c3", "did_2", 1, "reached"),
        ("c4", "did_2", 2, "reached"),
        ("c5", None, None, "ignored"),
        ("c6", None, None, "ignored"),
    ]
    assert {one["aside"] for one in document["events"]} == {None, "before_the_log"}


def test_a_number_that_moved_while_its_old_did_was_lost_from_sight_means_the_new_one(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a", did="did_1")
    before = just_after(logbook)
    logbook.miss(404, did="did_1")
    logbook.see("app_b", did="did_2")
    after = just_after(logbook)
    document = heard(
        program, webhook("c1", NUMBER, "app_a", before), webhook("c2", NUMBER, "app_b", after)
    )
    assert results(document) == [("c1", "did_1", 1, "reached"), ("c2", "did_2", 1, "reached")]


def test_a_pass_makes_its_routing_good_and_a_fail_the_last_resort(
    logbook: Logbook, program: Program
) -> None:
    for application in ("app_a", "app_b", "app_c"):
        logbook.see(application)
    card = program.json("restore", "did_1", "--offline")["dids"][0]
    assert (card["target"]["revision"], card["target"]["confidence"]) == (2, "unconfirmed")
    at = logbook.history().revisions[1].first_seen_at + A_MOMENT
    heard(program, webhook("c1", NUMBER, "app_b", at))
    card = program.json("restore", "did_1", "--offline")["dids"][0]
    assert card["target"]["confidence"] == "unconfirmed"
    said = heard(program, webhook("c1", NUMBER, "app_b", at), options=("--result", "pass"))
    assert said["counts"]["stored"] == 1
    card = program.json("restore", "did_1", "--offline")["dids"][0]
    assert card["target"]["confidence"] == "good"
    heard(
        program,
        webhook("c2", NUMBER, "app_b", at + A_MOMENT),
        options=("--result", "fail", "-m", "callers heard silence"),
    )
    card = program.json("restore", "did_1", "--offline")["dids"][0]
    assert card["target"]["revision"] == 1
    assert program.json("show", "did_1@r2")["evidence"][-1]["reason"] == "callers heard silence"


def test_it_shows_in_log_show_and_on_the_card(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a")
    at = just_after(logbook)
    logbook.see("app_b")
    body = webhook("call_\x1b[31m", NUMBER, "app_a", at)
    heard(program, body, options=("--result", "pass", "-m", "heard the \u202egreeting"))
    for line in (("log",), ("show", "did_1@r1"), ("restore", "did_1", "--offline")):
        shown = program.run(*line).ended(0).stdout
        assert "call call_\\x1b[31m call.completed: pass on r1" in shown, line
        assert "heard the \\u202egreeting" in shown, line


def test_of_very_many_calls_the_newest_are_shown_and_the_last_heard_one_counts(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    at = just_after(logbook)
    logbook.see("app_b")
    late = just_after(logbook)
    heard(program, webhook("passed", NUMBER, "app_a", at), options=("--result", "pass"))
    many = [
        webhook(f"c{number}", NUMBER, "app_a", at + timedelta(milliseconds=number + 1))
        for number in range(100)
    ]
    assert heard(program, *many, webhook("x", NUMBER, "app_b", late))["counts"]["stored"] == 101
    card = program.run("restore", "did_1", "--offline").ended(0).stdout
    assert "call passed" in card
    assert "call c99" in card
    assert "call c50 " not in card
    assert "older calls are left out" in card
    assert "good: a test call passed" in card
    assert len(program.json("show", "did_1@r1")["evidence"]) == 21


def test_what_is_not_for_the_log_is_named_and_left_aside(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    at = just_after(logbook)
    good = webhook("c1", NUMBER, "app_a", at)
    outbound = webhook("c2", NUMBER, "app_a", at, direction="outbound")
    unknown = webhook("c3", "+15559999999", "app_a", at)
    document = heard(program, good, outbound, unknown)
    assert document["counts"] == {"stored": 1, "duplicate": 0, "ignored": 2}
    assert [one["reason"] for one in document["events"]] == [
        "",
        "a call whose direction is outbound reaches no DID",
        "the log knows no DID with the number +15559999999",
    ]
    assert document["conditions"] == []
    assert heard(program, outbound)["counts"]["ignored"] == 1
    assert heard(program, unknown, exit_code=5)["conditions"] == ["unknown_did"]
    early = webhook("c4", NUMBER, "app_a", at - timedelta(days=9))
    assert heard(program, early, exit_code=5)["conditions"] == ["unknown_revision"]
    mixed = heard(program, good, "{", outbound, exit_code=3)
    assert mixed["conditions"] == ["unreadable"]
    assert [one["call"] for one in mixed["events"]] == ["c1", None, "c2"]
    assert "line 2: it is not JSON" in program.run("evidence", "-", stdin=f"{good}\n{{").stdout


def test_a_file_holds_one_body_however_it_is_laid_out_or_one_a_line(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    at = just_after(logbook)
    one = json.loads(webhook("c1", NUMBER, "app_a", at))
    (program.home / "one.json").write_text("\ufeff" + json.dumps(one, indent=2))
    lines = [webhook(f"l{number}", NUMBER, "app_a", at) for number in range(3)]
    (program.home / "lines").write_text("\r\n\r\n".join(lines))
    document = program.json("evidence", "one.json", "lines")
    assert [event["call"] for event in document["events"]] == ["c1", "l0", "l1", "l2"]
    assert document["counts"]["stored"] == 4


def test_a_body_is_kept_verbatim_without_its_secrets(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a")
    body = webhook("c1", NUMBER, "app_a", just_after(logbook), zażółć="gęślą  jaźń \x00")
    secret = body.replace('"data": {}', '"data": {"api_key": "hush-hush-4711"}')
    assert heard(program, secret)["counts"]["stored"] == 1
    engine = logbook.engine
    with engine.connect() as connection:
        (kept,) = connection.exec_driver_sql("SELECT body FROM evidence").scalars()
    assert kept == secret.replace("hush-hush-4711", "[redacted]")


def test_a_wrong_argument_is_said(tmp_path: Path) -> None:
    for arguments in (["-", "--result", "good"], ["nowhere.json"], []):
        Program(tmp_path).run("evidence", *arguments).ended(2)


def test_a_whole_second_means_the_revision_in_it_that_the_call_fits(
    logbook: Logbook, program: Program
) -> None:
    second = logbook.now.replace(microsecond=0) + timedelta(hours=1)
    logbook.see("app_a", at=second - timedelta(minutes=1))
    logbook.see("app_b", at=second + timedelta(milliseconds=400))
    logbook.see("app_c", at=second + timedelta(milliseconds=800))
    logbook.see("app_d", at=second + timedelta(seconds=1))
    calls = [webhook(f"to_{name}", NUMBER, f"app_{name}", second) for name in "abcd"]
    in_time = second + timedelta(milliseconds=400)
    calls += [
        webhook("at_once", NUMBER, "app_b", in_time),
        webhook("too_early", NUMBER, "app_b", in_time - timedelta(microseconds=1)),
    ]
    assert results(heard(program, *calls, options=("--result", "pass"))) == [
        ("to_a", "did_1", 1, "pass"),
        ("to_b", "did_1", 2, "pass"),
        ("to_c", "did_1", 3, "pass"),
        ("to_d", "did_1", 1, "differs"),
        ("at_once", "did_1", 2, "pass"),
        ("too_early", "did_1", 1, "differs"),
    ]
    assert_journal_is_whole(logbook.location)


def test_a_call_in_the_second_in_which_a_number_moved_means_the_did_that_it_fits(
    logbook: Logbook, program: Program
) -> None:
    second = logbook.now.replace(microsecond=0) + timedelta(hours=1)
    half = second + timedelta(milliseconds=500)
    logbook.see("app_a", at=second - timedelta(minutes=1))
    logbook.see("app_b", did="did_2", number_e164=OTHER_NUMBER, at=second - timedelta(minutes=1))
    logbook.see("app_a", number_e164="+15551230009", at=half)
    logbook.see("app_b", did="did_2", at=half + timedelta(milliseconds=1))
    logbook.see("app_z", did="did_3", number_e164="+15551230003", at=half)
    document = heard(
        program,
        webhook("old", NUMBER, "app_a", second),
        webhook("new", NUMBER, "app_b", second),
        webhook("first", "+15551230003", "app_z", second),
    )
    assert results(document) == [
        ("old", "did_1", 1, "reached"),
        ("new", "did_2", 2, "reached"),
        ("first", "did_3", 1, "reached"),
    ]
