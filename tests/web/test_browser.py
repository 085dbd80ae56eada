"""The pages in a real browser: the story, the keyboard, a phone, what axe finds, what a CSP stops.

Needs Debian's Chromium and the extra `browser`; without them it is skipped, never in CI.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from changelog.store.location import SqliteLocation
from tests.logbook import START, Logbook
from tests.program import Program
from tests.web.serving import Serving
from tests.web.test_web_pages import HOSTILE_APPLICATION, HOSTILE_ID, HOSTILE_IDS, fill

CHROMIUM = Path("/usr/bin/chromium")
PLACES = (
    "/",
    "/dids",
    "/dids/did_1",
    "/dids/did_1/r1",
    "/dids/did_1/restore",
    "/changes",
    "/diff?from=2026-11-01T12:03Z",
    "/tags",
    "/alerts",
    "/dids/nobody",
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    missing = [name for name in ("playwright", "axe_playwright_python") if not find_spec(name)]
    missing += [] if CHROMIUM.exists() else [str(CHROMIUM)]
    if missing:
        assert os.environ.get("CHANGELOG_TEST_REQUIRE_BROWSER") != "1", missing
        pytest.skip(f"NOT TESTED in a browser: {', '.join(missing)} is missing")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Root has no user namespace of its own to put the browser into.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    place = SqliteLocation(folder / "log.db")
    fill(place)
    with Logbook(place) as book:
        book.now = START + timedelta(days=2)
        for application in ("app_a", "app_b", "app_c"):
            capture = book.capture(changed_by="carl", ticket="INC-7", note="winter menu")
            book.see(application, number_e164="+15551230009", capture=capture)
            capture.close()
    settings = folder / "changelog.toml"
    settings.write_text('contact = "NOC"\ntimezone = "Europe/Berlin"\n')
    program = Program(folder / "home", database=place, CHANGELOG_CONFIG=str(settings))
    with Serving(program) as serving:
        yield serving.url


class Tab:
    """A tab, and what it complained of."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.url = url
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self._dialog(dialog))

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def go(self, address: str) -> Any:
        self.page.goto(self.url + address)
        return self.page


def test_which_number_broke_is_three_requests_from_the_start(browser: Any, url: str) -> None:
    tab = Tab(browser, url, viewport=PHONE)
    page = tab.go("/")
    page.get_by_role("link", name="did_1", exact=True).first.click()
    text = page.inner_text("main")
    for said in ("NOW r3", "PUT BACK r2", "app_b ≠ app_c now", "olga", "carl", "INC-7", "menu"):
        assert said in text
    assert "Ask NOC and send:" in text
    page.get_by_text("Commands to paste").click()
    assert page.get_by_text("changelog verify did_1 --to r2").is_visible()
    assert tab.complaints == []


def test_a_search_works_by_keyboard_and_without_script(browser: Any, url: str) -> None:
    tab = Tab(browser, url, java_script_enabled=False)
    page = tab.go("/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to content"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("+1 555 123 0009")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dids/did_1")
    assert page.title().startswith("+15551230009")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(
    browser: Any, url: str, scheme: str
) -> None:
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    # The policy forbids axe's own script too: the next test is without the bypass.
    tab = Tab(browser, url, viewport=PHONE, color_scheme=scheme, bypass_csp=True)
    for address in PLACES:
        page = tab.go(address)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, address
        page.evaluate(axe)
        found = page.evaluate("axe.run().then(result => result.violations)")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], address


def test_nothing_stored_runs_and_the_policy_has_nothing_to_stop(browser: Any, url: str) -> None:
    tab = Tab(browser, url, viewport=DESK)
    for address in PLACES[:-1]:
        tab.go(address)
    page = tab.go("/dids")
    links = page.locator("td a").evaluate_all("links => links.map(link => link.href)")
    assert len(links) == len(HOSTILE_IDS) + 2
    for link in links:
        page.goto(link)
        assert "NOW r" in page.inner_text("main")
    page = tab.go("/dids")
    page.get_by_role("link", name=HOSTILE_ID).click()
    assert HOSTILE_ID in page.inner_text("h1")
    assert HOSTILE_APPLICATION in page.inner_text("main")
    assert tab.complaints == []


def test_the_policy_stops_a_script_that_got_in(browser: Any, url: str) -> None:
    tab = Tab(browser, url)
    page = tab.go("/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in tab.complaints)


def test_a_card_is_printed_with_its_commands(browser: Any, url: str) -> None:
    tab = Tab(browser, url)
    page = tab.go("/dids/did_1/restore")
    page.emulate_media(media="print")
    assert page.get_by_text("changelog verify did_1 --to r2").is_visible()
    assert not page.get_by_role("searchbox").is_visible()


def test_the_file_of_a_command_runs_nothing_either(browser: Any, url: str, tmp_path: Path) -> None:
    place = SqliteLocation(tmp_path / "log.db")
    fill(place)
    program = Program(tmp_path / "home", database=place)
    tab = Tab(browser, "file://", viewport=PHONE)
    for number, line in enumerate((["log"], ["list"], ["restore", HOSTILE_ID, "--offline"])):
        file = tmp_path / f"{number}.html"
        file.write_text(program.run(*line, "--format", "html").ended(0).stdout)
        page = tab.go(str(file))
        assert page.evaluate("getComputedStyle(document.body).maxWidth") == "1024px"
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert tab.complaints == []
