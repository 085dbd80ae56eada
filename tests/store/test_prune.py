"""``prune`` takes snapshots away, and no answer: whatever happened, before and after it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from changelog.model.answers import Applications
from changelog.model.recording import Selection
from changelog.model.results.pages import RevisionsWanted, Then
from changelog.model.results.upkeep import PruneResult, Removable
from changelog.store.journal import prune as pruning
from changelog.store.journal.prune import prune_log
from changelog.store.location import SqliteLocation, parse_location
from changelog.store.reading import queries
from changelog.store.reading.values import as_of
from tests.logbook import Logbook, RunningCapture
from tests.postgres_server import PostgresServer
from tests.tampering import Unwatched, behind, broken, head

DIDS = ("did_1", "did_2", "did_3")
NUMBERS = ("+15551230001", "+15551230002")
KEYS = ("key-1", "key-2")
SELECTION = Selection(every=False, names=DIDS)


def pruned(
    book: Logbook,
    age: timedelta = timedelta(0),
    *,
    dry_run: bool = False,
    agreed: Callable[[Removable], bool] = lambda _: True,
) -> PruneResult:
    return prune_log(book.transactions, Unwatched(), age, "olga", dry_run=dry_run, agreed=agreed)


def counts(book: Logbook, did: str = "did_1") -> tuple[int, int]:
    """(readable, unreadable) snapshots."""
    query = (
        "SELECT count(revision) AS readable, count(*) - count(revision) AS others"
        " FROM snapshot WHERE did = :did"
    )
    with book.engine.connect() as connection:
        found = connection.execute(text(query), {"did": did}).one()
    return (found.readable, found.others)


# What goes and what stays


def test_of_a_revision_the_first_and_the_last_snapshot_stay(logbook: Logbook) -> None:
    for application in ("app_a",) * 6 + ("app_b",) * 4 + ("app_a",):
        logbook.see(application)
    result = pruned(logbook)
    assert result.removed == 4 + 2
    assert result.removable.snapshots == 6
    assert counts(logbook) == (5, 0)
    history = logbook.history()
    assert [one.snapshots for one in history.revisions] == [2, 2, 1]
    assert pruned(logbook).removed == 0


def test_the_last_look_that_read_the_destination_stays(logbook: Logbook) -> None:
    world = World(logbook)
    for url in ("https://1", "https://1", "https://1", None, None, "https://2"):
        world.urls("did_1", url, KEYS[0])
    with logbook.reader() as reader:
        before = uncounted_history(reader.history("did_1"))
    assert pruned(logbook).removed == 2
    with logbook.reader() as reader:
        assert uncounted_history(reader.history("did_1")) == before


def test_the_looks_beside_a_404_that_hid_the_did_stay(logbook: Logbook) -> None:
    for _ in range(4):
        logbook.see()
    logbook.miss(404)
    for _ in range(4):
        logbook.see()
    before = logbook.history().gaps
    assert pruned(logbook).removed == 4
    assert logbook.history().gaps == before
    assert pruned(logbook).removed == 0


def test_only_what_is_older_goes(logbook: Logbook) -> None:
    seen = []
    for _ in range(5):
        logbook.see()
        seen.append(logbook.now)
    age = logbook.now + timedelta(minutes=1) - seen[2]
    assert pruned(logbook, timedelta(days=1)).removed == 0
    logbook.now = seen[-1]
    assert pruned(logbook, age).removed == 2
    assert pruned(logbook).removed == 1


def test_what_has_a_note_or_a_tag_stays(logbook: Logbook) -> None:
    logbook.see()
    kinds: tuple[dict[str, Any], ...] = ({"note": "why"}, {"tag": "before"}, {}, {}, {})
    for info in kinds:
        capture = logbook.capture(**info)
        logbook.see(capture=capture)
        capture.close()
    logbook.writer.add_capture_note(capture.info.id, "why, said later", "olga")
    logbook.see()
    assert pruned(logbook).removed == 2
    assert counts(logbook) == (5, 0)


def test_what_could_not_be_read_goes_but_for_what_decides(logbook: Logbook) -> None:
    logbook.see()
    for status in (404, 500, "timeout", 404, 500):
        logbook.miss(status)
    assert pruned(logbook).removed == 0, "they are in a row, up to now"
    logbook.see()
    for _ in range(3):
        logbook.miss(404)
    # Of the time in which it was not visible, the last 404 stays.
    assert pruned(logbook).removed == 4
    assert counts(logbook) == (2, 4)
    assert logbook.history().hidden_since is not None


def test_of_a_long_row_of_failures_the_newest_hundred_stay(logbook: Logbook) -> None:
    logbook.see()
    capture = logbook.capture()
    for _ in range(120):
        logbook.miss("timeout", capture=capture)
    capture.close()
    assert pruned(logbook).removed == 20
    assert counts(logbook) == (1, 100)


def test_a_dry_run_only_counts(logbook: Logbook) -> None:
    for _ in range(5):
        logbook.see()
    before = head(logbook.location)
    result = pruned(logbook, dry_run=True)
    assert (result.removable.snapshots, result.removable.entries) == (3, 3)
    assert result.removable.bytes > 0
    assert result.removed is None
    assert head(logbook.location) == before
    assert counts(logbook) == (5, 0)


# What holds afterwards


def test_the_log_is_sound_afterwards_and_contains_every_head_from_before(
    logbook: Logbook,
) -> None:
    heads = []
    for _ in range(3):
        for application in ("app_a", "app_a", "app_a", "app_b"):
            logbook.see(application)
            heads.append(head(logbook.location))
        assert pruned(logbook).removed
        heads.append(head(logbook.location))
    for kept in heads:
        assert broken(logbook.location, kept) == []


def test_the_database_refuses_every_other_removal_afterwards(logbook: Logbook) -> None:
    for _ in range(4):
        logbook.see()
    assert pruned(logbook).removed
    for statement in ("DELETE FROM snapshot", "UPDATE snapshot SET entry = 1"):
        with (
            logbook.engine.connect() as connection,
            pytest.raises(DBAPIError, match="append-only"),
        ):
            connection.execute(text(statement))


def test_nothing_is_removed_from_a_log_that_is_broken(
    logbook: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_PAGE", 1)
    monkeypatch.setattr(pruning, "_BATCH", 2)
    for application in ("app_a",) * 5 + ("app_b",) * 5:
        logbook.see(application)
    with behind(logbook.location) as connection:
        changed = "UPDATE snapshot SET capture = 1 WHERE entry = 15"
        assert connection.execute(text(changed)).rowcount == 1
    before = counts(logbook)
    result = pruned(logbook)
    assert result.exit_code == 7
    assert [one.entry for one in result.broken] == [15]
    assert not result.removed
    assert counts(logbook) == before


def test_a_batch_that_breaks_off_removes_nothing_and_leaves_the_guard(
    logbook: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a kill does: what is not committed has not happened."""
    for _ in range(8):
        logbook.see()
    monkeypatch.setattr(pruning, "_BATCH", 2)
    ordinary: Any = pruning.remove_looks
    calls: list[int] = []

    def dying(*arguments: Any) -> Any:
        removed = ordinary(*arguments)
        calls.append(removed.snapshots)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return removed

    monkeypatch.setattr(pruning, "remove_looks", dying)
    with pytest.raises(RuntimeError):
        pruned(logbook)
    monkeypatch.setattr(pruning, "remove_looks", ordinary)
    assert counts(logbook) == (8 - calls[0], 0)
    assert broken(logbook.location) == []
    result = pruned(logbook)
    assert result.removed == 6 - calls[0]
    assert broken(logbook.location) == []


