"""What the commands ask of the world: the API, the log to read, the log to write.

The adapters in ``api/`` and ``store/`` are handed in; the commands import neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Generator,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from contextlib import AbstractContextManager
    from datetime import datetime

    from changelog.model.answers import Answer, Applications, SnapshotSeen
    from changelog.model.did_ref import KnownDid, Target
    from changelog.model.diff import Change
    from changelog.model.history import (
        CaptureInfo,
        History,
        LateAnswer,
        Revision,
        RevisionAt,
        VerdictKind,
    )
    from changelog.model.recording import (
        ConfirmedReturn,
        Destinations,
        KeyAt,
        OpenCapture,
        Outcome,
        Selection,
        Unfinished,
    )
    from changelog.model.results.base import DidError, LastLook, Looks
    from changelog.model.results.history import FleetRow
    from changelog.model.results.pages import (
        ChangesPage,
        FleetPage,
        NewestPage,
        RevisionKey,
        RevisionMeant,
        RevisionsWanted,
        SearchResult,
        Then,
    )
    from changelog.model.results.status import (
        LogStatus,
        WatchSummary,
    )
    from changelog.model.results.watch import ChangeContext
    from changelog.model.routing import Where
    from changelog.model.selectors import Selector, Tag
    from changelog.model.test_calls import Call, LinkResult
    from changelog.model.text.times import Window
    from changelog.model.watching.alert import Alert, AlertState
    from changelog.model.watching.observation import ApplicationGone, Observation


class Api(Protocol):
    """The MiniVoice API, read only. `url` and `key_name` are fit to be stored and shown.

    `key_name`: the first key's, for an answer that does not say itself which key got it.
    """

    @property
    def url(self) -> str: ...
    @property
    def key_name(self) -> str: ...
    def fetch(self, targets: Iterable[Target]) -> Generator[list[Answer], None, None]:
        """Yield the final answer for each target, in lists of what is there already, never empty.

        Stopping early is closing the iterator.

        It ends by itself, with targets left over, when every key was refused or when 20 targets in
        a row got no answer at all; `stopped_because` then says so.
        """

    @property
    def stopped_because(self) -> str | None:
        """None, "unauthorized" or "no_answer"."""

    @property
    def refused_keys(self) -> Sequence[str]:
        """The names of the keys that were refused in the last fetch."""

    def applications(self) -> Applications:
        """Read ``/applications`` once a key: one try, short timeout; a failure is a remark."""


class Shutdown(Protocol):
    """The request to stop this process, as a capture meets it."""

    @property
    def requested(self) -> bool:
        """Return whether this process was asked to stop."""

    def request(self) -> None:
        """Ask this process to stop: from now on it waits for nothing that is lost."""

    def interruptible(self) -> AbstractContextManager[None]:
        """Raise KeyboardInterrupt inside, on a request of now or of before."""

    def deferred(self) -> AbstractContextManager[None]:
        """Raise the KeyboardInterrupt of a Ctrl-C at the end of this, of a second one at once."""


class Progress(Protocol):
    """Hears how far a long work is."""

    def begins(self, total: int) -> None:
        """Start to count a part of the work anew."""

    def step(self, done: int = 1) -> None: ...


class Pages(Protocol):
    """Reads of the size of a page, by key; each says how many queries it asks."""

    def fleet(
        self,
        where: Where = ...,
        *,
        text: str | None = None,
        then: Then | None = None,
        after: str = "",
        limit: int = 100,
    ) -> FleetPage: ...
    def whole_fleet(self, then: Then | None = None) -> Iterator[FleetRow]: ...
    def dids(self, where: Where, then: Then | None = None) -> frozenset[str]: ...
    def fleet_at(
        self, moment: datetime, changed_after: datetime | None = None
    ) -> dict[str, int]: ...
    def returned(self, ends: Iterable[tuple[str, int]]) -> frozenset[str]: ...
    def unseen_at(
        self, moment: datetime, among: Collection[str] | None = None
    ) -> frozenset[str]: ...
    def late_at(self, moment: datetime) -> Mapping[str, LateAnswer]: ...
    def unchanged_since(self, moment: datetime) -> int: ...
    def windows(self, rows: Sequence[FleetRow]) -> Mapping[str, Window]: ...
    def last_looks(self, dids: Iterable[str]) -> Mapping[str, LastLook]: ...
    def fleet_looks(self) -> Looks | None: ...
    def search(self, text: str, limit: int = 20) -> SearchResult: ...
    def changes_end(self, before: str) -> datetime:
        """Return from when on, backwards, the changes at the cursor `before` go on."""

    def application_names(self, changes: Iterable[Change]) -> Mapping[str, str]: ...
    def changes(
        self,
        *,
        before: str | None = None,
        limit: int = 20,
        most: int = 10_000,
        with_next: bool = True,
    ) -> ChangesPage: ...
    def revisions(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], RevisionAt]: ...
    def meant(
        self, selector: Selector, then: Then | None = None, *, previous: bool = False
    ) -> Mapping[str, RevisionMeant]: ...
    def newest(
        self, wanted: RevisionsWanted, *, before: RevisionKey | None = None, limit: int
    ) -> NewestPage: ...
    def annotated(self, since: datetime | None, until: datetime | None) -> list[RevisionKey]: ...


class Log(Protocol):
    """The log, read through its views. Each read raises OutOfTime once its deadline is over."""

    @property
    def pages(self) -> Pages: ...
    @property
    def is_over(self) -> bool:
        """Whether the deadline is over, for readers in a loop."""

    def extend_deadline(self) -> None:
        """Let what was found until then be shown."""

    @property
    def place(self) -> str:
        """Where the log is, fit to be shown."""

    def find(self, name: str) -> str | None: ...
    def e164(self, name: str) -> str | None:
        """Return the E.164 number that `name` says, by itself or by its country's rules."""

    def names_from(self, beginning: str, limit: int) -> list[str]: ...
    @property
    def is_missing(self) -> bool:
        """Whether there is no file, not even an empty one."""

    def first_seen(self) -> datetime | None: ...
    def carriers(self, number: str) -> list[Revision]: ...
    def key_that_read(self, did: str) -> KeyAt | None:
        """Return the key that read the DID last, and where; None for one that was never read."""

    def history(self, did: str) -> History: ...
    def histories(self, revisions: Iterable[tuple[str, int]]) -> Mapping[str, History]: ...
    def snapshots(
        self,
        did: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        capture: int | None = None,
        limit: int,
    ) -> list[tuple[str, SnapshotSeen]]: ...
    def answer_urls(
        self, applications: Iterable[str]
    ) -> Mapping[str, tuple[str | None, datetime]]: ...
    def dids(
        self,
        *,
        after: str = "",
        limit: int,
        with_retired: bool = True,
        unanswered_in: int | None = None,
    ) -> list[KnownDid]: ...
    def key_of(self, did: str) -> str | None: ...
    def read_by(self, capture: int) -> dict[str, int]: ...
    def unread_by(self, capture: int, did: str | None = None) -> dict[str, DidError]: ...
    def revision_at(self, did: str, revision: int) -> RevisionAt: ...
    def unfinished(self, selection: bytes | None) -> Unfinished | None: ...
    def answered_in(self, capture: int, did: str) -> bool: ...
    def tag(self, name: str) -> Tag | None: ...
    def tag_names(self) -> list[str]: ...
    def as_of(self, did: str, moment: datetime) -> int | None: ...
    def read_in(self, capture: int, did: str) -> int | None: ...
    def watches(self) -> list[WatchSummary]: ...
    def change_context(self, did: str, capture: int, at: datetime) -> ChangeContext | None:
        """Return what a change of the DID falls into that `capture` found and that was first seen
        `at`."""

    def status(self, since: datetime) -> LogStatus: ...


