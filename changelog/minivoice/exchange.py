"""One GET and all that came of it, good or bad: nothing is raised for what a server does.

``http.client`` keeps no cookies, follows no redirect, decodes nothing and reads neither proxies
nor netrc from the environment: all of them ways for a key to travel.
"""

import ssl
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPResponse
from threading import Event

from changelog import __version__
from changelog.minivoice.failures import (
    BAD_ENCODING,
    CUT_OFF,
    NOT_HTTP,
    NOT_SENT,
    PASSING,
    RAISED,
    TOO_LARGE,
    Failure,
    failure_of,
)
from changelog.minivoice.key import ApiKey
from changelog.minivoice.limits import Limits
from changelog.minivoice.transport import Watch, WatchedConnection

LONGEST_URL = 65_536
_AT_ONCE = 65_536


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


class Connection:
    """A keep-alive connection to the API, for the use of one thread.

    `abandoned`: once set, an answer under way is given up at its next byte.
    """

    def __init__(
        self, key: ApiKey, limits: Limits, tls: ssl.SSLContext | None, abandoned: Event
    ) -> None:
        self._headers = headers(key)
        self._limits = limits
        self._tls = tls
        self._watch = Watch(abandoned)
        self._origin = ""
        self._http: WatchedConnection | None = None

    def get(self, url: str) -> Received:
        return self._get(url, self._headers)

    def _get(self, url: str, request_headers: dict[str, str]) -> Received:
        if len(url) > LONGEST_URL:
            return Received(failure=NOT_SENT)
        self._watch.start(self._limits.answer_s)
        try:
            response = self._ask(url, request_headers)
        except RAISED as error:
            self.close()
            return Received(failure=self._failure_of(error))
        with closing(response):
            received = self._read(response)
        if received.failure is not None:
            # What is left of this answer must not be taken for the next one.
            self.close()
        return received

    def _ask(self, url: str, request_headers: dict[str, str]) -> HTTPResponse:
        scheme, _, place = url.partition("://")
        host, slash, path = place.partition("/")
        http = self._connection_to(f"{scheme}://{host}")
        http.drop_stale()
        http.request("GET", slash + path, headers={"Host": host, **request_headers})
        return http.getresponse()

    def _connection_to(self, origin: str) -> WatchedConnection:
        if self._http is None or origin != self._origin:
            self.close()
            self._origin = origin
            self._http = WatchedConnection(origin, self._limits, self._tls, self._watch)
        return self._http

    def _read(self, response: HTTPResponse) -> Received:
        if self._watch.ended:
            return Received(failure=CUT_OFF)
        if not _is_clear(response):
            return Received(failure=NOT_HTTP)
        status, retry_after = response.status, response.getheader("retry-after")
        if not _is_plain(response):
            # What is compressed cannot be searched for secrets, so none of it is kept.
            return Received(status, b"", BAD_ENCODING, retry_after)
        body, failure = self._body(response)
        return Received(status, body, failure, retry_after)

    def _body(self, response: HTTPResponse) -> tuple[bytes, Failure | None]:
        body = bytearray()
        try:
            while part := response.read1(_AT_ONCE):
                body += part
                if len(body) > self._limits.body_bytes:
                    return bytes(body[: self._limits.body_bytes]), TOO_LARGE
        except RAISED as error:
            return bytes(body), self._failure_of(error)
        return bytes(body), CUT_OFF if response.length else None

    def _failure_of(self, error: Exception) -> Failure:
        return failure_of(error, begun=self._watch.begun, ended=self._watch.ended)

    def close(self) -> None:
        if self._http is not None:
            self._http.close()


def headers(key: ApiKey) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {key.secret}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"minivoice-changelog/{__version__}",
    }


def _is_clear(response: HTTPResponse) -> bool:
    """Whether a final answer says where it ends: ``http.client`` reads on whatever it says."""
    if response.status < HTTPStatus.OK or response.headers.defects:
        return False
    coding = response.getheader("transfer-encoding")
    if coding is not None:
        return coding.lower() == "chunked"
    length = response.getheader("content-length", "0")
    return length.isascii() and length.isdigit()


def _is_plain(response: HTTPResponse) -> bool:
    codings = response.getheader("content-encoding", "").split(",")
    return all(coding.strip().lower() in ("", "identity") for coding in codings)
