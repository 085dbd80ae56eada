"""Routing: what decides where a call goes, when two are equal, and the number that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from changelog.model.text.json_body import Fields

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
    def in_words(self) -> str:
        """The two that the DID itself shows: "app_a webhook"."""
        return f"{self.application_id or 'no application'} {self.route_mode or 'no mode'}"

    @property
    def may_have_destination(self) -> bool:
        """Whether a call goes on to somewhere that the two fields do not show."""
        without = (None, WEBHOOK)
        return self.route_mode != REJECT and bool(
            self.application_id or self.route_mode not in without
        )

    def is_of_any(self, applications: Collection[str]) -> bool:
        """Return whether one of the `applications` says where a call goes on; "" stands for all."""
        has_one = self.route_mode == WEBHOOK and self.application_id is not None
        return has_one and ("" in applications or self.application_id in applications)

    @property
    def destination_name(self) -> str:
        """What the destination is called, to people."""
        return "answer_url" if self.route_mode == WEBHOOK else "destination"

    @property
    def lacks_destination(self) -> bool:
        """Whether a call goes on to somewhere that nobody read or stated."""
        return self.destination is None and self.may_have_destination

    def carried_from(self, latest: Routing | None) -> Routing:
        """Return this routing with the destination last known, where the other two stayed.

        So a capture that could not read the applications forgets no destination.
        """
        if self.destination is None and latest is not None and latest.fields == self.fields:
            return latest
        return self


def fields_of(body: Fields, routing: Routing) -> dict[str, Any]:
    """Return a body's fields with the routing's beside them, "" and null being one value there."""
    fields = dict(body)
    if "destination" in fields:
        fields["body.destination"] = fields.pop("destination")
    for name in ("application_id", "route_mode"):
        fields[name] = fields.get(name) or None
    return {**fields, "destination": routing.destination}


class KnownRouting(NamedTuple):
    """A routing as it is known today. `known_from`: when its destination became known, where that
    was only after it was seen; None where it was known then, or is not known."""

    routing: Routing
    known_from: datetime | None


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
        pairs = zip(self, values, strict=True)
        return all(wanted in (None, value or "") for wanted, value in pairs)


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


def without_url_remark(application_id: str) -> str:
    """Return what a capture remarks of an application that does not say where it answers."""
    return f"application {application_id} is listed without an answer_url"
