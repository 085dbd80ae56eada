"""One request and all that came of it, good or bad: nothing is raised for what a server does."""

import re
import ssl
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from threading import Event

import httpx

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
from changelog.api.keys import ApiKey
from changelog.api.limits import Limits
from changelog.api.network import Deadline
from changelog.api.transport import open_client, ready_request

_FITS_INTO_A_REQUEST = re.compile(r"[\x21-\x7e]{1,65536}")


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
    def no_answer(self) -> bool:
        """Return whether the API was not reached: not even the head of an answer came."""
        return self.status is None and self.may_pass

    @property
    def may_pass(self) -> bool:
        """Return whether asking again is worth it."""
        if self.status is None or self.success:
            return self.failure is not None and self.failure.code in PASSING
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or self.status >= 500


class Connection:
    """A keep-alive connection to one server, for the use of one thread.

    `abandoned`: once set, an answer under way is given up at its next byte.
    """

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None, abandoned: Event) -> None:
        self._limits = limits
        self._deadline = Deadline(abandoned)
        self._client = open_client(self._deadline, tls, limits)

    def get(self, url: str, key: ApiKey, seconds: float = inf) -> Received:
        """Ask once. `seconds`: what is left for the answer, where that is less than the limit."""
        if not _FITS_INTO_A_REQUEST.fullmatch(url):
            return Received(failure=NOT_SENT)
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
