"""The pages as one Flask application: a route, a command, a template; HTML, or JSON."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from changelog.model.errors import (
    ChangelogError,
    DatabaseError,
    NothingError,
    OutOfTime,
    UsageError,
)
from changelog.model.exits import MIRROR, NOTHING_RECORDED
from changelog.model.text.times import rfc3339
from changelog.render.documents import error_document, masked_document
from changelog.render.html.environment import environment, stylesheet
from changelog.web.pages import handlers
from changelog.web.pages.addresses import STYLE_NAME, Addresses, Redirect
from changelog.web.pages.page_context import Page, PageRequest
from changelog.web.pages.query_fields import QueryFields
from changelog.web.pages.request_guard import JSON_WANTED

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from changelog.web.pages.page_context import OpenedLog, PageSettings

_ROUTES: tuple[tuple[str, Callable[..., Page], str], ...] = (
    ("/", handlers.home, ""),
    ("/status", handlers.home, ""),
    ("/search", handlers.search, "q"),
    ("/dids", handlers.fleet, "at after application route_mode status"),
    ("/changes", handlers.changes, "since until field routing before after"),
    ("/diff", handlers.compare, "from to did field routing application route_mode after"),
    ("/tags", handlers.tags, ""),
    ("/tags/one", handlers.tag, "name"),
    ("/tags/<name>", handlers.tag, ""),
    ("/alerts", handlers.alerts, "before"),
)
"""Path, handler, and the fields that a query of it may have."""
_DID_ROUTES: tuple[tuple[str, Callable[..., Page], str], ...] = (
    ("", handlers.did, "at"),
    ("/restore", handlers.restore_to, "to"),
    ("/history", handlers.history, "before"),
    ("/r<int:number>", handlers.revision, ""),
)
_HEAVY = frozenset({handlers.compare})
"""What may read a whole fleet: one at a time, so that no card waits behind it."""
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0550ae" d="M3 8a5 5 0'
    ' 1 0 2-4V1H3v6h6V5H6a3 3 0 1 1-1 3z"/></svg>'
)
_NO_ROBOTS = "User-agent: *\nDisallow: /\n"
_FOR_GOOD = "public, max-age=31536000, immutable"


class Busy(Exception):
    """Somebody else's heavy page is being made."""


