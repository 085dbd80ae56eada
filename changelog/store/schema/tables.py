"""The tables, in SQLModel: the one description of what a row is.

``journal`` and ``journal_looks`` hold what was recorded (``journal/entry.py``). All other tables
but ``watch_state`` are an index of them: each row stands in the entry that its column ``entry``
names. Column order, the text of a row and bulk inserts are derived from here (``rows.py``);
``alembic/`` makes the same tables, and a test holds the two together.

Times are integers, microseconds since 1970-01-01T00:00Z: a third of the bytes of a text, and the
same order. Keys are natural ones, so that the schema also runs where counters are slow.
"""

from typing import ClassVar

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

from changelog.store.schema.application_tables import Application, UnreadApplication
from changelog.store.schema.columns import (
    BODY,
    CLUSTERED,
    OPAQUE,
    WHERE,
    micros,
    number_key,
    opaque_key,
    search_indexes,
)
from changelog.store.schema.upkeep_tables import Alert, Pruned, Pruning, Rebuild, WatchState


class Journal(SQLModel, table=True):
    """One row a write transaction, never changed: see ``journal/entry.py``.

    `facts`: the rows that it added, but for the looks; deflated. `looks_digest`: over its looks as
    they were written, whatever ``prune`` has left of them; empty where it had none.
    """

    n: int = number_key()
    at: int = Field(sa_column=micros())
    previous: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    facts: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    looks_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class JournalLooks(SQLModel, table=True):
    """The looks of an entry that has any: snapshots that are unchanged or unreadable; deflated.

    The only part of the journal that ``prune`` rewrites.
    """

    __tablename__ = "journal_looks"
    n: int = number_key(foreign_key="journal.n")
    looks: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Capture(SQLModel, table=True):
    """One run that fetched.

    `reads_from`: no snapshot of it was received before that moment; null where it is its start.
    """

    id: int = number_key()
    command: str
    started_at: int = Field(sa_column=micros())
    reads_from: int | None = Field(default=None, sa_column=micros(null=True))
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

    `every`: all of the log; `names`: as given, a JSON list, deflated.
    """

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    every: int
    names: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    entry: int


class CaptureEnd(SQLModel, table=True):
    """That a capture ended by itself. `remarks`: a JSON list of what it has to remark. `unread`:
    how many DIDs were left unasked. Both are null for none. Gone on with, it ends again.
    """

    __tablename__ = "capture_end"
    __table_args__: ClassVar = (CLUSTERED,)
    capture: int = Field(primary_key=True, foreign_key="capture.id")
    finished_at: int = Field(sa_column=micros(key=True))
    remarks: str | None = Field(default=None, sa_column=Column(Text))
    unread: int | None = None
    entry: int


class Did(SQLModel, table=True):
    """Each DID with at least one revision."""

    __table_args__: ClassVar = (CLUSTERED,)
    did: str = opaque_key()
    entry: int


class DidNumber(SQLModel, table=True):
    """Each number that a DID has been seen with."""

    __tablename__ = "did_number"
    __table_args__: ClassVar = (CLUSTERED,)
    number: str = opaque_key()
    did: str = Field(primary_key=True, foreign_key="did.did", sa_type=OPAQUE)
    entry: int


class Revision(SQLModel, table=True):
    """A run of equal snapshots. `routing`: the first revision of the DID with an equal routing.

    `body` is verbatim, secrets redacted. Only a routing's later revisions need an index to be
    found.
    """

    __table_args__: ClassVar = (
        Index("revision_routing", "did", "routing", "revision", info={WHERE: "routing < revision"}),
        Index("revision_first_seen", "first_seen_at"),
        *search_indexes(),
        CLUSTERED,
    )
    did: str = Field(primary_key=True, foreign_key="did.did", sa_type=OPAQUE)
    revision: int = number_key()
    routing: int
    number: str | None = None
    application_id: str | None = None
    route_mode: str | None = None
    destination: str | None = Field(default=None, sa_column=Column(Text))
    destination_source: str | None = None
    status: str | None = None
    first_seen_at: int = Field(sa_column=micros())
    capture: int = Field(foreign_key="capture.id")
    body: str = Field(sa_column=Column(BODY, nullable=False))
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
    known. `key` is None where it is the capture's. `hidden` is 1 on a 404 from the key that read
    the DID last.
    """

    __table_args__: ClassVar = (
        Index("snapshot_problem", "did", "received_at", info={WHERE: "problem IS NOT NULL"}),
        CLUSTERED,
    )
    did: str = opaque_key()
    received_at: int = Field(sa_column=micros(key=True))
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
        CLUSTERED,
    )
    did: str = opaque_key()
    at: int = Field(sa_column=micros(key=True))
    revision: int
    author: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    entry: int


class CaptureNote(SQLModel, table=True):
    """Free text on a capture that had been made; it speaks for every revision that it read."""

    __tablename__ = "capture_note"
    __table_args__: ClassVar = (CLUSTERED,)
    capture: int = Field(primary_key=True, foreign_key="capture.id")
    at: int = Field(sa_column=micros(key=True))
    author: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    entry: int


class Verdict(SQLModel, table=True):
    """An operator's judgement: good, bad; retired, returned."""

    __table_args__: ClassVar = (
        ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"]),
        CLUSTERED,
    )
    did: str = opaque_key()
    at: int = Field(sa_column=micros(key=True))
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
        CLUSTERED,
    )
    did: str = opaque_key()
    revision: int = number_key()
    returned: int = number_key()
    routing: int
    at: int = Field(sa_column=micros())
    capture: int = Field(foreign_key="capture.id")
    entry: int


class Evidence(SQLModel, table=True):
    """A test call's webhook: `call` with `event` is its identity. `at`: the call's own time."""

    __table_args__: ClassVar = (
        ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"]),
        Index("evidence_did", "did", "at"),
    )
    call: str = opaque_key()
    event: str = opaque_key()
    did: str = Field(sa_type=OPAQUE)
    at: int = Field(sa_column=micros())
    revision: int
    routing: int
    result: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    author: str
    entry: int


class Tag(SQLModel, table=True):
    """A name, given once, for a capture or for a moment."""

    name: str = opaque_key()
    at: int = Field(sa_column=micros())
    capture: int | None = Field(default=None, foreign_key="capture.id")
    author: str
    created_at: int = Field(sa_column=micros())
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
CAPTURE_NOTE = _table(CaptureNote)
VERDICT = _table(Verdict)
CONFIRMATION = _table(Confirmation)
EVIDENCE = _table(Evidence)
TAG = _table(Tag)
APPLICATION = _table(Application)
UNREAD_APPLICATION = _table(UnreadApplication)
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
    CAPTURE_NOTE,
    VERDICT,
    CONFIRMATION,
    EVIDENCE,
    TAG,
    APPLICATION,
    UNREAD_APPLICATION,
    ALERT,
    PRUNING,
    PRUNED,
    REBUILD,
)
"""All but the journal and `WATCH_STATE`, in the order in which an entry has their rows: what is
referred to first."""
