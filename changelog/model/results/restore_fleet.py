"""What ``restore`` answers beside the cards: why a routing is left out, counts and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from changelog.model.diff import Change
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.base import DidError
    from changelog.model.results.restore import Apart


class Reason(NamedTuple):
    code: str
    text: str


def reason_left_out(record: RoutingRecord) -> Reason:
    """Return why the rule never offers a routing."""
    verdict = record.verdict
    if record.left_out == "bad" and verdict is not None:
        text = f"judged bad by {verdict.by}: {verdict.reason}"
        if known := record.known_apart(verdict):
            text = (
                f"judged bad by {verdict.by} on r{verdict.revision}, whose destination was not"
                f" read, so it may not be about that of r{known.revision}: {verdict.reason}"
            )
        return Reason("bad", text)
    return Reason("rolled_back", "rolled back: a return to an older routing was verified after it")


class FleetCounts(NamedTuple):
    """With ``--all``: DIDs compared, those that differ, those read now and those not read now; of
    those read now, how many could not be recorded; and how many are not visible, and do not differ
    as far as the log knows."""

    compared: int
    differ: int
    read_now: int
    not_read: int
    not_recorded: int = 0
    not_visible: int = 0


class NotReadReason(NamedTuple):
    """Why `dids` of the DIDs that were not read now were not: the commonest reason."""

    error: DidError
    dids: int


class FleetGroup(NamedTuple):
    """DIDs of a fleet on which the same is to be put back: `changes` goes from now to then.

    `name`: a digest of what makes it a group, so no other group ever has this name.
    `number`: from 1 on, by size. `visible`: whether they can be seen now. `apart`: why they stand
    apart, those of one capture and one verdict together.
    """

    name: str
    number: int
    dids: tuple[str, ...]
    changes: tuple[Change, ...]
    visible: bool = True
    apart: Apart | None = None
