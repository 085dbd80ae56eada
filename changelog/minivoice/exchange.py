"""One GET and all that came of it, good or bad: nothing is raised for what a server does.

The transport is used without ``httpx.Client``. That would keep cookies, read proxies and netrc
from the environment and parse redirects: all of them ways for a key to travel.
"""

import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from threading import Event

import httpx

from changelog import __version__
from changelog.minivoice.failures import (
    BAD_ENCODING,
    PASSING,
    RAISED,
    TOO_LARGE,
    Failure,
    failure_of,
)
from changelog.minivoice.key import ApiKey
from changelog.minivoice.limits import Limits
from changelog.minivoice.transport import Watch, WatchedTransport


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

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None, abandoned: Event) -> None:
        self._limits = limits
        self._watch = Watch(abandoned)
        self._transport = WatchedTransport(self._watch, tls)
        self._extensions = {"timeout": _timeouts(limits)}

    def get(self, url: str, key: ApiKey, seconds: float = inf) -> Received:
        """`seconds`: what is left for the answer, where that is less than the limit."""
        self._watch.start(min(seconds, self._limits.answer_s))
        try:
            request = httpx.Request("GET", url, headers=headers(key), extensions=self._extensions)
            response = self._transport.handle_request(request)
        except RAISED as error:
            return Received(failure=self._failure_of(error))
        with closing(response):
            return self._read(response)

    def _read(self, response: httpx.Response) -> Received:
        status, retry_after = response.status_code, response.headers.get("retry-after")
        if not _is_plain(response.headers):
            # What is compressed cannot be searched for secrets, so none of it is kept.
            return Received(status, b"", BAD_ENCODING, retry_after)
        body, failure = self._body(response)
        return Received(status, body, failure, retry_after)

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
        return failure_of(error, begun=self._watch.begun, ended=self._watch.ended)

    def close(self) -> None:
        self._transport.close()


def headers(key: ApiKey) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {key.secret}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"minivoice-changelog/{__version__}",
    }


def _timeouts(limits: Limits) -> Mapping[str, float]:
    return {
        "connect": limits.connect_s,
        "read": limits.read_s,
        "write": limits.read_s,
        "pool": limits.answer_s,
    }


def _is_plain(response_headers: httpx.Headers) -> bool:
    codings = response_headers.get("content-encoding", "").split(",")
    return all(coding.strip().lower() in ("", "identity") for coding in codings)
