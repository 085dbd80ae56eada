"""``--notify``: posts an alert to a receiver, in its form, signed where it has a secret."""

import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from http import HTTPStatus
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from changelog import __version__
from changelog.api.exchange import Failure, post
from changelog.api.transport import trusting_context
from changelog.cli.context import clock
from changelog.cli.output import warn
from changelog.cli.secret_sources import KeySource, lines_in, read_secret
from changelog.cli.settings import Settings
from changelog.cli.settings_file import RECEIVERS
from changelog.model.errors import UsageError
from changelog.model.results.watch import WatchAlert
from changelog.render.alerts.posts import Post, posts
from changelog.system.files import is_readable_by_all

_PAGERDUTY = "https://events.pagerduty.com"
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}", re.ASCII)
_HINT = (
    "Write --notify slack:FILE, teams:FILE, pagerduty:FILE, url:FILE or https://HOST/PATH, or the"
    " NAME of a [notify.NAME] in the settings; plain http to this host only."
)
_HOLDS = (
    "Its first line is the address, or the routing key of PagerDuty. Only you should be able to"
    " read it (chmod 600)."
)


_MAKE_FILE = (
    "Make the file (chmod 600). Its first line is the URL of the webhook.",
    "Make the file (chmod 600). Its first line is the integration key.",
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
    hint = _MAKE_FILE[kind == "pagerduty"] if source.source == "file" else _HINT
    lines = lines_in(read_secret(source, settings.environ, f"--notify {kind}", hint))
    if not 1 <= len(lines) <= 2:
        raise UsageError(
            f"what --notify {kind} reads from {source.place} is not one line or two", _HOLDS
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
        raise UsageError(f"what --notify {kind} reads from {source.place} is not one line", _HOLDS)
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


TRIES = 3
TRY_S = 5.0
"""The longest that one try may take, from resolving the name to the status."""
BACKOFF_S = 0.5
Sleep = Callable[[float], None]


class Notify:
    """Posts each alert; after `TRIES` in vain it is left for the next round.

    Raises UsageError for a secret that nothing can be signed with.
    """

    def __init__(self, receiver: Receiver, sleep: Sleep, warn: Callable[[str], None]) -> None:
        self._receiver = receiver
        self._url = receiver.url
        self._sleep = sleep
        self._warn = warn
        self._tls = trusting_context() if self._url.scheme == "https" else None
        self._secret = None if receiver.secret is None else _signing_key(receiver.secret)

    def __call__(self, alert: WatchAlert) -> bool:
        made = posts(self._receiver.kind, alert, self._receiver.key)
        return all(self._is_taken(alert, each) for each in made)

    def _is_taken(self, alert: WatchAlert, made: Post) -> bool:
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                self._sleep(BACKOFF_S * 2 ** (attempt - 1))
            headers = {**self._headers, **self._signature(alert, made.body)}
            outcome = post(self._destination(made.path), headers, made.body, self._tls, TRY_S)
            if isinstance(outcome, Failure):
                reason = f"no answer: {outcome.message}"
                continue
            reason = f"status {outcome}"
            # A redirect is not followed: it is no receipt, and may lead to another host.
            if HTTPStatus.OK <= outcome < HTTPStatus.MULTIPLE_CHOICES:
                return True
        place = self._receiver.place
        self._warn(f"alert {alert.id} was not accepted by {place}: {reason}; tried again later")
        return False

    def _destination(self, below: str) -> str:
        """Return the address without the user's name and password, which are sent as a header."""
        place = self._url.netloc.rpartition("@")[2]
        path = self._url.path.rstrip("/") + below if below else self._url.path or "/"
        query = f"?{self._url.query}" if self._url.query else ""
        return f"{self._url.scheme}://{place}{path}{query}"

    @property
    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"changelog/{__version__}"}
        if self._url.username is not None:
            pair = f"{unquote(self._url.username)}:{unquote(self._url.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return headers

    def _signature(self, alert: WatchAlert, body: bytes) -> dict[str, str]:
        """Return the headers of Standard Webhooks: the same id each time that it is tried."""
        if self._secret is None:
            return {}
        name, at = f"{alert.watch}.{alert.id}", str(int(clock().timestamp()))
        signed = f"{name}.{at}.".encode() + body
        digest = b64encode(hmac.digest(self._secret, signed, sha256)).decode()
        return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": f"v1,{digest}"}


def _signing_key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    try:
        # Padding may be left out.
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise UsageError(
            "the secret that --notify signs with is not base64",
            "Write it like whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, in the file's second line.",
        )
    return key
