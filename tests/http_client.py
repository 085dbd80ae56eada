"""A client of plain HTTP for the tests, which reads whatever a server answers."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any, Self


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class HttpClient:
    """One connection, kept alive. `base` stands before each path: ``http://127.0.0.1:80/v1``."""

    def __init__(self, base: str, headers: Mapping[str, str] | None = None) -> None:
        host, slash, path = base.removeprefix("http://").partition("/")
        self._connection = HTTPConnection(host, timeout=5)
        self._prefix = slash + path
        self._headers = headers or {}

    def request(self, method: str, path: str, content: bytes | str | None = None) -> HttpAnswer:
        headers = dict(self._headers)
        body = content.encode() if isinstance(content, str) else content
        try:
            if self._connection.sock is None:
                self._connection.connect()
            # A server may refuse a body before it was sent whole.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._connection.request(method, self._prefix + path, body, headers)
            response = self._connection.getresponse()
            return HttpAnswer(response.status, response.headers, response.read())
        except BaseException:
            self._connection.close()
            raise

    def get(self, path: str) -> HttpAnswer:
        return self.request("GET", path)

    def delete(self, path: str) -> HttpAnswer:
        return self.request("DELETE", path)

    def send(self, method: str, path: str, value: Any) -> HttpAnswer:
        return self.request(method, path, json.dumps(value))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def get(url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    with HttpClient(url, headers) as client:
        return client.get("")
