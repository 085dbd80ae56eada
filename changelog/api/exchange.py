"""One request, its limits, and all that came of it: nothing is raised for what a server does.

The messages of failures are stable (no times, no addresses): equal ones are stored once.
"""

import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from http import HTTPStatus
from math import inf
from threading import Event
from typing import Self

import httpcore
import httpx

from changelog import __version__
from changelog.api.keys import ApiKey
from changelog.api.transport import AnswerDeadline, NameNotResolved, open_client, ready_request
from changelog.model.answers import is_of_server

APPLICATIONS_S = 3.0
_TO_STORE_S = 0.15
"""Left for handing over that there was no answer, so that this too is stored."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds. `connect_s` is for resolving the name and connecting, and once more for
    TLS; `read_s` for the next byte; `answer_s` for all of one answer, from connecting to the last
    byte, however steadily it drips; `target_s` for one DID over all attempts and keys, the waits
    between them included. `attempts` counts the first one too, for each key. `silence_counts`:
    whether a DID that is not answered in time counts as a failed connection: many end the run.
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    answer_s: float = 30.0
    target_s: float = 45.0
    attempts: int = 4
    body_bytes: int = 1024 * 1024
    longest_retry_after_s: float = 30.0
    backoff_s: float = 0.5
    longest_backoff_s: float = 8.0
    silence_counts: bool = True

    @classmethod
    def quick(cls, within_s: float = 2.0) -> Self:
        """Try once a key, with the outcome a little before `within_s`: somebody waits for it."""
        whole = max(0.1, within_s - _TO_STORE_S)
        return cls(connect_s=whole, read_s=whole, answer_s=whole, target_s=whole, attempts=1)

    def for_applications(self) -> Self:
        """Try once: without it a capture lacks some destinations and nothing else."""
        return replace(self, answer_s=min(self.answer_s, APPLICATIONS_S), attempts=1)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no whole answer."""

    code: str
    message: str


TIMEOUT = Failure("timeout", "no whole answer came within the time limit")
NOT_CONNECTED_IN_TIME = Failure("timeout", "no connection was made within the time limit")
REFUSED = Failure("connection_refused", "the connection was refused")
UNRESOLVED = Failure("name_not_resolved", "the host name could not be resolved")
CONNECTION_FAILED = Failure("connection_failed", "the connection failed before any answer")
CUT_OFF = Failure("cut_off", "the connection ended within the answer")
NOT_HTTP = Failure("not_http", "the answer breaks the rules of HTTP")
NOT_SENT = Failure("not_sent", "the name asked for does not fit into a request")
TOO_LARGE = Failure("too_large", "the body is larger than any DID")
BAD_ENCODING = Failure(
    "bad_encoding", "the body is compressed, though no compression was asked for"
)
REDIRECT = Failure("redirect", "the API answered with a redirect, which is not followed")
TLS_FAILED = "tls_failed"
MISUSED = Failure("internal_error", "a bug in this program: the HTTP library was used wrongly")

PASSING = frozenset(
    failure.code for failure in (TIMEOUT, REFUSED, UNRESOLVED, CONNECTION_FAILED, CUT_OFF, NOT_HTTP)
) | {TLS_FAILED}
"""The codes of what happens to connections, and may not happen the next time."""

# No base of all: an exception that a later version brings has to be given a meaning.
_MEANINGS = {
    "ConnectTimeout": NOT_CONNECTED_IN_TIME,
    "TimeoutException": TIMEOUT,
    "NetworkError": CONNECTION_FAILED,
    "ProxyError": CONNECTION_FAILED,
    "RemoteProtocolError": NOT_HTTP,
    "LocalProtocolError": NOT_SENT,
    "UnsupportedProtocol": NOT_SENT,
    "InvalidURL": NOT_SENT,
    "DecodingError": BAD_ENCODING,
    "TooManyRedirects": REDIRECT,
    "ConnectionNotAvailable": MISUSED,
    "HTTPStatusError": MISUSED,
    "StreamError": MISUSED,
    "CookieConflict": MISUSED,
}
BY_EXCEPTION: Mapping[type[Exception], Failure] = {NameNotResolved: UNRESOLVED} | {
    getattr(library, name): failure
    for library in (httpcore, httpx)
    for name, failure in _MEANINGS.items()
    if hasattr(library, name)
}
RAISED = tuple(BY_EXCEPTION)
"""All that a request raises."""


_DISTRUST = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    **dict.fromkeys((2, 19, 20, 21), "is signed by an authority that is not trusted"),
    **dict.fromkeys((62, 64), "is for another host"),
}
"""Why a certificate is not trusted, by OpenSSL's numbers (x509_vfy.h)."""


