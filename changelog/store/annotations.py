"""Rows of what people say: verdicts and tags, and the time at which they say it."""

from sqlalchemy import Connection, Table, func, select

from changelog.model import exits
from changelog.model.errors import UsageError
from changelog.model.history import Revision, VerdictKind
from changelog.store.tables import CONFIRMATION, TAG, VERDICT
from changelog.store.transaction import Row, Transaction


def just_after(transaction: Transaction, table: Table, did: str) -> int:
    """Now, or just after what was last said of the DID, should this machine's clock be behind."""
    newest = [
        transaction.connection.execute(
            select(func.max(said.c.at)).where(said.c.did == did)
        ).scalar()
        for said in {table, VERDICT, CONFIRMATION}
    ]
    return max([transaction.at, *(int(at) + 1 for at in newest if at is not None)])


def verdict_row(revision: Revision, at: int, verdict: VerdictKind, reason: str, author: str) -> Row:
    return {
        "did": revision.did,
        "at": at,
        "revision": revision.revision,
        "routing": revision.routing_number,
        "verdict": verdict,
        "reason": reason,
        "author": author,
    }


def tag_row(name: str, at: int, capture: int | None, author: str, now: int) -> Row:
    return {"name": name, "at": at, "capture": capture, "author": author, "created_at": now}


def require_free(connection: Connection, name: str) -> None:
    if connection.execute(select(TAG.c.name).where(TAG.c.name == name)).first():
        raise UsageError(
            f"the tag {name!r} is taken: a tag names one capture or moment, once",
            "Choose another name; nothing was fetched.",
            exits.TAG_TAKEN,
        )
