"""Where ``watch`` delivers alerts: stdout, a command, the receivers of ``--notify``."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from changelog.cli.output import Output, say_line, tell
from changelog.cli.secret_sources import secrets_read
from changelog.cli.settings import Settings
from changelog.commands.recording.watch import Channel
from changelog.model.results.watch import WatchAlert
from changelog.render import documents
from changelog.render.alerts import message
from changelog.render.style import whole
from changelog.store.location import PostgresLocation
from changelog.system.shutdown import Shutdown

STDOUT, COMMAND = "stdout", "on-change"


def open_channels(
    out: Output,
    settings: Settings,
    on_change: str | None,
    notify: Sequence[str],
    shutdown: Shutdown,
) -> dict[str, Channel]:
    """Return the channels by name. Raises UsageError for an address that cannot be used."""
    channels: dict[str, Callable[[WatchAlert], bool]] = {STDOUT: partial(_print, out)}
    if notify:
        from changelog.cli.recording.notify import Notify, receivers

        for receiver in receivers(notify, settings):
            address = Notify(receiver, time.sleep, _warn)
            channels[receiver.name] = partial(_interruptible, shutdown, address)
    if on_change is not None:
        environ = environment_without_secrets(settings, os.environ, secrets_read)
        command = OnChange(on_change, environ, _warn)
        channels[COMMAND] = partial(_interruptible, shutdown, command)
    return {name: partial(_in_words, settings, channel) for name, channel in channels.items()}


def _in_words(settings: Settings, channel: Callable[[WatchAlert], bool], alert: WatchAlert) -> bool:
    return channel(message.worded(alert, settings.paste_options, settings.public_url))


def _warn(content: str) -> None:
    tell("changelog: warning: {}", whole(content))


def _interruptible(
    shutdown: Shutdown, channel: Callable[[WatchAlert], bool], alert: WatchAlert
) -> bool:
    with shutdown.interruptible():
        return channel(alert)


def _print(out: Output, alert: WatchAlert) -> bool:
    """Print the alert. One for which there is no room stays due."""
    if out.json:
        return say_line(documents.line("watch", alert))
    return say_line(message.alert_line(alert, out.style))


TIME_LIMIT_S = 30.0
_PROVIDERS = "MINIVOICE_"


class OnChange:
    """Runs `command` with ``/bin/sh -c``, in a process group of its own.

    It is run once: that it failed is a warning, and does not run it again.
    """

    def __init__(
        self, command: str, environ: Mapping[str, str], warn: Callable[[str], None]
    ) -> None:
        self._command = command
        self._environ = dict(environ)
        self._warn = warn

    def __call__(self, alert: WatchAlert) -> bool:
        outcome = self._run(alert)
        if outcome != "exit 0":
            self._warn(f"--on-change for alert {alert.id}: {outcome}")
        return True

    def _run(self, alert: WatchAlert) -> str:
        try:
            process = subprocess.Popen(  # noqa: S603 -- the operator's own command
                ["/bin/sh", "-c", self._command],
                stdin=subprocess.PIPE,
                # What it prints is no part of the answer.
                stdout=2,
                env={**self._environ, **message.variables(alert)},
                start_new_session=True,
            )
        except OSError as error:
            return f"not started: {error.strerror}"
        try:
            process.communicate(f"{documents.line('watch', alert)}\n".encode(), TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            return f"killed after {TIME_LIMIT_S:.0f} s"
        finally:
            _end(process)
        code = process.returncode
        return f"exit {code}" if code >= 0 else f"ended by signal {-code}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the group, if the command itself is still there."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment_without_secrets(
    settings: Settings, environ: Mapping[str, str], secrets: Iterable[str]
) -> dict[str, str]:
    """Return what a command may see: nothing that holds a key, no database with a password."""
    sources = (*settings.key_sources, *settings.file.sources)
    named = {source.place for source in sources if source.source == "environment"}
    known = [secret for secret in secrets if secret]
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(_PROVIDERS)
        and name not in named
        and not any(secret in value for secret in known)
    }
    database = settings.location
    if isinstance(database, PostgresLocation) and str(database) != database.dsn:
        kept = {name: value for name, value in kept.items() if database.dsn not in value}
    return kept
