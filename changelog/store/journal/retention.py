"""Which snapshots stay whatever their age: all that any answer depends on.

A snapshot goes only if it is unchanged or unreadable. Beside the first and the last of a revision,
and those of captures with a note or a tag, this keeps what decides: whether a DID is visible, which
key had read it, how often in a row it could not be read, what a capture that can be gone on with
has asked for already, and who had a number when a test call came.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from changelog.store.capture.batch import LATE
from changelog.store.schema.tables import (
    CAPTURE,
    CAPTURE_END,
    CAPTURE_NOTE,
    DID_NUMBER,
    PROBLEM,
    REVISION,
    SNAPSHOT,
    TAG,
)

_LATER = SNAPSHOT.alias("later")
_NEXT = REVISION.alias("next_one")
_ITS_CAPTURE = CAPTURE.alias("its_capture")
_THEIR_CAPTURE = CAPTURE.alias("their_capture")
_LAST_TIME = 2**63 - 1
_FEW = 500
MOST_IN_A_ROW = 100
"""So many of the newest failures of a DID that cannot be read stay."""


def stays() -> ColumnElement[bool]:
    """Whether a row of ``snapshot`` stays whatever its capture. Steps into primary keys alone.

    Never null: what is neither true nor false would stay too, and nobody would see why.
    """
    return or_(
        ~exists().where(_is_later()),
        and_(SNAPSHOT.c.revision.is_not(None), _stays_readable()),
        and_(SNAPSHOT.c.revision.is_(None), _stays_unreadable()),
    )


def _is_later() -> ColumnElement[bool]:
    return and_(_LATER.c.did == SNAPSHOT.c.did, _LATER.c.received_at > SNAPSHOT.c.received_at)


def _stays_readable() -> ColumnElement[bool]:
    first = exists().where(
        REVISION.c.did == SNAPSHOT.c.did,
        REVISION.c.revision == SNAPSHOT.c.revision,
        REVISION.c.first_seen_at == SNAPSHOT.c.received_at,
    )
    end = (
        select(_NEXT.c.first_seen_at)
        .where(_NEXT.c.did == SNAPSHOT.c.did, _NEXT.c.revision == SNAPSHOT.c.revision + 1)
        .correlate(SNAPSHOT)
        .scalar_subquery()
    )
    followed = exists().where(
        _is_later(),
        _LATER.c.received_at < func.coalesce(end, _LAST_TIME),
        _LATER.c.revision == SNAPSHOT.c.revision,
    )
    return or_(first, ~followed, ~_read_again_with_its_key(), _shares_a_number())


def _read_again_with_its_key() -> ColumnElement[bool]:
    """A 404 says that a DID is gone only if its key had read the DID, at the same address."""
    same_key = func.coalesce(_LATER.c.key, _THEIR_CAPTURE.c.key, "") == func.coalesce(
        SNAPSHOT.c.key, _ITS_CAPTURE.c.key, ""
    )
    same_address = func.coalesce(_THEIR_CAPTURE.c.api_url, "") == func.coalesce(
        _ITS_CAPTURE.c.api_url, ""
    )
    return exists().where(
        _is_later(),
        _LATER.c.revision.is_not(None),
        _ITS_CAPTURE.c.id == SNAPSHOT.c.capture,
        _THEIR_CAPTURE.c.id == _LATER.c.capture,
        same_key,
        same_address,
    )


def _shares_a_number() -> ColumnElement[bool]:
    """Of several DIDs the one seen last had a number at some moment."""
    return exists().where(
        REVISION.c.did == SNAPSHOT.c.did,
        DID_NUMBER.c.number == REVISION.c.number,
        DID_NUMBER.c.did != REVISION.c.did,
    )


def _stays_unreadable() -> ColumnElement[bool]:
    late = exists().where(
        PROBLEM.c.digest == SNAPSHOT.c.problem, PROBLEM.c.code == LATE, PROBLEM.c.status.is_(None)
    )
    hides = and_(
        func.coalesce(SNAPSHOT.c.hidden, 0) == 1,
        ~exists().where(_is_later(), or_(_LATER.c.hidden == 1, _LATER.c.revision.is_not(None))),
    )
    # The newest, answers that came late aside.
    their_problem = PROBLEM.alias("their_problem")
    not_late = ~exists().where(
        their_problem.c.digest == _LATER.c.problem,
        their_problem.c.code == LATE,
        their_problem.c.status.is_(None),
    )
    newer = (
        select(_LATER.c.revision)
        .where(_is_later(), not_late)
        .order_by(_LATER.c.received_at)
        .limit(MOST_IN_A_ROW)
        .correlate(SNAPSHOT)
    )
    counted, readable = newer.subquery("counted"), newer.subquery("readable")
    count = select(func.count()).select_from(counted).correlate(SNAPSHOT).scalar_subquery()
    in_a_row = and_(
        count < MOST_IN_A_ROW,
        ~select(readable.c.revision)
        .where(readable.c.revision.is_not(None))
        .correlate(SNAPSHOT)
        .exists(),
    )
    return or_(late, hides, in_a_row)


def kept_captures(
    ask: Callable[[Select[Any]], Iterable[Any]], captures: Collection[int]
) -> set[int]:
    """Those of `captures` whose snapshots all stay: with a note or a tag, or to be gone on with."""
    numbers = sorted(captures)
    kept: set[int] = set()
    for start in range(0, len(numbers), _FEW):
        query = select(CAPTURE.c.id).where(
            CAPTURE.c.id.in_(numbers[start : start + _FEW]),
            or_(
                CAPTURE.c.note.is_not(None),
                exists().where(CAPTURE_NOTE.c.capture == CAPTURE.c.id),
                exists().where(TAG.c.capture == CAPTURE.c.id),
                _can_be_gone_on_with(),
            ),
        )
        kept.update(row[0] for row in ask(query))
    return kept


def _can_be_gone_on_with() -> ColumnElement[bool]:
    """As the query for ``--resume`` has it."""
    following = CAPTURE.alias("following")
    return and_(
        CAPTURE.c.command == "record",
        CAPTURE.c.selection.is_not(None),
        ~_is_whole(CAPTURE.c.id),
        ~exists().where(
            following.c.id > CAPTURE.c.id,
            following.c.command == "record",
            following.c.selection == CAPTURE.c.selection,
            _is_whole(following.c.id),
        ),
    )


def _is_whole(capture: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether its newest end left nothing unread."""
    end, newer = CAPTURE_END.alias("its_end"), CAPTURE_END.alias("newer_end")
    newest = (
        select(func.max(newer.c.finished_at)).where(newer.c.capture == capture).scalar_subquery()
    )
    return exists().where(
        end.c.capture == capture, end.c.finished_at == newest, end.c.unread.is_(None)
    )
