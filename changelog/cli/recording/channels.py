"""Where ``watch`` delivers alerts: stdout, a command, the receivers of ``--notify``."""

import os
import time
from collections.abc import Callable, Sequence
from functools import partial

from changelog.cli.output import Output, say_line, tell
from changelog.cli.settings import Settings
from changelog.commands.recording.watch import Channel
from changelog.model.results.watch import WatchAlert
from changelog.render import documents
from changelog.render.alerts import watching
from changelog.render.alerts.message import worded
from changelog.render.style import whole
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
        from changelog.cli.recording.notify import Notify
        from changelog.cli.recording.receivers import receivers

        for receiver in receivers(notify, settings):
            address = Notify(receiver, time.sleep, _warn)
            channels[receiver.name] = partial(_interruptible, shutdown, address)
    if on_change is not None:
        from changelog.cli.recording.on_change import OnChange, environment_without_secrets
        from changelog.cli.secret_sources import secrets_read

        environ = environment_without_secrets(settings, os.environ, secrets_read)
        command = OnChange(on_change, environ, _warn)
        channels[COMMAND] = partial(_interruptible, shutdown, command)
    return {name: partial(_in_words, settings, channel) for name, channel in channels.items()}


def _in_words(settings: Settings, channel: Callable[[WatchAlert], bool], alert: WatchAlert) -> bool:
    return channel(worded(alert, settings.paste_options, settings.public_url))


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
    return say_line(watching.alert_line(alert, out.style))
