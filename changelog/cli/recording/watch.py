"""``changelog watch``."""

import hashlib
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from changelog.cli import options
from changelog.cli.context import (
    capture_info,
    capture_settings,
    clock,
    open_api,
    open_reader,
    open_writer,
)
from changelog.cli.options import seconds
from changelog.cli.output import (
    Output,
    lost_answers,
    output,
    print_error,
    say_line,
    take_waiting,
    tell_conditions,
)
from changelog.cli.output import tell as tell_operator
from changelog.cli.settings import Settings, load_settings
from changelog.commands.recording.capture import Capture, Targets
from changelog.commands.recording.watch import STILL_NEWS, Channel, Watch, tell, watch_round
from changelog.commands.targets import EveryDid, targets
from changelog.model import exits
from changelog.model.errors import ChangelogError, UsageError
from changelog.model.exits import exit_code
from changelog.model.results.watch import WatchAlert, WatchMetrics, WatchRound
from changelog.model.text.sanitize import escape
from changelog.model.text.schedule import pause_of
from changelog.model.text.times import format_duration
from changelog.model.watch_rules import Rules
from changelog.render import documents, watching
from changelog.system.files import replace_file
from changelog.system.shutdown import SHUTDOWN, CancellableApi, Shutdown, clocks

if TYPE_CHECKING:
    from changelog.model.ports import Alerts, Api, Recorder

SILENT_INTERVALS = 5
SHORTEST_INTERVAL_S = 1.0
TURN_S = 60.0
"""How long another process of the same watch is waited for that tells its alerts just now."""
_GLANCE_S = 0.1
STDOUT, COMMAND, NOTIFY = "stdout", "on-change", "notify"

app = options.command_app()


