"""Opens the adapters for a command: the log to read, the log to write, the API."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from changelog.cli import options
from changelog.cli.output import RUN, tell, tell_wait, warn
from changelog.cli.secret_sources import usable
from changelog.cli.settings import Settings
from changelog.commands.targets import listed, refuse_split_numbers
from changelog.model.did_ref import split_numbers
from changelog.model.errors import DatabaseLost
from changelog.model.history import CaptureInfo
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_duration, format_utc, is_ahead, seconds, wrong_clock
from changelog.store.location import SqliteLocation
from changelog.store.reader import LogReader
from changelog.store.reading.drivers import no_log
from changelog.system.clock import CORRECTION, RememberedOffset

if TYPE_CHECKING:
    from changelog.api.client import ApiClient
    from changelog.cli.progress import Progress
    from changelog.commands.recording.capture import Capture
    from changelog.model.recording import CaptureSettings
    from changelog.model.results.base import DidError
    from changelog.store.transaction import Transactions
    from changelog.store.writer import LogWriter

T = TypeVar("T")


def clock() -> datetime:
    """Return the time now: this machine's, or the API's where this machine's is wrong."""
    return datetime.now(UTC) + CORRECTION.offset


def _compare(api_time: datetime) -> None:
    machine = datetime.now(UTC)
    if CORRECTION.measure(machine, api_time):
        RememberedOffset(os.environ).store(CORRECTION.offset, machine)
        if CORRECTION.offset:
            warn(f"{wrong_clock(CORRECTION.offset)}; check it. The API's time is used")


def clock_to_read() -> datetime:
    """Return the time now for a command that asks no API: shifted by what this machine measured
    within the hour."""
    if offset := RememberedOffset(os.environ).recall(datetime.now(UTC)):
        CORRECTION.offset = offset
        warn(f"{wrong_clock(offset)}, as measured within the hour. The API's time is used")
    return clock()


def clock_without_api(log: LogReader) -> datetime:
    """Return the time now for a command that writes and asks no API.

    It is shifted only by what this machine measured within the hour.
    """
    now = clock_to_read()
    if CORRECTION.offset:
        return now
    newest = log.newest_entry_at()
    if newest is not None and is_ahead(newest, clock()):
        warn(
            f"the log's newest entry, {format_utc(newest)}, lies ahead of this machine's clock,"
            f" {format_utc(clock())}: one of the two is wrong. This is stored as of now"
        )
    return clock()


@contextmanager
def open_reader(
    settings: Settings, deadline_s: float | None = None, place: str | None = None
) -> Iterator[LogReader]:
    """Open the log to read, of this schema or of an older one. `place`: what to call it."""

    def tell_stale(moment: datetime) -> None:
        warn(
            f"there is no room to copy the log's newest transactions, which a crash left in"
            f" {settings.location}-wal: this is the log as of {format_utc(moment)}"
        )

    by_country = partial(options.number_by_country, settings.region)
    reader = LogReader(
        settings.location,
        tell_stale,
        by_country=by_country,
        deadline_s=deadline_s,
        place=place,
        several_keys=settings.several_keys,
    )
    if settings.db_flag is not None and reader.is_mirror:
        settings.name_log(is_mirror=True)
        warn(f"{reader.place} is a mirror: a command that writes needs the log itself")
    try:
        yield reader
        for broken in reader.broken.values():
            tell("changelog: {}; what it said besides the routing is not compared", broken.message)
    finally:
        reader.close()


