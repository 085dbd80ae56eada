"""The pages say what the commands say, to whoever may only read; nothing stored is ever run."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.datastructures import MultiDict

from changelog.model.did_ref import is_safe_in_path
from changelog.model.text.times import to_micros
from changelog.model.watching.observation import NumberMoved
from changelog.store.location import Location, SqliteLocation, parse_location
from changelog.web.pages import handlers
from changelog.web.pages.addresses import Addresses
from changelog.web.pages.query_fields import QueryFields
from changelog.web.pages.request_guard import MOST_FIELDS, POLICY
from tests.html_page import Page
from tests.logbook import DID, NUMBER, START, Logbook
from tests.postgres_server import PostgresServer
from tests.program import Program, invisible_in
from tests.sandbox_faults import Sandbox
from tests.store.test_alert_store import judged
from tests.web.visitor import NOW, Visitor

HOSTILE_ID = "did/<script>alert(1)</script>…?a=b#c%2F.."
HOSTILE_IDS = (HOSTILE_ID, "..", ".", "x.json", "X.CSV", "a b", "a@r2", "?", "#", "r\u202ex", "é%")
HOSTILE_APPLICATION = '"><img src=x onerror=alert(1)>'
PRIVATE_URL = "https://olga:pass-4711@x.example/answer?token=4711"
ROUTES = (
    "/",
    "/dids",
    "/dids?at=tag:ivr-7",
    "/dids?application=app_a",
    "/search?q=app",
    "/dids/did_2",
    "/dids/did_2/r1",
    "/dids/did_2/history",
    "/dids/did_2/restore",
    "/dids/did_2/restore?to=r1",
    "/changes",
    "/changes?routing=1&since=2026-11-01T00:00Z",
    "/diff",
    "/diff?did=did_2",
    "/diff?from=2026-11-01T12:05Z",
    "/tags",
    "/alerts",
    "/nothing",
    "/dids/nobody",
    "/dids?at=nonsense",
    "/did",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """A log that holds what wants to run, to call somebody or to hide."""
    place = SqliteLocation(tmp_path_factory.mktemp("hostile") / "log.db")
    fill(place)
    return place


@pytest.fixture
def visitor(hostile: Location) -> Visitor:
    return Visitor(hostile, contact="<NOC>", zone="Europe/Berlin")


def fill(place: Location) -> None:
    with Logbook(place) as book:
        book.see("app_a", did="did_2", number_e164="+15551230002")
        for did in HOSTILE_IDS:
            book.see("app_a", "webhook", PRIVATE_URL, did=did)
        capture = book.capture(
            tag="ivr-7", note="<b>we\u202eird</b> {{ 7 * 7 }}", changed_by="<i>carl</i>"
        )
        for did in (*HOSTILE_IDS, "did_2"):
            book.see(HOSTILE_APPLICATION, "javascript:alert(1)", did=did, capture=capture)
        capture.close()
        book.miss("timeout", did="did_2")


def test_postgresql_shows_the_same(postgres: PostgresServer, visitor: Visitor) -> None:
    place = parse_location(postgres.create_log())
    fill(place)
    shared = Visitor(place, contact="<NOC>", zone="Europe/Berlin")
    for address in ROUTES:
        answer, other = shared.get(address), visitor.get(address)
        assert (answer.status, answer.text) == (other.status, other.text), address
        assert str(place) not in answer.text


@pytest.mark.parametrize("address", ROUTES)
def test_a_page_is_whole_and_holds_no_markup_of_what_is_stored(
    visitor: Visitor, address: str
) -> None:
    answer = visitor.get(address)
    page = Page(answer.text)
    assert page.tags.isdisjoint({"script", "img", "i", "b", "iframe", "style"})
    assert not page.attributes_named("on")
    assert not page.attributes_named("style")
    assert invisible_in(answer.text) == []
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    labels = page.attributes_named("for")
    assert all(name in labels for tag, _, name in page.attributes if (tag, _) == ("input", "id"))
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "Set-Cookie" not in answer.headers


def test_a_search_finds_nothing_by_what_is_masked(logbook: Logbook) -> None:
    """Or a reader could guess it letter by letter."""
    url = "https://svc:hunter2@voice.example/answer?token=s3cr3t"
    for digit, did in enumerate(("did_masked", "did_masked2")):
        logbook.see("app_m", destination=url, did=did, number_e164=f"+1555000777{digit}")
    logbook.writer.add_note(logbook.revision(1, "did_masked"), f"it went to {url}", "olga")
    visitor = Visitor(logbook.location)
    for text in ("s3cr", "token=s", "hunter2", "svc:h", url):
        found = visitor.get(f"/search.json?q={quote(text, safe='')}").json or {}
        assert (found["dids"], found["texts"]) == ([], []), text
    for text in ("voice.example", "did_mas", "000777"):
        assert (visitor.get(f"/search.json?q={text}").json or {})["dids"], text
    assert (visitor.get("/search.json?q=it+went").json or {})["texts"]


def test_every_link_leads_somewhere_and_nothing_private_is_sent(
    visitor: Visitor, hostile: Location
) -> None:
    seen = visitor.crawl()
    assert len(seen) > 60
    broken = {
        address: answer.status for address, answer in seen.items() if answer.status_code > 303
    }
    assert broken == {}
    for address, answer in seen.items():
        for secret in ("pass-4711", "token=4711", str(hostile)):
            assert secret not in answer.text, address


@pytest.mark.parametrize("did", HOSTILE_IDS)
def test_each_id_has_an_address_that_leads_back_to_it(visitor: Visitor, did: str) -> None:
    to = Addresses()
    assert not is_safe_in_path(did)
    for address in (to.did(did), to.revision(did, 1), to.history(did), to.restore(did, "r1")):
        assert "/.." not in address
        page = visitor.page(address)
        assert HOSTILE_APPLICATION in page.text or "app_a" in page.text
    path, _, query = to.did(did).partition("?")
    assert visitor.json(f"{path}.json?{query}")["dids"][0]["did"] == did


def test_hostile_values_are_there_to_be_read(visitor: Visitor) -> None:
    page = visitor.page(Addresses().did(HOSTILE_ID))
    for text in (HOSTILE_ID, HOSTILE_APPLICATION, "<i>carl</i>", "javascript:alert(1)"):
        assert text in page.text
    assert "<b>we\\u202eird</b> {{ 7 * 7 }}" in page.text
    assert not [link for link in page.links if "javascript:" in link or "x.example" in link]


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("/dids/did_2.json", ["restore", "did_2", "--offline"]),
        ("/dids/did_2/restore.json?to=r1", ["restore", "did_2", "--offline", "--to", "r1"]),
        ("/dids/did_2/r1.json", ["show", "did_2@r1"]),
        ("/dids/did_2/history.json", ["log", "did_2"]),
        ("/diff.json?did=did_2", ["diff", "did_2"]),
    ],
)
def test_json_is_the_document_of_the_command(
    visitor: Visitor, hostile: Location, tmp_path: Path, address: str, line: list[str]
) -> None:
    own = Program(tmp_path / "home", database=hostile).json(*line)
    document = visitor.json(address)
    assert document.pop("masked") is True
    if "requested" in own:
        own["requested"] = "did_2"
    for unlike in ("since", "until"):
        own.pop(unlike, None)
        document.pop(unlike, None)
    assert document == own


def test_json_masks_what_a_url_may_hide(visitor: Visitor) -> None:
    text = visitor.get(f"{Addresses().revision('a b', 1).replace('/r1', '/r1.json')}").text
    assert "https://***@x.example/answer?***" in text
    assert "4711" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
@pytest.mark.parametrize("address", ["/", "/dids/did_2", "/nothing"])
def test_nothing_but_get_and_head_is_answered(
    sqlite_visitor: Visitor, method: str, address: str
) -> None:
    answer = sqlite_visitor.client.open(address, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.fixture
def sqlite_visitor(tmp_path: Path) -> Visitor:
    place = SqliteLocation(tmp_path / "log.db")
    with Logbook(place) as book:
        for application in ("app_a", "app_b", "app_a", "app_c"):
            book.see(application)
    return Visitor(place, contact="NOC, +1 555 000 0100", zone="Europe/Berlin")


def test_a_head_has_the_headers_and_no_body(sqlite_visitor: Visitor) -> None:
    whole = sqlite_visitor.get("/dids/did_1")
    head = sqlite_visitor.client.head("/dids/did_1")
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8788", 200),
        ("NOC.example", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("evil.example:80", 421),
        ("", 421),
        ("[::2]:80", 421),
        ("localhost:80:evil", 421),
        ("localhost:1, evil.example", 421),
    ],
)
def test_only_its_own_names_are_answered(sqlite_visitor: Visitor, host: str, status: int) -> None:
    answer = sqlite_visitor.get("/dids/did_1.json", headers={"Host": host})
    assert answer.status_code == status
    assert ("did_1" in answer.text) == (status == 200)


def test_what_a_proxy_adds_is_not_believed(sqlite_visitor: Visitor) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "Forwarded": "x"}
    assert "evil" not in sqlite_visitor.get("/dids/did_1", headers=headers).text


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/dids?at=2h", "/dids?at=2026-11-02T10:00:00Z"),
        ("/dids?at=today&status=active", "/dids?at=2026-11-02T12:00:00Z&status=active"),
        ("/dids/did_1?at=yesterday+12:30", "/dids/did_1?at=2026-11-01T12:30:00Z"),
        ("/dids?at=2026-11-01T13:00:00%2B01:00", "/dids?at=2026-11-01T12:00:00Z"),
        ("/diff.json?from=2026-11-01", "/diff.json?from=2026-11-01T00:00:00Z"),
        ("/dids/+15551230001", "/dids/did_1"),
        ("/search?q=+1+555+123+0001", "/dids/did_1"),
        ("/search?q=app_c", "/dids/did_1"),
        ("/search", "/dids"),
    ],
)
def test_what_would_not_last_leads_to_an_address_that_does(
    sqlite_visitor: Visitor, address: str, there: str
) -> None:
    answer = sqlite_visitor.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, there)


def test_a_whole_moment_stays() -> None:
    for text in ("2026-11-01T12:03Z", "2026-11-01T12:03:05.123456Z", "latest", "r3", "tag:a/b"):
        assert QueryFields(MultiDict({"at": text}), NOW, Addresses().at).moment("at") == text


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/dids/nobody.json", 404, "unknown_did"),
        ("/dids/did_1/r9.json", 404, "unknown_revision"),
        ("/nothing.json", 404, "not_found"),
        ("/dids.json?at=nonsense", 400, "bad_selector"),
        ("/dids.json?at=tag:none", 404, "unknown_tag"),
        ("/did.json", 400, "usage"),
        ("/search.json?q=a%00b", 400, "usage"),
        ("/dids/did%001.json", 400, "usage"),
        ("/dids.json?status=a&status=b", 400, "usage"),
        ("/alerts.json?before=x", 400, "usage"),
        ("/alerts.json?before=9223372036854775808", 400, "usage"),
        ("/alerts.json?before=-1", 400, "usage"),
        ("/dids/did_1/history.json?before=9223372036854775808", 400, "usage"),
        ("/dids/did_1/r9223372036854775808.json", 400, "bad_selector"),
        ("/changes.json?before=9223372036854775808", 400, "usage"),
        ("/changes.json?before=253402300800000000", 400, "usage"),
        ("/changes.json?before=-99999999999999999", 400, "usage"),
        ("/changes.json?before=%D9%A1", 400, "usage"),
        ("/changes.json?before=1.", 400, "usage"),
        ("/changes.json?before=1%0A.2", 400, "usage"),
        ("/changes.json?before=1_0", 400, "usage"),
        ("/changes.json?before=1.9223372036854775808", 400, "usage"),
        ("/changes.json?routing=maybe", 400, "usage"),
        ("/dids.json?aplication=app_sales", 400, "usage"),
        ("/dids/did_1.json?to=r1", 400, "usage"),
        ("/tags.json?before=1", 400, "usage"),
        ("/diff.json?from=r1&did=nobody", 404, "unknown_did"),
        ("/diff.json?from=r9&did=did_1", 404, "unknown_revision"),
        ("/diff.json?from=live&did=did_1", 404, "no_look"),
        ("/dids/did_1.json?at=live", 404, "no_look"),
        ("/dids.json?at=live", 400, "usage"),
        ("/changes.json?since=nonsense", 400, "usage"),
        ("/diff.json?from=r1&to=live&did=did_1", 404, "no_look"),
        (f"/search.json?q={'x' * 400}", 400, "usage"),
    ],
)
def test_an_error_is_a_document_with_a_status(
    sqlite_visitor: Visitor, address: str, status: int, code: str
) -> None:
    document = sqlite_visitor.json(address, status)
    assert document["schema"] == "changelog/error/1"
    assert document["error"]["code"] == code
    assert "--to live" not in document["error"]["hint"]
    page = sqlite_visitor.page(address.replace(".json", ""), status)
    assert page.headings[0][0] == 1


def test_a_field_that_a_page_does_not_know_is_named(sqlite_visitor: Visitor) -> None:
    text = sqlite_visitor.page("/dids?aplication=app_sales", 400).text
    assert "This page takes no field 'aplication'" in text
    assert "after, application, at, route_mode, status" in text


def test_the_document_of_a_search_holds_what_its_page_shows(sqlite_logbook: Logbook) -> None:
    capture = sqlite_logbook.capture(ticket="INC-99")
    sqlite_logbook.see("app_a", number_e164="+15551230001", capture=capture)
    sqlite_logbook.see("app_a", number_e164="+15551230002", capture=capture)
    capture.close()
    visitor = Visitor(sqlite_logbook.location)
    document = visitor.json("/search.json?q=INC-99")
    assert document["dids"] == []
    (text,) = document["texts"]
    assert (text["kind"], text["by"], text["capture"]) == ("capture", "olga", 1)
    assert "INC-99" in text["where"]
    assert visitor.json("/search.json?q=1230001")["earlier"] == [
        {"number": "+15551230001", "did": "did_1"}
    ]


def test_the_changes_of_a_page_go_on_in_json_too(sqlite_visitor: Visitor) -> None:
    whole = sqlite_visitor.json("/changes.json")["entries"]
    before = to_micros(datetime.fromisoformat(whole[1]["first_seen_at"]))
    rest = sqlite_visitor.json(f"/changes.json?before={before}")["entries"]
    assert (len(whole), rest) == (4, whole[1:])
    both = f"/changes.json?before={before}&until={whole[2]['first_seen_at']}"
    assert sqlite_visitor.json(both)["entries"] == whole[2:]


def test_an_address_has_a_longest_and_a_query_a_most(sqlite_visitor: Visitor) -> None:
    assert sqlite_visitor.get(f"/dids?application={'x' * 2100}").status_code == 414
    assert sqlite_visitor.get(f"/dids?{'a=1&' * (MOST_FIELDS + 1)}").status_code == 400


def test_a_page_that_has_not_changed_is_not_sent_again(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see("app_a")
    visitor = Visitor(sqlite_logbook.location)
    tag = visitor.get("/dids/did_1").headers["ETag"]
    # A proxy that compresses the page makes its tag weak.
    for known in (tag, f"W/{tag}"):
        again = visitor.get("/dids/did_1", headers={"If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
    assert visitor.get("/dids/did_1.json", headers={"If-None-Match": tag}).status_code == 200
    sqlite_logbook.see("app_b")
    assert visitor.get("/dids/did_1", headers={"If-None-Match": tag}).status_code == 200
    later = Visitor(sqlite_logbook.location, now=NOW + timedelta(minutes=1))
    assert later.get("/dids/did_1", headers={"If-None-Match": tag}).status_code == 200
    private = visitor.get("/dids/did_1").headers["Cache-Control"]
    assert private == "private, no-cache"


def test_only_the_style_is_kept_for_good(sqlite_visitor: Visitor) -> None:
    page = sqlite_visitor.page("/")
    (style,) = [value for value in page.attributes_named("href") if value.endswith(".css")]
    answer = sqlite_visitor.get(style)
    assert (answer.mimetype, answer.headers["Cache-Control"][:6]) == ("text/css", "public")
    assert sqlite_visitor.get("/style.000000000000.css").status_code == 404


def test_a_second_heavy_page_is_sent_away_and_a_card_is_not(sqlite_visitor: Visitor) -> None:
    with sqlite_visitor.pages._heavy_page:
        busy = sqlite_visitor.get("/diff?from=2026-11-01T12:05Z")
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
        assert sqlite_visitor.get("/dids/did_1").status_code == 200
    assert sqlite_visitor.get("/diff?from=2026-11-01T12:05Z").status_code == 200


def test_a_log_that_cannot_be_read_is_told_without_its_place(tmp_path: Path) -> None:
    place = SqliteLocation(tmp_path / "log.db")
    place.path.write_bytes(b"no database at all" * 100)
    visitor = Visitor(place)
    for address, kind in (("/dids/did_1", "text/html"), ("/dids/did_1.json", "application/json")):
        answer = visitor.get(address)
        assert (answer.status_code, answer.mimetype) == (503, kind)
        assert str(tmp_path) not in answer.text
        assert "Retry-After" in answer.headers
    assert visitor.get("/healthz").status_code == 503
    assert str(tmp_path) in "".join(visitor.lines)


def test_a_log_without_anything_says_so(tmp_path: Path) -> None:
    visitor = Visitor(SqliteLocation(tmp_path / "nothing.db"))
    assert "Nothing is recorded yet" in visitor.page("/").text
    for address in ("/dids", "/changes", "/tags", "/alerts"):
        assert str(tmp_path) not in visitor.get(address).text
    assert visitor.get("/healthz").text == "ok\n"


def test_the_servers_own_line_has_no_query_and_nothing_that_hides(sqlite_visitor: Visitor) -> None:
    sqlite_visitor.get("/search?q=%2B15551230001")
    sqlite_visitor.get("/dids/%1b[31m%0a")
    line, hostile = sqlite_visitor.lines
    assert line.startswith("GET /search 303 ")
    assert invisible_in(hostile) == []


def test_a_prefix_stands_in_every_link_whether_the_proxy_takes_it_or_not(
    sqlite_logbook: Logbook,
) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    visitor = Visitor(sqlite_logbook.location, prefix="/change/log")
    for start in ("/change/log/", "/"):
        assert all(
            link.startswith("/change/log/") for link in visitor.page(start).links if link[0] == "/"
        )
    seen = visitor.crawl("/change/log/")
    assert {answer.status_code for answer in seen.values()} <= {200, 303}
    moved = visitor.get("/change/log/dids?at=2h").headers["Location"]
    assert moved == "/change/log/dids?at=2026-11-02T10:00:00Z"


def test_the_card_says_what_differs_and_whom_to_ask(sqlite_visitor: Visitor) -> None:
    text = sqlite_visitor.page("/dids/did_1").text
    assert "NOW r4" in text
    assert "PUT BACK r3" in text
    assert text.index("NOW r4") < text.index("PUT BACK r3") < text.index("To put it back")
    assert "application id app_a ≠ app_c now" in text
    assert "route mode webhook same" in text
    assert "Ask NOC, +1 555 000 0100 and send: Please put back +15551230001 (did_1)" in text
    assert "changelog verify did_1 --to r3" in text
    assert "back to r1" in text
    assert re.search(r"\(\d\d:\d\d CET\)", text)


def test_a_did_that_is_not_visible_is_not_said_to_go_anywhere(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.miss(404)
    sqlite_logbook.miss("timeout", did="did_2")
    visitor = Visitor(sqlite_logbook.location, contact="NOC")
    text = visitor.page("/dids/did_1").text
    assert "Please look at +15551230001 (did_1): the API does not show it." in text
    assert "it goes to" not in text
    start = visitor.page("/")
    assert "did_2 (never read)" in start.text
    assert "/dids/did_2" not in start.links


def test_a_history_comes_ten_at_a_time(sqlite_logbook: Logbook) -> None:
    for number in range(23):
        sqlite_logbook.see(f"app_{number}")
    visitor = Visitor(sqlite_logbook.location)
    address, shown = "/dids/did_1", []
    for _ in range(3):
        page = visitor.page(address)
        shown += [text.split()[-1] for _, text in page.headings if "+15551230001 r" in text]
        older = [link for link in page.links if "history?before=" in link]
        address = older[0] if older else ""
    assert shown == [f"r{number}" for number in range(23, 0, -1)]
    assert address == ""


def test_a_learned_destination_is_no_change_on_the_pages(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see("app_a")
    capture = sqlite_logbook.capture(answer_urls={"app_a": "https://voice.example/a"})
    sqlite_logbook.see("app_a", capture=capture)
    capture.close()
    visitor = Visitor(sqlite_logbook.location)
    for address in ("/", "/changes"):
        assert "did_1: nothing moved: destination learned: https" in visitor.page(address).text
    assert "destination learned: https" in visitor.page("/dids/did_1/history").text


def test_an_alert_about_many_names_them(sqlite_logbook: Logbook) -> None:
    dids = [f"did_{number:02}" for number in range(12)]
    for application in ("app_a", "app_b"):
        for did in dids:
            sqlite_logbook.see(application, did=did)
        judged(sqlite_logbook)
    alerts = Visitor(sqlite_logbook.location).page("/alerts")
    assert "many (changed) 12 DIDs: did_00, did_01" in alerts.text
    assert {f"/dids/{did}" for did in dids} <= set(alerts.links)
    assert "2 more" in alerts.text


def test_an_alert_about_a_number_that_moved_shows_no_old_change(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see("app_a")
    judged(sqlite_logbook)
    sqlite_logbook.see("app_b")
    moved = NumberMoved("did_1", NUMBER, 2, "did_0", reaches_nobody=True)
    judged(sqlite_logbook, moved=[moved])
    visitor = Visitor(sqlite_logbook.location)
    alerts = visitor.json("/alerts.json")["alerts"]
    (about,) = (alert for alert in alerts if alert["kind"] == "number_moved")
    assert (about["changes"], about["message"]) == ([], "the number was did_0's until now")
    assert "the number was did_0's until now" in visitor.page("/alerts").text


def test_the_start_page_says_that_the_last_capture_was_an_import(sqlite_logbook: Logbook) -> None:
    capture = sqlite_logbook.capture(command="import")
    sqlite_logbook.see("app_a", capture=capture)
    capture.close()
    page = Visitor(sqlite_logbook.location).page("/")
    assert "an import of answers that may be older" in page.text


def test_a_watch_that_is_late_is_marked(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see("app_a")
    judged(sqlite_logbook)
    sqlite_logbook.see("app_b")
    judged(sqlite_logbook)
    alerts = Visitor(sqlite_logbook.location).page("/alerts")
    change = "application_id from app_a → to app_b"
    assert f"changed did_1 +15551230001 r2: {change}, watch all" in alerts.text
    (alert,) = Visitor(sqlite_logbook.location).json("/alerts.json")["alerts"]
    assert (alert["kind"], alert["dids"]) == ("changed", ["did_1"])
    assert [change["field"] for change in alert["changes"]] == ["application_id"]
    assert "LATE: watch" in Visitor(sqlite_logbook.location).page("/dids/did_1").text
    soon = Visitor(sqlite_logbook.location, now=START + timedelta(minutes=10))
    text = soon.page("/").text
    assert "LATE" not in text
    assert "next due" in text


def test_a_change_is_found_from_the_start_page_by_its_time(sqlite_visitor: Visitor) -> None:
    links = sqlite_visitor.page("/").links
    between = next(link for link in links if "/changes?since=" in link)
    assert "app_a → to app_c" in sqlite_visitor.page(between).text


def test_a_fleet_comes_a_page_at_a_time_by_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "ROWS", 2)
    place = SqliteLocation(tmp_path / "log.db")
    with Logbook(place) as book:
        for did in ("did_1", "did_2", "did_3", "x y", "z"):
            book.see("app_a", did=did)
        book.see("app_b", did="did_4")
    visitor, address, shown = Visitor(place), "/dids?application=app_a", list[str]()
    while address:
        page = visitor.page(address)
        shown += [cell for cell in page.cells if cell in ("did_1", "did_2", "did_3", "x y", "z")]
        address = next(
            (link for link in page.links if "after=" in link and ".json" not in link), ""
        )
    assert shown == ["did_1", "did_2", "did_3", "x y", "z"]


def test_a_search_finds_notes_tickets_and_numbers_that_were(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see("app_a", number_e164="+15559990001")
    capture = sqlite_logbook.capture(note="winter menu", ticket="INC-7", changed_by="carl")
    sqlite_logbook.see("app_a", capture=capture)
    sqlite_logbook.see("app_a", did="did_2", number_e164="+15551230002", capture=capture)
    capture.close()
    visitor = Visitor(sqlite_logbook.location)
    for text in ("winter", "inc-7", "CARL"):
        assert "winter menu · INC-7 · carl" in visitor.page(f"/search?q={text}").text
    assert visitor.page("/search?q=app_").text.count("+1555123000") == 2
    assert "+15559990001: did_1" in visitor.page("/search?q=999000").text


def test_the_document_of_the_fleet_says_between_which_looks_each_came_there(
    sqlite_logbook: Logbook,
) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    visitor = Visitor(sqlite_logbook.location)
    for address in ("/dids.json", "/dids.json?at=2026-11-02T00:00:00Z"):
        (row,) = visitor.json(address)["dids"]
        assert row["not_before"] < row["not_after"], address


def test_a_read_that_takes_too_long_is_told(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see("app_a")
    visitor = Visitor(sqlite_logbook.location, deadline_s=0.0)
    assert visitor.json("/dids/did_1.json", 503)["error"]["code"] == "incomplete"
    assert "Retry-After" in visitor.get("/dids/did_1").headers


def test_what_comes_from_the_mirror_says_so(sqlite_visitor: Visitor, tmp_path: Path) -> None:
    mirrored = Visitor(SqliteLocation(tmp_path / "log.db"), from_mirror=True)
    assert "the database cannot be reached" in mirrored.page("/dids/did_1").text
    assert mirrored.get("/healthz").text.startswith("ok: the mirror, as of 20")
    document = mirrored.json("/dids.json")
    assert document["conditions"] == ["mirror"]
    assert document["as_of"].startswith("2026-11-01T12:2")
    assert "the database cannot be reached" not in sqlite_visitor.page("/dids/did_1").text


def test_a_comparison_comes_fifty_dids_at_a_time_with_its_kinds_first(tmp_path: Path) -> None:
    place = SqliteLocation(tmp_path / "log.db")
    dids = [f"did_{number:03}" for number in range(60)]
    with Logbook(place) as book:
        for application in ("app_a", "app_b"):
            capture = book.capture(tag=application)
            for did in dids:
                book.see(application, did=did, capture=capture)
            capture.close()
    visitor = Visitor(place, zone="Europe/Berlin")
    address, shown = "/diff?from=tag:app_a&to=tag:app_b", list[str]()
    while address:
        answer = visitor.get(address)
        assert len(answer.data) < 50_000
        page = Page(answer.text)
        assert "60 of 60 changed" in page.text
        assert "/diff?from=tag:app_b&to=latest" in page.links
        assert page.text.index("Kinds of change") < page.text.index("did_000, did_001")
        shown += [cell for cell in page.cells if cell in dids]
        address = next((link for link in page.links if "&after=" in link), "")
        address = "" if ".json" in address else address
    assert shown == dids
    assert len(visitor.get("/dids").data) < 50_000
    assert len(visitor.json("/diff.json?from=tag:app_a&to=tag:app_b")["dids"]) == 60
    following, listed = "", list[str]()
    while following is not None:
        result = visitor.json(f"/changes.json?after={following}")
        listed += [entry["did"] for entry in result["entries"]]
        following = result["following"]
    assert sorted(listed) == sorted(dids * 2)


def test_no_page_grows_with_what_people_wrote(tmp_path: Path) -> None:
    place, note = SqliteLocation(tmp_path / "log.db"), "Umbau <läuft> " * 8_000
    with Logbook(place) as book:
        for application in ("app_a", "app_b", "app_a"):
            capture = book.capture(note=note)
            book.see(application, capture=capture)
            capture.close()
        book.judge("bad", 2)
    visitor = Visitor(place)
    for address in ("/", "/dids/did_1", "/dids/did_1/restore", "/dids/did_1/history", "/changes"):
        assert len(visitor.get(address).data) < 50_000, address
    for address in ("/changes?since=2026-01-01T00:00Z", "/search?q=umbau"):
        assert "more characters)" in visitor.page(address).text
        assert len(visitor.get(address).data) < 50_000, address
    assert " ".join(note.split()) in visitor.page("/dids/did_1/r1").text


def test_a_comparison_of_many_fields_is_no_larger(tmp_path: Path) -> None:
    place = SqliteLocation(tmp_path / "log.db")
    dids = [f"did_{number:03}" for number in range(60)]
    with Logbook(place) as book:
        for turn in "ab":
            capture = book.capture(tag=turn)
            for did in dids:
                more: dict[str, Any] = {f"field_{n}": f"{turn} of {did} " * 10 for n in range(6)}
                book.see(f"app_{turn}", did=did, capture=capture, **more)
            capture.close()
    visitor, shown = Visitor(place), set[str]()
    address = "/diff?from=tag:a&to=tag:b"
    while address:
        answer = visitor.get(address)
        assert len(answer.data) < 50_000
        page = Page(answer.text)
        shown |= {cell for cell in page.cells if cell in dids}
        address = next((link for link in page.links if "&after=" in link), "")
        address = "" if ".json" in address else address
    assert shown == set(dids)


def test_a_comparison_without_a_start_is_a_form_and_the_commands_document(
    sqlite_visitor: Visitor,
) -> None:
    assert "Name two moments" in sqlite_visitor.page("/diff").text
    assert sqlite_visitor.json("/diff.json")["from"] == "previous"


def test_filtered_changes_go_on_behind_those_of_the_same_moment(logbook: Logbook) -> None:
    """Also where a page is not enough for one moment, and where a later note is the time."""
    moment = logbook.clock()
    for n in range(45):
        logbook.see("app_a", did=f"did_{n:02}", at=moment)
    visitor, address, seen = Visitor(logbook.location), "/changes?since=2026-01-01T00:00Z", []
    while address:
        page = visitor.page(address)
        seen += [link for link in page.links if link.endswith("/r1")]
        address = next((link for link in page.links if re.match(".changes[?].*after=", link)), "")
    assert sorted(seen) == [f"/dids/did_{n:02}/r1" for n in range(45)]


def test_an_application_has_its_name_beside_it(logbook: Logbook) -> None:
    url, name = {"app_a": "https://a.example/1"}, {"app_a": '<b>Main "line"'}
    for names in (name, {}, {"app_a": "Renamed"}):
        capture = logbook.capture(answer_urls=url, names=names)
        logbook.see("app_a", capture=capture)
        capture.close()
        assert len(logbook.history().revisions) == 1
        shown = "Renamed" if "Renamed" in names.values() else '<b>Main "line"'
        visitor = Visitor(logbook.location)
        for address in ("/dids", "/dids/did_1", "/changes?routing=1"):
            assert shown in visitor.page(address).text, address
        assert visitor.json("/dids.json")["dids"][0]["application_name"] == shown


def test_the_changes_of_a_capture_name_their_applications(logbook: Logbook) -> None:
    named = {"app_a": '<b>Main "line"', "app_b": "Queue"}
    urls = dict.fromkeys((*named, "app_c"), "https://a.example/1")
    for application in ("app_a", "app_b", "app_c"):
        capture = logbook.capture(answer_urls=urls, names=named)
        logbook.see(application, capture=capture)
        capture.close()
    visitor = Visitor(logbook.location, contact="NOC")
    text = visitor.page("/changes").text
    assert '(<b>Main "line" → Queue)' in text
    assert "(Queue → app_c)" in text
    assert '(<b>Main "line" → Queue)' in visitor.page("/dids/did_1/r2").text
    assert visitor.page("/dids/did_1/r2").text.count("app_b (Queue)") == 1
    compared = visitor.page("/diff?did=did_1&from=r1&to=r2")
    assert {'app_a (<b>Main "line")', "app_b (Queue)"} <= set(compared.cells)
    card = visitor.page("/dids/did_1").text
    assert "to application app_b (Queue) (now app_c)" in card
    assert "before to app_b webhook https://a.example/1 (Queue) (r2)" in card


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/alerts?before=1", "There is no older alert."),
        ("/dids?after=zzz", "No DID follows that one."),
        ("/diff?from=r1&after=zzz", "No DID that differs follows that one."),
        ("/changes?before=1", "There is no older change."),
        ("/changes?after=1.1.did_1", "There is no older change."),
    ],
)
def test_a_page_beyond_the_end_says_so(sqlite_visitor: Visitor, address: str, said: str) -> None:
    assert said in sqlite_visitor.page(address).text


def test_a_card_for_a_revision_that_is_not_there_is_not_found(sqlite_visitor: Visitor) -> None:
    text = sqlite_visitor.page("/dids/did_1/restore?to=r9", 404).text
    assert "Going back" not in text
    assert "has no revision" in text


def test_whom_to_ask_stands_beside_each_command(
    sqlite_logbook: Logbook, sqlite_visitor: Visitor
) -> None:
    sqlite_logbook.see("app_a", did="did_2")
    empty = Visitor(SqliteLocation(Path("nothing.db")), contact="NOC")
    for visitor, address, status in (
        (empty, "/dids", 200),
        (empty, "/search?q=app", 200),
        (sqlite_visitor, "/dids/nobody", 404),
        (sqlite_visitor, "/dids/did_2/restore", 200),
    ):
        text = visitor.page(address, status).text
        assert "No shell? Ask NOC" in text


def test_json_can_be_asked_for_by_accept(sqlite_visitor: Visitor) -> None:
    def kind(accepted: str) -> str | None:
        answer = sqlite_visitor.get("/dids", headers={"Accept": accepted})
        assert answer.headers["Vary"] == "Accept"
        return answer.mimetype

    assert kind("application/json") == "application/json"
    assert kind("text/html,application/json;q=0.9,*/*") == kind("*/*") == "text/html"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ivr-7", "/tags/ivr-7"),
        ("one", "/tags/one?name=one"),
        ("a/b", "/tags/one?name=a%2Fb"),
        ("a.json", "/tags/one?name=a.json"),
    ],
)
def test_a_tag_has_an_address(sqlite_logbook: Logbook, name: str, path: str) -> None:
    capture = sqlite_logbook.capture(tag=name)
    sqlite_logbook.see("app_a", capture=capture)
    capture.close()
    assert Addresses().tag(name) == path
    moved = Visitor(sqlite_logbook.location).get(path).headers["Location"]
    assert moved.startswith("/dids?at=tag:")


@pytest.mark.parametrize("rest", ["?at=2026-11-01T12%3A02%3A00Z", "/restore?to=r1", "/r1"])
def test_a_number_leads_to_the_same_page_of_its_did(sqlite_visitor: Visitor, rest: str) -> None:
    moved = sqlite_visitor.get(f"/dids/{NUMBER}{rest}")
    assert moved.status_code == 303
    expected = f"/dids/{DID}{rest}".replace("%3A", ":")
    assert moved.headers["Location"] == expected
    assert sqlite_visitor.get(expected).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("since=2099-01-01T00:00:00Z", 400, "is yet to come"),
        ("since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z", 400, "is before"),
        ("until=2020-01-01T00:00:00Z", 200, "the log begins only at"),
        ("field=aplication_id", 200, "from the log: last look"),
    ],
)
def test_changes_of_a_time_that_is_none_are_no_all_clear(
    sqlite_visitor: Visitor, query: str, status: int, said: str
) -> None:
    page = sqlite_visitor.get(f"/changes?{query}")
    assert (page.status_code, said in page.text) == (status, True)


def test_what_a_watch_holds_open_is_trouble(tmp_path: Path, sandbox: Sandbox) -> None:
    location = SqliteLocation(tmp_path / "log.db")
    program = Program(tmp_path / "home", api=sandbox, database=location)
    program.record("did_101", "did_104")
    program.run("watch", "--all", "--once").ended(0)
    start = Visitor(location)
    assert "None that the log knows of" in start.get("/").text
    sandbox.move("did_101", route_mode="reject")
    sandbox.remove_application("app_sales")
    program.run("watch", "--all", "--once").ended(4)
    page = start.get("/").text
    assert "None that the log knows of" not in page
    assert "<strong>Reaches nobody:</strong>" in page
    assert "<strong>Its application is not listed, or has no answer_url:</strong>" in page
    assert "application app_sales is not among those that /applications lists" in page
    said = program.run("status").ended(0).stdout
    assert "Reaches nobody: did_101 (by the round of 20" in said
    assert "Its application is not listed, or has no answer_url: did_104" in said
