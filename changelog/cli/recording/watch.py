"""``changelog watch``."""

import hashlib
import random
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from changelog.cli import context, options
from changelog.cli.options import command, flag, option
from changelog.cli.output import RUN, Output, print_error, say_line, tell, tell_waiting
from changelog.cli.recording.channels import STDOUT, open_channels
from changelog.cli.settings import Settings
from changelog.commands.recording.capture import Capture
from changelog.commands.recording.delivery import Channel, deliver
from changelog.commands.recording.watch import Watch, watch_round
from changelog.commands.targets import refuse_split_numbers, targets
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.errors import ChangelogError, UsageError
from changelog.model.results.base import exit_code
from changelog.model.results.watch import WatchRound
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_duration, seconds
from changelog.model.watching.watch_rules import Rules
from changelog.render import documents
from changelog.render.alerts import message
from changelog.render.style import how_many
from changelog.system.files import replace_file
from changelog.system.shutdown import SHUTDOWN, running_s

if TYPE_CHECKING:
    from changelog.model.ports import Alerts, Api
    from changelog.store.writer import LogWriter

SILENT_INTERVALS = 5
SHORTEST_INTERVAL_S = 1.0
LOCK_WAIT_S = 60.0
"""How long another process of the same watch is waited for that delivers alerts just now."""
_LOCK_PAUSE_S = 0.1

_NOTIFY = option(
    "--notify",
    "TO",
    "POST each alert: slack:FILE, teams:FILE, pagerduty:FILE, url:FILE, an https address,"
    " or a NAME from the settings. May be repeated.",
)
_METRICS = option("--metrics", "FILE", "Write Prometheus metrics to this file after each round.")
_AFTER = option("--after", "K", "Send an alert after K failed reads in a row.", 3, min=1, max=100)
_SILENT = option("--silent", "D", "Send an alert if nothing was read for D (default: 5 intervals).")
_MANY = option(
    "--many", "N", "Send one alert, not many, for more than N changes at once.", 10, min=1
)


@command("changelog watch --all --interval 5m --on-change './page-me'", (0, 2, 3, 4, 5, 6, 8, 130))
def app(
    out: Output,
    settings: Settings,
    dids: list[str] | None = options.DIDS,
    every: bool = options.ALL,
    interval: str = option(
        "--interval", "D", "Time between two rounds, such as 30s, 5m or 1h.", "5m"
    ),
    once: bool = flag("--once", "Do one round and end, for cron and timers."),
    on_change: str | None = option(
        "--on-change", "CMD", "Run this command for each alert, with sh -c."
    ),
    notify: list[str] | None = _NOTIFY,
    metrics: str | None = _METRICS,
    after: int = _AFTER,
    silent: str | None = _SILENT,
    many: int = _MANY,
    by: str | None = options.BY,
) -> int:
    """Record again and again; send an alert when a route changes, fails to be read or recovers."""
    interval_s, silent_s = _periods(interval, silent)
    given = tuple(dids or ())
    with ExitStack() as open_things:
        open_things.enter_context(SHUTDOWN.listening())
        api = context.open_api(settings)
        channels = open_channels(out, settings, on_change, notify or ())
        _targets(settings, given, every=every)
        recorder = open_things.enter_context(context.open_writer(settings))
        rules = Rules(after, timedelta(seconds=silent_s), many)
        name, volatile = _name_of(given, every=every), settings.volatile
        watch = Watch(name, interval_s, rules, tuple(channels), given, volatile)
        file = None if metrics is None else Path(metrics)
        watcher = _Watcher(out, settings, api, recorder, by, watch, channels, file)
        return watcher.once() if once else watcher.keep_on()


def _periods(interval: str, silent: str | None) -> tuple[float, float]:
    """Return the interval and the longest silence, in seconds."""
    interval_s = seconds(interval)
    if interval_s < SHORTEST_INTERVAL_S:
        raise UsageError("the interval is too short", "Write --interval 1s or more.")
    silent_s = interval_s * SILENT_INTERVALS if silent is None else seconds(silent)
    if silent_s == 0:
        raise UsageError("--silent must be longer than 0 seconds", "Write --silent 15m or longer.")
    return interval_s, silent_s


def _name_of(names: Sequence[str], *, every: bool) -> str:
    """Return the watch's id in the database: the same words, in any order, are one watch."""
    if every:
        return "all"
    words = "\n".join(sorted({name.strip() for name in names}))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _targets(settings: Settings, names: Sequence[str], *, every: bool) -> list[Target]:
    """Return what to fetch now: DIDs come, go and are retired."""
    with context.open_reader(settings) as log:
        refuse_split_numbers(log, names)
        return targets(log, names, every=every)


