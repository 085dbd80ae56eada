"""Proves a whole log: the walk over its journal, handed to processes where there is much of it."""

import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import bindparam, exists, select, text

from changelog.model.log_format.journal import GENESIS, Entry, Head
from changelog.model.results.check import Broken, Checked
from changelog.store.definitions import check_definitions
from changelog.store.journal.fleet_proof import FleetProof, Page, pages
from changelog.store.journal.ledger import JOURNAL_COLUMNS, SHAPES, Window, planned, windows
from changelog.store.journal.proving import UNUSABLE, Chunk, Proof, broken_entry, prove
from changelog.store.journal.relations import broken_relations
from changelog.store.journal.source import Source, SqliteSource, Stored, open_source
from changelog.store.journal.thinned import thinned_in
from changelog.store.journal.workers import Task, Workers, usable_processors
from changelog.store.location import Location
from changelog.store.transaction import JOURNAL, REVISION

MOST_BROKEN = 100
"""Broken rows that are named; behind that many, a log is not proven any further."""
_CHUNK_ROWS = 4_000
_WORTH_SHARING = 40_000
"""Rows from which on starting processes takes less time than they save."""
_MOST_PROCESSES = 4
_CARRIED = 500
_CARRIED_ON = ("application_id", "route_mode", "destination", "destination_source")
_DID, _REVISION = (REVISION.c[name] for name in ("did", "revision"))


class Watching(Protocol):
    """Hears how far a proof is."""

    def begins(self, total: int) -> None: ...
    def step(self, done: int) -> None: ...


class LogProof:
    """Proves the log at `location`, or the copy of it in memory that `copy` holds."""

    def __init__(
        self,
        location: Location,
        watching: Watching,
        *,
        copy: sqlite3.Connection | None = None,
        processes: int | None = None,
    ) -> None:
        self._location = location
        self._watching = watching
        self._copy = copy
        self._processes = processes if processes is not None else usable_processors()

    @property
    def place(self) -> str:
        return str(self._location)

    def head(self) -> Head | None:
        """The newest entry's; nothing is proven."""
        with open_source(self._location, self._copy) as source:
            return newest_head(source)

    def run(self, against: Head | None) -> tuple[Checked, list[Broken], Head | None]:
        """What was looked at, what does not hold, and the newest entry's head."""
        with open_source(self._location, self._copy) as source, ExitStack() as stack:
            run = _Run(source, self._watching, lambda: self._workers(stack))
            try:
                run.head = newest_head(source)
                run.prove(against)
            except sqlite3.DatabaseError as error:
                run.found.extend(_damaged(source, error))
            return run.checked, _in_order(run.found), run.head

    def _workers(self, stack: ExitStack) -> Workers | None:
        """None where the processes could not open what this one has open, or there is but one."""
        count = min(self._processes, _MOST_PROCESSES)
        if self._copy is not None or count < 2:
            return None
        workers = Workers(count, _worker, self._location)
        stack.callback(workers.close)
        return workers


def newest_head(source: Source) -> Head | None:
    newest = select(JOURNAL.c.n, JOURNAL.c.digest).order_by(JOURNAL.c.n.desc()).limit(1)
    found = source.all(newest)
    if not found:
        return None
    n, digest = found[0]
    return Head(n, digest if isinstance(digest, bytes) else b"")


def _in_order(found: list[Broken]) -> list[Broken]:
    """In the journal's order, each row once; behind them what no entry vouches for."""
    rows: dict[tuple[object, ...], Broken] = {}
    for one in found:
        rows.setdefault((one.table, one.did, one.revision, one.key), one)
    last = float("inf")
    return sorted(rows.values(), key=lambda one: last if one.entry is None else one.entry)


def _worker(location: Location) -> Callable[[Task], Any]:
    """What a process does for a run."""
    fleet: list[FleetProof] = []
    stack = ExitStack()

    def do(task: Task) -> Any:
        what, given = task
        if what == "prove":
            return prove(given)
        if not fleet:
            fleet.append(FleetProof(stack.enter_context(open_source(location))))
        try:
            return fleet[0].prove(given)
        except sqlite3.DatabaseError as error:
            return [_malformed(error)]

    return do


