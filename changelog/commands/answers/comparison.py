"""How two revisions of one DID are compared for ``diff``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from changelog.model.diff import Change, diff_revisions
from changelog.model.history import History, RevisionAt
from changelog.model.ports import Log
from changelog.model.restore_rule import previous_routing
from changelog.model.results.base import DidError
from changelog.model.results.diff import DiffedDid
from changelog.model.routing import EVERYWHERE, Where
from changelog.model.selectors import Selected, Selector, Tagged, resolve
from changelog.model.text.json_body import ALWAYS_VOLATILE


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What to compare, and how: the options of ``diff``. `start` None: the previous routing.

    `most`: of a fleet, that many DIDs are compared, and more of them refused; None for any number.
    """

    start: str | None = None
    end: str | None = None
    field: str | None = None
    routing: bool = False
    all_fields: bool = False
    volatile: frozenset[str] = frozenset()
    fail_if_different: bool = False
    where: Where = EVERYWHERE
    most: int | None = None

    @property
    def ignored(self) -> frozenset[str]:
        """Fields whose changes are left out; never one that was asked for by its name."""
        volatile = ALWAYS_VOLATILE | self.volatile
        return frozenset() if self.all_fields else volatile - {self.field or ""}

    @property
    def show_derived(self) -> bool:
        """Whether a destination that follows from the application is a change of its own."""
        return self.all_fields or self.field == "destination"


def diff_one(
    log: Log,
    requested: str,
    history: History,
    start: Selector | None,
    end: Selector,
    wanted: DiffOptions,
) -> DiffedDid:
    """Compare one DID; without a `start` from the previous routing, else the revision before.

    Raises NothingError where a selector means no revision of it.
    """
    after = resolve(end, history, log)
    sides = {"to": (end, after)}
    if start is None:
        before = previous_routing(history, after.revision)
        before = before or history.revision(after.revision.revision - 1)
        if before is None:
            return first_revision(after.revision, requested)
    else:
        chosen = resolve(start, history, log)
        before = chosen.revision
        sides = {"from": (start, chosen), **sides}
    not_read, error = unread_sides(log, history.did, sides)
    diffed = compared(requested, before, after.revision, wanted, not_read=not_read, error=error)
    return replace(diffed, returned=has_returned(history, diffed))


def has_returned(history: History, did: DiffedDid) -> bool:
    """Return whether the routing is the same on both sides, and was another one in between."""
    ends = sorted((did.from_revision or 0, did.to_revision or 0))
    numbers = [each.routing_number for each in history.revisions[ends[0] - 1 : ends[1]]]
    return not did.error and ends[0] > 0 and numbers[0] == numbers[-1] and len({*numbers}) > 1


def unread_sides(
    log: Log, did: str, sides: Mapping[str, tuple[Selector, Selected]]
) -> tuple[tuple[str, ...], DidError | None]:
    """Return the `sides` whose capture had not read the DID, and why the last of them could not."""
    missed = {
        side: selector
        for side, (selector, selected) in sides.items()
        if selected.seen_then.not_read
    }
    errors = [_why_not_read(log, did, selector) for selector in missed.values()]
    return tuple(missed), next((error for error in reversed(errors) if error), None)


def _why_not_read(log: Log, did: str, selector: Selector) -> DidError | None:
    """Return why the capture of that tag could not read the DID; None if it did not try."""
    tag = log.tag(selector.name) if isinstance(selector, Tagged) else None
    if tag is None or tag.capture is None:
        return None
    return log.unread_by(tag.capture, did).get(did)


def compared(
    requested: str | None,
    before: RevisionAt | None,
    after: RevisionAt | None,
    wanted: DiffOptions,
    *,
    not_read: tuple[str, ...] = (),
    error: DidError | None = None,
) -> DiffedDid:
    """Return one DID on both sides; None where it was not known on that side."""
    known = after or before
    is_comparable = not is_undecided(not_read, error)
    changes = changes_of(before, after, wanted) if before and after and is_comparable else ()
    # A destination that was merely learned says so itself.
    moved = any(change.field == "destination" and change.routing for change in changes)
    return DiffedDid(
        did=known.did if known else requested or "",
        number=known.number if known else None,
        requested=requested,
        from_revision=before.revision if before else None,
        to_revision=after.revision if after else None,
        changes=changes,
        not_read=not_read,
        error=error,
        from_destination_known_from=before.destination_known_from if before and moved else None,
        to_destination_known_from=after.destination_known_from if after and moved else None,
    )


def is_undecided(not_read: tuple[str, ...], error: DidError | None) -> bool:
    """Return whether nothing is known of what changed, whatever the two revisions are.

    What the start could not read may have been otherwise by then. What the end could not read, and
    another capture saw change before, did change.
    """
    return error is not None and "from" in not_read


def changes_of(before: RevisionAt, after: RevisionAt, wanted: DiffOptions) -> tuple[Change, ...]:
    changes = diff_revisions(before, after, wanted.ignored, show_derived=wanted.show_derived)
    return tuple(
        change
        for change in changes
        if (change.routing or not wanted.routing) and wanted.field in (None, change.field)
    )


def first_revision(revision: RevisionAt, requested: str) -> DiffedDid:
    """Return a DID of which nothing is known before its first revision."""
    return DiffedDid(
        did=revision.did,
        number=revision.number,
        requested=requested,
        to_revision=revision.revision,
        first_revision=True,
    )
