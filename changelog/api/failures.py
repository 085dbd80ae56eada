"""What each exception of a request means to somebody who reads the log: a code and a message.

The messages are stable (no times, no addresses): equal failures are stored once.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass


class NotHttp(ValueError):
    """What a server sent breaks the rules of HTTP."""


class NotConnectedInTime(TimeoutError):
    """Resolving the name, connecting or the TLS handshake took too long."""


RAISED = (OSError, NotHttp, UnicodeError)
"""All that a request raises. A name that cannot be spelled for the resolver is a UnicodeError."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no whole answer."""

    code: str
    message: str


TIMEOUT = Failure("timeout", "no whole answer came within the time limit")
NOT_CONNECTED_IN_TIME = Failure("timeout", "no connection was made within the time limit")
REFUSED = Failure("connection_refused", "the connection was refused")
UNRESOLVED = Failure("name_not_resolved", "the API's host name could not be resolved")
TLS_FAILED = Failure("tls_failed", "no trusted TLS connection could be made")
CONNECTION_FAILED = Failure("connection_failed", "the connection failed before any answer")
CUT_OFF = Failure("cut_off", "the connection ended within the answer")
NOT_HTTP = Failure("not_http", "the answer breaks the rules of HTTP")
NOT_SENT = Failure("not_sent", "the name asked for does not fit into a request")
TOO_LARGE = Failure("too_large", "the body is larger than any DID")
BAD_ENCODING = Failure(
    "bad_encoding", "the body is compressed, though no compression was asked for"
)
REDIRECT = Failure("redirect", "the API answered with a redirect, which is not followed")
MISUSED = Failure("internal_error", "a bug in this program: the HTTP library was used wrongly")

PASSING = frozenset(
    failure.code
    for failure in (TIMEOUT, REFUSED, UNRESOLVED, TLS_FAILED, CONNECTION_FAILED, CUT_OFF, NOT_HTTP)
)
"""The codes of what happens to connections, and may not happen the next time."""

BY_EXCEPTION: Mapping[type[Exception], Failure] = {
    TimeoutError: TIMEOUT,
    NotConnectedInTime: NOT_CONNECTED_IN_TIME,
    OSError: CONNECTION_FAILED,
    UnicodeError: CONNECTION_FAILED,
    NotHttp: NOT_HTTP,
}


def failure_of(error: Exception, *, begun: bool) -> Failure:
    """What `error`, one of RAISED, means, given whether any byte of the answer was seen."""
    failure = next(BY_EXCEPTION[kind] for kind in type(error).__mro__ if kind in BY_EXCEPTION)
    if failure is CONNECTION_FAILED:
        return CUT_OFF if begun else _connection_failure(error)
    return failure


def _connection_failure(error: Exception) -> Failure:
    match error:
        case ConnectionRefusedError():
            return REFUSED
        case socket.gaierror() | UnicodeError():
            return UNRESOLVED
        case ssl.SSLCertVerificationError():
            return Failure(TLS_FAILED.code, f"{TLS_FAILED.message}: {error.verify_message}")
        case ssl.SSLError():
            return TLS_FAILED
    return CONNECTION_FAILED
