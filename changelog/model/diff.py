"""What changed between two states of a DID."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from changelog.model.routing import ROUTING_FIELDS, fields_of
from changelog.model.text.json_body import ALWAYS_VOLATILE, Fields, canonical_json, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from changelog.model.history import History, Revision, RevisionAt
    from changelog.model.routing import Routing

_FIRST = (*ROUTING_FIELDS, "status", "number_e164")
_BETWEEN = 15
"""Revisions before the last one that are looked at for what went back: read together with it."""


class Change(NamedTuple):
    """One field that differs. `routing`: the call goes elsewhere because of it."""

    field: str
    before: Any
    after: Any
    routing: bool = False

    @property
    def is_learned(self) -> bool:
        """Return whether the log did not know the destination before, and nobody moved it."""
        unknown_before = self.before is None and self.after is not None
        return self.field == "destination" and unknown_before and not self.routing


def has_only_learned(changes: Sequence[Change]) -> bool:
    """Return whether of what changed, all is a destination that was learned: nobody moved it."""
    return bool(changes) and all(change.is_learned for change in changes)


class Group(NamedTuple):
    """Equal changes over several DIDs."""

    changes: tuple[Change, ...]
    dids: tuple[str, ...]


def fields_to_compare(
    before: str | None, old: Routing, after: str | None, new: Routing
) -> tuple[Fields, Fields]:
    """Return the fields of two bodies and their routings; the routings alone if a body is broken.

    What cannot be read has not changed.
    """
    if before is None or after is None:
        return old._asdict(), new._asdict()
    return fields_of(parse_json(before), old), fields_of(parse_json(after), new)


def diff_fields(before: Fields, after: Fields) -> tuple[Change, ...]:
    """Return the fields that differ, the routing first; null and absent are one value."""
    names = sorted({*before, *after}, key=_order)
    return tuple(
        Change(name, before.get(name), after.get(name), routing=name in ROUTING_FIELDS)
        for name in names
        if not _equal(before.get(name), after.get(name))
    )


def _equal(before: Any, after: Any) -> bool:
    # 1 and True, 1 and 1.0 are equal in Python and different in JSON.
    return before is after or (before == after and canonical_json(before) == canonical_json(after))


def _order(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def diff_states(
    before: Fields,
    after: Fields,
    *,
    moved: bool,
    derived: bool,
    ignored: frozenset[str] = ALWAYS_VOLATILE,
) -> tuple[Change, ...]:
    """Return what changed from one state of a DID to another, volatile fields left out.

    `moved`: the routings are not equal. A destination that was merely learned is a change of the
    field and none of the routing, and one that was not read is none at all. `derived`: both
    destinations are the applications' own; then one that differs because the application or the
    mode does is no change of its own.
    """
    changes = diff_fields(before, after)
    implied = derived and any(
        change.field in ("application_id", "route_mode") for change in changes
    )
    return tuple(
        change._replace(routing=change.routing and moved)
        for change in changes
        if change.field not in ignored
        and (change.field != "destination" or not (implied or _is_unread(change, moved=moved)))
    )


def _is_unread(destination: Change, *, moved: bool) -> bool:
    """Return whether the same routing was merely seen without its destination."""
    return destination.after is None and not moved


def is_derived(*sources: str | None) -> bool:
    """Return whether destinations with these sources follow from the application and the mode."""
    return all(source in (None, "fetched") for source in sources)


def diff_revisions(
    before: RevisionAt,
    after: RevisionAt,
    ignored: frozenset[str] = ALWAYS_VOLATILE,
    *,
    show_derived: bool = False,
) -> tuple[Change, ...]:
    """Return what changed from one revision to another; of a broken body, its routing alone.

    The two may be of different DIDs that a number named in turn. `show_derived`: a destination that
    follows from the application is a change of its own all the same.
    """
    same_did = before.did == after.did
    if same_did and before.revision == after.revision:
        return ()
    moved = not same_did or before.routing_number != after.routing_number
    # Of one routing it is told when its destination was learned; of two, what each is known to be.
    old, new = (side.routing if moved else side.recorded_routing for side in (before, after))
    return diff_states(
        *fields_to_compare(before.whole_body, old, after.whole_body, new),
        moved=moved,
        derived=not show_derived
        and is_derived(before.destination_source, after.destination_source),
        ignored=ignored,
    )


def group_changes(changes: Mapping[str, tuple[Change, ...]]) -> tuple[Group, ...]:
    """Group DIDs by what changed on them, the largest group first; leave unchanged ones out."""
    groups: dict[str, tuple[tuple[Change, ...], list[str]]] = {}
    for did, made in changes.items():
        if made:
            key = canonical_json([list(change) for change in made])
            groups.setdefault(key, (made, []))[1].append(did)
    ordered = [Group(made, tuple(sorted(dids))) for made, dids in groups.values()]
    return tuple(sorted(ordered, key=lambda group: (-len(group.dids), group.dids)))


def changes_within(
    history: History, start: Revision, end: Revision, ignored: frozenset[str]
) -> tuple[Change, ...]:
    """Return what changed from one revision to a later one of the same routing.

    A field that is as it was has two changes: to what it was last in between, and back.
    """
    changes = diff_revisions(start, end, ignored)
    back: dict[str, Change] = {}
    first = max(start.revision, end.revision - 1 - _BETWEEN)
    for between in reversed(history.revisions[first : end.revision - 1]):
        for change in diff_revisions(between, end, ignored):
            back.setdefault(change.field, change)
    for change in changes:
        back.pop(change.field, None)
    there_and_back = (
        (change._replace(before=change.after, after=change.before), change)
        for change in back.values()
    )
    return (*changes, *chain.from_iterable(there_and_back))


def newest_change(history: History, revision: Revision) -> Revision:
    """Return the revision, or the one before it while it only learned a destination."""
    start = history.stay_start(revision).revision
    while revision.revision > start:
        before = history.revisions[revision.revision - 2]
        if any(not change.is_learned for change in diff_revisions(before, revision)):
            break
        revision = before
    return revision
