"""The tables, in SQLModel: the one description of what a row is.

``journal`` and ``journal_looks`` hold what was recorded (``journal/entry.py``). All other tables
but ``watch_state`` are an index of them: each row stands in the entry that its column ``entry``
names. Column order, the text of a row and bulk inserts are derived from here (``rows.py``);
``alembic/`` makes the same tables, and a test holds the two together.

Times are integers, microseconds since 1970-01-01T00:00Z: a third of the bytes of a text, and the
same order. Keys are natural ones, so that the schema also runs where counters are slow.
"""

from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    cast,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

_CLUSTERED = {"sqlite_with_rowid": False}
"""On SQLite the primary key is the table: no second copy of it, no hidden row number."""


_WHERE = "where"


@compiles(CreateIndex)
def _create_index(create: CreateIndex, compiler: Any, **options: Any) -> str:
    """Spell a partial index. Said to each dialect by its name, it would import them both."""
    made: str = compiler.visit_create_index(create, **options)
    where = create.element.info.get(_WHERE)
    return f"{made} WHERE {where}" if where else made


class VerbatimJson(UserDefinedType[str]):
    """PostgreSQL's ``json``, which keeps a text as it is; read and written as that text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"

    def column_expression(self, column: Any) -> Any:
        return cast(column, Text)


_BODY = Text().with_variant(VerbatimJson(), "postgresql")
_OPAQUE = String().with_variant(String(collation="C"), "postgresql")
"""An id has no language: it is sorted by its bytes, as SQLite does, whatever the database's is."""


def _micros(*, key: bool = False) -> Column[int]:
    return Column(BigInteger, nullable=False, primary_key=key, autoincrement=False)


def _key() -> Any:
    """A column of a primary key that is text."""
    return Field(primary_key=True, sa_type=_OPAQUE)