class LogSource:
    """The log that a command reads, or its mirror once the log was lost, which is found out once.

    `deadline_s`: how long each work may read. `with_mirror`: False for a command that writes.
    """

    def __init__(
        self, settings: Settings, deadline_s: float | None = None, *, with_mirror: bool = True
    ) -> None:
        self.settings = settings if with_mirror else replace(settings, mirror=None)
        self._deadline_s = deadline_s
        self._lost: DatabaseLost | None = None

    def read(self, work: Callable[[LogReader], T]) -> T:
        """Return what `work` makes of the log, or of the mirror, from the start, where the log
        cannot be reached or is lost on the way.

        Raises DatabaseLost where there is no mirror.
        """
        if self._lost is None:
            try:
                with open_reader(self.settings, self._deadline_s) as log:
                    return work(log)
            except DatabaseLost as lost:
                self._lost = lost
        with _open_mirror(self.settings, self._lost, self._deadline_s) as log:
            return work(log)

    def open_writer(self, lock_wait_s: float) -> AbstractContextManager["LogWriter"]:
        """Open the log to write, for a person that waits. Raises DatabaseLost for a lost one."""
        if self._lost is not None:
            raise self._lost
        return open_writer(self.settings, lock_wait_s=lock_wait_s, waits_for_server=False)


def read_log(
    settings: Settings, read: Callable[[LogReader], int], deadline: str | None = None
) -> int:
    """Return what `read` does with the log or its mirror, all of which it sees in one state.

    `deadline`: how long it may read, as it was given. Raises DatabaseLost: see ``LogSource.read``.
    """

    def work(log: LogReader) -> int:
        with log.one_state():
            return read(log)

    return LogSource(settings, None if deadline is None else seconds(deadline)).read(work)


def names_in_log(
    source: LogSource, dids: Sequence[str] | None, file: str | None
) -> tuple[list[str], "dict[str, DidError]"]:
    """Return the DIDs named, and what is wrong with a line of the list `file` that names none.

    Raises UsageError. A line is one name; the words of a command may be one number.
    """
    names = options.names_given(dids, None)
    if file is None and not split_numbers(names):
        return names, {}
    lines, place = [], ""
    if file is not None:
        lines, place = options.lines_of(file), "stdin" if file == "-" else file

    def read(log: LogReader) -> "tuple[list[str], dict[str, DidError]]":
        refuse_split_numbers(log, names)
        return listed(log, lines, place)

    try:
        in_file, refused = source.read(read)
    except DatabaseLost:
        # Whether the command can do without the log is not decided here.
        with open_nothing(source.settings) as log:
            in_file, refused = read(log)
    if file is not None and not (names or in_file or refused):
        raise options.empty_list(file)
    return names + in_file, refused


def open_nothing(settings: Settings) -> AbstractContextManager[LogReader]:
    """Open a log without anything, in the place of one that cannot be reached."""
    by_country = partial(options.number_by_country, settings.region)
    nothing = no_log(settings.location)
    return closing(LogReader(settings.location, by_country=by_country, driver=nothing))


@contextmanager
def _open_mirror(
    settings: Settings, lost: DatabaseLost, deadline_s: float | None
) -> Iterator[LogReader]:
    mirror = settings.mirror
    if mirror is None:
        raise lost
    if not mirror.exists:
        hint = (
            f"The mirror {mirror} is not there either. {lost.hint}"
            f" Then make it: {command_line('mirror', [str(mirror)])}"
        )
        raise DatabaseLost(lost.message, hint) from lost
    with open_reader(replace(settings, location=mirror, db_flag=None), deadline_s) as log:
        newest = log.newest_entry_at()
        as_of = "it is empty" if newest is None else f"as of its newest entry, {format_utc(newest)}"
        warn(f"{lost.message}: this is from the mirror {mirror}, {as_of}")
        RUN.from_mirror, RUN.mirror_as_of = True, newest
        yield log


@contextmanager
def open_writer(
    settings: Settings, *, lock_wait_s: float | None = None, waits_for_server: bool = True
) -> Iterator["LogWriter"]:
    """Open the log to write: see `open_transactions`."""
    from changelog.store.writer import LogWriter

    opened = open_transactions(settings, lock_wait_s=lock_wait_s, waits_for_server=waits_for_server)
    with opened as transactions:
        yield LogWriter(transactions)


