"""What each exception of a request means to somebody who reads the log: a code and a message.

The messages are stable (no times, no addresses): equal failures are stored once.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpcore
import httpx


class NameNotResolved(httpcore.ConnectError):
    """The resolver knows no such name."""


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
BY_EXCEPTION: Mapping[type[Exception], Failure] = {
    NameNotResolved: UNRESOLVED,
    httpcore.ConnectTimeout: NOT_CONNECTED_IN_TIME,
    httpcore.TimeoutException: TIMEOUT,
    httpcore.NetworkError: CONNECTION_FAILED,
    httpcore.ProxyError: CONNECTION_FAILED,
    httpcore.RemoteProtocolError: NOT_HTTP,
    httpcore.LocalProtocolError: NOT_SENT,
    httpcore.UnsupportedProtocol: NOT_SENT,
    httpcore.ConnectionNotAvailable: MISUSED,
    httpx.ConnectTimeout: NOT_CONNECTED_IN_TIME,
    httpx.TimeoutException: TIMEOUT,
    httpx.NetworkError: CONNECTION_FAILED,
    httpx.ProxyError: CONNECTION_FAILED,
    httpx.RemoteProtocolError: NOT_HTTP,
    httpx.LocalProtocolError: NOT_SENT,
    httpx.UnsupportedProtocol: NOT_SENT,
    httpx.InvalidURL: NOT_SENT,
    httpx.DecodingError: BAD_ENCODING,
    httpx.TooManyRedirects: REDIRECT,
    httpx.HTTPStatusError: MISUSED,
    httpx.StreamError: MISUSED,
    httpx.CookieConflict: MISUSED,
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