class Pages:
    """Answers requests. `open_log`: opens a reader of its own for each; `tell`: a line to stderr.

    A reader is never kept: one of a file that this user may not write sees no later commit.
    """

    def __init__(
        self,
        open_log: Callable[[], AbstractContextManager[OpenedLog]],
        settings: PageSettings,
        clock: Callable[[], datetime],
        tell: Callable[[str], None],
    ) -> None:
        self._open_log = open_log
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._to = Addresses(settings.prefix)
        self._templates = environment(settings.zone)
        self._heavy_page = Lock()

    def application(self) -> Flask:
        app = Flask("changelog", static_folder=None)
        app.url_map.strict_slashes = False
        app.url_map.merge_slashes = False
        for path, handler, fields in _ROUTES:
            self._add(app, path, handler, fields)
        for path, handler, fields in _DID_ROUTES:
            self._add(app, f"/dids/<did>{path}", handler, fields)
            self._add(app, f"/did{path}", partial(_asked_by_query, handler), f"id {fields}")
        app.add_url_rule(f"/{STYLE_NAME}", "style", partial(_static, stylesheet(), "text/css"))
        app.add_url_rule("/icon.svg", "icon", partial(_static, _ICON, "image/svg+xml"))
        app.add_url_rule("/robots.txt", "robots", partial(_static, _NO_ROBOTS, "text/plain"))
        app.add_url_rule("/healthz", "health", self._health)
        app.register_error_handler(Exception, self._failed)
        return app

    def _add(self, app: Flask, path: str, handler: Callable[..., Page], fields: str) -> None:
        answer = partial(self._answer, handler, frozenset(fields.split()))
        app.add_url_rule(path, path, answer, methods=["GET"])

    def _answer(
        self, handler: Callable[..., Page], fields: frozenset[str], **parts: Any
    ) -> Response:
        query = QueryFields(request.args, self._clock(), partial(self._to.at, request.path))
        query.refuse_others(fields)
        wants_json = bool(request.environ.get(JSON_WANTED))
        with self._open_log() as opened:
            newest = opened.log.newest_entry_at()
            tag = self._etag(newest, query.now, opened.from_mirror)
            if request.if_none_match.contains_weak(tag):
                return _cached(Response(status=304), tag)
            page_request = PageRequest(opened.log, query, self._to, self._settings, wants_json)
            page = self._page(handler, page_request, parts)
            # What a page shows of a revision may still have to be read.
            return _cached(self._shown(page, page_request, opened.from_mirror, newest), tag)

    def _page(
        self, handler: Callable[..., Page], page_request: PageRequest, parts: dict[str, Any]
    ) -> Page:
        """Make the page. Raises Busy for a second heavy one: waiting for the first, it would
        hold a thread of the light ones."""
        if handler not in _HEAVY:
            return handler(page_request, **parts)
        if not self._heavy_page.acquire(blocking=False):
            raise Busy
        try:
            return handler(page_request, **parts)
        finally:
            self._heavy_page.release()

    def _etag(self, newest: datetime | None, now: datetime, from_mirror: bool) -> str:
        """Return a tag that stays equal for ten seconds, as long as the log does: a page tells how
        long ago things were."""
        tens = rfc3339(now)[: len("2026-11-23T14:00:0")]
        parts = (self._settings.version, STYLE_NAME, newest, tens, request.full_path)
        wanted = (*parts, request.environ.get(JSON_WANTED), from_mirror)
        return sha256(repr(wanted).encode()).hexdigest()[:24]

    def _shown(
        self, page: Page, page_request: PageRequest, from_mirror: bool, newest: datetime | None
    ) -> Response:
        result = page.result
        if from_mirror:
            result = replace(result, conditions=(*result.conditions, MIRROR), mirror_as_of=newest)
        if page_request.wants_json:
            text = masked_document(page.command, result)
            return Response(text, mimetype="application/json")
        text = self._render(
            page.template,
            now=page_request.now,
            link=page.link,
            newest=newest,
            from_mirror=from_mirror,
            conditions=result.conditions,
            ask=page_request.query,
            **page.variables,
        )
        return Response(text, mimetype="text/html")

    def _render(self, template: str, **variables: Any) -> str:
        path = request.path
        query = request.query_string.decode("latin-1")
        return self._templates.get_template(template).render(
            layout="page.html",
            to=self._to,
            settings=self._settings,
            contact=self._settings.contact,
            json_address=_json_address(self._to, path, query),
            **variables,
        )

    def _health(self) -> Response:
        """Say whether the log can be read, for a monitor of this process."""
        try:
            with self._open_log() as opened:
                newest = opened.log.newest_entry_at()
        except DatabaseError as error:
            self._tell(f"unhealthy: {error.message}")
            return Response("unavailable\n", 503, {"Retry-After": "5"}, mimetype="text/plain")
        if not opened.from_mirror or newest is None:
            return Response("ok\n", mimetype="text/plain")
        return Response(f"ok: the mirror, as of {rfc3339(newest)}\n", mimetype="text/plain")

    # Errors

    def _failed(self, error: Exception) -> Response:
        match error:
            case Redirect():
                return _moved(error.address)
            case OutOfTime():
                return self._error_page(503, error, {"Retry-After": "30"})
            case Busy():
                busy = DatabaseError("somebody else's large page is being made", "Try again soon.")
                return self._error_page(503, busy, {"Retry-After": "2"})
            case NothingError():
                status = 200 if error.code == NOTHING_RECORDED else 404
                return self._error_page(status, error)
            case UsageError():
                return self._error_page(400, error)
            case HTTPException():
                nothing = NothingError("not_found", "there is no such page", "Search above.")
                return self._error_page(error.code or 500, nothing)
        return self._unexpected(error)

    def _unexpected(self, error: Exception) -> Response:
        """Answer with a reference. Only the log hears what it was: it may name the database."""
        reference = secrets.token_hex(4)
        request.environ["changelog.reference"] = reference
        self._tell(f"{reference} {type(error).__name__}: {error}")
        if isinstance(error, DatabaseError):
            shown = DatabaseError("the log cannot be read now", f"Reference {reference}.")
            return self._error_page(503, shown, {"Retry-After": "5"})
        bug = ChangelogError("bug", "a bug in this program", f"Reference {reference}.")
        return self._error_page(500, bug)

    def _error_page(
        self, status: int, error: ChangelogError, headers: dict[str, str] | None = None
    ) -> Response:
        if request.environ.get(JSON_WANTED):
            text, kind = error_document(error), "application/json"
        else:
            variables = {"now": None, "link": None, "newest": None, "from_mirror": False}
            text = self._render(
                "error.html", error=error, status=status, conditions=(), ask=None, **variables
            )
            kind = "text/html"
        response = Response(text, status, headers, mimetype=kind)
        response.headers["Cache-Control"] = "no-store"
        return response


def _asked_by_query(handler: Callable[..., Page], page_request: PageRequest, **parts: Any) -> Page:
    return handler(page_request, page_request.query.did(), **parts)


def _static(content: str, kind: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers["Cache-Control"] = _FOR_GOOD
    return response


def _cached(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _moved(address: str) -> Response:
    if request.environ.get(JSON_WANTED):
        path, mark, query = address.partition("?")
        address = f"{path}.json{mark}{query}"
    response = Response(status=303)
    response.headers["Location"] = address
    response.headers["Cache-Control"] = "no-store"
    return response


def _json_address(to: Addresses, path: str, query: str) -> str:
    path = "/status" if path == "/" else path
    return to.at(f"{path}.json") + (f"?{query}" if query else "")
