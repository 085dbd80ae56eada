"""How a revision stands in its DID's history: what ``log`` and ``show`` say of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from changelog.model.diff import diff_revisions
from changelog.model.restore_rule import standings
from changelog.model.text.json_body import ALWAYS_VOLATILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.diff import Change
    from changelog.model.history import (
        Confirmation,
        Evidence,
        History,
        Note,
        Revision,
        Verdict,
        Window,
    )
    from changelog.model.restore_rule import RoutingRecord


@dataclass(frozen=True)
class LogEntry:
    """A revision in the history of its DID. `ignored`: fields whose changes are not shown;
    `show_derived`: a destination that follows from the application is a change of its own."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "revision.did revision.number revision.revision routing=revision.routing_number",
        "revision.first_seen_at revision.last_seen_at revision.snapshots state restores changes",
        "*revision.routing revision.status revision.capture.recorded_by",
        "revision.capture.changed_by capture=revision.capture_number revision.capture.ticket",
        "tags verdict verdicts notes evidence confirmations",
        "window.not_before window.not_after window.api_updated_at",
    )

    revision: Revision
    history: History
    ignored: frozenset[str] = ALWAYS_VOLATILE
    show_derived: bool = False

    @cached_property
    def record(self) -> RoutingRecord:
        """What the log says of the routing that the revision has."""
        number = self.revision.routing_number
        return next(
            record for record in standings(self.history) if record.newest.routing_number == number
        )

    @property
    def verdict(self) -> Verdict | None:
        return self.record.verdict

    @cached_property
    def state(self) -> tuple[str, ...]:
        """All the words that hold of the revision."""
        record, history = self.record, self.history
        current = self.revision.revision == history.latest.revision
        words = {
            "current": current,
            "not_visible": current and not history.visible,
            "retired": current and history.retired,
            record.verdict.verdict if record.verdict else "": True,
            "rolled_back": record.rolled_back,
            "passed": record.call is not None and record.call.result == "pass",
            "failed": record.failed,
            "restores": self.restores is not None,
            "learned": self._is_learned,
        }
        return tuple(word for word, holds in words.items() if word and holds)

    @property
    def window(self) -> Window:
        """Between which two looks the revision came."""
        return self.history.window(self.revision)

    @cached_property
    def before(self) -> Revision | None:
        return self.history.revision(self.revision.revision - 1)

    @cached_property
    def restores(self) -> int | None:
        """The earlier revision whose routing the revision went back to, if it did."""
        number = self.revision.routing_number
        if self.before is None or self.before.routing_number == number:
            return None
        earlier = reversed(self.history.revisions[: self.before.revision])
        return next((old.revision for old in earlier if old.routing_number == number), None)

    @property
    def _is_learned(self) -> bool:
        return (
            self.before is not None
            and self.before.routing_number == self.revision.routing_number
            and self.before.routing.destination is None
            and self.revision.routing.destination is not None
        )

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the revision changed; nothing for the first one."""
        if self.before is None:
            return ()
        shown = self.show_derived
        return diff_revisions(self.before, self.revision, self.ignored, show_derived=shown)

    @property
    def tags(self) -> tuple[str, ...]:
        return self.history.tags.get(self.revision.revision, ())

    @property
    def notes(self) -> tuple[Note, ...]:
        number = self.revision.revision
        return tuple(note for note in self.history.notes if note.revision == number)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What was judged on the revision, oldest first; "retired" and "returned" too."""
        number = self.revision.revision
        return tuple(verdict for verdict in self.history.verdicts if verdict.revision == number)

    @property
    def confirmations(self) -> tuple[Confirmation, ...]:
        """The roll-backs to the revision that were confirmed."""
        number = self.revision.revision
        return tuple(
            confirmed for confirmed in self.history.confirmations if confirmed.revision == number
        )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        number = self.revision.revision
        return tuple(call for call in self.history.evidence if call.revision == number)

    @property
    def facts(self) -> tuple[Verdict | Evidence | Confirmation, ...]:
        """What was judged, heard and confirmed of the revision, oldest first."""
        every: list[Verdict | Evidence | Confirmation] = []
        every += self.verdicts
        every += self.evidence
        every += self.confirmations
        return tuple(sorted(every, key=lambda fact: fact.at))

    @property
    def texts(self) -> Iterator[str | None]:
        """What people wrote of the revision, who they are, and where it pointed."""
        capture = self.revision.capture
        yield from (self.revision.routing.destination, *self.tags)
        yield from (capture.recorded_by, capture.changed_by, capture.ticket)
        for note in self.notes:
            yield from (note.by, note.text)
        for verdict in self.verdicts:
            yield from (verdict.by, verdict.reason)
        for call in self.evidence:
            yield from (call.call, call.reason)