def test_what_another_one_does_before_the_removal_counts(logbook: Logbook) -> None:
    """A tag given meanwhile, and a second prune: each entry is looked at again."""
    logbook.see()
    tagged = logbook.capture()
    logbook.see(capture=tagged)
    tagged.close()
    for _ in range(3):
        logbook.see()

    def agreed(_: Removable) -> bool:
        logbook.writer.add_tag("late", logbook.clock(), "olga", tagged.info.id)
        assert pruned(logbook).removed == 2
        return True

    assert pruned(logbook, agreed=agreed).removed == 0
    assert broken(logbook.location) == []


# No answer changes


def answers(book: Logbook) -> dict[str, str]:
    """All that the log says, but how many snapshots there are."""
    with book.reader() as reader:
        unfinished = reader.unfinished(None)
        moments = [book.now - timedelta(minutes=minutes) for minutes in range(0, 200, 7)]
        said: dict[str, Any] = {
            "histories": [uncounted_history(reader.history(did)) for did in DIDS],
            "fleet": list(reader.pages.whole_fleet()),
            "then": [list(reader.pages.whole_fleet(Then(moment))) for moment in moments],
            "at": [reader.pages.fleet_at(moment) for moment in moments],
            "newest": reader.pages.newest(RevisionsWanted(), limit=1000),
            "unfinished": unfinished,
            "known": [reader.find(name) for name in (*DIDS, *NUMBERS)],
            "carriers": [[last.did for last in reader.carriers(number)] for number in NUMBERS],
            "keys": [(reader.key_of(did), did) for did in DIDS],
            "read_last": [reader.key_that_read(did) for did in DIDS],
            "watches": reader.watches(),
            "tags": {name: tagged(reader, name) for name in sorted(reader.tag_names())},
        }
        if unfinished is not None:
            number = unfinished.info.id
            said["answered"] = [reader.answered_in(number, did) for did in DIDS]
            said["left"] = reader.dids(limit=100, unanswered_in=number)
        for view in ("current_routing", "restore_target", "routing_history", "tagged_revision"):
            rows = reader._rows(f"SELECT * FROM {view}")
            said[view] = sorted(str(uncounted(row)) for row in rows)
        said["carriers_at"] = [
            told_apart(reader._rows(queries.CARRIERS_AT, number=number, **as_of(moment)))
            for number in NUMBERS
            for moment in moments
        ]
    # A prune is an entry too, so what is stored later has another number.
    return {name: re.sub(r"entry=\d+", "", repr(value)) for name, value in said.items()}