class Journal(SQLModel, table=True):
    """One row a write transaction, never changed: see ``journal/entry.py``.

    `facts`: the rows that it added, but for the looks; deflated. `looks_digest`: over its looks as
    they were written, whatever ``prune`` has left of them; empty where it had none.
    """

    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_column=_micros())
    previous: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    facts: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    looks_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class JournalLooks(SQLModel, table=True):
    """The looks of an entry that has any: snapshots that are unchanged or unreadable; deflated.

    The only part of the journal that ``prune`` rewrites.
    """

    __tablename__ = "journal_looks"
    n: int = Field(
        primary_key=True, foreign_key="journal.n", sa_column_kwargs={"autoincrement": False}
    )
    looks: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Capture(SQLModel, table=True):
    """One run that fetched. `reads_from`: no snapshot of it was received before that moment."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    command: str
    started_at: int = Field(sa_column=_micros())
    reads_from: int = Field(sa_column=_micros())
    recorded_by: str
    changed_by: str | None = None
    note: str | None = Field(default=None, sa_column=Column(Text))
    ticket: str | None = None
    api_url: str | None = None
    key: str | None = None
    tool_version: str
    selection: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    entry: int


class Selection(SQLModel, table=True):
    """Which DIDs a ``record`` was told to read, once for all equal ones; so it can be gone on with.

    `every`: all of the log; `shard`: ``K/N``; `names`: as given, a JSON list, deflated.
    """

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    every: int
    shard: str | None = None
    names: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    entry: int


class CaptureEnd(SQLModel, table=True):
    """That a capture ended by itself, and what it has to remark. `remarks`: a JSON list.

    `unread`: how many DIDs were left unasked, None for none. Gone on with, it ends again.
    """

    __tablename__ = "capture_end"
    __table_args__: ClassVar = (_CLUSTERED,)
    capture: int = Field(primary_key=True, foreign_key="capture.id")
    finished_at: int = Field(sa_column=_micros(key=True))
    remarks: str = Field(sa_column=Column(Text, nullable=False))
    unread: int | None = None
    entry: int


class Did(SQLModel, table=True):
    """Each DID with at least one revision."""

    __table_args__: ClassVar = (_CLUSTERED,)
    did: str = _key()
    entry: int


class DidNumber(SQLModel, table=True):
    """Each number that a DID has been seen with."""

    __tablename__ = "did_number"
    __table_args__: ClassVar = (_CLUSTERED,)
    number: str = _key()
    did: str = Field(primary_key=True, foreign_key="did.did", sa_type=_OPAQUE)
    entry: int


class Revision(SQLModel, table=True):
    """A run of equal snapshots. `routing`: the first revision of the DID with an equal routing.

    `body` is verbatim, secrets redacted. Only a routing's later revisions need an index to be
    found.
    """

    __table_args__: ClassVar = (
        Index(
            "revision_routing",
            "did",
            "routing",
            "revision",
            info={_WHERE: "routing < revision"},
        ),
        Index("revision_first_seen", "first_seen_at"),
        _CLUSTERED,
    )
    did: str = Field(primary_key=True, foreign_key="did.did", sa_type=_OPAQUE)
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    routing: int
    number: str | None = None
    application_id: str | None = None
    route_mode: str | None = None
    destination: str | None = Field(default=None, sa_column=Column(Text))
    destination_source: str | None = None
    status: str | None = None
    first_seen_at: int = Field(sa_column=_micros())
    capture: int = Field(foreign_key="capture.id")
    body: str = Field(sa_column=Column(_BODY, nullable=False))
    entry: int


class Problem(SQLModel, table=True):
    """Why answers could not be read, once for all equal ones. `body`: as received, redacted."""

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    status: int | None = None
    code: str
    message: str = Field(sa_column=Column(Text, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    entry: int


class Snapshot(SQLModel, table=True):
    """The final answer for one DID in one capture.

    `revision` is None where `problem` is not. `did` is the number asked for where no DID of it is
    known. `key` is None where it is the capture's. `hidden` is 1 on a 404 from a key that had read
    the DID before.
    """

    __table_args__: ClassVar = (
        Index(
            "snapshot_problem",
            "did",
            "received_at",
            info={_WHERE: "problem IS NOT NULL"},
        ),
        _CLUSTERED,
    )
    did: str = _key()
    received_at: int = Field(sa_column=_micros(key=True))
    capture: int = Field(foreign_key="capture.id")
    revision: int | None = None
    problem: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    hidden: int | None = None
    key: str | None = None
    entry: int


class Note(SQLModel, table=True):
    """Free text on a revision."""

    __table_args__: ClassVar = (
        ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"]),
        _CLUSTERED,
    )
    did: str = _key()
    at: int = Field(sa_column=_micros(key=True))
    revision: int
    author: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    entry: int


class Verdict(SQLModel, table=True):
    """An operator's judgement: good, bad; retired, returned."""

    __table_args__: ClassVar = (
        ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"]),
        _CLUSTERED,
    )
    did: str = _key()
    at: int = Field(sa_column=_micros(key=True))
    revision: int
    routing: int
    verdict: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    author: str
    entry: int


class Confirmation(SQLModel, table=True):
    """``verify --to`` saw the routing of `revision` live again, since revision `returned`.

    One row a return: verifying it a second time says nothing new.
    """

    __table_args__: ClassVar = (
        ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"]),
        _CLUSTERED,
    )
    did: str = _key()
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    returned: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    routing: int
    at: int = Field(sa_column=_micros())
    capture: int = Field(foreign_key="capture.id")
    entry: int


class Evidence(SQLModel, table=True):
    """A test call's webhook: `call` with `event` is its identity. `at`: the call's own time."""

    __table_args__: ClassVar = (
        ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"]),
        Index("evidence_did", "did", "at"),
    )
    call: str = _key()
    event: str = _key()
    did: str = Field(sa_type=_OPAQUE)
    at: int = Field(sa_column=_micros())
    revision: int
    routing: int
    result: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    author: str
    entry: int


class Tag(SQLModel, table=True):
    """A name, given once, for a capture or for a moment."""

    name: str = _key()
    at: int = Field(sa_column=_micros())
    capture: int | None = Field(default=None, foreign_key="capture.id")
    author: str
    created_at: int = Field(sa_column=_micros())
    entry: int


