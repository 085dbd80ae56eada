"""Whether the rows of a log refer to one another as they should: questions of whole tables."""

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, and_, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from changelog.model.log_format.proof import LONGEST_KEY
from changelog.model.results.check import Broken
from changelog.store.journal.ledger import SHAPES, Shape
from changelog.store.journal.proving import broken
from changelog.store.journal.source import Source
from changelog.store.transaction import (
    CAPTURE,
    CONFIRMATION,
    DID_NUMBER,
    EVIDENCE,
    PROBLEM,
    PRUNING,
    REVISION,
    SELECTION,
    SNAPSHOT,
    THINNED,
    VERDICT,
)

_SHAPES = {shape.name: shape for shape in SHAPES}
_BY_DIDS = {("snapshot", "capture")}
"""References that are proven with each DID: a question of their own would cost too much."""


def broken_relations(source: Source, limit: int) -> Iterator[Broken]:
    """Each row whose reference leads nowhere, or that another one contradicts."""
    for shape, condition, reason in _questions():
        found = source.all(select(shape.table).where(condition).limit(limit))
        yield from (broken(shape, row, reason) for row in found)


def _questions() -> Iterator[tuple[Shape, ColumnElement[bool], str]]:
    for shape in SHAPES:
        for constraint in shape.table.foreign_key_constraints:
            names = [column.name for column in constraint.columns]
            if (shape.name, names[0]) not in _BY_DIDS:
                to = constraint.referred_table.name
                yield shape, _leads_nowhere(constraint), f"the {to} that it names is not in the log"
    yield from _unseen_by_the_database()
    for said in (VERDICT, EVIDENCE, CONFIRMATION):
        meant = and_(REVISION.c.did == said.c.did, REVISION.c.revision == said.c.revision)
        another = exists().where(meant, REVISION.c.routing != said.c.routing)
        yield _SHAPES[said.name], another, "its routing is not that of its revision"


def _leads_nowhere(constraint: ForeignKeyConstraint) -> ColumnElement[bool]:
    pairs = [(element.parent, element.column) for element in constraint.elements]
    named = and_(*(ours.is_not(None) for ours, _ in pairs))
    return and_(named, ~exists().where(*(theirs == ours for ours, theirs in pairs)))


def _unseen_by_the_database() -> Iterator[tuple[Shape, ColumnElement[bool], str]]:
    """What no foreign key says."""
    problem = exists().where(PROBLEM.c.digest == SNAPSHOT.c.problem)
    yield (
        _SHAPES["snapshot"],
        and_(SNAPSHOT.c.problem.is_not(None), ~problem),
        "the problem that it met is not in the log",
    )
    selection = exists().where(SELECTION.c.digest == CAPTURE.c.selection)
    yield (
        _SHAPES["capture"],
        and_(CAPTURE.c.selection.is_not(None), ~selection),
        "the selection that it was told is not in the log",
    )
    its_number = exists().where(
        DID_NUMBER.c.number == REVISION.c.number, DID_NUMBER.c.did == REVISION.c.did
    )
    short = func.length(REVISION.c.number) <= LONGEST_KEY
    yield (
        _SHAPES["revision"],
        and_(REVISION.c.number.is_not(None), short, ~its_number),
        "its number cannot be looked up: the row of did_number is gone",
    )
    seen = exists().where(
        REVISION.c.did == DID_NUMBER.c.did, REVISION.c.number == DID_NUMBER.c.number
    )
    yield _SHAPES["did_number"], ~seen, "no revision of the DID has that number"
    returned = exists().where(
        REVISION.c.did == CONFIRMATION.c.did, REVISION.c.revision == CONFIRMATION.c.returned
    )
    yield _SHAPES["confirmation"], ~returned, "the revision that returned is not in the log"
    removed = (
        select(func.coalesce(func.sum(THINNED.c.removed), 0))
        .where(THINNED.c.pruning == PRUNING.c.id)
        .scalar_subquery()
    )
    yield _SHAPES["pruning"], removed != PRUNING.c.removed, "it removed another number of snapshots"
    yield (
        _SHAPES["thinned"],
        or_(THINNED.c.journal >= THINNED.c.entry, THINNED.c.removed < 1),
        "no prune can have written it",
    )