def told_apart(carriers: Sequence[Any]) -> list[dict[str, Any]]:
    """The DID seen last matters where several had a number; of one alone nobody asks."""
    found = [dict(row) for row in carriers]
    return found if len(found) > 1 else [{**row, "seen_us": None} for row in found]


def tagged(reader: Any, name: str) -> Any:
    tag = reader.tag(name)
    return (tag, None if tag.capture is None else reader.read_by(tag.capture))


def uncounted(row: Any) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name != "snapshots"}


def uncounted_history(history: Any) -> dict[str, Any]:
    said = told(history)
    said["revisions"] = [told(each) for each in history.revisions]
    said["windows"] = [history.window(each) for each in history.revisions]
    said["read"] = [history.destination_read_at(each) for each in history.revisions]
    return said


def told(shown: Any) -> dict[str, Any]:
    """Return the fields of a dataclass, without how many snapshots there are and what is read
    later."""
    values = {one.name: getattr(shown, one.name) for one in fields(shown)}
    return uncounted({name: value for name, value in values.items() if not callable(value)})


Step = tuple[Any, ...]
_did = st.sampled_from(DIDS)
_key = st.sampled_from(KEYS)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("see"), _did, st.sampled_from(("app_a", "app_b")), _key),
    st.tuples(st.just("see"), _did, st.just("app_a"), _key),
    st.tuples(st.just("again"), _did, _key, st.integers(1, 4)),
    st.tuples(st.just("urls"), _did, st.sampled_from(("https://1", "https://2", None)), _key),
    st.tuples(st.just("miss"), _did, st.sampled_from((404, 404, 401, "timeout")), _key),
    st.tuples(st.just("renumber"), _did, st.sampled_from(NUMBERS)),
    st.tuples(st.just("late"), _did, st.integers(1, 90)),
    st.tuples(st.just("fleet"), st.sampled_from(("", "note", "tag", "open")), _key),
    st.tuples(st.just("judge"), _did, st.sampled_from(("good", "bad", "retired"))),
    st.tuples(st.just("call"), _did, st.sampled_from(("pass", "fail"))),
    st.tuples(st.just("verify"), _did),
)