def failure_of(error: Exception, *, begun: bool, ended: bool, host: str) -> Failure:
    """Return what `error`, one of RAISED, means about `host`.

    `begun`: whether a byte of the answer came; `ended`: whether the end of the connection did.
    """
    failure = next(BY_EXCEPTION[kind] for kind in type(error).__mro__ if kind in BY_EXCEPTION)
    if failure is NOT_HTTP and ended:
        # To h11, an answer that ends too early breaks the rules as well.
        failure = CONNECTION_FAILED
    if failure is UNRESOLVED:
        return replace(UNRESOLVED, message=f"the host name {host} could not be resolved")
    if failure is CONNECTION_FAILED:
        return CUT_OFF if begun else _connection_failure(error, host)
    return failure


def _connection_failure(error: BaseException | None, host: str) -> Failure:
    while error is not None:
        match error:
            case ConnectionRefusedError():
                return REFUSED
            case ssl.SSLError():
                return Failure(TLS_FAILED, _tls_message(error, host))
        error = error.__cause__
    return CONNECTION_FAILED


def _tls_message(error: ssl.SSLError, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = _DISTRUST.get(error.verify_code, f"is not trusted: {error.verify_message}")
        own = "authorities of your own: SSL_CERT_FILE, SSL_CERT_DIR"
        return f"TLS: the certificate of {host} {why} ({own})"
    # Not every one has a reason.
    reason = getattr(error, "reason", None)
    because = f": {reason.replace('_', ' ').lower()}" if reason else ""
    return f"TLS: no secure connection to {host} could be made{because}"


@dataclass(frozen=True, slots=True)
class Received:
    """What one request brought. `status` is None if no head of an answer came; `failure` says why
    the body is not whole; `body` is as the server sent it, secrets and all."""

    status: int | None = None
    body: bytes = b""
    failure: Failure | None = None
    retry_after: str | None = None
    date: str | None = None

    @property
    def success(self) -> bool:
        return self.status is not None and HTTPStatus.OK <= self.status < 300

    @property
    def accepted(self) -> bool:
        """Return whether the key was accepted: for a DID that the API has, or has not."""
        return self.success or self.status == HTTPStatus.NOT_FOUND

    @property
    def refused(self) -> bool:
        """Return whether the key was refused, be it for this one DID."""
        return self.status == HTTPStatus.UNAUTHORIZED

    @property
    def no_answer(self) -> bool:
        """Return whether the API was not reached: not even the head of an answer came."""
        return self.status is None and self.may_pass

    @property
    def may_pass(self) -> bool:
        """Return whether asking again is worth it."""
        if self.status is None or self.success:
            return self.failure is not None and self.failure.code in PASSING
        return is_of_server(self.status)


class Connection:
    """A keep-alive connection to one server, for the use of one thread.

    `abandoned`: once set, an answer under way is given up at its next byte.
    """

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None, abandoned: Event) -> None:
        self._limits = limits
        self._deadline = AnswerDeadline(abandoned)
        self._client = open_client(self._deadline, tls, limits.connect_s, limits.read_s)

    def get(self, url: str, key: ApiKey, seconds: float = inf) -> Received:
        """Ask once. `seconds`: what is left for the answer, where that is less than the limit."""
        self._deadline.start(min(seconds, self._limits.answer_s))
        try:
            response = self._client.send(ready_request("GET", url, headers(key)), stream=True)
        except RAISED as error:
            return Received(failure=self._failure_of(error))
        with closing(response):
            # What is compressed cannot be searched for secrets, so none of it is kept.
            body, failure = self._body(response) if _is_plain(response) else (b"", BAD_ENCODING)
        retry_after, date = map(response.headers.get, ("retry-after", "date"))
        return Received(response.status_code, body, failure, retry_after, date)

    def _body(self, response: httpx.Response) -> tuple[bytes, Failure | None]:
        body = bytearray()
        try:
            for part in response.iter_raw():
                body += part
                if len(body) > self._limits.body_bytes:
                    return bytes(body[: self._limits.body_bytes]), TOO_LARGE
        except RAISED as error:
            return bytes(body), self._failure_of(error)
        return bytes(body), None

    def _failure_of(self, error: Exception) -> Failure:
        answer = self._deadline
        return failure_of(error, begun=answer.begun, ended=answer.ended, host=answer.host)

    def close(self) -> None:
        self._client.close()


def headers(key: ApiKey) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {key.secret}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"minivoice-changelog/{__version__}",
    }


def _is_plain(response: httpx.Response) -> bool:
    codings = response.headers.get("content-encoding", "").split(",")
    return all(coding.strip().lower() in ("", "identity") for coding in codings)


def post(
    url: str, headers: Mapping[str, str], content: bytes, tls: ssl.SSLContext | None, seconds: float
) -> int | Failure:
    """Return the status of the answer to `content`; of that answer, only the head is read.

    `seconds`: from resolving the name to the status.
    """
    deadline = AnswerDeadline(Event())
    deadline.start(seconds)
    headers = {**headers, "Content-Length": str(len(content))}
    with open_client(deadline, tls, seconds, seconds) as client:
        try:
            response = client.send(ready_request("POST", url, headers, content), stream=True)
        except RAISED as error:
            begun, ended, host = deadline.begun, deadline.ended, deadline.host
            return failure_of(error, begun=begun, ended=ended, host=host)
        response.close()
        return response.status_code
