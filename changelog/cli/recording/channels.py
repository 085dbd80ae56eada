"""Where ``watch`` delivers alerts: stdout, a command, an address."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from changelog.cli.output import Output, say_line, tell
from changelog.cli.settings import Settings
from changelog.commands.recording.watch import Channel
from changelog.model.results.watch import WatchAlert
from changelog.render import documents, watching
from changelog.render.style import whole
from changelog.system.shutdown import Shutdown

STDOUT, COMMAND, NOTIFY = "stdout", "on-change", "notify"


def open_channels(
    out: Output, settings: Settings, on_change: str | None, notify: str | None, shutdown: Shutdown
) -> dict[str, Channel]:
    """Return the channels by name. Raises UsageError for an address that cannot be used."""
    channels: dict[str, Channel] = {STDOUT: partial(_print, out)}
    if on_change is not None:
        from changelog.cli.recording.on_change import OnChange, environment_without_secrets
        from changelog.cli.settings import secrets_read

        environ = environment_without_secrets(settings, os.environ, secrets_read)
        command = OnChange(on_change, environ, _warn)
        channels[COMMAND] = partial(_interruptible, shutdown, command)
    if notify is not None:
        from changelog.cli.recording.notify import Notify

        address = Notify(notify, time.sleep, _warn)
        channels[NOTIFY] = partial(_interruptible, shutdown, address)
    return channels


def _warn(content: str) -> None:
    tell("changelog: warning: {}", whole(content))


def _interruptible(
    shutdown: Shutdown, channel: Callable[[WatchAlert], bool], alert: WatchAlert
) -> bool:
    with shutdown.interruptible():
        return channel(_worded(alert))


def _print(out: Output, alert: WatchAlert) -> bool:
    """Print the alert. One for which there is no room stays due."""
    if out.json:
        return say_line(documents.line("watch", _worded(alert)))
    return say_line(watching.alert_line(alert, out.style))


def _worded(alert: WatchAlert) -> WatchAlert:
    return replace(alert, message=watching.sentence(alert))