class Recorder(Protocol):
    """The log, to be written. Each call is one transaction, committed when it returns."""

    def start(
        self,
        info: CaptureInfo,
        *,
        key: str | None,
        by_name: bool,
        past: bool = False,
        selection: Selection | None = None,
    ) -> OpenCapture: ...
    def resume(self, unfinished: Unfinished, tag: str | None = None) -> OpenCapture: ...
    def rebase(self, capture: OpenCapture) -> OpenCapture:
        """Return it with what it asks for from now on being newer than all that the log holds."""

    def store(
        self,
        capture: OpenCapture,
        answers: Sequence[Answer],
        destinations: Destinations,
        volatile: frozenset[str] = frozenset(),
    ) -> tuple[OpenCapture, list[Outcome]]:
        """Return the capture as it is then, and what became of each answer."""

    def close(self, capture: OpenCapture, *, unread: int = 0) -> datetime: ...
    def add_note(self, revision: Revision, text: str, author: str) -> datetime: ...
    def add_capture_note(self, capture: int, text: str, author: str) -> datetime: ...
    def add_verdict(
        self, revision: Revision, verdict: VerdictKind, reason: str, author: str
    ) -> datetime: ...
    def add_confirmations(
        self, capture: OpenCapture, returns: Sequence[ConfirmedReturn]
    ) -> int: ...
    def link_calls(self, calls: Sequence[Call], author: str) -> list[LinkResult]: ...
    def require_writable(self) -> None: ...
    def release(self) -> None:
        """Close the file of a log until the next transaction, in a process that waits."""

    def add_tag(self, name: str, at: datetime, author: str, capture: int | None = None) -> None: ...


class Alerts(Protocol):
    """The state and the alerts of one watch. Each call is one transaction."""

    def begin(self, interval_s: float) -> None:
        """Begin the watch, unless it has begun before: what is in the log by now is no news."""

    def state(self) -> AlertState: ...
    def judge(
        self,
        observation: Observation,
        step: Callable[[AlertState, Observation], tuple[AlertState, list[Alert]]],
        channels: Sequence[str],
        among: Collection[str] | None,
        volatile: frozenset[str] = frozenset(),
    ) -> list[Alert]:
        """Store the state after a round, and the alerts that `step` finds due for `channels`.

        What changed is added to the observation, of the DIDs `among` those that are watched; None
        for all that are not retired. A destination that was learned is no change, nor are fields
        that are `volatile`.
        """

    def listed_to(self, key: str, gone: Sequence[ApplicationGone]) -> frozenset[str]: ...
    def delivered(self, alert: Alert, channel: str) -> None: ...
    def try_lock(self) -> AbstractContextManager[bool]:
        """Return whether this process may deliver, for as long as this is open: of all that watch
        the same, one at a time."""
