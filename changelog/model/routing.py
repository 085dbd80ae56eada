"""Routing: what decides where a call goes, when two are equal, and the number that says so."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from changelog.model.history import Confirmation, Evidence, History, Revision, Verdict
    from changelog.model.restore_rule import RoutingRecord

ROUTING_FIELDS = ("application_id", "route_mode", "destination")

WEBHOOK = "webhook"
"""The assigned application answers (seen)."""
REJECT = "reject"
"""Inbound calls are rejected, the number stays assigned (documented)."""


class Routing(NamedTuple):
    """Where a call goes. Absent, null and "" are one value, None, as an unknown destination is."""

    application_id: str | None
    route_mode: str | None
    destination: str | None = None

    @property
    def fields(self) -> tuple[str | None, str | None]:
        """The two that the DID itself shows."""
        return (self.application_id, self.route_mode)

    @property
    def reaches_nobody(self) -> bool:
        return self.route_mode == REJECT or not (self.application_id or self.destination)

    @property
    def may_have_destination(self) -> bool:
        """Whether a call goes on to somewhere that the two fields do not show."""
        without = (None, WEBHOOK)
        return self.route_mode != REJECT and bool(
            self.application_id or self.route_mode not in without
        )

    @property
    def lacks_destination(self) -> bool:
        """Whether a call goes on to somewhere that nobody read or stated."""
        return self.destination is None and self.may_have_destination

    def carried_from(self, latest: Routing | None) -> Routing:
        """This routing with the destination last known, where the other two stayed.

        So a capture that could not read the applications forgets no destination.
        """
        if self.destination is None and latest is not None and latest.fields == self.fields:
            return latest
        return self


class Where(NamedTuple):
    """Which DIDs of a fleet are meant, by where they point. None: any."""

    application: str | None = None
    route_mode: str | None = None
    status: str | None = None

    @property
    def everywhere(self) -> bool:
        return self == EVERYWHERE

    def holds(self, routing: Routing, status: str | None) -> bool:
        """Return whether a DID with this routing and status is meant."""
        values = (*routing.fields, status)
        return all(wanted in (None, value) for wanted, value in zip(self, values, strict=True))


EVERYWHERE = Where()


class Numbered(NamedTuple):
    """A routing that a revision had, with the number that all equal routings of the DID share."""

    routing: Routing
    number: int


class RoutingNumbers:
    """The numbers of a DID's routings, one revision after the other.

    A routing's number is that of the first revision with an equal routing. An unknown destination
    is taken for the newest routing with the same two fields. A known one that is not known from
    before is *learned* if that newest one has none and its number has no other; otherwise it is a
    routing of its own. So no number stands for two destinations: a verdict would move with it.
    """

    def __init__(self) -> None:
        self._newest: dict[tuple[str | None, str | None], Numbered] = {}
        self._known: dict[Routing, int] = {}
        self._settled: set[int] = set()

    def number(self, routing: Routing, revision: int) -> int:
        """Return the number of `routing` in a new `revision` after those that were added."""
        newest = self._newest.get(routing.fields)
        if newest is None:
            return revision
        if routing.destination is None:
            return newest.number
        if routing in self._known:
            return self._known[routing]
        return revision if newest.number in self._settled else newest.number

    def add(self, routing: Routing, number: int) -> None:
        self._newest[routing.fields] = Numbered(routing, number)
        if routing.destination is not None:
            self._known[routing] = number
            self._settled.add(number)


def routing_number(routing: Routing, earlier: Iterable[Numbered], revision: int) -> int:
    """Return the number of `routing` in a new `revision` after the `earlier` ones, oldest first."""
    numbers = RoutingNumbers()
    for numbered in earlier:
        numbers.add(*numbered)
    return numbers.number(routing, revision)


def gone_remark(application_id: str) -> str:
    """Return what a capture remarks of an application that is not listed any more."""
    return f"application {application_id} is not among those that /applications lists"


# A revision without its destination counts as the newest routing with the same two fields. That is
# right until somebody reads the destination, and answers say where it matters.


def newest_known(record: RoutingRecord) -> Revision:
    """Return the newest revision with that routing or, where its destination was not read, the
    newest one that has it."""
    if not record.newest.routing.lacks_destination:
        return record.newest
    newest_first = reversed(record.revisions)
    return next((known for known in newest_first if known.routing.destination), record.newest)


def learned_routing(history: History, revision: Revision) -> Routing:
    """Return the routing of `revision`, with the destination that the same stay learned later."""
    stay = takewhile(
        lambda later: later.routing_number == revision.routing_number,
        history.revisions[revision.revision - 1 :],
    )
    known = (later.routing for later in stay if later.routing.destination)
    return next(known, revision.routing)


def known_apart(record: RoutingRecord, said: Verdict | Evidence) -> Revision | None:
    """Return the revision that something `said` on another one is taken to be about too, where the
    destination of that other one was never read."""
    history, known = record.history, newest_known(record)
    given = history.revision(said.revision)
    if given is None or not given.routing.lacks_destination or known.routing.lacks_destination:
        return None
    # Within one stay it was learned: nobody moved it.
    return None if history.stay_start(known) is history.stay_start(given) else known


def unseen_returns(history: History) -> Iterator[tuple[Confirmation, Revision]]:
    """Yield each confirmed return whose destination was not read, with the revision after it that
    tells that it was another one, or became another."""
    for confirmation in history.confirmations:
        later = history.revisions[confirmation.returned :]
        number = confirmation.routing_number
        after = next((other for other in later if other.routing_number != number), None)
        if after is not None:
            last = history.revisions[after.revision - 2]
            if last.routing.lacks_destination and last.routing.fields == after.routing.fields:
                yield confirmation, after
