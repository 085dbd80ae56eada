"""Receivers that alerts are posted to: their addresses and secrets, and how a post is sent."""

import hmac
import os
import re
import time
from base64 import b64decode, b64encode
from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from changelog import __version__
from changelog.api.exchange import Failure, post
from changelog.api.keys import is_loopback
from changelog.api.transport import trusting_context
from changelog.cli.context import clock
from changelog.cli.output import tell, warn
from changelog.cli.secret_sources import KeySource, read_secret
from changelog.cli.settings import Settings
from changelog.cli.settings_file import RECEIVERS
from changelog.model.errors import UsageError
from changelog.model.results.watch import WatchAlert
from changelog.render.alerts.posts import CHANGE_EVENTS, Post, posts
from changelog.system.files import is_readable_by_all

TRIES = 3
TRY_S = 5.0
"""The longest that one try may take, from resolving the name to the status."""
BACKOFF_S = 0.5
_NEVER = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""What says that the alert itself is refused: it would be refused again, and keep others back."""
_PAGERDUTY = "https://events.pagerduty.com"
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}", re.ASCII)
_HINT = (
    "Write --notify slack:FILE, teams:FILE, pagerduty:FILE, url:FILE or https://HOST/PATH, or the"
    " NAME of a [notify.NAME] in the settings; plain http to this host only."
)
_HOLDS = (
    "Make the file (chmod 600): only you should be able to read it. Its first line is the URL of"
    " the webhook, or the integration key of PagerDuty."
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
    secret: bytes | None = None

    @property
    def place(self) -> str:
        """Return where alerts go, fit to be shown: the path and the query may hold a secret."""
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.url.scheme}://{self.url.hostname}{port}"


def receiver_of(text: str, settings: Settings) -> Receiver:
    """Return what `text` of --notify names. Raises UsageError where no alert must be sent."""
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
    receiver = at_address(text)
    if receiver.url.username is not None or receiver.url.query:
        what = "password" if receiver.url.username is not None else "query"
        warn(f"every user of this machine can read the {what} of --notify: url:FILE hides it")
    return receiver


def at_address(url: str) -> Receiver:
    """Return the receiver of plain JSON. Raises UsageError for where no alert must be sent to."""
    return Receiver(_channel("url", url), "url", _checked(url))


def _channel(kind: str, text: str) -> str:
    # Kept in the log: neither the address nor a path with blanks.
    return f"{kind}-{sha256(text.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _from_secret(name: str, kind: str, source: KeySource, settings: Settings) -> Receiver:
    if source.source == "file" and is_readable_by_all(source.place):
        warn(f"everybody on this machine can read {source.place}, the secret of --notify {kind}")
    hint = _HOLDS if source.source == "file" else _HINT
    lines = read_secret(source, settings.environ, f"--notify {kind}", hint).lines
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
    secret = None if second is None else _signing_key(second)
    return Receiver(name, kind, _checked(first), secret=secret)


def _checked(url: str) -> SplitResult:
    # Never repeated in a message: what is wrong with it may be its secret.
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    is_sendable = url.isascii() and url.isprintable() and " " not in url
    if not (usable and is_sendable) or parts.scheme not in ("http", "https"):
        raise UsageError("the address of --notify cannot be used", _HINT)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise UsageError(
            "the address of --notify must be https: alerts would cross the network unencrypted",
            _HINT,
        )
    if parts.scheme == "https":
        # What cannot be trusted has to be known before anything is fetched.
        trusting_context()
    return parts


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


def post_alert(receiver: Receiver, alert: WatchAlert) -> bool | None:
    """Post an alert; after `TRIES` in vain it is left for the next round: see ``Channel``."""
    made = posts(receiver.kind, alert, receiver.key)
    again = "tried again later"
    if not all(_is_taken(receiver, alert, each, again) for each in made if each.wakes):
        return False
    changes = [each for each in made if each.path == CHANGE_EVENTS]
    ends = [each for each in made if not each.wakes and each not in changes]
    ended = [_is_taken(receiver, alert, each, again) for each in ends]
    if not all(ended):
        return None
    # To end an incident a second time could end one that began since.
    then = "not tried again" if ends else again
    if all(_is_taken(receiver, alert, each, then) for each in changes):
        return True
    return True if ends else None


def _is_taken(receiver: Receiver, alert: WatchAlert, made: Post, then: str) -> bool:
    """Post one of them. `then`: what becomes of it if nobody takes it."""
    url = receiver.url
    # The user's name and password are sent as a header.
    place = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"
    path = url.path.rstrip("/") + made.path if made.path else url.path or "/"
    address = f"{place}{path}{f'?{url.query}' if url.query else ''}"
    tls = trusting_context() if url.scheme == "https" else None
    reason = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(BACKOFF_S * 2 ** (attempt - 1))
        outcome = post(address, _headers(receiver, alert, made.body), made.body, tls, TRY_S)
        if isinstance(outcome, Failure):
            reason = f"no answer: {outcome.message}"
            continue
        reason = f"status {outcome}"
        # A redirect is not followed: it is no receipt, and may lead to another host.
        if HTTPStatus.OK <= outcome < HTTPStatus.MULTIPLE_CHOICES:
            return True
        if outcome in _NEVER:
            tell(f"changelog: warning: alert {alert.id} was refused by {receiver.place}: {reason}")
            return True
    why = f"was not accepted by {receiver.place}: {reason}; {then}"
    tell(f"changelog: warning: alert {alert.id} {why}")
    return False


def _headers(receiver: Receiver, alert: WatchAlert, body: bytes) -> dict[str, str]:
    """Return what goes before the body; with a secret, the signature of Standard Webhooks: its id
    is the same each time that an alert is tried."""
    headers = {"Content-Type": "application/json", "User-Agent": f"changelog/{__version__}"}
    if receiver.url.username is not None:
        pair = f"{unquote(receiver.url.username)}:{unquote(receiver.url.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    if receiver.secret is not None:
        name, at = f"{alert.watch}.{alert.id}", str(int(clock().timestamp()))
        digest = hmac.digest(receiver.secret, f"{name}.{at}.".encode() + body, sha256)
        headers |= {"webhook-id": name, "webhook-timestamp": at}
        headers["webhook-signature"] = f"v1,{b64encode(digest).decode()}"
    return headers
