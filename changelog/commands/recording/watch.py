"""``watch``: one round of recording, and the alerts that it makes due."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from changelog.commands.recording.capture import Capture
from changelog.model import exits
from changelog.model.answers import Answer, is_of_server
from changelog.model.did_ref import KnownDid, Target
from changelog.model.history import NOT_FOUND
from changelog.model.ports import Alerts
from changelog.model.recording import Outcome
from changelog.model.results.base import DidError
from changelog.model.results.watch import WatchRound
from changelog.model.routing import WEBHOOK
from changelog.model.text.json_body import storable_text
from changelog.model.watching.alert import Alert, AlertState
from changelog.model.watching.incidents import OpenIncidents
from changelog.model.watching.observation import (
    ApplicationGone,
    Failing,
    NumberMoved,
    Observation,
    ReadDid,
    Round,
)
from changelog.model.watching.watch_rules import Rules, step


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and when which alert is due where.

    `names`: the DIDs that were named, else all that are not retired are. `interval_s`: from round
    to round.
    """

    name: str
    interval_s: float
    rules: Rules
    channels: tuple[str, ...]
    names: tuple[str, ...]
    volatile: frozenset[str] = frozenset()


def watch_round(
    capture: Capture, alerts: Alerts, targets: Sequence[Target], watch: Watch
) -> WatchRound:
    """Read `targets`, and store which alerts are due. Interrupted, it keeps what it has."""
    seen = _Seen(capture, alerts.state(), targets, watch.names)
    with capture:
        for outcome in capture.read(targets):
            seen.add(outcome)
    result = capture.result
    ended = _round(capture, watch)
    due: list[Alert] = []
    # A round that was interrupted before it read anything says nothing: the next one judges it all.
    if ended.read or exits.INTERRUPTED not in result.conditions:
        rules = partial(step, watch.rules)
        among = seen.names if watch.names else None
        observation = seen.observation(ended, alerts)
        due = alerts.judge(observation, rules, watch.channels, among, watch.volatile)
    is_different = any(alert.subject in ("changed", "number_moved") for alert in due)
    changed = {exits.DIFFERENT} if is_different else set()
    changed |= {exits.UNREADABLE} if seen.has_number_of_nobody else set()
    return WatchRound(
        at=ended.at,
        watch=watch.name,
        alerts=len(due),
        capture=result.capture,
        counts=result.counts,
        conditions=tuple(sorted({*result.conditions, *changed})),
    )


