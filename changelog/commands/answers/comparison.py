"""How two revisions are compared for ``diff``: what is left out, and what is known of either."""

from dataclasses import dataclass

from changelog.commands.did_lookup import Subject
from changelog.model.diff import Change, diff_revisions
from changelog.model.exits import DidError
from changelog.model.history import History, Revision, RevisionAt
from changelog.model.ports import Log
from changelog.model.restore_rule import previous_routing
from changelog.model.results.diff import DiffedDid
from changelog.model.routing import EVERYWHERE, Where
from changelog.model.selectors import Selector, Tagged, resolve
from changelog.model.text.json_body import ALWAYS_VOLATILE


@dataclass(frozen=True, slots=True)
class Comparison:
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
    log: Log, subject: Subject, start: Selector | None, end: Selector, wanted: Comparison
) -> DiffedDid:
    """Compare one DID. Raises NothingError where a selector means no revision of it."""
    history = log.history(subject.did)
    after = resolve(end, history, log)
    if start is None:
        before = default_start(history, after.revision)
        if before is None:
            return first_revision(after.revision, subject.requested)
        not_read: tuple[str, ...] = ("to",) if after.not_read else ()
    else:
        chosen = resolve(start, history, log)
        before = chosen.revision
        sides = (("from", chosen.not_read), ("to", after.not_read))
        not_read = tuple(side for side, missed in sides if missed)
    selectors = {"from": start, "to": end}
    tried = [_why_not_read(log, history.did, selectors[side]) for side in not_read]
    return compared(
        subject.requested,
        before,
        after.revision,
        wanted,
        not_read=not_read,
        error=next((error for error in reversed(tried) if error), None),
    )


def _why_not_read(log: Log, did: str, selector: Selector | None) -> DidError | None:
    """Why the capture of that tag could not read the DID; None if it did not try."""
    tag = log.tag(selector.name) if isinstance(selector, Tagged) else None
    if tag is None or tag.capture is None:
        return None
    return log.unread_by(tag.capture, did).get(did)


def default_start(history: History, end: Revision) -> Revision | None:
    """Where a diff begins unless told: the previous routing, else the revision before."""
    return previous_routing(history, end) or history.revision(end.revision - 1)


def compared(
    requested: str | None,
    before: RevisionAt | None,
    after: RevisionAt | None,
    wanted: Comparison,
    *,
    not_read: tuple[str, ...] = (),
    error: DidError | None = None,
) -> DiffedDid:
    """One DID on both sides; None where it was not known on that side."""
    known = after or before
    return DiffedDid(
        did=known.did if known else requested or "",
        number=known.number if known else None,
        requested=requested,
        from_revision=before.revision if before else None,
        to_revision=after.revision if after else None,
        changes=changes_between(before, after, wanted) if before and after else (),
        not_read=not_read,
        error=error,
    )


def changes_between(
    before: RevisionAt, after: RevisionAt, wanted: Comparison
) -> tuple[Change, ...]:
    """What changed from one to the other: of one DID, or of two that a number named in turn."""
    changes = diff_revisions(before, after, wanted.ignored, show_derived=wanted.show_derived)
    return tuple(
        change
        for change in changes
        if (change.routing or not wanted.routing) and wanted.field in (None, change.field)
    )


def first_revision(revision: RevisionAt, requested: str) -> DiffedDid:
    """A DID of which nothing is known before its first revision."""
    return DiffedDid(
        did=revision.did,
        number=revision.number,
        requested=requested,
        to_revision=revision.revision,
        first_revision=True,
    )