class World:
    """A log to which steps happen."""

    def __init__(self, book: Logbook) -> None:
        self.book = book
        self.numbers = dict.fromkeys(DIDS, NUMBERS[0]) | {"did_2": NUMBERS[1]}
        self.shown = dict.fromkeys(DIDS, "app_a")
        self.tags = 0
        book.writer.alerts("w").begin(60.0)

    def happen(self, steps: Sequence[Step]) -> None:
        for step in steps:
            getattr(self, step[0])(*step[1:])

    def _capture(self, key: str, **info: Any) -> RunningCapture:
        return self.book.capture(key=key, api_url="http://a", **info)

    def see(self, did: str, application: str, key: str, capture: Any = None) -> None:
        self.shown[did] = application
        own = capture or self._capture(key)
        self.book.see(application, did=did, capture=own, number_e164=self.numbers[did])
        if capture is None:
            own.close()

    def again(self, did: str, key: str, often: int) -> None:
        for _ in range(often):
            self.see(did, self.shown[did], key)

    def urls(self, did: str, url: str | None, key: str) -> None:
        """Read the applications too, or try to."""
        shown = self.shown[did]
        read = Applications({shown: url}) if url else Applications(remark="could not be read")
        capture = self._capture(key, applications=read)
        self.see(did, shown, key, capture)
        capture.close()

    def miss(self, did: str, status: Any, key: str) -> None:
        capture = self._capture(key)
        self.book.miss(status, did=did, capture=capture)
        capture.close()

    def renumber(self, did: str, number: str) -> None:
        self.numbers[did] = number
        self.see(did, self.shown[did], KEYS[0])

    def late(self, did: str, minutes: int) -> None:
        """Somebody imports what was seen a while ago."""
        capture = self.book.capture(key=None, past=True, api_url="http://a", command="import")
        at = self.book.now - timedelta(minutes=minutes)
        self.book.see("app_l", did=did, at=at, capture=capture, number_e164=self.numbers[did])
        capture.close()

    def fleet(self, what: str, key: str) -> None:
        self.tags += 1
        info: dict[str, Any] = {"note": {"note": "why"}, "tag": {"tag": f"t{self.tags}"}}.get(
            what, {}
        )
        capture = self._capture(key, selection=SELECTION, **info)
        for did in DIDS[: 2 if what == "open" else 3]:
            self.see(did, self.shown[did], key, capture)
        if what != "open":
            capture.close()

    def judge(self, did: str, verdict: str) -> None:
        if self.book.history(did).revisions:
            self.book.judge(verdict, 1, did=did)

    def call(self, did: str, result: Any) -> None:
        if self.book.history(did).revisions:
            self.book.hear(result, 1, did=did)

    def verify(self, did: str) -> None:
        history = self.book.history(did)
        if history.revisions:
            same = history.by_routing[history.latest.routing_number]
            self.book.verify(same[0].revision, did=did)


REMEMBERED = [
    ("see", "did_1", "app_a", "key-1"),
    ("again", "did_1", "key-2", 3),
    ("miss", "did_1", 404, "key-2"),
    ("again", "did_1", "key-1", 4),
    ("fleet", "open", "key-1"),
    ("fleet", "tag", "key-2"),
    ("renumber", "did_3", NUMBERS[1]),
    ("again", "did_3", "key-1", 3),
    ("late", "did_1", 40),
    ("miss", "did_2", "timeout", "key-1"),
    ("miss", "did_2", 404, "key-1"),
]
AFTERWARDS = [
    ("miss", "did_1", 404, "key-2"),
    ("miss", "did_2", 404, "key-1"),
    ("miss", "did_3", 404, "key-2"),
    ("late", "did_1", 5),
    ("again", "did_2", "key-1", 1),
    ("fleet", "tag", "key-2"),
]


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@example(world=REMEMBERED, after=AFTERWARDS, minutes=0)
@given(
    world=st.lists(STEPS, min_size=5, max_size=20),
    after=st.lists(STEPS, max_size=6),
    minutes=st.sampled_from([0, 0, 20, 60]),
)
def test_no_answer_changes_now_or_later(world: list[Step], after: list[Step], minutes: int) -> None:
    with (
        TemporaryDirectory() as folder,
        Logbook(SqliteLocation(Path(folder) / "one.db")) as one,
        Logbook(SqliteLocation(Path(folder) / "other.db")) as other,
    ):
        # The same steps make the same log.
        ours, theirs = World(one), World(other)
        for world_of in (ours, theirs):
            world_of.happen(world)
        before = answers(theirs.book)
        assert answers(ours.book) == before
        kept = head(ours.book.location)
        ours.book.now = theirs.book.now
        pruned(ours.book, timedelta(minutes=minutes))
        ours.book.now = theirs.book.now
        assert answers(ours.book) == before
        assert broken(ours.book.location, kept) == []
        for world_of in (ours, theirs):
            world_of.happen(after)
        now, then = answers(ours.book), answers(theirs.book)
        # The DID that had a number long ago is the one seen last then. It is shared only since.
        for said in (now, then):
            del said["carriers_at"]
        assert now == then
        assert broken(ours.book.location, kept) == []


def test_no_answer_changes_on_a_server(postgres: PostgresServer) -> None:
    with Logbook(parse_location(postgres.create_log())) as book:
        world = World(book)
        world.happen([*REMEMBERED, *REMEMBERED[1:]])
        now, before = book.now, answers(book)
        result = pruned(book)
        assert result.removed
        book.now = now
        assert answers(book) == before
        assert broken(book.location) == []
        world.happen(AFTERWARDS)
        assert broken(book.location) == []
