"""Which rows of a scratch file refer to what is not there, or contradict what is."""

from collections.abc import Iterator
from typing import NamedTuple

from changelog.model.did_ref import LONGEST_ID
from changelog.store.rows import SHAPES

_LIMIT = 101


class Reference(NamedTuple):
    """`query` finds the rows of `table`, with their entry, of which `reason` is true."""

    table: str
    reason: str
    query: str


def _foreign_keys() -> Iterator[Reference]:
    for shape in SHAPES.values():
        for constraint in shape.table.foreign_key_constraints:
            target = constraint.referred_table.name
            if target in SHAPES:
                pairs = [(own.parent.name, own.column.name) for own in constraint.elements]
                yield _leads_nowhere(shape.name, target, pairs)


def _leads_nowhere(table: str, target: str, pairs: list[tuple[str, str]]) -> Reference:
    same = " AND ".join(f't."{theirs}" = x."{own}"' for own, theirs in pairs)
    return Reference(
        table,
        f"the {target} that it names is not in the log",
        f'SELECT x.* FROM "{table}" x WHERE x."{pairs[0][0]}" IS NOT NULL'
        f' AND NOT EXISTS (SELECT 1 FROM "{target}" t WHERE {same}) LIMIT {_LIMIT}',
    )


def _of_the_revision(table: str) -> Reference:
    return Reference(
        table,
        "its routing is not that of its revision",
        f'SELECT x.* FROM "{table}" x JOIN revision r'
        f" ON r.did = x.did AND r.revision = x.revision"
        f" WHERE r.routing <> x.routing LIMIT {_LIMIT}",
    )


REFERENCES = (
    *_foreign_keys(),
    # What no foreign key says.
    _leads_nowhere("snapshot", "problem", [("problem", "digest")]),
    _leads_nowhere("capture", "selection", [("selection", "digest")]),
    _leads_nowhere("confirmation", "revision", [("did", "did"), ("returned", "revision")]),
    *map(_of_the_revision, ("verdict", "evidence", "confirmation")),
    Reference(
        "snapshot",
        "the revision that it names is not in the log",
        "SELECT x.* FROM snapshot x LEFT JOIN last_revision l ON l.did = x.did"
        f" WHERE x.revision > coalesce(l.revision, 0) OR x.revision < 1 LIMIT {_LIMIT}",
    ),
    Reference(
        "revision",
        "its number cannot be looked up: the row of did_number is missing",
        "SELECT x.* FROM revision x WHERE x.number IS NOT NULL"
        f" AND length(x.number) <= {LONGEST_ID} AND NOT EXISTS (SELECT 1 FROM did_number n"
        f" WHERE n.number = x.number AND n.did = x.did) LIMIT {_LIMIT}",
    ),
    Reference(
        "revision",
        "its destination was never fetched of its application",
        "SELECT x.* FROM revision x WHERE x.destination_source = 'fetched'"
        f" AND length(x.application_id) <= {LONGEST_ID} AND NOT EXISTS (SELECT 1 FROM application a"
        f" WHERE a.application_id = x.application_id AND a.answer_url = x.destination)"
        f" LIMIT {_LIMIT}",
    ),
    Reference(
        "revision",
        "its destination is neither in its body nor that of the revision before it",
        "SELECT x.* FROM carried c JOIN revision x ON x.did = c.did AND x.revision = c.revision"
        " WHERE NOT EXISTS (SELECT 1 FROM revision b WHERE b.did = c.did"
        " AND b.revision = c.revision - 1 AND b.destination = x.destination"
        " AND b.application_id IS x.application_id AND b.route_mode IS x.route_mode"
        f" AND b.destination_source = 'body') LIMIT {_LIMIT}",
    ),
    Reference(
        "did_number",
        "no revision of the DID has that number",
        "SELECT x.* FROM did_number x WHERE NOT EXISTS (SELECT 1 FROM revision r"
        f" WHERE r.did = x.did AND r.number = x.number) LIMIT {_LIMIT}",
    ),
    Reference(
        "did",
        "it has no revision",
        "SELECT x.* FROM did x WHERE NOT EXISTS (SELECT 1 FROM last_revision l"
        f" WHERE l.did = x.did) LIMIT {_LIMIT}",
    ),
    Reference(
        "pruned",
        "no prune can have written it",
        f"SELECT x.* FROM pruned x WHERE x.journal >= x.entry OR x.removed < 1 LIMIT {_LIMIT}",
    ),
    Reference(
        "pruning",
        "it removed another number of snapshots",
        "SELECT x.* FROM pruning x WHERE x.removed <> (SELECT coalesce(sum(p.removed), 0)"
        f" FROM pruned p WHERE p.pruning = x.id) LIMIT {_LIMIT}",
    ),
)
