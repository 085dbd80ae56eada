"""``--notify``: which receiver it names, and the address and the secrets that its file holds."""

import os
import re
from collections.abc import Iterable
from hashlib import sha256
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from changelog.cli.output import warn
from changelog.cli.secret_sources import read_secret
from changelog.cli.settings import Settings
from changelog.cli.settings_file import RECEIVERS, KeySource
from changelog.model.errors import UsageError
from changelog.system.files import is_readable_by_all

_PAGERDUTY = "https://events.pagerduty.com"
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}", re.ASCII)
_HINT = (
    "Write --notify slack:FILE, teams:FILE, pagerduty:FILE, url:FILE or https://HOST/PATH, or the"
    " NAME of a [notify.NAME] in the settings; plain http to this host only."
)


class Receiver(NamedTuple):
    """Where alerts are posted, and in which form.

    `name`: its channel's, the same after a restart. `key`: what PagerDuty knows us by. `secret`:
    what posts are signed with, None for posts without a signature.
    """

    name: str
    kind: str
    url: SplitResult
    key: str | None = None
    secret: str | None = None

    @property
    def place(self) -> str:
        """Return where alerts go, fit to be shown: the path and the query may hold a secret."""
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.url.scheme}://{self.url.hostname}{port}"


def receivers(named: Iterable[str], settings: Settings) -> list[Receiver]:
    """Return each receiver that `--notify` names, once.

    Raises UsageError for one that is not known, or that an alert must not be sent to.
    """
    found = (_receiver(text, settings) for text in named)
    return list({receiver.name: receiver for receiver in found}.values())


def _receiver(text: str, settings: Settings) -> Receiver:
    if text in settings.file.notify:
        kind, source = settings.file.notify[text]
        return _from_secret(text, kind, source, settings)
    kind, colon, path = text.partition(":")
    if colon and kind in RECEIVERS:
        if "://" in path:
            raise UsageError(
                "the address of --notify is a secret, which every user of this machine can read"
                " on a command line",
                f"Write it into a file that only you can read: --notify {kind}:FILE",
            )
        return _from_secret(
            _channel(kind, path), kind, KeySource("file", os.path.expanduser(path)), settings
        )
    return at_address(text)


def at_address(url: str) -> Receiver:
    """Return the receiver of plain JSON. Raises UsageError for where no alert must be sent to."""
    return Receiver(_channel("url", url), "url", _checked(url))


def _channel(kind: str, text: str) -> str:
    # Kept in the log: neither the address nor a path with blanks.
    return f"{kind}-{sha256(text.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _from_secret(name: str, kind: str, source: KeySource, settings: Settings) -> Receiver:
    if source.source == "file" and is_readable_by_all(source.place):
        warn(f"everybody on this machine can read {source.place}, the secret of --notify {kind}")
    lines = read_secret(source, settings.environ, f"--notify {kind}", _HINT).lines
    if not 1 <= len(lines) <= 2:
        raise UsageError(
            f"what --notify {kind} reads from {source.place} is not one line or two", _HINT
        )
    first, second = lines[0], lines[1] if lines[1:] else None
    if kind == "pagerduty":
        if not _ROUTING_KEY.fullmatch(first):
            raise UsageError(
                f"what --notify pagerduty reads from {source.place} is not a routing key of 32"
                " letters and digits",
                "It is the integration key of an Events API v2 integration.",
            )
        return Receiver(name, kind, _checked(second or _PAGERDUTY), key=first)
    if second is not None and kind != "url":
        raise UsageError(f"what --notify {kind} reads from {source.place} is not one line", _HINT)
    return Receiver(name, kind, _checked(first), secret=second)


def _checked(url: str) -> SplitResult:
    # Never repeated in a message: what is wrong with it may be its secret.
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.scheme not in ("http", "https") or not _is_sendable(url):
        raise UsageError("the address of --notify cannot be used", _HINT)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise UsageError(
            "the address of --notify must be https: alerts would cross the network unencrypted",
            _HINT,
        )
    return parts


def _is_sendable(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