@app.command(
    epilog=options.epilog(
        "changelog watch --all --interval 5m --on-change './page-me'", (0, 2, 3, 4, 5, 6, 8, 130)
    )
)
def run(
    dids: options.Dids = None,
    every: options.All = False,
    interval: Annotated[
        str,
        typer.Option(
            "--interval", metavar="D", help="Time between two rounds, such as 30s, 5m or 1h."
        ),
    ] = "5m",
    once: Annotated[
        bool, typer.Option("--once", help="Do one round and end, for cron and timers.")
    ] = False,
    on_change: Annotated[
        str | None,
        typer.Option(
            "--on-change", metavar="CMD", help="Run this command for each alert, with sh -c."
        ),
    ] = None,
    notify: Annotated[
        str | None,
        typer.Option(
            "--notify", metavar="URL", help="POST each alert as JSON to this https address."
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            "--metrics",
            metavar="FILE",
            help="Write Prometheus metrics to this file after each round.",
        ),
    ] = None,
    after: Annotated[
        int,
        typer.Option(
            "--after",
            metavar="K",
            min=1,
            max=100,
            help="Send an alert after K failed reads in a row.",
        ),
    ] = 3,
    silent: Annotated[
        str | None,
        typer.Option(
            "--silent",
            metavar="D",
            help="Send an alert if nothing was read for D (default: 5 intervals).",
        ),
    ] = None,
    many: Annotated[
        int,
        typer.Option(
            "--many",
            metavar="N",
            min=1,
            help="Send one alert, not many, for more than N changes at once.",
        ),
    ] = 10,
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Record again and again; send an alert when a route changes, fails to be read or recovers."""
    out = output(json, format_name)
    settings = load_settings(db, config)
    interval_s = seconds(interval)
    if interval_s < SHORTEST_INTERVAL_S:
        raise UsageError("the interval is too short", "Write --interval 1s or more.")
    quiet_s = interval_s * SILENT_INTERVALS if silent is None else seconds(silent)
    if quiet_s == 0:
        raise UsageError("--silent must be longer than nothing", "Write --silent 15m or longer.")
    asked = _Asked(tuple(dids or ()), every, by)
    with ExitStack() as open_things:
        open_things.enter_context(SHUTDOWN.listening())
        api = CancellableApi(open_api(settings), SHUTDOWN)
        channels = _channels(out, settings, on_change, notify, SHUTDOWN)
        asked.targets(settings)
        recorder = open_things.enter_context(open_writer(settings))
        watch = Watch(
            asked.name, Rules(after, timedelta(seconds=quiet_s), many), tuple(channels), None
        )
        watcher = _Watcher(
            out=out,
            settings=settings,
            shutdown=SHUTDOWN,
            api=api,
            recorder=recorder,
            alerts=recorder.alerts(watch.name),
            asked=asked,
            watch=watch,
            channels=channels,
            metrics=None if metrics is None else Path(metrics),
        )
        return watcher.once() if once else watcher.keep_on(interval_s)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line names."""

    names: tuple[str, ...]
    every: bool
    by: str | None

    @property
    def name(self) -> str:
        """What the watch goes by in the database: the same words, in any order, are one watch."""
        if self.every:
            return "all"
        names = "\n".join(sorted({name.strip() for name in self.names}))
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    def targets(self, settings: Settings) -> Targets:
        """Asked again each round: DIDs come, go and are retired."""
        if self.every and not self.names:
            return EveryDid(partial(open_reader, settings), with_key=settings.several_keys)
        with open_reader(settings) as log:
            return targets(log, self.names, every=self.every, with_key=settings.several_keys)


@dataclass(slots=True)
class _Watcher:
    """Runs rounds one after the other; from one to the next, all is kept in the log alone."""

    out: Output
    settings: Settings
    shutdown: Shutdown
    api: "Api"
    recorder: "Recorder"
    alerts: "Alerts"
    asked: _Asked
    watch: Watch
    channels: Mapping[str, Channel]
    metrics: Path | None
    told_conditions: tuple[str, ...] = ()
    duration_s: float = 0.0

    def once(self) -> int:
        self.alerts.begin()
        with suppress(KeyboardInterrupt):
            self._tell()
        result = self._round()
        with suppress(KeyboardInterrupt):
            self._tell()
        self._end_of_round(result)
        return exit_code(result.conditions)

    def keep_on(self, interval_s: float) -> int:
        self.alerts.begin()
        if not self.out.json:
            count = len(self.asked.targets(self.settings))
            self._say(
                f"watching {count} DIDs, a round every {format_duration(interval_s)}; Ctrl-C stops"
            )
        first = True
        try:
            while self.shutdown.signal is None:
                began = clocks()
                self._guarded(first=first)
                first = False
                pause_s = pause_of(interval_s, random.random())  # noqa: S311 -- no secret
                self.shutdown.sleep_from(began, pause_s, clocks)
        except KeyboardInterrupt:
            pass
        return 0 if self.shutdown.signal == signal.SIGTERM else exits.EXIT_CODES[exits.INTERRUPTED]

    def _guarded(self, *, first: bool) -> None:
        """A round. What stands in its way ends the first one, and is told of a later one."""
        try:
            # What a restart found still to be told is older than this round.
            if first:
                self._tell()
            result = self._round()
            try:
                self._tell()
            finally:
                self._end_of_round(result)
        except ChangelogError as error:
            if first:
                raise
            print_error(error, as_json=self.out.json)
            self._say("this round is lost; the next one comes as planned")

    def _round(self) -> WatchRound:
        began = time.monotonic()
        wanted = self.asked.targets(self.settings)
        among = None if self.asked.every else {one.did or one.requested for one in wanted}
        info = capture_info(self.settings, "watch", self.asked.by)
        capture = Capture(
            self.recorder,
            info,
            capture_settings(self.settings),
            self.api,
            by_name=not self.asked.every,
            size=len(wanted),
        )
        watched = replace(self.watch, among=among)
        result = watch_round(self.api, capture, self.alerts, wanted, watched)
        self.duration_s = time.monotonic() - began
        return result

    def _tell(self) -> None:
        """Tell what is due, once it is this process's turn: another one may tell just the same.

        Whatever is left, that one tells, or this one after its next round.
        """
        until = time.monotonic() + TURN_S
        while time.monotonic() < until:
            with self.alerts.turn() as ours:
                if ours:
                    self._tell_all()
                    return
            with self.shutdown.interruptible():
                time.sleep(_GLANCE_S)

    def _tell_all(self) -> None:
        """Tell what is due; once a stop is wished, on stdout only: the rest waits in the log."""
        stopped = self.shutdown.signal is not None
        channels = {STDOUT: self.channels[STDOUT]} if stopped else self.channels
        tell(
            self.alerts,
            partial(open_reader, self.settings),
            self.watch,
            channels,
            self.settings.volatile,
            clock(),
        )

    def _end_of_round(self, result: WatchRound) -> None:
        if self.metrics is not None:
            self._write_metrics(self.metrics, result)
        if self.out.json:
            line = documents.line("watch", result)
            if not say_line(line) and not lost_answers:
                lost_answers.append(line)
        elif result.conditions != self.told_conditions:
            tell_conditions(self.out, result)
        self.told_conditions = result.conditions
        for content in take_waiting():
            tell_operator(f"changelog: warning: {content}")

    def _write_metrics(self, path: Path, result: WatchRound) -> None:
        text = watching.metrics(
            WatchMetrics(
                watch=result.watch,
                ended_at=result.at,
                last_success=self.alerts.last_read(),
                counts=result.counts,
                duration_s=self.duration_s,
                undelivered=self.alerts.pending_count(result.at - STILL_NEWS),
            )
        )
        try:
            # A collector runs as somebody else.
            replace_file(path, [text.encode()], mode=0o644)
        except OSError as error:
            self._say(f"the metrics cannot be written to {escape(str(path))}: {error.strerror}")

    def _say(self, content: str) -> None:
        tell_operator(f"changelog: {content}")


def _channels(
    out: Output, settings: Settings, on_change: str | None, notify: str | None, shutdown: Shutdown
) -> dict[str, Channel]:
    """Where alerts are told, by name. Raises UsageError for an address that cannot be used."""
    channels: dict[str, Channel] = {STDOUT: partial(_print, out)}
    if on_change is not None:
        from changelog.cli.recording.on_change import OnChange, environment_without_secrets
        from changelog.cli.settings import secrets_read

        environ = environment_without_secrets(settings, os.environ, secrets_read)
        command = OnChange(on_change, environ, _warn)
        channels[COMMAND] = partial(_waiting, shutdown, command)
    if notify is not None:
        from changelog.cli.recording.notify import Notify

        channels[NOTIFY] = partial(_waiting, shutdown, Notify(notify, time.sleep, _warn))
    return channels


def _warn(content: str) -> None:
    tell_operator(f"changelog: warning: {escape(content)}")


def _waiting(
    shutdown: Shutdown, channel: Callable[[WatchAlert], str | None], alert: WatchAlert
) -> str | None:
    with shutdown.interruptible():
        return channel(_worded(alert))


def _print(out: Output, alert: WatchAlert) -> str | None:
    """An alert for which there is no room stays due."""
    if out.json:
        line = documents.line("watch", _worded(alert))
    else:
        line = watching.alert_line(alert, out.style)
    return "printed" if say_line(line) else None


def _worded(alert: WatchAlert) -> WatchAlert:
    return replace(alert, message=watching.sentence(alert))
