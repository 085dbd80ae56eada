"""What ``deploy`` answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from changelog.model import exits
from changelog.model.results.base import DidError, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from changelog.model.diff import Change, Group
    from changelog.model.results.capture import CaptureSummary, RecordCounts

_ROUTE = ("application_id", "route_mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnd:
    """How the command of a deploy ended, in the numbers of a shell.

    `exit_code`: its own; 128 and the `signal` that killed it; 127 and 126 where it could not be
    started, `error` then says why.
    """

    exit_code: int
    signal: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployCapture:
    """One of the two captures."""

    capture: CaptureSummary
    counts: RecordCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployCounts:
    """`compared`: read before and after. The sections may share DIDs."""

    requested: int = 0
    compared: int = 0
    changed: int = 0
    unchanged: int = 0
    expected: int = 0
    missing: int = 0
    unexpected: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedDid:
    """One DID in one section, with the `changes` that belong there.

    `expected`: what the file says, `live`: what is so now, `differences`: where they differ, as
    expected → live. `error_before`, `error_after`: why it could not be read.
    """

    requested: str
    did: str
    number: str | None = None
    from_revision: int | None = None
    to_revision: int | None = None
    changes: tuple[Change, ...] = ()
    expected: Mapping[str, str | None] | None = None
    live: Mapping[str, Any] | None = None
    differences: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    error_before: DidError | None = None
    error_after: DidError | None = None

    def changed(self, *, expected: bool) -> DeployedDid:
        """Return it with only the changes that the file says, or only those that it does not."""
        changes = (change for change in self.changes if self._expects(change) == expected)
        return replace(self, changes=tuple(changes))

    def _expects(self, change: Change) -> bool:
        """Return whether a change leads to what the file expects.

        A destination that was merely learned is no change of the route; one that moved with the
        application or the mode belongs to that.
        """
        if change.field == "destination" and not change.routing:
            return True
        if self.expected is None:
            return False
        if change.field == "destination" and "destination" not in self.expected:
            return any(each.field in _ROUTE and self._expects(each) for each in self.changes)
        wrong = {difference.field for difference in self.differences}
        return change.field in self.expected and change.field not in wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployResult(Result):
    """`dids`: those that changed. Without a file of expectations, three sections are None.

    `error`: why there is no (whole) capture after it. `restore`, `verify` and `diff` are commands
    to paste.
    """

    tag: str
    before: DeployCapture | None = None
    command: CommandEnd | None = None
    after: DeployCapture | None = None
    error: DidError | None = None
    counts: DeployCounts = field(default_factory=DeployCounts)
    dids: tuple[DeployedDid, ...] = ()
    groups: tuple[Group, ...] = ()
    expected: tuple[DeployedDid, ...] | None = None
    missing: tuple[DeployedDid, ...] | None = None
    unexpected: tuple[DeployedDid, ...] | None = None
    unreadable: tuple[DeployedDid, ...] = ()
    restore: str | None = None
    verify: str | None = None
    diff: str | None = None

    @property
    def exit_code(self) -> int:
        """The command's own code if that is not 0."""
        own = self.command.exit_code if self.command else 0
        return own or exits.exit_code(self.conditions)
