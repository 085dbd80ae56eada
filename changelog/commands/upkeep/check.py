"""``check``: proves that the log is what was written, all of it and in its order."""

from collections.abc import Sequence
from typing import Protocol

from changelog.model import exits
from changelog.model.errors import NothingError, UsageError
from changelog.model.head import Head, parse_head
from changelog.model.results.upkeep import Broken, Checked, CheckResult, HeadResult

MOST_NAMED = 100
"""Broken rows that the answer names."""


class Proven(Protocol):
    """What a proof came to. `remarks`: what differs around the rows and hides none."""

    @property
    def checked(self) -> Checked: ...
    @property
    def broken(self) -> Sequence[Broken]: ...
    @property
    def head(self) -> Head | None: ...
    @property
    def remarks(self) -> Sequence[str]: ...


class Provable(Protocol):
    """A log that can be proven."""

    @property
    def place(self) -> str: ...
    def head(self) -> Head | None: ...
    def run(self, against: Head | None) -> Proven: ...


def check(log: Provable, against: Head | None) -> CheckResult:
    """Prove all of `log`, and that it contains the state that `against` stands for."""
    proven = log.run(against)
    broken, head = proven.broken, proven.head
    empty = {exits.NOTHING_RECORDED} if head is None else set()
    conditions = {exits.BROKEN_LOG} if broken else empty
    return CheckResult(
        database=log.place,
        ok=not broken,
        checked=proven.checked,
        broken=tuple(broken[:MOST_NAMED]),
        more=len(broken) > MOST_NAMED,
        head=None if head is None else str(head),
        against=None if against is None else str(against),
        remarks=tuple(proven.remarks),
        conditions=tuple(sorted(conditions)),
    )


def head_of(log: Provable) -> HeadResult:
    """The newest entry's head alone. Raises NothingError where nothing was recorded."""
    head = log.head()
    if head is None:
        raise nothing_recorded(log.place)
    return HeadResult(database=log.place, head=str(head))


def nothing_recorded(place: str) -> NothingError:
    return NothingError(
        exits.NOTHING_RECORDED,
        f"nothing is recorded in {place} yet",
        "Record first: changelog record.",
    )


def read_head(text: str) -> Head:
    """What an operator gives for a head. Raises UsageError."""
    head = parse_head(text)
    if head is None:
        raise UsageError(
            f"{text!r} is not a head",
            "A head is N:DIGEST, the digest 64 hex digits, as changelog check --head prints it.",
        )
    return head
