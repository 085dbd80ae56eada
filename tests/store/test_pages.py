"""Pages of the log go on from a key, hold everything once, and say where they were cut short."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from changelog.commands.answers.comparison import DiffOptions
from changelog.commands.answers.diff import diff
from changelog.commands.answers.list import list_fleet
from changelog.commands.answers.log import LogQuery, history_page, log_revisions
from changelog.model.answers import Answer
from changelog.model.errors import OutOfTime, UsageError
from changelog.model.results.pages import CaptureChanges, RevisionKey, RevisionsWanted, Then
from changelog.model.routing import Where
from changelog.store.location import SqliteLocation
from changelog.store.reader import LogReader
from changelog.store.reading import page_queries
from changelog.store.reading.drivers import ReadDeadline
from changelog.store.schema.tables import NOTE
from changelog.store.transaction import Transaction
from tests.logbook import Logbook, OpenReader, RunningCapture

_APPLICATION = ("application_id",)


def see_many(
    book: Logbook,
    capture: RunningCapture,
    numbers: range,
    application: str,
    *,
    at_once: bool = False,
) -> None:
    answers = []
    moment = book.clock()
    for number in numbers:
        body = {
            "id": f"did_{number:03d}",
            "number_e164": f"+1555000{number:04d}",
            "application_id": application,
            "route_mode": "webhook",
            "status": "active",
        }
        answers.append(
            Answer(
                requested=body["id"],
                did=body["id"],
                body=json.dumps(body),
                fields=body,
                received_at=moment if at_once else book.clock(),
            )
        )
    capture.store(answers)


@pytest.fixture
def fleet(logbook: Logbook) -> Logbook:
    """30 DIDs on app_9, then ten of them moved to app_90 in a tagged deploy."""
    first = logbook.capture(tag="start", note="opening day")
    see_many(logbook, first, range(30), "app_9")
    first.close()
    deploy = logbook.capture(tag="ivr-7", ticket="INC-12", changed_by="Ada")
    see_many(logbook, deploy, range(10), "app_90")
    deploy.close()
    return logbook


def pages_of(reader: LogReader, limit: int, **wanted: object) -> Iterator[list[str]]:
    after: str | None = ""
    while after is not None:
        page = reader.pages.fleet(after=after, limit=limit, **wanted)  # type: ignore[arg-type]
        yield [row.did for row in page.rows]
        after = page.after


def test_the_pages_of_a_fleet_hold_each_did_once(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        pages = list(pages_of(reader, 7))
        whole = [row.did for row in reader.pages.whole_fleet()]
    assert [len(page) for page in pages] == [7, 7, 7, 7, 2]
    assert [did for page in pages for did in page] == whole == [f"did_{n:03d}" for n in range(30)]


def test_a_page_of_the_size_of_the_fleet_is_the_last_one(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        assert reader.pages.fleet(limit=30).after is None


def test_a_page_of_a_moment_says_where_each_pointed_then(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        tag = reader.tag("ivr-7")
        assert tag is not None
        moved = Where(application="app_90")
        now = reader.pages.fleet(moved)
        before = reader.pages.fleet(moved, then=Then(tag.at))
        read = reader.pages.fleet(moved, then=Then(tag.at, tag.capture))
    assert (len(now.rows), len(before.rows), len(read.rows)) == (10, 0, 10)


def test_the_last_look_by_a_moment_may_have_come_late(logbook: Logbook) -> None:
    slow = logbook.capture()
    logbook.see("app_a")
    received_at = logbook.clock()
    logbook.see("app_c")
    seen_again = logbook.now
    logbook.see("app_mid", at=received_at, capture=slow)
    slow.close()
    with logbook.reader() as log:
        assert not log.pages.late_at(received_at - timedelta(seconds=1))
        (late,) = log.pages.late_at(received_at).values()
        assert (late.at, late.routing.application_id) == (received_at, "app_mid")
        assert not log.pages.late_at(seen_again)


def test_a_text_that_is_exactly_an_application_is_no_part_of_another(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        exact = [did for page in pages_of(reader, 3, text="app_9") for did in page]
        part = [did for page in pages_of(reader, 3, text="pp_9") for did in page]
        number = reader.pages.fleet(text="+1 555 000-0007").rows
    assert exact == [f"did_{n:03d}" for n in range(10, 30)]
    assert len(part) == 30
    assert [row.did for row in number] == ["did_007"]


def test_a_target_of_any_length_is_found_where_a_did_points_now(logbook: Logbook) -> None:
    """PostgreSQL keeps long values out of the index that it searches."""
    draw = random.Random(5)  # noqa: S311 -- no secret
    long = "sip:" + "".join(chr(draw.randrange(0x10000, 0x10FFFF)) for _ in range(900)) + "@end"
    widest = "".join(chr(draw.randrange(0x10000, 0x10FFFF)) for _ in range(255))
    short = "sip:desk@end"
    for did, targets in {
        "now_long": (short, long),
        "was_long": (long, short),
        "long_between": (short, long, f"{short}/2"),
        "always_long": (long, f"{long}/2"),
        widest: (short, "a" * 480),
    }.items():
        for target in targets:
            logbook.see("app_9", destination=target, did=did, number_e164=widest)
    found = {}
    with logbook.reader() as reader:
        for text in ("desk@end", long[500:], "@end", short, long, "aaaa", widest, "app_9"):
            page = reader.pages.fleet(text=text)
            paged = [did for some in pages_of(reader, 1, text=text) for did in some]
            assert paged == [row.did for row in page.rows]
            found[text] = set(paged)
    assert found == {
        "desk@end": {"was_long", "long_between"},
        long[500:]: {"now_long", "always_long"},
        "@end": {"now_long", "was_long", "long_between", "always_long"},
        short: {"was_long"},
        long: {"now_long"},
        "aaaa": {widest},
        widest: {"now_long", "was_long", "long_between", "always_long", widest},
        "app_9": {"now_long", "was_long", "long_between", "always_long", widest},
    }


def test_a_search_reads_an_index_and_no_revision(logbook: Logbook) -> None:
    for start in range(3):
        see_many(logbook, logbook.capture(), range(1000), f"app_{start}")
    on_sqlite = isinstance(logbook.location, SqliteLocation)
    with logbook.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if on_sqlite else "VACUUM ANALYZE")
    explain = "EXPLAIN QUERY PLAN" if on_sqlite else "EXPLAIN"
    index = "COVERING INDEX revision_target" if on_sqlite else "Only Scan using revision_n"
    asked = {"text": "1", "number": "1", "application_id": "1", "after": "", "limit": 21}
    for text, columns in (("part", ()), ("exact", ()), ("", _APPLICATION)):
        equal = [page_queries.equal_to(column) for column in columns]
        (query,) = page_queries.dids_queries(seeks=on_sqlite, then=False, text=text, equal=equal)
        with logbook.reader() as reader:
            steps = reader._rows(f"{explain} {query}", **asked)
        plan = "\n".join(str(tuple(dict(step).values())) for step in steps)
        assert index in plan, text
        assert "Seq Scan on revision" not in plan, text


def test_the_signs_of_a_pattern_are_texts_like_others(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        assert [reader.pages.fleet(text=sign).rows for sign in ("%", "app%", "\\", "'")] == [()] * 4


def test_changes_are_one_entry_a_capture_with_its_groups(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        deploy, start = reader.pages.changes().captures
    assert (deploy.tag, deploy.capture.ticket, deploy.capture.changed_by) == (
        "ivr-7",
        "INC-12",
        "Ada",
    )
    assert (deploy.changed, deploy.new) == (10, 0)
    (group,) = deploy.groups
    assert (group.size, group.did) == (10, "did_000")
    assert [(change.before, change.after) for change in group.changes] == [("app_9", "app_90")]
    assert (start.changed, start.new, start.groups) == (0, 30, ())


def walked(reader: LogReader, limit: int, most: int) -> list[CaptureChanges]:
    captures: list[CaptureChanges] = []
    before = None
    while True:
        page = reader.pages.changes(before=before, limit=limit, most=most)
        captures += page.captures
        if page.before is None:
            return captures
        before = page.before


def test_the_pages_of_changes_hold_each_capture_once(logbook: Logbook) -> None:
    draw = random.Random(3)  # noqa: S311 -- no secret
    captures = [logbook.capture() for _ in range(6)]
    for step in range(25):
        # Captures that overlap: each finds some of the changes between those of others.
        start = draw.randrange(20)
        see_many(logbook, draw.choice(captures), range(start, start + 3), f"app_{step}")
    for capture in captures[::2]:
        capture.close()
    with logbook.reader() as reader:
        whole = walked(reader, 100, 10_000)
        exact = {page.capture.id: (page.new, page.changed) for page in whole}
        for limit, most in ((1, 1000), (2, 17), (3, 5), (20, 1)):
            paged = walked(reader, limit, most)
            assert sorted(page.capture.id for page in paged) == sorted(exact)
            for page in paged:
                if page.is_whole:
                    assert (page.new, page.changed) == exact[page.capture.id]
                else:
                    assert page.new + page.changed <= sum(exact[page.capture.id])


def test_a_search_finds_numbers_texts_people_and_tags(fleet: Logbook) -> None:
    fleet.writer.add_note(fleet.revision(2, "did_003"), "the Ada Street shop", "olga")
    fleet.judge("bad", 2, did="did_004")
    with fleet.reader() as reader:
        ada = reader.pages.search("ada")
        kinds = {
            text: [(hit.kind, hit.did) for hit in reader.pages.search(text).texts]
            for text in ("inc-12", "IVR", "because", "opening")
        }
        dids = reader.pages.search("0007").dids
    assert [(hit.kind, hit.where) for hit in ada.texts] == [
        ("note", "the Ada Street shop"),
        ("capture", "INC-12 · ivr-7 · Ada"),
    ]
    assert kinds == {
        "inc-12": [("capture", None)],
        "IVR": [("capture", None)],
        "because": [("verdict", "did_004")],
        "opening": [("capture", None)],
    }
    assert [row.did for row in dids] == ["did_007"]


def add_notes(book: Logbook, did: str, count: int) -> None:
    """Add plain notes at once."""

    def write(writing: Transaction) -> None:
        of_all = {"did": did, "revision": 1, "author": "bob"}
        for number in range(count):
            note = {"at": writing.at + number, "text": f"plain {number}"}
            writing.add(NOTE, {**of_all, **note})

    book.transactions.run(write)


def test_a_search_takes_upper_and_lower_case_for_alike_in_any_script(fleet: Logbook) -> None:
    fleet.writer.add_note(fleet.revision(1, "did_003"), "Größe der Ödnis", "Zoë")
    fleet.writer.add_capture_note(1, "ПОЖАР", "olga")
    add_notes(fleet, "did_004", 300)
    fleet.see(did="did_005", capture=fleet.capture(ticket="ÄNDERUNG-1"))
    with fleet.reader() as reader:
        found = {
            text: [(hit.kind, hit.did, hit.capture) for hit in reader.pages.search(text).texts]
            for text in ("ÖDNIS", "größe DER", "ZOË", "пожар", "é", "änder")
        }
    on_did = [("note", "did_003", None)]
    assert found == {
        "ÖDNIS": on_did,
        "größe DER": on_did,
        "ZOË": on_did,
        "пожар": [("note", None, 1)],
        "é": [],
        "änder": [("capture", None, 3)],
    }


def test_the_changes_of_a_capture_carry_the_notes_added_later(fleet: Logbook) -> None:
    fleet.writer.add_capture_note(2, "first", "olga")
    fleet.writer.add_capture_note(2, "second", "bob")
    with fleet.reader() as reader:
        deploy, start = reader.pages.changes().captures
    assert [(note.text, note.by, note.capture) for note in deploy.notes] == [
        ("first", "olga", 2),
        ("second", "bob", 2),
    ]
    assert start.notes == ()


def test_a_search_says_of_what_there_is_more(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        found = reader.pages.search("olga", limit=1)
    assert (len(found.texts), found.more) == (1, ("capture",))


def test_a_search_finds_the_number_that_a_did_had_once(fleet: Logbook) -> None:
    fleet.see(did="did_001", number_e164="+4912345")
    with fleet.reader() as reader:
        assert reader.pages.search("0000001").earlier == (("+15550000001", "did_001"),)


def test_the_pages_of_revisions_go_on_where_all_have_one_time(logbook: Logbook) -> None:
    capture = logbook.capture()
    see_many(logbook, capture, range(9), "app_9", at_once=True)
    wanted = RevisionsWanted()
    with logbook.reader() as reader:
        keys: list[RevisionKey] = []
        before, more = None, True
        while more:
            page = reader.pages.newest(wanted, before=before, limit=4)
            keys += page.keys
            before, more = page.looked_to, page.more
    assert [key.did for key in keys] == [f"did_{number:03d}" for number in range(9)]


@pytest.mark.parametrize("field", ["application_id", "status", "calls", "q\"u\\o'te", "é"])
def test_a_page_leaves_out_no_revision_that_changed_the_field(logbook: Logbook, field: str) -> None:
    for value, other in (("1", "1"), ("1", "2"), ("2", "2"), ("2", "3")):
        fields: dict[str, Any] = {"application_id": "app_a", "status": "x", "other": other}
        logbook.see(**{**fields, field: value})
    with logbook.reader() as reader:
        page = reader.pages.newest(RevisionsWanted(field=field), limit=10)
    assert [key.revision for key in page.keys] == [3]


def test_many_revisions_are_read_as_each_by_itself(fleet: Logbook) -> None:
    keys = [(f"did_{number:03d}", revision) for number in range(10) for revision in (1, 2)]
    with fleet.reader() as reader:
        together = reader.pages.revisions([*keys, ("did_000", 9), ("nobody", 1)])
        for key in keys:
            alone = reader.revision_at(*key)
            read_apart = {"read_body": together[key].read_body}
            assert vars(together[key]) == vars(alone) | read_apart
            assert together[key].body == alone.body
    assert together.keys() == set(keys)


def test_many_histories_are_read_as_each_by_itself(fleet: Logbook) -> None:
    fleet.judge("bad", 1, did="did_001")
    fleet.hear("pass", 1, did="did_002")
    fleet.miss(404, did="did_003")
    dids = [f"did_{number:03d}" for number in range(12)]
    with fleet.reader() as reader:
        together = reader.histories([*((did, 2) for did in dids), ("nobody", 1)])
        for did in (*dids, "nobody"):
            alone = reader.history(did)
            for member in set(vars(alone)) - {"revisions", "find_destination_read"}:
                assert getattr(together[did], member) == getattr(alone, member), (did, member)
            for revision, other in zip(together[did].revisions, alone.revisions, strict=True):
                assert (revision.body, revision.capture.id) == (other.body, other.capture.id)
                assert revision.last_seen_at == other.last_seen_at


def test_a_read_ends_at_its_deadline(fleet: Logbook) -> None:
    reader = LogReader(fleet.location, deadline_s=0)
    try:
        assert reader.is_over
        with reader.one_state(), pytest.raises(OutOfTime):
            endless(reader)
        reader.extend_deadline()
        assert reader.find("did_001")
    finally:
        reader.close()


class CountedDeadline(ReadDeadline):
    """A deadline that is over once it was looked at so many times."""

    def __init__(self, looks: int) -> None:
        super().__init__(None)
        self._looks = looks

    @property
    def is_over(self) -> bool:
        self._looks -= 1
        return self._looks < 0

    def extend(self) -> None:
        self._looks = 1_000_000


def cut_short(book: Logbook, looks: int) -> OpenReader:
    reader = book.reader()
    reader._deadline = CountedDeadline(looks)
    return reader


def test_a_log_that_is_cut_short_says_back_to_when_it_looked(fleet: Logbook) -> None:
    with cut_short(fleet, 12) as reader:
        result = log_revisions(reader, None, LogQuery(), fleet.now)
        assert 0 < len(result.entries) < 20
        assert (result.conditions, result.exit_code) == (("incomplete",), 3)
        last = result.entries[-1].revision
        assert result.looked_to == last.first_seen_at
        key = RevisionKey(last.did, last.revision, last.first_seen_at)
        assert result.following == key.spelled
        assert result.entries[-1].revision.capture.ticket == "INC-12"


def test_a_list_that_is_cut_short_says_at_which_did(
    fleet: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("changelog.commands.answers.list._PAGE", 4)
    with cut_short(fleet, 4) as reader:
        result = list_fleet(reader, None, None, Where(), fleet.now)
    assert [row.did for row in result.dids][-1] == result.after == "did_011"
    assert (result.conditions, result.exit_code) == (("incomplete",), 3)


def test_a_diff_that_is_cut_short_says_at_which_did(fleet: Logbook) -> None:
    wanted = DiffOptions(start="tag:start", end="tag:ivr-7", fail_if_different=True)
    with cut_short(fleet, 16) as reader:
        result = diff(reader, [], wanted, fleet.now)
    assert 0 < len(result.dids) < 10
    assert result.after == result.dids[-1].did
    assert (result.conditions, result.exit_code) == (("different", "incomplete"), 3)


def test_a_fleet_in_which_too_many_differ_is_refused_where_that_is_asked(fleet: Logbook) -> None:
    wanted = DiffOptions(start="tag:start", end="tag:ivr-7", most=9)
    with fleet.reader() as reader, pytest.raises(UsageError, match="10 DIDs differ"):
        diff(reader, [], wanted, fleet.now)
    # Each DID counts of which there would be more to say than that it did not change.
    known = len(fleet.rows("SELECT did FROM did"))
    for start, end in ((None, None), (None, "r1")):
        wanted = DiffOptions(start=start, end=end, most=known - 1)
        with fleet.reader() as reader, pytest.raises(UsageError, match=f"{known} DIDs differ or"):
            diff(reader, [], wanted, fleet.now)


def test_the_history_of_a_did_goes_in_pages(logbook: Logbook) -> None:
    for number in range(25):
        logbook.see(f"app_{number}")
    pages = []
    before, more = None, True
    with logbook.reader() as reader:
        while more:
            page = history_page(reader.history("did_1"), frozenset(), before)
            pages.append([entry.revision.revision for entry in page.entries])
            before, more = pages[-1][-1], page.more
    assert pages == [[*range(25, 15, -1)], [*range(15, 5, -1)], [*range(5, 0, -1)]]


def endless(reader: LogReader) -> None:
    """Ask for what takes longer than anybody waits."""
    reader._rows(
        """WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 900000000)
           SELECT count(*) FROM n"""
    )


def test_what_was_found_can_be_read_after_a_read_was_cut_short(fleet: Logbook) -> None:
    reader = LogReader(fleet.location, deadline_s=0.2)
    try:
        with reader.one_state():
            history = reader.history("did_001")
            with pytest.raises(OutOfTime):
                endless(reader)
            reader.extend_deadline()
            assert history.latest.body
            assert history.latest.capture.ticket == "INC-12"
    finally:
        reader.close()


def test_an_answer_is_of_one_state_of_the_log(fleet: Logbook) -> None:
    with fleet.reader() as reader:
        with reader.one_state():
            before = reader.history("did_001")
            fleet.see("app_new", did="did_001")
            assert len(reader.history("did_001").revisions) == len(before.revisions)
        assert len(reader.history("did_001").revisions) == len(before.revisions) + 1


def test_a_field_of_two_bodies_is_compared_as_their_values_are(logbook: Logbook) -> None:
    """The database compares what it can; nothing that changed is left out."""
    values = [
        '"x":1,"y":0',
        '"x":1,"y":1',
        '"x":true',
        '"x":"1"',
        '"x":"1","z":"\\\\"',
        r'"\u0078":2',
        '"z":{"x":2}',
        '"x":{"a":1}',
        '"x":{"a":1},"y":2',
        '"x":null',
        '"y":"x"',
        '"x":[1],"x":[2]',
        '"x":[1],"x":[3]',
        '"x":"é"',
        r'"x":"\u00e9","y":3',
    ]
    capture = logbook.capture()
    for value in values:
        body = f'{{"id":"did_1","application_id":"app_a",{value}}}'
        at, fields = logbook.clock(), json.loads(body)
        answer = Answer(requested="did_1", did="did_1", received_at=at, body=body, fields=fields)
        capture.store([answer])
    capture.close()
    read = [json.loads(f"{{{value}}}") for value in values]
    changed = {
        n + 1
        for n, (before, after) in enumerate(pairwise(read), start=1)
        if json.dumps(before.get("x")) != json.dumps(after.get("x"))
    }
    with logbook.reader() as reader:
        found = log_revisions(reader, None, LogQuery(field="x", limit=None), logbook.now).entries
    assert {entry.revision.revision for entry in found} == changed
