"""What is expected of DIDs, and whether the API's answers equal it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal, NamedTuple

from changelog.model.answers import Problem
from changelog.model.did_ref import Target
from changelog.model.diff import Change
from changelog.model.recording import Destinations
from changelog.model.results.base import NOT_ATTEMPTED, DidError
from changelog.model.routing import ROUTING_FIELDS, WEBHOOK
from changelog.model.seen_then import SeenThen
from changelog.model.text.json_body import Fields, storable_text
from changelog.model.text.sanitize import Advice, command_line


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one DID: only what is to be compared. `revision`: the one it is from, and
    `destination_known_from`: when the destination of that became known, where that was later.
    `seen_then`: whether that one was seen at the moment that was named. `did`: which other DID had
    the number then, whose revision it is."""

    fields: Mapping[str, str | None]
    revision: int | None = None
    destination_known_from: datetime | None = None
    seen_then: SeenThen = SeenThen()  # noqa: RUF009 -- a frozen value
    did: str | None = None

    @property
    def is_unfounded(self) -> bool:
        """Return whether nobody saw what is expected at the tag, nor after it.

        What the DID had at the tag is not known then. So a match proves no return to it, and rolls
        back nothing: the routing before a deploy may be one that was never seen, and the one that
        would be rolled back may be the better one. ``--to rN`` proves the return to that revision.
        A time promises no look, as the tag of a capture does: it stands for the revision alone.
        """
        return self.seen_then.was_never_seen

    def states(self, name: str) -> bool:
        """Return whether somebody said what that field should be, rather than a revision."""
        return name in self.fields and self.revision is None


class LiveFields(NamedTuple):
    """What one answer says. An unknown `destination` is None."""

    application_id: str | None
    route_mode: str | None
    destination: str | None
    status: str | None


class VerifyState(NamedTuple):
    """What is known of a DID after its last answer, which is `live` or met a `problem`.

    `reads`: equal answers in a row, the last included. `moved`: how the last one differs from the
    one before where both are as expected.
    """

    live: LiveFields | None = None
    problem: Problem | None = None
    changes: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    matches: bool = False
    reads: int = 0
    moved: tuple[Change, ...] = ()

    @property
    def asked(self) -> bool:
        return self.live is not None or self.problem is not None


NOT_READ = VerifyState()


def live_of(fields: Fields, destinations: Destinations) -> LiveFields:
    """Return what a body says, and its destination as this very run learned it.

    What an operator once stated, and what an earlier run fetched, is not what the API says now.
    """
    destination, source = destinations.find(fields)
    return LiveFields(
        storable_text(fields.get("application_id")),
        storable_text(fields.get("route_mode")),
        None if source == "stated" else destination,
        storable_text(fields.get("status")),
    )


