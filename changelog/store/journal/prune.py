"""Removes snapshots that no answer depends on, a few entries at a time, each proven before.

What removes them is a transaction like any other: it adds a row to the journal, which vouches for
who removed how many, and for the snapshots that each thinned entry keeps.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, func, select, text, tuple_

from changelog.model.errors import DatabaseReadOnly
from changelog.model.log_format.journal import Entry, row_digester, rows_digest
from changelog.model.results.check import Broken
from changelog.model.results.prune import Removable
from changelog.store.journal.check import Watching
from changelog.store.journal.ledger import (
    JOURNAL_COLUMNS,
    SHAPES,
    journal_between,
    planned,
    rows_between,
    spans,
    within,
)
from changelog.store.journal.proving import UNUSABLE, broken_entry
from changelog.store.journal.retention import kept_captures, stays
from changelog.store.journal.source import Source, Stored, open_source
from changelog.store.journal.thinned import NONE_LEFT, thinned_between
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.transaction import (
    JOURNAL,
    PRUNING,
    SNAPSHOT,
    THINNED,
    Transaction,
    Transactions,
)

_SHAPE = next(shape for shape in SHAPES if shape.table is SNAPSHOT)
_AT, _CAPTURE = (_SHAPE.columns.index(name) for name in ("received_at", "capture"))
_DIGEST = row_digester(SNAPSHOT.name, _SHAPE.columns)
_WINDOW_BYTES = 32 * 1024 * 1024
_BATCH = 5_000
"""Snapshots that a transaction looks at: recorders wait for it, so it takes well under a second."""
_FEW = 400
"""Keys a query: below the number of parameters that SQLite takes."""
_ROW_BYTES = {SqliteLocation: 24, PostgresLocation: 105}
"""What a row takes beside its DID, indexes with it; measured."""
_PROBLEM_BYTES = 34
_THINNED_BYTES = 14
_THINNED_DIGEST_BYTES = 34

Key = tuple[str, int]


class Mismatch(Exception):
    """An entry that its snapshots do not match: nothing of it is removed."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken.reason)
        self.broken = broken


class Thinnable(NamedTuple):
    """An entry with its snapshots as stored, and the keys of those that may go."""

    n: int
    snapshots: list[Stored]
    going: set[Key]


