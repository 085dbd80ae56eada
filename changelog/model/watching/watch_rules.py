"""Which alerts a round of ``watch`` makes due, and which incidents they open and end.

A function of the watch's state and of an observation. An incident is open for DIDs that cannot be
read, for DIDs whose route reaches nobody or whose application is gone, or for an API that says
nothing. Its key is the same from the alert that opens it to the one that ends it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from changelog.model.did_ref import KnownDid
from changelog.model.routing import gone_remark, without_url_remark
from changelog.model.watching.alert import (
    LISTED,
    NUMBER_MOVED,
    RETIRED,
    ROUTED,
    UNUSED,
    WITHOUT_URL,
    Alert,
    AlertKind,
    AlertState,
    Move,
    Trouble,
)
from changelog.model.watching.incidents import OpenIncidents
from changelog.model.watching.observation import Failing, Observation, ReadDid

Value = TypeVar("Value")

_LISTED_AGAIN = "its application is listed with an answer_url again, or it has another one"
_UNUSED = "its calls go to no application now"
_ROUTED_AGAIN = "its routing is no longer one that reaches nobody"
SHOWN = 20
"""DIDs that one alert about many names."""


class Rules(NamedTuple):
    """When an alert is due. `after`: unreadable answers in a row; `silent`: how long nothing was
    read; `many`: more alerts of one kind than that in one round are one."""

    after: int
    silent: timedelta
    many: int


def step(
    rules: Rules, before: AlertState, observation: Observation
) -> tuple[AlertState, list[Alert]]:
    """Return the state after a round, and the alerts that the round makes due."""
    judged = _Judgement(rules, before, observation)
    of_watch = list(_of_watch(rules, before, observation, judged.outages))
    judged.tell("watch", of_watch)
    judged.numbers()
    judged.routes()
    judged.reads()
    judged.applications()
    judged.retired()
    ended = observation.round
    after = replace(
        before,
        interval_s=ended.interval_s,
        last_round_at=ended.at,
        last_read_at=ended.at if ended.read else before.last_read_at,
        outages=judged.outages,
        reported=frozenset() if ended.read else before.reported | {a.kind for a in of_watch},
        troubles=judged.troubles,
        pending=before.undelivered(ended.at),
        incidents=judged.incidents.waiting,
        parked=judged.parked,
        owners={**before.owners, **observation.owners},
    )
    return after, judged.alerts


class _Judgement:
    """What becomes of the state in one round, part by part, and the `alerts` that are due."""

    def __init__(self, rules: Rules, before: AlertState, observation: Observation) -> None:
        self._rules = rules
        self._before = before
        self._seen = observation
        self.outages = before.outages + 1 if observation.is_outage else 0
        self.troubles = dict(before.troubles)
        self.incidents = OpenIncidents(before.incidents)
        self.parked = before.parked
        self.alerts: list[Alert] = []

    def tell(self, kind: str, members: list[Alert], many: int | None = None) -> None:
        """Add the alerts of one kind; more than `many` of them are one."""
        grouped = _grouped(members, self._rules.many if many is None else many)
        self.alerts += self.incidents.follow(kind, members, grouped)

    def _of_did(self, kind: AlertKind, did: str, number: str | None = None, **more: Any) -> Alert:
        ended = self._seen.round
        more = {"capture": ended.capture, **more}
        return Alert(kind=kind, at=ended.at, did=did, number=number, dids=(did,), **more)

    def _ends(
        self, ended: Iterable[KnownDid | ReadDid], reported: set[str], **why: Any
    ) -> list[Alert]:
        return [
            self._of_did("recovered", each.did, each.number, **why)
            for each in ended
            if each.did in reported
        ]

    def numbers(self) -> None:
        """Judge which numbers have another DID now: their callers are routed as that one is."""
        gone = {each.did for each in self._seen.gone}
        kinds: dict[str, list[Alert]] = {"nobody": [], "application_gone": []}
        for did, number, revision, was_of, reaches_nobody in self._seen.moved:
            is_gone = did in gone and not reaches_nobody
            alert = self._of_did(
                "number_moved",
                did,
                number,
                revision=revision,
                message=f"the number was {was_of}'s until now",
                code=NUMBER_MOVED,
                is_broken=True if reaches_nobody or is_gone else None,
            )
            kinds["application_gone" if is_gone else "nobody"].append(alert)
        for kind, alerts in kinds.items():
            self.tell(kind, alerts)

    def routes(self) -> None:
        """Judge what changed, and which routes reach nobody."""
        changed = [
            self._of_did(
                "changed", did, number, revision=revision, capture=capture, is_broken=broke
            )
            for did, number, revision, capture, broke in self._seen.changed
        ]
        self.tell("nobody", changed)
        # What was stored since a DID was read in this round, by somebody else, was judged above.
        newest = {each.did: each.revision for each in self._seen.changed}
        routed, unrouted = (
            [each for each in read if newest.get(each.did, 0) <= each.revision]
            for read in (self._seen.routed, self._seen.unrouted)
        )
        open_of = self.incidents.dids("nobody")
        why = {"code": ROUTED, "message": _ROUTED_AGAIN}
        self.tell("nobody", self._ends(routed, open_of, **why))
        # What no change that is news began: an import stored it, or the DID was retired meanwhile.
        known = self.incidents.dids("nobody") | self.parked
        known |= set(self._seen.retired)
        found = [each for each in unrouted if each.did not in known]
        parked = {each.did for each in found if each.did in self._seen.unrouted_before}
        begun = [
            self._of_did("changed", did, number, revision=revision, is_broken=True)
            for did, number, revision in found
            if did not in parked
        ]
        self.tell("nobody", begun)
        self.parked = (self.parked | parked).difference(each.did for each in routed)

    def reads(self) -> None:
        """Judge which DIDs cannot be read, and which can again."""
        unreadable = []
        failed = () if self.outages else self._seen.failing
        for failing in (each for each in failed if each.did not in self._seen.retired):
            did, number, at, status, code, message, _ = failing
            trouble = self.troubles.get(did, Trouble(0, at))
            trouble = replace(trouble, in_a_row=trouble.in_a_row + 1)
            if trouble.in_a_row >= self._rules.after and not trouble.reported:
                why = {"status": status, "code": code, "message": message, "is_broken": True}
                how_long = {"since": trouble.since, "in_a_row": trouble.in_a_row}
                unreadable.append(self._of_did("unreadable", did, number, **why, **how_long))
                trouble = replace(trouble, reported=True)
            self.troubles[did] = trouble
        self.tell("unreadable", unreadable)
        reported = {did for did, trouble in self.troubles.items() if trouble.reported}
        self.tell("unreadable", self._ends(self._seen.recovered, reported))
        for each in self._seen.recovered:
            self.troubles.pop(each.did, None)

    def applications(self) -> None:
        """Judge which applications are gone. One carries many DIDs, and is one piece of news."""
        reported = self.incidents.dids("application_gone")
        gone: dict[str, list[Alert]] = {}
        for did, number, application_id, lacks_url in self._seen.gone:
            if did not in reported:
                code = WITHOUT_URL if lacks_url else "application_gone"
                remark = without_url_remark if lacks_url else gone_remark
                why = {"code": code, "message": remark(application_id), "is_broken": True}
                alert = self._of_did("application_gone", did, number, **why)
                gone.setdefault(application_id, []).append(alert)
        if len(gone) > self._rules.many:
            gone = {"": [alert for alerts in gone.values() for alert in alerts]}
        for alerts in gone.values():
            self.tell("application_gone", alerts, many=1)
        for read, code, message in (
            (self._seen.listed, LISTED, _LISTED_AGAIN),
            (self._seen.unused, UNUSED, _UNUSED),
        ):
            ended = self._ends(read, reported, code=code, message=message)
            self.tell("application_gone", ended, many=1)

    def retired(self) -> None:
        """End what was open of DIDs that nobody reads any more."""
        reported = {did for did, trouble in self.troubles.items() if trouble.reported}
        reported = reported.union(*self._before.incidents.values()).intersection(self._seen.retired)
        self.tell("", [self._of_did("recovered", did, code=RETIRED) for did in sorted(reported)])
        for did in self._seen.retired:
            self.troubles.pop(did, None)


def _of_watch(
    rules: Rules, before: AlertState, observation: Observation, outages: int
) -> Iterator[Alert]:
    """Yield the alert about the watch as a whole: one at most from the time when something was read
    to the next time."""
    ended = observation.round
    alert = Alert(
        kind="recovered",
        at=ended.at,
        capture=ended.capture,
        count=ended.read,
        since=before.quiet_since,
    )
    if ended.read:
        if before.reported:
            yield alert
        return
    if before.reported:
        return
    alert = replace(alert, count=ended.requested, code=observation.reason, is_broken=True)
    is_quiet = ended.at - before.quiet_since >= rules.silent
    if outages >= rules.after:
        yield replace(alert, kind="unreadable", in_a_row=outages)
    elif ended.requested and is_quiet and not _all_reported(before, observation.failing):
        yield replace(alert, kind="silent")


def _all_reported(before: AlertState, failing: Sequence[Failing]) -> bool:
    """Return whether each DID that could not be read has an alert of its own already."""
    troubles = [before.troubles.get(each.did) for each in failing]
    return bool(troubles) and all(trouble and trouble.reported for trouble in troubles)


def _grouped(alerts: list[Alert], many: int) -> list[Alert]:
    """Return the `alerts` of one kind or, of more than `many`, one that stands for them all."""
    if len(alerts) <= many:
        return alerts
    dids = tuple(sorted({alert.did for alert in alerts if alert.did is not None}))
    first = alerts[0]
    error = _common((alert.status, alert.code, alert.message) for alert in alerts)
    status, code, message = error or (None, _common(alert.code for alert in alerts), None)
    return [
        Alert(
            kind="many",
            what=first.kind,
            at=first.at,
            capture=_common(alert.capture for alert in alerts),
            count=len(dids),
            dids=dids[:SHOWN],
            since=min((alert.since for alert in alerts if alert.since), default=None),
            in_a_row=first.in_a_row,
            status=status,
            code=code,
            message=message,
            moves=_moves(alerts),
        )
    ]


def _common(values: Iterable[Value]) -> Value | None:
    """Return what all the `values` are, None where they differ."""
    first, *others = set(values)
    return None if others else first


def _moves(alerts: Sequence[Alert]) -> tuple[Move, ...]:
    """Return what became of each DID that changed, once or more often."""
    moves: dict[str, Move] = {}
    for alert in alerts:
        if alert.kind == "changed" and alert.did is not None and alert.revision is not None:
            first = moves.get(alert.did, Move(alert.did, alert.revision - 1, alert.revision))
            moves[alert.did] = first._replace(after=alert.revision)
    return tuple(moves.values())