def compare(expected: Expectation, live: LiveFields) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return what differs, expected → live, and the fields whose live value is unknown.

    An unknown destination is neither a match nor a mismatch.
    """
    changes, unknown = [], []
    values = live._asdict()
    for name, expected_value in expected.fields.items():
        if name == "destination" and _is_unknown(expected, live, expected_value):
            unknown.append(name)
        elif values[name] != expected_value:
            is_routing = name in ROUTING_FIELDS
            changes.append(Change(name, expected_value, values[name], routing=is_routing))
    return tuple(changes), tuple(unknown)


def _is_unknown(expected: Expectation, live: LiveFields, expected_value: str | None) -> bool:
    """Return whether a destination cannot be compared.

    A revision without destination never knew it; with "" somebody says that there is none.
    """
    if expected.seen_then.destination_not_read:
        return True
    if None not in (live.destination, expected_value):
        return False
    if expected_value is None and not expected.states("destination"):
        return live.destination is not None
    return live.destination is None


def _shows_enough(
    expected: Expectation, live: LiveFields, unknown: Collection[str], *, as_logged: bool
) -> bool:
    """Return whether what could not be compared leaves a match: see ``after_answer``."""
    named = expected.fields["destination"] if "destination" in unknown else None
    if not named:
        return len(unknown) < len(expected.fields)
    if live.destination is not None:
        # The tag's capture did not read it. Another one than that before it proves no return.
        return live.destination == named and len(unknown) < len(expected.fields)
    if expected.states("destination"):
        return as_logged and live.route_mode not in (None, WEBHOOK)
    return as_logged and len(unknown) < len(expected.fields)


def after_answer(
    before: VerifyState, expected: Expectation, live: LiveFields, *, as_logged: bool = True
) -> VerifyState:
    """Return where a DID stands once it has answered.

    It matches where nothing differs, and what had to be seen was. A destination that cannot be seen
    now is taken to be what the log holds: `as_logged` says whether that is the one expected. One
    that is expected by itself, and not as a revision's, has to be seen where a look can show it.
    """
    changes, unknown = compare(expected, live)
    matches = not changes and _shows_enough(expected, live, unknown, as_logged=as_logged)
    moved = _moved(before.live, live) if before.live and before.matches == matches else ()
    is_alike = matches or before.not_compared == unknown
    goes_on = before.live is not None and before.matches == matches and is_alike and not moved
    return VerifyState(
        live=live,
        changes=changes,
        not_compared=unknown,
        matches=matches,
        reads=before.reads + 1 if goes_on else 1,
        moved=moved if matches else (),
    )


def with_number(state: VerifyState, asked: str | None, answered: str | None) -> VerifyState:
    """Return the `state` of a DID that answered with its number, and was asked for by one.

    A DID that gave the number away does not answer for its callers.
    """
    if None in (asked, answered) or asked == answered:
        return state
    change = Change("number_e164", asked, answered)
    return state._replace(changes=(change, *state.changes), matches=False)


def _moved(before: LiveFields, after: LiveFields) -> tuple[Change, ...]:
    """Return what moved; a destination that one of the two did not know is no move."""
    pairs = zip(LiveFields._fields, before, after, strict=True)
    return tuple(
        Change(name, then, now, routing=name in ROUTING_FIELDS)
        for name, then, now in pairs
        if then != now and not (name == "destination" and None in (then, now))
    )


Verified = Literal[
    "match",
    "mismatch",
    "not_compared",
    "unreadable",
    "not_read",
    "not_expected",
    "no_expectation",
]
"""`not_compared`: the live destination is not known, and nothing else differs. `not_read`: the run
stopped before it, or before it had enough equal answers. `not_expected`: the file of expectations
leaves this DID of the log out. `no_expectation`: it has no such revision."""

NOT_EXPECTED: Final = "not_expected"
"""The code of a DID of the log that the file of expectations leaves out."""
_WITHOUT: Mapping[str, Verified] = {NOT_EXPECTED: NOT_EXPECTED, "usage": "unreadable"}
"""What becomes of a DID by the code of why nothing is expected of it."""


@dataclass(slots=True)
class VerifiedDid:
    """A DID with what is expected of it, or why nothing is, and its `state` after each answer.

    `enough`: how many equal answers in a row it takes. `revision`: as which it was read last.
    `confirmed`: it was seen to be an older routing's return.
    """

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "requested=to_fetch.requested did number outcome matches expected=expectation.fields"
        " expected_revision=expectation.revision live=state.live live_revision changes"
        " not_compared=state.not_compared reads=state.reads confirmed error"
        " expected_destination_known_from=expectation.destination_known_from"
        " expectation.seen_then.not_read expectation.seen_then.unseen_since"
        " expectation.seen_then.destination_not_read expected_did=expectation.did",
    )

    to_fetch: Target
    expected: Expectation | DidError
    state: VerifyState = NOT_READ
    enough: int = 1
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    confirmed: bool = False

    def __post_init__(self) -> None:
        self.did = self.did or self.to_fetch.did
        self.number = self.number or self.to_fetch.number

    @property
    def expectation(self) -> Expectation:
        """What is expected; where nothing is, an empty one."""
        return self.expected if isinstance(self.expected, Expectation) else Expectation({})

    @property
    def is_settled(self) -> bool:
        return self.state.matches and self.state.reads >= self.enough

    @property
    def is_in_a_row(self) -> bool:
        """Return whether the next answer may be the last one needed."""
        return self.state.matches and self.state.reads < self.enough and not self.state.moved

    @property
    def outcome(self) -> Verified:
        state = self.state
        if isinstance(self.expected, DidError):
            return _WITHOUT.get(self.expected.code, "no_expectation")
        if state.live is None:
            return "unreadable" if state.asked else "not_read"
        if self.is_settled:
            return "match"
        if state.changes or state.moved:
            return "mismatch"
        return "not_read" if state.matches else "not_compared"

    @property
    def matches(self) -> bool:
        return self.outcome == "match"

    @property
    def live_revision(self) -> int | None:
        return self.revision if self.state.live else None

    @property
    def changes(self) -> tuple[Change, ...]:
        moved = self.state.moved if self.outcome == "mismatch" else ()
        return self.state.changes or moved

    @property
    def error(self) -> DidError | None:
        """Why it is neither a match nor a mismatch."""
        state, outcome = self.state, self.outcome
        if isinstance(self.expected, DidError):
            return self.expected
        if state.problem is not None:
            return DidError.of(state.problem)
        if outcome == "not_read" and state.live is not None:
            message = f"the run stopped after {state.reads} of {self.enough} equal answers"
            return NOT_ATTEMPTED._replace(message=message)
        if outcome == "not_read":
            return NOT_ATTEMPTED
        if outcome == "not_compared":
            partly = len(state.not_compared) < len(self.expectation.fields)
            what = "the rest is as expected" if partly else "nothing could be compared"
            why = "the API does not say the live destination"
            if state.live is not None and state.live.destination is not None:
                why = f"the live destination is {state.live.destination}"
            return DidError("not_compared", f"{what}: {why}", hint=self._how_to_state)
        return None

    @property
    def _how_to_state(self) -> str:
        """Say what to do about a destination that no look shows."""
        live = self.state.live
        if live is None or live.route_mode == WEBHOOK:
            return ""
        name = self.did or self.to_fetch.requested
        state = command_line("record", [name], " --destination URI")
        return Advice.of("Once it is set, state it and verify again: {}", state)

    @property
    def carries_destination(self) -> bool:
        """Return whether it matches a revision whose destination is only known from before."""
        expectation, live = self.expectation, self.state.live
        return (
            self.state.matches
            and "destination" in self.state.not_compared
            and live is not None
            and live.destination is None
            and expectation.revision is not None
        )

    @property
    def is_destination_unknown(self) -> bool:
        """Return whether it matches a revision, and neither side says where its calls go on to."""
        expectation, live = self.expectation, self.state.live
        if not self.state.matches or live is None or expectation.revision is None:
            return False
        goes_on = live.route_mode == WEBHOOK and live.application_id is not None
        return goes_on and live.destination is None and expectation.fields["destination"] is None

    @property
    def is_compared_whole(self) -> bool:
        """Whether all that is expected is known, and could be compared."""
        unread = self.expectation.seen_then.destination_not_read
        return not (self.state.not_compared or unread)
