"""An API that means harm: it is not waited for, and no key gets elsewhere or into the log."""

import json
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from html import escape
from itertools import cycle
from urllib.parse import quote

import pytest

from changelog.cli.recording import receivers
from changelog.model.text.redaction import spellings
from changelog.store.location import Location
from tests.cli.test_hostile_values import DID, alert
from tests.fuzz.scene import KEY, Scene, judge, scene_at
from tests.program import url_of
from tests.secrets_search import places_of
from tests.wire import Behaviour, Wire, request_from, sends, stays_silent

BODY = json.dumps(DID).encode()
_PAUSE_S = 0.05


def drips(head: bytes, endless: bytes) -> Behaviour:
    """Sends `head` at once, then `endless` a byte at a time for as long as anybody listens."""

    def behave(connection: socket.socket) -> None:
        request_from(connection)
        connection.sendall(head)
        while True:
            for byte in endless:
                connection.sendall(bytes((byte,)))
                time.sleep(_PAUSE_S)

    return behave


def floods(head: bytes, endless: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        request_from(connection)
        connection.sendall(head)
        while True:
            connection.sendall(endless * 1000)

    return behave


NEVER_ENDING = {
    "silence": stays_silent,
    "a head, byte by byte": drips(b"", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 9),
    "a body, byte by byte": drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
    "interim answers": floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "fields": floods(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "a body": floods(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene_at(str(tmp_path_factory.mktemp("scene") / "log.db")) as made:
        yield made


@pytest.mark.parametrize("name", NEVER_ENDING)
def test_an_answer_without_end_is_not_waited_for_and_the_log_answers(
    name: str, scene: Scene
) -> None:
    with Wire(NEVER_ENDING[name]) as wire:
        ran = scene.run(["restore", "did_1", "--json"], environment={"MINIVOICE_API_URL": wire.url})
    judge(ran, (0, 5))
    (card,) = ran.json["dids"]
    assert card["current"]["revision"] == 2
    assert not card["live"]["answered"]
    assert card["live"]["error"]["code"] in ("timeout", "not_http", "too_large", "bad_encoding")


def test_a_redirect_leads_the_key_nowhere(scene: Scene) -> None:
    with Wire(stays_silent) as elsewhere:
        moved = f"Location: {elsewhere.url}/dids/did_1\r\nRefresh: 0; url={elsewhere.url}\r\n"
        for status in (b"301 M", b"302 F", b"303 S", b"307 T", b"308 P", b"300 C", b"201 C"):
            answer = b"HTTP/1.1 %s\r\n%sContent-Length: 0\r\n\r\n" % (status, moved.encode())
            with Wire(sends(answer)) as wire:
                ran = scene.run(["record", "did_1"], environment={"MINIVOICE_API_URL": wire.url})
            judge(ran, (3,))
        assert elsewhere.connections == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80@evil.example/v1", "https://user:password@api.example/v1"]
)
def test_no_trick_in_the_address_gets_the_key_to_another_host(url: str, scene: Scene) -> None:
    for words in (["record", "did_1"], ["watch", "did_1", "--once"]):
        ran = scene.run(words, environment={"MINIVOICE_API_URL": url})
        judge(ran, (2,))
        assert "password" not in ran.stderr.replace("user name or password", "")


# What a server repeats

SPELLED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda key: quote(key, safe=""),
    "in lower case": lambda key: quote(key, safe="").lower(),
    "as HTML": escape,
    "as JSON escapes": lambda key: "".join(f"\\u{ord(one):04x}" for one in key),
    "with escaped slashes": lambda key: key.replace("/", "\\/"),
    "in base64": lambda key: b64encode(f"Bearer {key}".encode()).decode(),
    "in hexadecimal": lambda key: key.encode().hex(),
}


@pytest.fixture
def both(location: Location) -> Iterator[Scene]:
    with scene_at(url_of(location)) as made:
        yield made


def test_a_key_that_a_server_repeats_is_kept_nowhere(both: Scene, location: Location) -> None:
    heads = cycle((b"200 OK", b"404 No", b"200 OK", b"401 No", b"500 No"))
    bodies = (
        '{{"id":"did_1","number_e164":"+15551230001","status":"{0}","{0}":1}}',
        '{{"error":{{"code":"{0}","message":"Authorization: Bearer {0}"}}}}',
        "<p>{0}</p>",
        '{{"id":"did_1","x":"{0}',
    )
    for spell in SPELLED.values():
        for body in bodies:
            content = body.format(spell(KEY)).encode()
            head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (next(heads), len(content))
            both.api.answer = head + content
            judge(both.run(["record", "did_1"]), (0, 3, 6))
    said = "".join(
        both.run(words).stdout
        for words in (
            ["log", "--json", "-n", "1000"],
            ["log", "--snapshots", "--json", "-n", "1000"],
            *(["show", f"did_1@r{number}", "--json"] for number in range(1, 9)),
        )
    )
    assert [spelled for spelled in spellings(KEY) if spelled in said] == []
    assert "journal.facts" in places_of(["redacted"], both.folder, log=location)
    assert places_of(spellings(KEY), both.folder, log=location) == []


# Where alerts go


def _post(url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(receivers, "TRY_S", 0.3)
    monkeypatch.setattr(receivers, "BACKOFF_S", 0.0)
    warned: list[str] = []
    monkeypatch.setattr(receivers, "tell", warned.append)
    before = set(threading.enumerate())
    assert receivers.post_alert(receivers.at_address(url), alert()) is False
    for thread in set(threading.enumerate()) - before:
        if thread.name == "notify":
            thread.join(5)
            assert not thread.is_alive()
    return warned


@pytest.mark.parametrize(
    "behave", [stays_silent, NEVER_ENDING["interim answers"], NEVER_ENDING["a head, byte by byte"]]
)
def test_who_takes_alerts_keeps_no_thread(
    behave: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(behave) as wire:
        (warned,) = _post(wire.url, monkeypatch)
    assert "no answer" in warned


def test_an_address_that_no_resolver_takes_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    (warned,) = _post("https://a..b/", monkeypatch)
    assert "no answer: the host name a..b could not be resolved" in warned
