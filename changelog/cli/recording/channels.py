"""Where ``watch`` delivers alerts: stdout, a command, and the receivers of ``receivers.py``."""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from changelog.cli.output import Output, say_line, tell
from changelog.cli.recording.receivers import post_alert, receiver_of
from changelog.cli.secret_sources import secrets_read
from changelog.cli.settings import Settings
from changelog.commands.recording.delivery import Channel
from changelog.model.results.watch import WatchAlert
from changelog.render import documents
from changelog.render.alerts import message
from changelog.store.location import PostgresLocation
from changelog.system.shutdown import SHUTDOWN

STDOUT, COMMAND = "stdout", "on-change"
TIME_LIMIT_S = 30.0
"""The longest that a command may take."""
_PROVIDERS = "MINIVOICE_"


def open_channels(
    out: Output, settings: Settings, on_change: str | None, notify: Sequence[str]
) -> dict[str, Channel]:
    """Return the channels by name. Raises UsageError for an address that cannot be used."""
    channels: dict[str, Channel] = {STDOUT: partial(_print, out)}
    for receiver in (receiver_of(text, settings) for text in notify):
        channels[receiver.name] = partial(_interruptible, partial(post_alert, receiver))
    if on_change is not None:
        environ = environment_without_secrets(settings, os.environ, secrets_read)
        channels[COMMAND] = partial(_interruptible, partial(run_command, on_change, environ))
    return {name: partial(_in_words, settings, channel) for name, channel in channels.items()}


def _in_words(settings: Settings, channel: Channel, alert: WatchAlert) -> bool | None:
    return channel(message.worded(alert, settings.public_url))


def _interruptible(channel: Channel, alert: WatchAlert) -> bool | None:
    with SHUTDOWN.interruptible():
        return channel(alert)


def _print(out: Output, alert: WatchAlert) -> bool:
    """Print the alert. One for which there is no room stays due."""
    if out.json:
        return say_line(documents.line("watch", alert))
    return say_line(message.alert_line(alert, out.style))


def run_command(command: str, environ: Mapping[str, str], alert: WatchAlert) -> bool:
    """Run `command` with ``/bin/sh -c``, in a process group of its own.

    It is run once: that it failed is a warning, and does not run it again.
    """
    outcome = _outcome_of(command, environ, alert)
    if outcome != "exit 0":
        tell(f"changelog: warning: --on-change for alert {alert.id}: {outcome}")
    return True


def _outcome_of(command: str, environ: Mapping[str, str], alert: WatchAlert) -> str:
    try:
        process = subprocess.Popen(  # noqa: S603 -- the operator's own command
            ["/bin/sh", "-c", command],
            stdin=subprocess.PIPE,
            # What it prints is no part of the answer.
            stdout=2,
            env={**environ, **message.variables(alert)},
            start_new_session=True,
        )
    except OSError as error:
        return f"not started: {error.strerror}"
    try:
        process.communicate(f"{documents.line('watch', alert)}\n".encode(), TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"killed after {TIME_LIMIT_S:.0f} s"
    finally:
        # What is left of the group, if the command itself is still there.
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    code = process.returncode
    return f"exit {code}" if code >= 0 else f"ended by signal {-code}"


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
