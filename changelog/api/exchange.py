"""One GET and all that came of it, good or bad: nothing is raised for what a server does.

There are no cookies, no redirects and no decoding, and neither proxies nor netrc are read from the
environment: all of them ways for a key to travel.
"""

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from threading import Event
from urllib.parse import urlsplit

from changelog import __version__
from changelog.api.failures import (
    BAD_ENCODING,
    NOT_SENT,
    PASSING,
    RAISED,
    TOO_LARGE,
    Failure,
    failure_of,
)
from changelog.api.http1 import AnswerReader, Head
from changelog.api.key import ApiKey
from changelog.api.limits import Limits
from changelog.api.transport import Watch, WatchedSocket

KEEP_ALIVE_S = 15.0
_FITS_INTO_A_REQUEST = re.compile(r"[\x21-\x7e]{1,65536}")


@dataclass(frozen=True, slots=True)
class Received:
    """What one request brought. `status` is None if no head of an answer came; `failure` says why
    the body is not whole; `body` is as the server sent it, secrets and all."""

    status: int | None = None
    body: bytes = b""
    failure: Failure | None = None
    retry_after: str | None = None

    @property
    def success(self) -> bool:
        return self.status is not None and HTTPStatus.OK <= self.status < 300

    @property
    def no_answer(self) -> bool:
        """Whether the API was not reached: not even the head of an answer came."""
        return self.status is None and self.may_pass

    @property
    def may_pass(self) -> bool:
        """Whether asking again is worth it."""
        if self.status is None or self.success:
            return self.failure is not None and self.failure.code in PASSING
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.status >= 500


class _Line:
    """A socket, and the answers that come out of it."""

    def __init__(self, origin: str, opened: WatchedSocket) -> None:
        self._origin = origin
        self._socket = opened
        self._reader = AnswerReader(opened.receive)
        self._kept_at: float | None = None

    def can_ask(self, origin: str) -> bool:
        """Whether the last answer was read whole, and nothing came since: neither the end of the
        connection nor bytes that would be taken for the next answer."""
        return (
            origin == self._origin
            and self._kept_at is not None
            and time.monotonic() - self._kept_at < KEEP_ALIVE_S
            and not self._reader.holds_more
            and self._socket.is_quiet()
        )

    def ask(self, request: bytes) -> Head:
        self._kept_at = None
        self._socket.send(request)
        return self._reader.head()

    def body(self, head: Head) -> Iterator[bytes]:
        yield from self._reader.body(head)
        if head.keeps_alive:
            self._kept_at = time.monotonic()

    def close(self) -> None:
        self._socket.close()


class Connection:
    """A keep-alive connection to the API, for the use of one thread.

    `abandoned`: once set, an answer under way is given up at its next byte.
    """

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None, abandoned: Event) -> None:
        self._limits = limits
        self._tls = tls
        self._watch = Watch(abandoned)
        self._line: _Line | None = None

    def get(self, url: str, key: ApiKey, seconds: float = inf) -> Received:
        """`seconds`: what is left for the answer, where that is less than the limit."""
        received = self._get(url, headers(key), min(seconds, self._limits.answer_s))
        if received.failure is not None:
            # Not kept for the next request: the rest of this answer may still be on its way.
            self.close()
        return received

    def _get(self, url: str, request_headers: Mapping[str, str], seconds: float) -> Received:
        if not _FITS_INTO_A_REQUEST.fullmatch(url):
            return Received(failure=NOT_SENT)
        scheme, _, place = url.partition("://")
        host, slash, path = place.partition("/")
        self._watch.start(seconds)
        try:
            line = self._line_to(f"{scheme}://{host}")
            head = line.ask(_request(slash + path, {"Host": host, **request_headers}))
        except RAISED as error:
            return Received(failure=self._failure_of(error))
        return self._rest(line, head)

    def _line_to(self, origin: str) -> _Line:
        if self._line is None or not self._line.can_ask(origin):
            self.close()
            place = urlsplit(origin)
            port = place.port or (80 if self._tls is None else 443)
            self._line = _Line(
                origin,
                WatchedSocket(place.hostname or "", port, self._tls, self._limits, self._watch),
            )
        return self._line

    def _rest(self, line: _Line, head: Head) -> Received:
        retry_after = head.fields.get("retry-after")
        if not _is_plain(head):
            # What is compressed cannot be searched for secrets, so none of it is kept.
            return Received(head.status, b"", BAD_ENCODING, retry_after)
        body, failure = self._body(line, head)
        return Received(head.status, body, failure, retry_after)

    def _body(self, line: _Line, head: Head) -> tuple[bytes, Failure | None]:
        body = bytearray()
        try:
            for part in line.body(head):
                body += part
                if len(body) > self._limits.body_bytes:
                    return bytes(body[: self._limits.body_bytes]), TOO_LARGE
        except RAISED as error:
            return bytes(body), self._failure_of(error)
        return bytes(body), None

    def _failure_of(self, error: Exception) -> Failure:
        return failure_of(error, begun=self._watch.begun)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def headers(key: ApiKey) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {key.secret}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"minivoice-changelog/{__version__}",
    }


def _request(path: str, request_headers: Mapping[str, str]) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in request_headers.items()]
    return f"GET {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("ascii")


def _is_plain(head: Head) -> bool:
    codings = head.fields.get("content-encoding", "").split(",")
    return all(coding.strip().lower() in ("", "identity") for coding in codings)
