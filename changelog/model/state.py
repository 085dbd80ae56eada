"""How a revision stands in its DID's history, in the words that ``log`` and ``show`` print."""

from changelog.model.history import History, Note, Revision
from changelog.model.restore_rule import RoutingRecord, standings

CURRENT = "current"
RESTORES = "restores"
LEARNED = "learned"
ROLLED_BACK = "rolled_back"
NOT_VISIBLE = "not_visible"
FAILED = "failed"
PASSED = "passed"
RETIRED = "retired"


def standing_of(revision: Revision, history: History) -> RoutingRecord:
    """What the log says of the routing that `revision` has."""
    return next(
        one for one in standings(history) if one.newest.routing_number == revision.routing_number
    )


def state_of(revision: Revision, history: History) -> tuple[str, ...]:
    """All the words that hold of `revision`."""
    standing = standing_of(revision, history)
    current = revision is history.latest or revision.revision == history.latest.revision
    words = {
        CURRENT: current,
        NOT_VISIBLE: current and not history.visible,
        RETIRED: current and history.retired,
        standing.verdict.verdict if standing.verdict else "": True,
        ROLLED_BACK: standing.rolled_back,
        PASSED: standing.call is not None and standing.call.result == "pass",
        FAILED: standing.failed,
        RESTORES: restores(revision, history) is not None,
        LEARNED: _learned(revision, history),
    }
    return tuple(word for word, holds in words.items() if word and holds)


def restores(revision: Revision, history: History) -> int | None:
    """The earlier revision whose routing `revision` went back to, if it did."""
    before = history.revision(revision.revision - 1)
    if before is None or before.routing_number == revision.routing_number:
        return None
    earlier = history.revisions[: before.revision]
    return next(
        (
            one.revision
            for one in reversed(earlier)
            if one.routing_number == revision.routing_number
        ),
        None,
    )


def _learned(revision: Revision, history: History) -> bool:
    before = history.revision(revision.revision - 1)
    return (
        before is not None
        and before.routing_number == revision.routing_number
        and before.routing.destination is None
        and revision.routing.destination is not None
    )


def notes_on(revision: Revision, history: History) -> tuple[Note, ...]:
    return tuple(note for note in history.notes if note.revision == revision.revision)