class _Run:
    def __init__(
        self, source: Source, watching: Watching, workers: Callable[[], Workers | None]
    ) -> None:
        self._source = source
        self._watching = watching
        self._make_workers = workers
        self._workers: Workers | None = None
        self._fleet: FleetProof | None = None
        self._carried: list[tuple[str, int]] = []
        self.head: Head | None = None
        self.checked = Checked()
        self.found: list[Broken] = []

    @property
    def _enough(self) -> bool:
        return len(self.found) > MOST_BROKEN

    def prove(self, against: Head | None) -> None:
        defined = check_definitions(self._source)
        self.found.extend(defined.broken)
        self.checked = self.checked._replace(views=defined.views, triggers=defined.triggers)
        plan = planned(self._source)
        if plan.rows >= _WORTH_SHARING:
            self._workers = self._make_workers()
        self._watching.begins(plan.rows)
        chain = _Chain(against)
        for window in windows(self._source, plan=plan):
            self.found.extend(chain.add(window))
            self._count(window)
            for chunk in _chunks(window, thinned_in(self._source, window)):
                self._do(("prove", chunk))
                self._watching.step(sum(map(len, chunk.rows)))
                if self._enough:
                    return
            # Before the next one is read: two of them would be held at once.
            del window, chunk
        self.found.extend(chain.end())
        self._prove_fleet()
        self._finish()
        self._prove_carried()
        self.found.extend(broken_relations(self._source, MOST_BROKEN))
        if isinstance(self._source, SqliteSource):
            self.found.extend(_integrity(self._source))

    def _count(self, window: Window) -> None:
        sizes = {shape.name: len(rows) for shape, rows in zip(SHAPES, window.rows, strict=True)}
        seen = self.checked
        self.checked = seen._replace(
            entries=seen.entries + len(window.journal),
            rows=seen.rows + window.size,
            revisions=seen.revisions + sizes["revision"],
            snapshots=seen.snapshots + sizes["snapshot"],
            dids=seen.dids + sizes["did"],
            thinned=seen.thinned + sizes["thinned"],
        )

    def _prove_fleet(self) -> None:
        self._watching.begins(self.checked.dids)
        for page in pages(self._source):
            self._do(("fleet", page))
            self._watching.step(page.dids)
            if self._enough:
                return

    def _do(self, task: Task) -> None:
        if self._workers is not None:
            for result in self._workers.do(task):
                self._take(result)
            return
        what, given = task
        if what == "prove":
            self._take(prove(given))
        else:
            self._take(self._prove_page(given))

    def _prove_page(self, page: Page) -> list[Broken]:
        if self._fleet is None:
            self._fleet = FleetProof(self._source)
        return self._fleet.prove(page)

    def _finish(self) -> None:
        for result in self._workers.rest() if self._workers else ():
            self._take(result)

    def _take(self, result: Any) -> None:
        if isinstance(result, Proof):
            self.found.extend(result.broken)
            self._carried.extend(result.carried)
            if len(self._carried) > 100 * _CARRIED:
                self._prove_carried()
        else:
            self.found.extend(result)

    def _prove_carried(self) -> None:
        """A destination that its own body does not give must be that of the revision before."""
        before = REVISION.alias("before")
        same = (before.c[name].is_not_distinct_from(REVISION.c[name]) for name in _CARRIED_ON)
        carried = exists().where(before.c.did == _DID, before.c.revision == _REVISION - 1, *same)
        query = select(REVISION.c.entry).where(
            bindparam("of") == _DID, bindparam("number") == _REVISION, ~carried
        )
        for did, revision in self._carried:
            for (entry,) in self._source.all(query, of=did, number=revision):
                reason = "its destination is neither in its body nor carried on"
                self.found.append(Broken("revision", did, revision, reason, None, entry))
        self._carried.clear()


