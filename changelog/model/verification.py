"""Whether what the API says of a DID is what is expected, in one answer or several in a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from changelog.model.answers import Problem
from changelog.model.diff import Change
from changelog.model.recording import Destinations
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.json_body import Fields, storable_text


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one DID: only what is to be compared. `revision`: the one it is from."""

    fields: Mapping[str, str | None]
    revision: int | None = None

    def states(self, name: str) -> bool:
        """Whether somebody said what that field should be, rather than a revision."""
        return name in self.fields and self.revision is None


class Live(NamedTuple):
    """What one answer says. An unknown `destination` is None."""

    application_id: str | None
    route_mode: str | None
    destination: str | None
    status: str | None


class Compared(NamedTuple):
    """`changes`: expected → live. `not_compared`: fields whose live value is unknown."""

    changes: tuple[Change, ...]
    not_compared: tuple[str, ...]


class VerifyState(NamedTuple):
    """What is known of a DID after its last answer, which is `live` or met a `problem`.

    `reads`: equal answers in a row, the last included. `moved`: how the last one differs from the
    one before where both are as expected.
    """

    live: Live | None = None
    problem: Problem | None = None
    changes: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    matches: bool = False
    reads: int = 0
    moved: tuple[Change, ...] = ()

    @property
    def asked(self) -> bool:
        return self.live is not None or self.problem is not None

    def settled(self, reads: int) -> bool:
        """Whether it matched so many times in a row."""
        return self.matches and self.reads >= reads

    def in_a_row(self, reads: int) -> bool:
        """Whether it is on the way to so many: the next answer may be the last one needed."""
        return self.matches and self.reads < reads and not self.moved


NOT_READ = VerifyState()


def live_of(fields: Fields, destinations: Destinations) -> Live:
    """What a body says, and its destination as this very run learned it.

    What an operator once stated, and what an earlier run fetched, is not what the API says now.
    """
    destination, source = destinations.find(fields)
    return Live(
        storable_text(fields.get("application_id")),
        storable_text(fields.get("route_mode")),
        None if source == "stated" else destination,
        storable_text(fields.get("status")),
    )


def compare(expected: Expectation, live: Live) -> Compared:
    """An unknown destination is neither a match nor a mismatch."""
    changes, unknown = [], []
    values = live._asdict()
    for name, expected_value in expected.fields.items():
        if name == "destination" and None in (values[name], expected_value):
            if _is_unknown(expected, live, expected_value):
                unknown.append(name)
            elif values[name] != expected_value:
                changes.append(Change(name, expected_value, values[name], routing=True))
        elif values[name] != expected_value:
            changes.append(
                Change(name, expected_value, values[name], routing=name in ROUTING_FIELDS)
            )
    return Compared(tuple(changes), tuple(unknown))


def _is_unknown(expected: Expectation, live: Live, expected_value: str | None) -> bool:
    """A revision without destination never knew it; with "" somebody says that there is none."""
    if expected_value is None and not expected.states("destination"):
        return live.destination is not None
    return live.destination is None


def is_match(expected: Expectation, live: Live, *, as_logged: bool = True) -> bool:
    """Whether `live` proves what is expected: nothing differs, and what had to be seen was.

    A destination that somebody stated has to be seen. One of a revision that cannot be seen now is
    taken to be what the log holds: `as_logged` says whether that is the routing of the revision.
    """
    changes, unknown = compare(expected, live)
    if changes or len(unknown) == len(expected.fields):
        return False
    if "destination" in unknown and live.destination is None and expected.fields["destination"]:
        return as_logged and not expected.states("destination")
    return True


def after_answer(
    before: VerifyState, expected: Expectation, live: Live, *, as_logged: bool = True
) -> VerifyState:
    """Where a DID stands once it has answered. `as_logged`: see `is_match`."""
    compared = compare(expected, live)
    matches = is_match(expected, live, as_logged=as_logged)
    moved = _moved(before.live, live) if before.live and before.matches == matches else ()
    goes_on = before.live is not None and before.matches == matches and not moved
    return VerifyState(
        live=live,
        changes=compared.changes,
        not_compared=compared.not_compared,
        matches=matches,
        reads=before.reads + 1 if goes_on else 1,
        moved=moved if matches else (),
    )


def after_problem(problem: Problem) -> VerifyState:
    """Where a DID stands once it could not be read: whatever was in a row begins again."""
    return VerifyState(problem=problem)


def _moved(before: Live, after: Live) -> tuple[Change, ...]:
    """A destination that one of the two did not know is no move."""
    pairs = zip(Live._fields, before, after, strict=True)
    return tuple(
        Change(name, then, now, routing=name in ROUTING_FIELDS)
        for name, then, now in pairs
        if then != now and not (name == "destination" and None in (then, now))
    )
