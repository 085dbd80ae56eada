"""``--notify``: posts an alert to a receiver, in its form, signed where it has a secret."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import unquote

from changelog import __version__
from changelog.api.failures import Failure
from changelog.api.post import post
from changelog.api.transport import trusting_context
from changelog.cli.context import clock
from changelog.cli.recording.receivers import Receiver
from changelog.model.errors import UsageError
from changelog.model.results.watch import WatchAlert
from changelog.render.alerts.posts import Post, posts

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
