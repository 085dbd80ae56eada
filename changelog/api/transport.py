"""An ``httpx.Client`` that keeps a deadline, trusts the named authorities, and adds nothing to what
it is given."""

import os
import ssl
from collections.abc import Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from http.cookiejar import CookieJar
from pathlib import Path

import httpcore
import httpx

from changelog.api.limits import Limits
from changelog.api.network import Deadline, DeadlineBackend
from changelog.model.errors import UsageError


def trusting_context() -> ssl.SSLContext:
    """Trust what SSL_CERT_FILE and SSL_CERT_DIR name and nothing else, or what the system trusts.

    Raises UsageError where that cannot be read, and where it is nothing.
    """
    file = os.environ.get("SSL_CERT_FILE") or None
    folder = os.environ.get("SSL_CERT_DIR") or None
    try:
        context = ssl.create_default_context(cafile=file, capath=folder)
        trusts_any = _trusts_any(context, folder)
    except OSError as error:
        raise UsageError(
            f"the certificates to trust cannot be read: {error.strerror or error}",
            "Correct or unset SSL_CERT_FILE and SSL_CERT_DIR",
        ) from error
    if not trusts_any:
        raise UsageError(
            "there are no certificates to trust, so no server can prove who it is",
            "Install the system's (on Debian: apt-get install ca-certificates), or name a file of "
            "them in SSL_CERT_FILE",
        )
    return context


def _trusts_any(context: ssl.SSLContext, folder: str | None) -> bool:
    if context.cert_store_stats()["x509"]:
        return True
    # A folder's certificates are read one by one, when they are needed.
    folder = folder or ssl.get_default_verify_paths().capath
    return folder is not None and any(Path(folder).iterdir())


KEEP_ALIVE_S = 15.0
_VERSIONS = (b"HTTP/1.0", b"HTTP/1.1")
_LENGTHS = {b"content-length", b"transfer-encoding"}
# To parse one costs a twentieth of a request.
_origin = lru_cache(httpx.URL)
# httpx would read the address of a redirect, though none is followed, and fail if it is broken.
_READ = (b"content-encoding", b"date", b"retry-after")


def open_client(deadline: Deadline, tls: ssl.SSLContext | None, limits: Limits) -> httpx.Client:
    """Return a client with one keep-alive connection, for the use of one thread.

    There are no cookies and no redirects, and neither proxies nor netrc are read from the
    environment: all of them ways for a key to travel.
    """
    return httpx.Client(
        transport=DeadlineTransport(deadline, tls),
        cookies=_NoCookies(),
        trust_env=False,
        timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
    )


def ready_request(
    method: str, url: str, headers: Mapping[str, str], content: bytes = b""
) -> httpx.Request:
    """Return a request to which httpx adds no header, and whose path it leaves as it is."""
    scheme, _, place = url.partition("://")
    host, slash, path = place.partition("/")
    return httpx.Request(
        method,
        _origin(f"{scheme}://{host}"),
        headers={"Host": host, **headers},
        stream=httpx.ByteStream(content),
        extensions={"target": (slash + path).encode("ascii")},
    )


class DeadlineTransport(httpx.BaseTransport):
    """Raises httpx.RemoteProtocolError and the exceptions of httpcore."""

    def __init__(self, deadline: Deadline, tls: ssl.SSLContext | None) -> None:
        self._backend = DeadlineBackend(deadline, tls)
        self._connection: httpcore.HTTPConnection | None = None
        self._is_end_certain = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = self._connected(asked.url.origin).handle_request(asked)
        version = answer.extensions["http_version"]
        if version not in _VERSIONS or answer.status == HTTPStatus.SWITCHING_PROTOCOLS:
            answer.close()
            raise httpx.RemoteProtocolError("a protocol that was not asked for")
        headers = [(name.lower(), value) for name, value in answer.headers]
        # With both, server and proxy may not agree on where the answer ended.
        self._is_end_certain = not {name for name, _ in headers} >= _LENGTHS
        read = [header for header in headers if header[0] in _READ]
        return httpx.Response(answer.status, headers=read, stream=_Body(answer))

    def _connected(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        """Return the connection that there is, if it may be used again, else a new one."""
        kept = self._connection
        if kept and self._is_end_certain and kept.is_available() and not kept.has_expired():
            return kept
        self.close()
        self._connection = httpcore.HTTPConnection(
            origin,
            # A stand-in: httpcore changes it for each connection, and the one that counts is shared
            # with threads that may be using it.
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            KEEP_ALIVE_S,
            network_backend=self._backend,
        )
        return self._connection

    def close(self) -> None:
        if self._connection:
            self._connection.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _NoCookies(CookieJar):
    def extract_cookies(self, *_: object, **__: object) -> None:
        """Keep none."""