class _Seen:
    """What a round reads, DID by DID, beside what the rounds before it knew."""

    def __init__(
        self,
        capture: Capture,
        before: AlertState,
        targets: Sequence[Target],
        names: Sequence[str],
    ) -> None:
        incidents = OpenIncidents(before.incidents)
        self._capture = capture
        self._troubles = before.troubles
        self._without = incidents.dids("application_gone")
        self._unrouted_before = incidents.dids("nobody") | before.parked
        # Somebody else may have looked at a number since, and found its new DID.
        self._owners_before = {
            target.number: before.owners.get(target.number, target.did)
            for target in targets
            if target.number is not None
        }
        self._targets = {target.requested: target for target in targets}
        self._owners: dict[str, str] = {}
        self._names = {*names, *(target.requested for target in targets)}
        self._dids = {target.did for target in targets if target.did is not None}
        self.has_number_of_nobody = False
        self._read = set[str]()
        self._left = set[str]()
        self._failing: dict[str, Failing] = {}
        self._recovered: list[KnownDid] = []
        self._gone: list[ApplicationGone] = []
        self._listed: list[KnownDid] = []
        self._unused: list[KnownDid] = []
        self._unrouted: list[ReadDid] = []
        self._routed: list[ReadDid] = []
        self._moved: list[NumberMoved] = []

    @property
    def names(self) -> set[str]:
        """The DIDs that are watched. One that gave its number away is watched no more, unless it
        was read by its id or another number: what it holds open ends in this round."""
        return self._names | self._read | (self._dids - self._left)

    def add(self, outcome: Outcome) -> None:
        did = KnownDid(outcome.did or outcome.requested, outcome.number)
        target = self._targets[outcome.requested]
        is_its_own = outcome.error is None and did.did == target.did
        if target.gave_away and is_its_own and did.number not in (None, target.number):
            message = f"no DID has this number any more: {did.did} has {did.number} now"
            lost = DidError("not_found", message, NOT_FOUND)
            self._add_number_of_nobody(target.number or "", did, outcome, lost)
            return
        if target.gave_away and outcome.error is not None:
            # Its DID has another number, so what fails says nothing of that.
            self._add_number_of_nobody(target.number or "", did, outcome, outcome.error)
            return
        self._read.add(did.did)
        if outcome.error is not None and outcome.answer is not None:
            self._failing[did.did] = _failing(did, outcome.answer, outcome.error)
        else:
            # By the number too, if no DID had that until now.
            names = dict.fromkeys((did.did, outcome.requested, target.number or did.did))
            read = (did._replace(did=name) for name in names if name in self._troubles)
            self._recovered += read
        without_url = self._capture.application_without_url(outcome)
        if application := self._capture.application_gone(outcome) or without_url:
            lacks_url = without_url is not None
            self._gone.append(ApplicationGone(did.did, did.number, application, lacks_url))
        elif outcome.error is None and did.did in self._without and self._capture.has_applications:
            ended = self._listed if outcome.routing.route_mode == WEBHOOK else self._unused
            ended.append(did)
        if outcome.error is None and not outcome.late:
            self._add_route(did, outcome)

    def _add_number_of_nobody(
        self, number: str, did: KnownDid, outcome: Outcome, error: DidError
    ) -> None:
        """Add a number that its DID gave away, and for which no DID was read."""
        self.has_number_of_nobody = True
        self._left.add(did.did)
        if outcome.answer is not None:
            self._failing[number] = _failing(KnownDid(number, None), outcome.answer, error)

    def _add_route(self, did: KnownDid, outcome: Outcome) -> None:
        reaches_nobody = outcome.routing.reaches_nobody
        read = ReadDid(did.did, did.number, outcome.revision or 1)
        if reaches_nobody:
            self._unrouted.append(read)
        elif did.did in self._unrouted_before:
            self._routed.append(read)
        number = self._targets[outcome.requested].number
        if number is None:
            return
        self._owners[number] = did.did
        owner = self._owners_before[number]
        if owner is not None and owner != did.did:
            self._left.add(owner)
            self._moved.append(NumberMoved(*read, owner, reaches_nobody))

    def observation(self, ended: Round, alerts: Alerts) -> Observation:
        """Return it all, in the order of the names and not in that of the answers."""
        # One that this key never listed may be another's: that it lists none now is no news.
        api, gone = self._capture.api, sorted(self._gone)
        listed = alerts.listed_to(api.key_name, gone) if api and gone else frozenset()
        return Observation(
            ended,
            sorted(self._failing.values()),
            sorted(self._recovered),
            gone=[each for each in gone if each.application_id in listed],
            listed=sorted(self._listed),
            unused=sorted(self._unused),
            unrouted=sorted(self._unrouted),
            routed=sorted(self._routed),
            moved=sorted(self._moved),
            owners=self._owners,
        )


def _failing(did: KnownDid, answer: Answer, error: DidError) -> Failing:
    code, message = storable_text(error.code) or "", storable_text(error.message) or ""
    no_answer = answer.problem is not None and answer.problem.no_answer
    is_of_api = no_answer or (error.status is not None and is_of_server(error.status))
    return Failing(did.did, did.number, answer.received_at, error.status, code, message, is_of_api)


def _round(capture: Capture, watch: Watch) -> Round:
    result, counts = capture.result, capture.result.counts
    return Round(
        at=result.capture.finished_at,
        capture=result.capture.id,
        requested=counts.requested,
        read=counts.new + counts.changed + counts.unchanged,
        stopped=capture.api.stopped_because if capture.api else None,
        interval_s=watch.interval_s,
        began_at=result.capture.info.started_at,
    )