class _Chain:
    """The entries against each other: no gap, and each names the one before."""

    def __init__(self, against: Head | None) -> None:
        self._n = 0
        self._previous: Any = GENESIS
        self._against = against
        self._met = against is None

    def add(self, window: Window) -> Iterator[Broken]:
        for row in window.journal:
            journal = dict(zip(JOURNAL_COLUMNS, row, strict=True))
            n = journal["n"]
            if n != self._n + 1:
                gone = f"entry {self._n + 1}"
                yield broken_entry(n, f"it follows entry {self._n}: {gone} is gone")
            elif journal["previous"] != self._previous:
                yield broken_entry(
                    n, "the entry before it is not the one that it was written after"
                )
            self._n, self._previous = n, journal["digest"]
            if self._against is not None and n == self._against.n:
                self._met = True
                if not _is(self._against, journal):
                    yield broken_entry(
                        n, "it is not the entry that the head stands for: the log was rewritten"
                    )

    def end(self) -> Iterator[Broken]:
        if not self._met and self._against is not None:
            gone = f"entries {self._n + 1} to {self._against.n} are gone"
            last = f"the log ends at entry {self._n}" if self._n else "nothing is recorded"
            yield broken_entry(self._against.n, f"{last}: {gone}, or the head is another log's")


def _is(head: Head, journal: dict[str, Any]) -> bool:
    names = ("n", "at", "previous", "rows", "snapshots")
    try:
        return Entry(*(journal[name] for name in names)).digest == head.digest
    except UNUSABLE:
        return False


def _chunks(window: Window, thinned: dict[int, bytes]) -> Iterator[Chunk]:
    """The entries of a window, a few at a time."""
    for journal, rows in _cut(window):
        yield Chunk(
            journal, {row[0]: thinned[row[0]] for row in journal if row[0] in thinned}, rows
        )


def _cut(window: Window) -> Iterator[tuple[list[Stored], tuple[list[Stored], ...]]]:
    largest = max(range(len(SHAPES)), key=lambda place: len(window.rows[place]))
    entry = SHAPES[largest].entry
    cuts = sorted({row[entry] for row in window.rows[largest][_CHUNK_ROWS::_CHUNK_ROWS]}, key=str)
    if not all(isinstance(cut, int) for cut in cuts):
        yield window.journal, window.rows
        return
    by_entry = ((rows, shape.entry) for rows, shape in zip(window.rows, SHAPES, strict=True))
    lists = [(window.journal, 0), *by_entry]
    try:
        places = [
            [0, *(bisect_left(rows, cut, key=itemgetter(key)) for cut in sorted(cuts)), len(rows)]
            for rows, key in lists
        ]
    except TypeError:
        # Somebody put a text where a number belongs.
        yield window.journal, window.rows
        return
    for bounds in zip(*map(pairwise, places), strict=True):
        journal, *rows = (
            all_rows[start:end] for (all_rows, _), (start, end) in zip(lists, bounds, strict=True)
        )
        yield journal, tuple(rows)


# SQLite's own structure


def _integrity(source: SqliteSource) -> list[Broken]:
    """What SQLite itself finds: pages that are malformed, indexes that miss a row."""
    said = [line for (line,) in source.all(text(f"PRAGMA integrity_check({MOST_BROKEN})"))]
    return [Broken("sqlite", None, None, line, None) for line in said if line != "ok"]


def _damaged(source: Source, error: sqlite3.DatabaseError) -> list[Broken]:
    """The page that stopped the proof, as SQLite names it."""
    try:
        found = _integrity(source) if isinstance(source, SqliteSource) else []
    except sqlite3.DatabaseError as again:
        return [_malformed(again)]
    return found or [_malformed(error)]


def _malformed(error: sqlite3.DatabaseError) -> Broken:
    return Broken("sqlite", None, None, f"the file cannot be read on: {error}")