@contextmanager
def open_transactions(
    settings: Settings,
    *,
    lock_wait_s: float | None = None,
    waits_for_server: bool = True,
    into_mirror: bool = False,
) -> Iterator["Transactions"]:
    """Open the log to write: a SQLite file is made and upgraded where that is needed.

    `lock_wait_s`: how long another writer is waited for; None: as long as usual.
    `waits_for_server`: for one that is lost; no longer once this process is asked to stop.
    `into_mirror`: for ``mirror`` alone. Raises DatabaseError for any other writer to a mirror.
    """
    from changelog.store.engine import disposing, ensure_current, make_engine, require_no_mirror
    from changelog.store.transaction import Transactions
    from changelog.system.shutdown import SHUTDOWN

    location = settings.location
    if isinstance(location, SqliteLocation):
        location.prepare()
        if location.exposure is not None:
            warn(location.exposure)
    waits = {} if waits_for_server else {"patience_s": 0.0}
    with disposing(make_engine(location, busy_timeout_s=lock_wait_s)) as engine:
        if not into_mirror:
            require_no_mirror(location)
        ensure_current(engine, location)
        yield Transactions(
            engine,
            location,
            clock,
            on_lost=lambda lost: tell("changelog: {}: trying again for two minutes", lost.message),
            is_over=lambda: SHUTDOWN.requested,
            **waits,
        )


def open_api(
    settings: Settings, *, within_s: float | None = None, answer_limit_s: float | None = None
) -> "ApiClient":
    """Open the API. Raises UsageError without a usable key.

    `within_s`: how long all answers may take together. `answer_limit_s`: no more than so long for
    each DID of a fleet, of which none that hangs ends the run; without it, `within_s` is for a
    person that waits, so each key is tried once, and the rate is not waited for.
    """
    from changelog.api.client import ApiClient
    from changelog.api.exchange import Limits

    sources = settings.found_keys
    keys = usable(sources)
    RUN.key_places = tuple(found.source.place for found in sources if found.key is not None)
    for source in sources:
        if source.problem:
            warn(f"the key {source.label} is skipped: {source.problem}")
    is_quick = within_s is not None and answer_limit_s is None
    limit_s = min(settings.answer_limit_s, answer_limit_s or math.inf)
    limits = Limits(target_s=limit_s, silence_counts=answer_limit_s is None)
    return ApiClient(
        settings.api_url,
        keys,
        clock=clock,
        compare=_compare,
        concurrency=settings.concurrency,
        rate=None if is_quick else settings.requests_a_second,
        limits=Limits.quick(within_s or 0) if is_quick else limits,
        patience_s=math.inf if within_s is None else within_s,
        tell_silence=partial(_tell_silence, settings) if answer_limit_s is None else lambda: None,
    )


def _tell_silence(settings: Settings) -> None:
    # With a rate, there may be nobody to wait for.
    if settings.rate is None:
        limit = format_duration(settings.answer_limit_s)
        tell_wait(f"changelog: waiting for the API, {limit} at most for each DID (answer_limit)")


def capture_settings(settings: Settings, stated: str | None = None) -> "CaptureSettings":
    from changelog.model.recording import CaptureSettings
    from changelog.system.shutdown import SHUTDOWN

    return CaptureSettings(
        settings.destination_fields,
        settings.volatile,
        stated,
        shutdown=SHUTDOWN,
        clock_offset=lambda: CORRECTION.offset,
    )


def capture_info(settings: Settings, command: str, by: str | None = None) -> CaptureInfo:
    """Return a capture that begins now. Commands put notes and the like into it."""
    return CaptureInfo(
        id=0, started_at=clock(), recorded_by=by or settings.operator, command=command
    )


@contextmanager
def open_capture(
    settings: Settings,
    info: CaptureInfo,
    size: int,
    *,
    by_name: bool,
    stated: str | None = None,
    **resumed: Any,
) -> Iterator[tuple["Capture", "Progress"]]:
    """Open the API, the log to write and a capture of `size` DIDs, with its progress.

    `stated`: the destination that an operator states. `resumed`: see `Capture`.
    """
    from changelog.cli.progress import Progress
    from changelog.commands.recording.capture import Capture

    api = open_api(settings)
    reading = capture_settings(settings, stated)
    with open_writer(settings) as recorder, Progress(size) as progress:
        capture = Capture(recorder, info, reading, api, by_name=by_name, size=size, **resumed)
        progress.explain_waits(capture.waits_for)
        yield capture, progress