class Pruner:
    """Prunes the log at `location`; `clock` gives the time in UTC."""

    def __init__(
        self,
        engine: Engine,
        location: Location,
        clock: Callable[[], datetime],
        watching: Watching,
    ) -> None:
        self._location = location
        self._engine = engine
        self._watching = watching
        self._transactions = Transactions(engine, location, clock)

    @property
    def place(self) -> str:
        return str(self._location)

    def survey(self, before: int) -> tuple[Removable, list[Broken]]:
        """What may go of that which was received before `before`, and what does not hold of it."""
        found = Removable()
        broken: list[Broken] = []
        for source, first, last in self._windows():
            for one in thinnable(source, first, last, before, broken):
                size = sum(self._size(row) for row in one.snapshots if _key(row) in one.going)
                stays_some = len(one.going) < len(one.snapshots)
                cost = _THINNED_BYTES + (_THINNED_DIGEST_BYTES if stays_some else 0)
                found = Removable(
                    found.snapshots + len(one.going),
                    found.entries + 1,
                    found.bytes + size - cost,
                )
        return found._replace(bytes=max(0, found.bytes)), broken

    def _size(self, row: Stored) -> int:
        """About the bytes that a snapshot takes."""
        values = dict(zip(_SHAPE.columns, row, strict=True))
        problem = _PROBLEM_BYTES if values["problem"] is not None else 0
        rest = _ROW_BYTES[type(self._location)]
        return len(values["did"]) + len(values["key"] or "") + problem + rest

    def remove(self, before: int, older_than: int, author: str) -> tuple[int, list[Broken]]:
        """Remove it. Returns how many snapshots went, and what was found broken meanwhile.

        `older_than`: the limit, in microseconds. It ends at what is broken: that came after the
        survey, and what is removed by then is removed.
        """
        removed = 0
        broken: list[Broken] = []
        for source, first, last in self._windows():
            for batch in _batches(thinnable(source, first, last, before, broken)):
                try:
                    removed += self._thin(batch, before, older_than, author)
                except Mismatch as mismatch:
                    broken.append(mismatch.broken)
                if broken:
                    return removed, broken
            if broken:
                break
        return removed, broken

    def _windows(self) -> Iterator[tuple[Source, int | None, int | None]]:
        """Each window of entries with the log as it is when its turn comes."""
        with open_source(self._location) as source:
            plan = planned(source, _WINDOW_BYTES, [_SHAPE])
        self._watching.begins(plan.rows)
        for first, last in spans(plan.bounds):
            with open_source(self._location) as source:
                yield source, first, last
            self._watching.step(plan.rows // len(plan.bounds))

    def _thin(self, batch: Sequence[Thinnable], before: int, older_than: int, author: str) -> int:
        def write(transaction: Transaction) -> int:
            return _thin_entries(transaction, batch, before, older_than, author)

        return self._transactions.run(write)

    def require_owner(self) -> None:
        """Raise DatabaseReadOnly on PostgreSQL for anybody but the owner of the tables."""
        if isinstance(self._location, PostgresLocation):
            self._transactions.ask(_require_owner)

    def free_bytes(self) -> int | None:
        """What new rows will take of a SQLite file before it grows; None on a server."""
        if not isinstance(self._location, SqliteLocation):
            return None
        return self._transactions.ask(
            lambda connection: (
                int(connection.execute(text("PRAGMA freelist_count")).scalar_one())
                * int(connection.execute(text("PRAGMA page_size")).scalar_one())
            )
        )


def _batches(entries: Iterable[Thinnable]) -> Iterator[list[Thinnable]]:
    """As many as a transaction takes."""
    batch: list[Thinnable] = []
    size = 0
    for one in entries:
        batch.append(one)
        size += len(one.snapshots)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def thinnable(
    source: Source, first: int | None, last: int | None, before: int, broken: list[Broken]
) -> Iterator[Thinnable]:
    """The entries of a window that may lose snapshots; those that are broken go into `broken`."""
    rows = rows_between(source, _SHAPE, first, last)
    old = [row for row in rows if isinstance(row[_AT], int) and row[_AT] < before]
    if not old:
        return
    captures = {row[_CAPTURE] for row in old if isinstance(row[_CAPTURE], int)}
    kept = kept_captures(source.all, captures)
    candidates = (
        select(SNAPSHOT.c.did, SNAPSHOT.c.received_at, SNAPSHOT.c.capture)
        .where(*within(SNAPSHOT.c.entry, first, last))
        .where(SNAPSHOT.c.received_at < before, ~stays())
    )
    going = {(did, at) for did, at, capture in source.each(candidates) if capture not in kept}
    if not going:
        return
    journal = {row[0]: row for row in journal_between(source, first, last)}
    thinned = thinned_between(source, first, last)
    for n, same in groupby(rows, key=itemgetter(_SHAPE.entry)):
        mine = list(same)
        its = {_key(row) for row in mine} & going
        if its:
            mistake = _mistake(journal.get(n), thinned.get(n), mine)
            if mistake is None:
                yield Thinnable(n, mine, its)
            else:
                broken.append(broken_entry(n, mistake))


def _mistake(
    stored: Stored | None, thinned: bytes | None, snapshots: Iterable[Stored]
) -> str | None:
    """Why an entry does not vouch for these snapshots, None if it does."""
    if stored is None:
        return "the journal has no such entry, though snapshots name it"
    journal = dict(zip(JOURNAL_COLUMNS, stored, strict=True))
    digest = journal.pop("digest")
    try:
        sound = Entry(**journal).digest == digest
        found = rows_digest(map(_DIGEST, snapshots))
    except UNUSABLE:
        sound = False
    if not sound:
        return "it is not what its own digest stands for"
    wanted = journal["snapshots"] if thinned is None else thinned
    return None if found == wanted else "the snapshots that name it are not those it vouches for"


def _key(row: Stored) -> Key:
    return (row[0], row[_AT])


# One transaction


def _thin_entries(
    transaction: Transaction,
    batch: Sequence[Thinnable],
    before: int,
    older_than: int,
    author: str,
) -> int:
    """Prove the entries again, now that nobody else writes, and remove what may still go."""
    connection = transaction.connection
    pruning = (connection.execute(select(func.max(PRUNING.c.id))).scalar() or 0) + 1
    gone: list[Key] = []
    for one in batch:
        stored = _stored(connection, [_key(row) for row in one.snapshots])
        _require_proven(connection, one.n, stored)
        going = _going(connection, one.going, before) & {_key(row) for row in stored}
        if not going:
            continue
        left = [row for row in stored if _key(row) not in going]
        transaction.add(
            THINNED,
            {
                "journal": one.n,
                "pruning": pruning,
                "removed": len(going),
                "snapshots": rows_digest(map(_DIGEST, left)) if left else None,
            },
        )
        gone.extend(going)
    if gone:
        transaction.add(
            PRUNING,
            {
                "id": pruning,
                "at": transaction.at,
                "older_than": older_than,
                "author": author,
                "removed": len(gone),
            },
        )
        with_guard_down(connection, lambda: _delete(connection, gone))
    return len(gone)


def _require_proven(connection: Connection, n: int, snapshots: Sequence[Stored]) -> None:
    journal = connection.execute(select(JOURNAL).where(JOURNAL.c.n == n)).first()
    newest = (
        select(THINNED.c.snapshots)
        .where(THINNED.c.journal == n)
        .order_by(THINNED.c.pruning.desc())
        .limit(1)
    )
    found = connection.execute(newest).first()
    thinned = None if found is None else (NONE_LEFT if found[0] is None else bytes(found[0]))
    mistake = _mistake(None if journal is None else tuple(journal), thinned, snapshots)
    if mistake is not None:
        raise Mismatch(broken_entry(n, mistake))


def _stored(connection: Connection, keys: Sequence[Key]) -> list[Stored]:
    found: list[Stored] = []
    for few in _few(keys):
        query = select(SNAPSHOT).where(tuple_(SNAPSHOT.c.did, SNAPSHOT.c.received_at).in_(few))
        found.extend(map(tuple, connection.execute(query)))
    return found


def _going(connection: Connection, keys: Iterable[Key], before: int) -> set[Key]:
    """Those that may still go: a tag may have been given, a capture gone on with."""
    found: list[Any] = []
    for few in _few(sorted(keys)):
        query = select(SNAPSHOT.c.did, SNAPSHOT.c.received_at, SNAPSHOT.c.capture).where(
            tuple_(SNAPSHOT.c.did, SNAPSHOT.c.received_at).in_(few),
            SNAPSHOT.c.received_at < before,
            ~stays(),
        )
        found.extend(connection.execute(query))
    kept = kept_captures(lambda query: connection.execute(query).all(), {row[2] for row in found})
    return {(did, at) for did, at, capture in found if capture not in kept}


def _delete(connection: Connection, keys: Sequence[Key]) -> None:
    for few in _few(keys):
        connection.execute(
            delete(SNAPSHOT).where(tuple_(SNAPSHOT.c.did, SNAPSHOT.c.received_at).in_(few))
        )


def _few(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), _FEW):
        yield keys[start : start + _FEW]


