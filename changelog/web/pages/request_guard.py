"""What stands before the pages: hosts, methods and limits, headers, and a line for each request.

A page elsewhere could make a browser ask this server under another name (DNS rebinding): only the
names that it is known by are answered. Nothing that a proxy adds (``X-Forwarded-…``) is looked at.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from changelog.model.text.sanitize import escape, truncate

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LONGEST_ADDRESS = 2048
MOST_FIELDS = 20
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Robots-Tag", "noindex"),
    ("Vary", "Accept"),
)
_HOST = re.compile(r"(\[[^][]*\]|[^][:, ]*)(?::[0-9]*)?")
"""A name or an address in brackets, and a port."""
JSON_WANTED = "changelog.json"
"""In a request's environment: whether the address ended in ``.json`` or ``Accept`` asks for it."""


@dataclass(frozen=True, slots=True)
class RequestGuard:
    """`hosts`: names without a port, in small letters; `prefix`: of every address; `log`: takes a
    line for each request, without its query, since numbers are personal data."""

    pages: Wsgi
    hosts: frozenset[str]
    prefix: str
    log: Callable[[str], None]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        began = time.monotonic()
        path = str(environ.get("PATH_INFO", ""))
        seen: list[str] = []

        def start(
            status: str, headers: list[tuple[str, str]], *more: Any
        ) -> Callable[[bytes], object]:
            seen.append(status)
            write: Callable[[bytes], object] = start_response(status, [*headers, *HEADERS], *more)
            return write

        try:
            refusal = self._refusal(environ)
            if refusal is not None:
                return _refused(environ, start, *refusal)
            self._move(environ)
            return self.pages(environ, start)
        finally:
            with suppress(Exception):
                self._log(environ, path, seen, time.monotonic() - began)

    def _refusal(self, environ: Mapping[str, Any]) -> tuple[int, str] | None:
        """Return the status and why, for what is not answered at all."""
        if _host(environ) not in self.hosts:
            return 421, "this server is not known by that name"
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return 405, "only GET and HEAD: nothing can be changed here"
        query = str(environ.get("QUERY_STRING", ""))
        if len(str(environ.get("PATH_INFO", ""))) + len(query) > LONGEST_ADDRESS:
            return 414, f"an address has at most {LONGEST_ADDRESS} characters"
        if query.count("&") >= MOST_FIELDS:
            return 400, f"a query has at most {MOST_FIELDS} fields"
        return None

    def _move(self, environ: dict[str, Any]) -> None:
        """Take prefix and format from the path; a proxy may have taken the prefix already."""
        path = str(environ.get("PATH_INFO", ""))
        if self.prefix and (path == self.prefix or path.startswith(f"{self.prefix}/")):
            path = path.removeprefix(self.prefix)
        environ[JSON_WANTED] = path.endswith(".json") or _prefers_json(environ)
        environ["PATH_INFO"] = path.removesuffix(".json") or "/"

    def _log(self, environ: Mapping[str, Any], path: str, seen: list[str], took_s: float) -> None:
        status = seen[-1][:3] if seen else "500"
        method = escape(str(environ.get("REQUEST_METHOD", "-")))[:16]
        shown = truncate(escape(path.encode("latin-1", "replace").decode("utf-8", "replace")), 300)
        reference = environ.get("changelog.reference")
        more = f" {reference}" if reference else ""
        self.log(f"{method} {shown} {status} {took_s * 1000:.0f} ms{more}")


def _host(environ: Mapping[str, Any]) -> str:
    """Return the name that was asked for, without its port."""
    named = _HOST.fullmatch(str(environ.get("HTTP_HOST", "")).lower())
    return named[1] if named else ""


def _prefers_json(environ: Mapping[str, Any]) -> bool:
    """Return whether JSON is asked for and HTML is not: a browser names HTML."""
    accepted = str(environ.get("HTTP_ACCEPT", "")).lower()
    return "application/json" in accepted and "text/html" not in accepted


def _refused(
    environ: dict[str, Any], start: Callable[..., Any], status: int, why: str
) -> Iterable[bytes]:
    headers = {"Cache-Control": "no-store"} | ({"Allow": "GET, HEAD"} if status == 405 else {})
    refusal = Response(f"{status}: {why}\n", status, headers, mimetype="text/plain")
    return refusal(environ, start)