class Application(SQLModel, table=True):
    """The ``answer_url`` of an application, each time it was seen to differ from before."""

    __table_args__: ClassVar = (_CLUSTERED,)
    application_id: str = _key()
    seen_at: int = Field(sa_column=_micros(key=True))
    answer_url: str | None = Field(default=None, sa_column=Column(Text))
    capture: int = Field(foreign_key="capture.id")
    entry: int


class WatchState(SQLModel, table=True):
    """What one watch carries from round to round, replaced in place: no record, so it stands
    outside the journal. `watch` names what is watched.

    `entry`: the journal is judged up to there, as of `at`. `state`: ``AlertState`` as JSON.
    """

    __tablename__ = "watch_state"
    watch: str = _key()
    at: int = Field(sa_column=_micros())
    entry: int
    state: str = Field(sa_column=Column(_BODY, nullable=False))


class Alert(SQLModel, table=True):
    """A message of ``watch``. `channels`: where it was due, with spaces between.

    `dids`: a JSON list of some of the `count` DIDs where it is about many.
    """

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_column=_micros())
    watch: str
    kind: str
    what: str | None = None
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    capture: int | None = Field(default=None, foreign_key="capture.id")
    count: int
    dids: str | None = Field(default=None, sa_column=Column(Text))
    since: int | None = Field(default=None, sa_column=Column(BigInteger))
    in_a_row: int | None = None
    status: int | None = None
    code: str | None = None
    message: str | None = Field(default=None, sa_column=Column(Text))
    channels: str
    entry: int


class Pruning(SQLModel, table=True):
    """A transaction of ``prune``: who removed how many snapshots, and how old those were at least.

    `older_than`: in microseconds, back from `at`.
    """

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_column=_micros())
    older_than: int = Field(sa_column=_micros())
    author: str
    removed: int
    entry: int


class Pruned(SQLModel, table=True):
    """That `pruning` removed looks which were written with the entry `journal`.

    `looks_digest`: over those of the entry that stay. It takes the place of the journal's own,
    which can no longer be computed; the newest one counts.
    """

    __table_args__: ClassVar = (_CLUSTERED,)
    journal: int = Field(
        primary_key=True, foreign_key="journal.n", sa_column_kwargs={"autoincrement": False}
    )
    pruning: int = Field(
        primary_key=True, foreign_key="pruning.id", sa_column_kwargs={"autoincrement": False}
    )
    removed: int
    looks_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    entry: int


class Rebuild(SQLModel, table=True):
    """That ``db rebuild`` repaired `rows` rows from the journal, and `entries` entries from rows.

    `objects`: tables, views, triggers and indexes that it made again.
    """

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_column=_micros())
    author: str
    rows: int
    entries: int
    objects: int
    entry: int


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


JOURNAL = _table(Journal)
JOURNAL_LOOKS = _table(JournalLooks)
SELECTION = _table(Selection)
CAPTURE = _table(Capture)
CAPTURE_END = _table(CaptureEnd)
DID = _table(Did)
DID_NUMBER = _table(DidNumber)
REVISION = _table(Revision)
PROBLEM = _table(Problem)
SNAPSHOT = _table(Snapshot)
NOTE = _table(Note)
VERDICT = _table(Verdict)
CONFIRMATION = _table(Confirmation)
EVIDENCE = _table(Evidence)
TAG = _table(Tag)
APPLICATION = _table(Application)
WATCH_STATE = _table(WatchState)
ALERT = _table(Alert)
PRUNING = _table(Pruning)
PRUNED = _table(Pruned)
REBUILD = _table(Rebuild)

INDEX_TABLES = (
    SELECTION,
    CAPTURE,
    CAPTURE_END,
    DID,
    DID_NUMBER,
    REVISION,
    PROBLEM,
    SNAPSHOT,
    NOTE,
    VERDICT,
    CONFIRMATION,
    EVIDENCE,
    TAG,
    APPLICATION,
    ALERT,
    PRUNING,
    PRUNED,
    REBUILD,
)
"""All but the journal and `WATCH_STATE`, in the order in which an entry has their rows: what is
referred to first."""
