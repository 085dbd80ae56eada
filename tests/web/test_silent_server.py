"""A PostgreSQL server that goes silent holds no page for longer than its deadline."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from changelog.cli.answers import web
from changelog.cli.answers.web import LogOpener
from changelog.cli.settings import load_settings
from changelog.model.errors import DatabaseLost
from changelog.store.location import parse_location
from changelog.web.pages.application import Pages
from changelog.web.pages.page_context import PageSettings
from tests.in_process import call_main
from tests.logbook import START, Logbook
from tests.postgres_proxy import FreezingProxy
from tests.postgres_server import PostgresServer

DEADLINE_S = 1.0
LATE_S = 4.0
"""libpq waits two seconds for a connection at least."""


@pytest.fixture
def proxy(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FreezingProxy]:
    """A proxy to a log that has a mirror; the settings in force name both."""
    url = postgres.create_log()
    with Logbook(parse_location(url)) as book:
        book.see("app_a")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(web, "DEADLINE_S", DEADLINE_S)
    assert call_main("mirror", "mirror.db", "--db", url)[0] == 0
    with FreezingProxy(postgres.port) as proxy:
        place = parse_location(url)
        user, _, rest = str(place).removeprefix("postgresql://").partition("@")
        monkeypatch.setenv("CHANGELOG_DATABASE_URL", proxy.url(user, rest.partition("/")[2]))
        monkeypatch.setenv("CHANGELOG_CONFIG", "changelog.toml")
        Path("changelog.toml").write_text("")
        yield proxy


def test_a_server_that_goes_silent_is_lost_at_the_deadline(proxy: FreezingProxy) -> None:
    began = monotonic()
    with LogOpener(load_settings(None)).opened() as opened:
        assert opened.log.newest_entry_at() is not None
        proxy.frozen.set()
        with pytest.raises(DatabaseLost):
            opened.log.tag_list()
    assert monotonic() - began < LATE_S


def test_a_silent_server_is_waited_for_once_and_the_mirror_answers(proxy: FreezingProxy) -> None:
    Path("changelog.toml").write_text('mirror = "mirror.db"\n')
    opener = LogOpener(load_settings(None))
    proxy.frozen.set()
    for longest in (LATE_S, DEADLINE_S / 2):
        began = monotonic()
        with opener.opened() as opened:
            assert opened.from_mirror
            assert opened.log.newest_entry_at() is not None
        assert monotonic() - began < longest


def test_health_is_told_at_once_after_the_first_time(proxy: FreezingProxy) -> None:
    opener = LogOpener(load_settings(None))
    pages = Pages(opener.opened, PageSettings(version="1"), lambda: START, lambda _: None)
    client = pages.application().test_client()
    proxy.frozen.set()
    for longest in (LATE_S, DEADLINE_S / 2):
        began = monotonic()
        assert client.get("/healthz").status_code == 503
        assert monotonic() - began < longest
    proxy.frozen.clear()
    opener._asked_again_at = 0.0
    assert client.get("/healthz").status_code == 200