# The guard


def with_guard_down(connection: Connection, remove: Callable[[], None]) -> None:
    """Let this transaction, and nobody else, remove snapshots; afterwards all is as it was.

    On SQLite the trigger is dropped and made again. PostgreSQL switches it off and on, which locks
    out writers and no reader; a trigger dropped would lock out both.
    """
    if connection.dialect.name == "postgresql":
        name = "snapshot_append_only"
        always = connection.execute(
            text("SELECT tgenabled::text FROM pg_trigger WHERE tgname = :name"), {"name": name}
        ).scalar()
        connection.execute(text(f"ALTER TABLE snapshot DISABLE TRIGGER {name}"))
        remove()
        how = "ENABLE ALWAYS" if always == "A" else "ENABLE"
        connection.execute(text(f"ALTER TABLE snapshot {how} TRIGGER {name}"))
        return
    made = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE name = 'snapshot_no_delete'")
    ).scalar()
    if made is not None:
        connection.execute(text("DROP TRIGGER snapshot_no_delete"))
    remove()
    if made is not None:
        connection.exec_driver_sql(made)


def _require_owner(connection: Connection) -> None:
    owner, user, owns = connection.execute(
        text(
            "SELECT pg_get_userbyid(relowner), current_user,"
            " pg_has_role(current_user, relowner, 'USAGE')"
            " FROM pg_class WHERE oid = 'snapshot'::regclass"
        )
    ).one()
    if not owns:
        raise DatabaseReadOnly(
            f"only the owner of the tables, {owner}, may prune; this is {user}",
            f"Run it as {owner}. With --dry-run anybody who records may see what would go.",
            "not_owner",
        )
