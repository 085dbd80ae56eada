"""What a round of ``watch`` saw: how the DIDs fared in it, and what began in the log meanwhile."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from changelog.model.did_ref import KnownDid


class Changed(NamedTuple):
    """A revision that began since the round before. `broke`: whether it routes calls to nobody and
    the one before did not; None where both are alike in that."""

    did: str
    number: str | None
    revision: int
    capture: int
    broke: bool | None = None


class ReadDid(NamedTuple):
    """A DID that was read. `revision`: the one it was read as."""

    did: str
    number: str | None
    revision: int


class NumberMoved(NamedTuple):
    """A number that is watched, and that another DID has now than `was_of`."""

    did: str
    number: str | None
    revision: int
    was_of: str
    reaches_nobody: bool


class ApplicationGone(NamedTuple):
    """A DID whose calls go to an application that ``/applications`` does not list, or lists without
    the ``answer_url`` that it had."""

    did: str
    number: str | None
    application_id: str
    lacks_url: bool


class Failing(NamedTuple):
    """A DID that the round could not read. `is_of_api`: the API gave no answer at all or met an
    error of its own, which says nothing about the DID."""

    did: str
    number: str | None
    at: datetime
    status: int | None
    code: str
    message: str
    is_of_api: bool = False


class Round(NamedTuple):
    """What a round came to, which ended `at`. `stopped`: why the API cut it short. `capture`: None
    where nothing was stored. `read`: DIDs with a readable answer. `interval_s`: from this round to
    the next one."""

    at: datetime
    capture: int | None
    requested: int
    read: int
    stopped: str | None = None
    interval_s: float = 0.0
    began_at: datetime | None = None

    def is_overtaken(self, judged_at: datetime | None) -> bool:
        """Return whether the round that ended at `judged_at` is this one, or ended amid it: what
        another process of the watch saw later counts, and the next round tells the rest."""
        if judged_at is None or self.began_at is None:
            return judged_at == self.at
        return self.began_at < judged_at <= self.at


class Observation(NamedTuple):
    """A round, how the DIDs fared in it, and what began in the log since the one before.

    `recovered`: could not be read before, and were read. `retired`: nobody reads them any more.
    `listed`: those read whose application is listed, with an ``answer_url``; `unused`: those of
    which an earlier round said that it was gone, and whose calls go to none now. `unrouted`: those
    read whose route reaches nobody, and `unrouted_before` those of them that had it when the watch
    began, or never another; `routed`: of which an earlier round said so, those read whose route
    reaches somebody.
    `moved`: numbers that were named and have another DID than in the round before; `owners`: the
    DID that each of them has.
    """

    round: Round
    failing: Sequence[Failing] = ()
    recovered: Sequence[KnownDid] = ()
    changed: Sequence[Changed] = ()
    retired: Collection[str] = ()
    gone: Sequence[ApplicationGone] = ()
    listed: Sequence[KnownDid] = ()
    unused: Sequence[KnownDid] = ()
    unrouted: Sequence[ReadDid] = ()
    unrouted_before: Collection[str] = ()
    routed: Sequence[ReadDid] = ()
    moved: Sequence[NumberMoved] = ()
    owners: Mapping[str, str] = MappingProxyType({})

    @property
    def is_outage(self) -> bool:
        """Return whether nothing was read for a reason that says nothing about any one DID."""
        if self.round.read:
            return False
        # Of one DID alone, nothing says whether the reason is the DID or the API.
        of_api = len(self.failing) > 1 and all(each.is_of_api for each in self.failing)
        return of_api or self.round.stopped is not None

    @property
    def reason(self) -> str | None:
        """Return the code of why nothing was read; None for several reasons."""
        codes = {self.round.stopped} if self.round.stopped else {each.code for each in self.failing}
        return codes.pop() if len(codes) == 1 else None