@dataclass(slots=True)
class _Watcher:
    """Runs rounds one after the other; from one to the next, all is kept in the log alone."""

    out: Output
    settings: Settings
    api: "Api"
    recorder: "LogWriter"
    by: str | None
    watch: Watch
    channels: Mapping[str, Channel]
    metrics: Path | None
    alerts: "Alerts" = field(init=False)
    shown_conditions: tuple[str, ...] = ()
    shown_remarks: tuple[str, ...] = ()
    duration_s: float = 0.0

    def __post_init__(self) -> None:
        self.alerts = self.recorder.alerts(self.watch.name)

    def _targets(self) -> list[Target]:
        return _targets(self.settings, self.watch.names, every=not self.watch.names)

    def once(self) -> int:
        self.alerts.begin(self.watch.interval_s)
        with suppress(KeyboardInterrupt):
            self._deliver()
        result = self._round()
        with suppress(KeyboardInterrupt):
            self._deliver()
        self._end_of_round(result)
        return exit_code(result.conditions)

    def keep_on(self) -> int:
        interval_s = self.watch.interval_s
        self.alerts.begin(interval_s)
        if not self.out.json:
            count = len(self._targets())
            every = format_duration(interval_s)
            self.out.tell(f"watching {how_many(count)}, a round every {every}; Ctrl-C stops")
        first = True
        try:
            while SHUTDOWN.signal is None:
                # So that many watches do not all read at one moment.
                next_at = running_s() + interval_s * random.uniform(1, 1.1)  # noqa: S311
                self._guarded(first=first)
                self.recorder.release()
                first = False
                SHUTDOWN.sleep_until(next_at)
        except KeyboardInterrupt:
            pass
        return 0 if SHUTDOWN.signal == signal.SIGTERM else exits.EXIT_CODES[exits.INTERRUPTED]

    def _guarded(self, *, first: bool) -> None:
        """Run a round. An error ends the program in the first one, and is a message later."""
        try:
            # What a restart leaves pending is older than this round.
            if first:
                self._deliver()
            result = self._round()
            try:
                self._deliver()
            finally:
                self._end_of_round(result)
        except ChangelogError as error:
            if first:
                raise
            print_error(error, as_json=self.out.json)
            tell("changelog: this round is lost; the next one comes as planned")

    def _round(self) -> WatchRound:
        began = time.monotonic()
        to_fetch = self._targets()
        capture = Capture(
            self.recorder,
            context.capture_info(self.settings, "watch", self.by),
            context.capture_settings(self.settings),
            self.api,
            by_name=bool(self.watch.names),
            size=len(to_fetch),
        )
        result = watch_round(capture, self.alerts, to_fetch, self.watch)
        self.duration_s = time.monotonic() - began
        return result

    def _deliver(self) -> None:
        """Deliver what is pending, once no other process of this watch does the same.

        Whatever is left, that one delivers, or this one after its next round.
        """
        until = time.monotonic() + LOCK_WAIT_S
        while time.monotonic() < until:
            with self.alerts.try_lock() as is_held:
                if is_held:
                    self._deliver_pending()
                    return
            with SHUTDOWN.interruptible():
                time.sleep(_LOCK_PAUSE_S)

    def _deliver_pending(self) -> None:
        """Deliver what is pending; once a stop is requested, on stdout only: the rest stays so."""
        stopped = SHUTDOWN.signal is not None
        deliver(
            self.alerts,
            partial(context.open_reader, self.settings),
            self.watch,
            {STDOUT: self.channels[STDOUT]} if stopped else self.channels,
            context.clock(),
        )

    def _end_of_round(self, result: WatchRound) -> None:
        if self.metrics is not None:
            self._write_metrics(self.metrics, result)
        if self.out.json:
            if not say_line(documents.line("watch", result)):
                RUN.lost = True
        elif result.conditions != self.shown_conditions:
            if exits.UNREADABLE in result.conditions:
                counts = result.counts
                of = f"of {counts.requested} DIDs"
                if counts.unreadable:
                    which = f"{counts.unreadable} {of} could not be read in this round"
                    tell(f"changelog: {which}; to see which, and why: {command_line('status')}")
                if counts.not_read:
                    tell(f"changelog: this round stopped before {counts.not_read} {of} were read")
            self.out.tell_conditions(result)
        self.shown_conditions = result.conditions
        for remark in result.capture.remarks:
            if remark not in self.shown_remarks:
                self.out.tell(f"remark: {remark}")
        self.shown_remarks = result.capture.remarks
        tell_waiting()

    def _write_metrics(self, path: Path, result: WatchRound) -> None:
        state = self.alerts.state()
        undelivered = len(state.undelivered(result.at))
        text = message.metrics(result, state.last_read_at, self.duration_s, undelivered)
        try:
            # A collector runs as somebody else.
            replace_file(path, [text.encode()], mode=0o644)
        except OSError as error:
            tell(f"changelog: the metrics cannot be written to {path}: {error.strerror}")
