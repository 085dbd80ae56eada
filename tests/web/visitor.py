"""Somebody who looks at the pages of a log, without a server between."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from werkzeug.test import Client, TestResponse

from changelog.store.location import Location
from changelog.store.reader import LogReader
from changelog.web.pages.application import Pages
from changelog.web.pages.page_context import OpenedLog, PageSettings
from changelog.web.pages.request_guard import RequestGuard
from tests.html_page import Page
from tests.logbook import START

NOW = START + timedelta(days=1)


class Visitor:
    """`lines`: what the server's own log said."""

    def __init__(
        self,
        place: Location,
        *,
        prefix: str = "",
        zone: str | None = None,
        contact: str | None = None,
        now: datetime = NOW,
        deadline_s: float = 60.0,
        from_mirror: bool = False,
    ) -> None:
        self.lines: list[str] = []
        self._place = place
        self._deadline_s = deadline_s
        self._from_mirror = from_mirror
        settings = PageSettings(
            version="1", prefix=prefix, zone=ZoneInfo(zone) if zone else None, contact=contact
        )
        self.pages = Pages(self._open, settings, lambda: now, self.lines.append)
        app = self.pages.application().wsgi_app
        hosts = frozenset({"localhost", "noc.example"})
        self.client = Client(RequestGuard(app, hosts, prefix, self.lines.append))

    @contextmanager
    def _open(self) -> Iterator[OpenedLog]:
        with closing(self._reader()) as log, log.one_state():
            yield OpenedLog(log, self._from_mirror)

    def _reader(self) -> LogReader:
        return LogReader(self._place, place="this log", deadline_s=self._deadline_s)

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.client.get(address, **more)

    def page(self, address: str, status: int = 200) -> Page:
        answer = self.get(address)
        assert answer.status_code == status, (address, answer.status_code, answer.text, self.lines)
        assert answer.mimetype == "text/html"
        return Page(answer.text)

    def json(self, address: str, status: int = 200) -> dict[str, Any]:
        answer = self.get(address)
        assert (answer.status_code, answer.mimetype) == (status, "application/json"), answer.text
        document = answer.json
        assert isinstance(document, dict)
        return document

    def crawl(self, start: str = "/") -> dict[str, TestResponse]:
        """Every answer that links lead to, by its address."""
        seen: dict[str, TestResponse] = {}
        waiting = [start]
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            answer = seen[address] = self.get(address)
            if "Location" in answer.headers:
                waiting.append(urljoin(address, answer.headers["Location"]))
            if answer.mimetype == "text/html" and answer.text:
                page = Page(answer.text)
                waiting += [urljoin(address, link).partition("#")[0] for link in page.links]
        return seen
