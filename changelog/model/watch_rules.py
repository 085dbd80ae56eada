"""Which alerts a round of ``watch`` makes due: a function of what was told and what was seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Kind = Literal["changed", "unreadable", "recovered", "silent", "many"]

WHOLE = ""
"""Under this name the trouble of the watch as a whole is kept. No DID has it."""
SHOWN = 20
"""DIDs that one message about many names."""


class Rules(NamedTuple):
    """When to tell. `after`: unreadable answers in a row; `silent`: how long nothing was read;
    `many`: more alerts of one kind than that in one round are one message."""

    after: int
    silent: timedelta
    many: int


class Changed(NamedTuple):
    """A revision that began since the round before, whoever recorded it."""

    did: str
    number: str | None
    revision: int
    capture: int


class Failing(NamedTuple):
    """A DID that could not be read, `in_a_row` times by now, for the first time at `since`."""

    did: str
    number: str | None
    in_a_row: int
    since: datetime
    status: int | None
    code: str
    message: str


class Recovered(NamedTuple):
    """A DID that was told to be unreadable, and was read."""

    did: str
    number: str | None


class Round(NamedTuple):
    """What a round came to. `stopped`: why the API cut it short. `capture`: None where nothing was
    stored. `read`: DIDs with a readable answer."""

    at: datetime
    capture: int | None
    requested: int
    read: int
    stopped: str | None = None

    @property
    def outage(self) -> bool:
        """The API answered nobody: that says nothing about any one DID."""
        return self.stopped is not None and not self.read


class AlertState(NamedTuple):
    """What stood before the round. `dids`: told to be unreadable, and not recovered yet.

    `whole`: "unreadable" and "silent", where told of the watch as a whole. `outages`: rounds in a
    row that were one. `last_read`: when something was read last, or else when the watch began.
    """

    dids: frozenset[str]
    whole: frozenset[str]
    outages: int
    last_read: datetime


class Observation(NamedTuple):
    """A round, and what the log holds since the one before."""

    round: Round
    changed: Sequence[Changed] = ()
    failing: Sequence[Failing] = ()
    back: Sequence[Recovered] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message. Without a `did` it is about the watch as a whole or, if `kind` is "many", about
    the `count` DIDs of which `dids` are named. `channels`: where it is still to be told."""

    kind: Kind
    at: datetime
    what: Kind | None = None
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    capture: int | None = None
    count: int = 1
    dids: tuple[str, ...] = ()
    since: datetime | None = None
    in_a_row: int | None = None
    status: int | None = None
    code: str | None = None
    message: str | None = None
    id: int = 0
    channels: tuple[str, ...] = ()

    @property
    def subject(self) -> Kind:
        """What it tells of, of one DID or of many."""
        return self.what or self.kind


class WatchSummary(NamedTuple):
    """What a reader learns of a watch. `last_round_at`: None before its first round has ended."""

    id: str
    began_at: datetime
    last_round_at: datetime | None
    interval_s: float

    def is_late(self, now: datetime) -> bool:
        """Return whether more than two intervals have passed since its last round."""
        return (now - (self.last_round_at or self.began_at)).total_seconds() > 2 * self.interval_s


def due(rules: Rules, told: AlertState, seen: Observation) -> list[Alert]:
    """The alerts that a round makes due. Asked again of what then stands, it has none left."""
    found = list(_of_the_whole(rules, told, seen.round))
    found += _grouped("changed", [_changed(seen, one) for one in seen.changed], rules)
    if not seen.round.outage:
        failing = [
            _unreadable(seen, one)
            for one in seen.failing
            if one.did not in told.dids and one.in_a_row >= rules.after
        ]
        found += _grouped("unreadable", failing, rules)
    back = [
        Alert(
            kind="recovered",
            at=seen.round.at,
            did=one.did,
            number=one.number,
            capture=seen.round.capture,
            dids=(one.did,),
        )
        for one in seen.back
        if one.did in told.dids
    ]
    return found + _grouped("recovered", back, rules)


def troubles(alert: Alert) -> tuple[str, ...]:
    """The names whose trouble begins or ends with this alert; none with a change."""
    if alert.subject == "changed":
        return ()
    return alert.dids or (WHOLE,)


def shortened(alert: Alert) -> Alert:
    """As it is told: of many DIDs, the first few."""
    return replace(alert, dids=alert.dids[:SHOWN]) if len(alert.dids) > SHOWN else alert


def _of_the_whole(rules: Rules, told: AlertState, ended: Round) -> Iterator[Alert]:
    if ended.read:
        if told.whole:
            yield Alert(
                kind="recovered",
                at=ended.at,
                capture=ended.capture,
                count=ended.read,
                since=told.last_read,
            )
        return
    outages = told.outages + 1 if ended.outage else 0
    if outages >= rules.after and "unreadable" not in told.whole:
        yield Alert(
            kind="unreadable",
            at=ended.at,
            capture=ended.capture,
            count=ended.requested,
            since=told.last_read,
            in_a_row=outages,
            code=ended.stopped,
        )
    quiet = ended.at - told.last_read >= rules.silent
    if ended.requested and quiet and "silent" not in told.whole:
        yield Alert(
            kind="silent",
            at=ended.at,
            capture=ended.capture,
            count=ended.requested,
            since=told.last_read,
            code=ended.stopped,
        )


def _changed(seen: Observation, one: Changed) -> Alert:
    return Alert(
        kind="changed",
        at=seen.round.at,
        did=one.did,
        number=one.number,
        revision=one.revision,
        capture=one.capture,
        dids=(one.did,),
    )


def _unreadable(seen: Observation, one: Failing) -> Alert:
    return Alert(
        kind="unreadable",
        at=seen.round.at,
        did=one.did,
        number=one.number,
        capture=seen.round.capture,
        dids=(one.did,),
        since=one.since,
        in_a_row=one.in_a_row,
        status=one.status,
        code=one.code,
        message=one.message,
    )


def _grouped(kind: Kind, alerts: list[Alert], rules: Rules) -> list[Alert]:
    """The `alerts` of one kind or, where they are too many, one that stands for them all."""
    if len(alerts) <= rules.many:
        return alerts
    dids = tuple(dict.fromkeys(one.did for one in alerts if one.did is not None))
    first = alerts[0]
    codes = {one.code for one in alerts}
    captures = {one.capture for one in alerts}
    return [
        Alert(
            kind="many",
            what=kind,
            at=first.at,
            capture=first.capture if len(captures) == 1 else None,
            count=len(dids),
            dids=dids,
            since=min((one.since for one in alerts if one.since), default=None),
            in_a_row=first.in_a_row,
            code=first.code if len(codes) == 1 else None,
        )
    ]
