"""What the client decides without a network: URLs, keys, failures, waits, envelopes, secrecy."""

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpcore
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from changelog.api.client import ApiClient, requested_wait
from changelog.api.exchange import (
    BY_EXCEPTION,
    RAISED,
    Limits,
    Received,
    failure_of,
)
from changelog.api.keys import check_api_url, check_key, path_of
from changelog.api.responses import applications_in, redacted_text
from changelog.api.transport import NameNotResolved
from changelog.model.answers import Applications
from changelog.model.did_ref import Target
from changelog.model.errors import UsageError
from changelog.model.text.json_body import parse_json
from changelog.model.text.redaction import read_document

if TYPE_CHECKING:
    from changelog.model.ports import Api

KEY = check_key("mv_sandbox_0123456789")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOST = "api.example"
BASES = {
    httpx.HTTPError,
    httpx.RequestError,
    httpx.TransportError,
    httpx.ProtocolError,
    httpcore.ProtocolError,
}
"""Never raised themselves."""


# The URL


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("https://api.minivoice.eu/v1", "https://api.minivoice.eu/v1"),
        ("https://api.minivoice.eu/v1/", "https://api.minivoice.eu/v1"),
        ("HTTPS://API.minivoice.eu", "https://api.minivoice.eu"),
        ("https://gateway:8443/a/b", "https://gateway:8443/a/b"),
        ("https://192.0.2.7/v1", "https://192.0.2.7/v1"),
        ("https://[2001:db8::1]:8443/v1", "https://[2001:db8::1]:8443/v1"),
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("http://127.9.9.9/v1", "http://127.9.9.9/v1"),
        ("http://localhost/v1", "http://localhost/v1"),
        ("http://[::1]:80/v1", "http://[::1]:80/v1"),
    ],
)
def test_a_url_is_taken_with_https_and_on_loopback_with_http(text: str, checked: str) -> None:
    assert check_api_url(text) == checked


def test_the_host_that_was_checked_is_the_one_that_is_asked() -> None:
    checked = urlsplit(check_api_url("https://API.minivoice.eu.:8443/v1/../v2@x:y%40"))
    assert (checked.hostname, checked.port) == ("api.minivoice.eu.", 8443)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.minivoice.eu/v1",
        "ftp://api.minivoice.eu/v1",
        "http://api.minivoice.eu/v1",
        "http://127.0.0.1.example.com/v1",
        "http://127.1/v1",
        "https://127.1/v1",
        "https://0X7f.1/v1",
        "https://300.1.1.1/v1",
        "https://[::::]/v1",
        "http://[127.0.0.1]/v1",
        "http://0x7f.0.0.1/v1",
        "http://2130706433/v1",
        "http://[::ffff:192.0.2.1]/v1",
        "http://ⓛocalhost/v1",
        "http://localhost%00.example.com/v1",
        "https://api.example\r\nX: y/v1",
        "//api.minivoice.eu/v1",
        "http://0.0.0.0/v1",
        "http://[::]/v1",
        "http://localhost.example.com/v1",
        "http://localhost:80@example.com/v1",
        "http://localhost\\@example.com/v1",
        "http://localhost#@example.com/v1",
        "https://user@api.minivoice.eu/v1",
        "https://user:secret@api.minivoice.eu/v1",
        "https://api.minivoice.eu/v1?key=secret",
        "https://api.minivoice.eu/v1#secret",
        "https://api.minivoice.eu:0/v1",
        "https://api.minivoice.eu:65536/v1",
        "https://api.minivoice.eu:/v1",
        "https://[::g]/v1",
        "https:///v1",
        "https://a..b/v1",
        f"https://{'a' * 64}.example/v1",
        "https://api.minivoice.eu/v1\n",
        " https://api.minivoice.eu/v1",
        "https://api.minivoice.eu/v 1",
        "https://bücher.example/v1",
        "secret",
    ],
)
def test_any_other_url_is_a_usage_error_that_does_not_repeat_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_api_url(text)
    assert caught.value.hint
    assert "secret" not in f"{caught.value.message} {caught.value.hint}"


@given(st.text(min_size=1))
@example("..")
@example("\ud800")
def test_every_id_is_one_segment_that_fits_into_a_request_line(did: str) -> None:
    path = path_of(Target(did, did))
    assert urlsplit(f"https://api.example/v1{path}").path == f"/v1{path}"
    assert path.isascii()
    assert path.isprintable()
    assert " " not in path
    assert path.count("/") == 2
    assert path.removeprefix("/dids/").strip(".") or did.strip(".")


# The key


@pytest.mark.parametrize("text", ["", "a b", "a\n", "\ta", "a\x7f", "kéy", "a\0b", "key\r\nX: y"])
def test_a_key_that_cannot_stand_in_a_header_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_key(text)
    assert not text or text not in f"{caught.value.message} {caught.value.hint}"


# The failures


def exceptions_of(library: ModuleType) -> Iterator[type[Exception]]:
    for name in library.__all__:
        value = getattr(library, name)
        if isinstance(value, type) and issubclass(value, Exception) and value not in BASES:
            yield value


@pytest.mark.parametrize("kind", [*exceptions_of(httpx), *exceptions_of(httpcore)], ids=repr)
def test_every_exception_of_httpx_and_httpcore_has_a_meaning(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    assert isinstance(error, RAISED)
    assert failure_of(error, begun=True, ended=False, host=HOST).code


def test_an_exception_that_a_later_version_may_bring_has_none_yet() -> None:
    assert not BASES & set(BY_EXCEPTION)
    assert len(set(exceptions_of(httpx))) >= 24
    assert len(set(exceptions_of(httpcore))) >= 14


def caused_by(cause: Exception) -> Exception:
    error = httpcore.ConnectError()
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "begun", "ended", "code"),
    [
        (httpcore.ReadError(), False, False, "connection_failed"),
        (httpcore.ReadError(), True, False, "cut_off"),
        (httpcore.WriteError(), False, False, "connection_failed"),
        (httpcore.RemoteProtocolError(), True, False, "not_http"),
        (httpcore.RemoteProtocolError(), True, True, "cut_off"),
        (httpcore.RemoteProtocolError(), False, True, "connection_failed"),
        (httpx.RemoteProtocolError("x"), True, False, "not_http"),
        (httpcore.ReadTimeout(), True, False, "timeout"),
        (httpcore.ConnectTimeout(), False, False, "timeout"),
        (NameNotResolved(), False, False, "name_not_resolved"),
        (caused_by(ConnectionRefusedError()), False, False, "connection_refused"),
        (caused_by(ssl.SSLEOFError()), False, False, "tls_failed"),
        (caused_by(ConnectionResetError()), False, False, "connection_failed"),
    ],
    ids=repr,
)
def test_how_far_an_answer_came_tells_cut_off_from_never_begun(
    error: Exception, begun: bool, ended: bool, code: str
) -> None:
    assert failure_of(error, begun=begun, ended=ended, host=HOST).code == code


def test_a_certificate_that_is_not_trusted_for_a_rare_reason_says_it_in_the_words_of_openssl() -> (
    None
):
    refused = ssl.SSLCertVerificationError(1, "long text with a line number")
    refused.verify_code, refused.verify_message = 23, "certificate revoked"
    found = failure_of(caused_by(refused), begun=False, ended=False, host=HOST)
    assert found.code == "tls_failed"
    assert found.message == (
        "TLS: the certificate of api.example is not trusted: certificate revoked"
        " (authorities of your own: SSL_CERT_FILE, SSL_CERT_DIR)"
    )


# The waits


@given(st.text())
@example("Mon, 23 Nov 2026 03:00:00 +99999999")
@example("0 0 0 0:0:0 9")
@example("²")
def test_no_text_in_retry_after_breaks_anything(text: str) -> None:
    seconds = requested_wait(text, NOW)
    assert seconds is None or seconds >= 0


def test_a_quick_look_is_one_attempt_within_two_seconds() -> None:
    quick = Limits.quick()
    assert quick.attempts == 1
    assert quick.connect_s <= quick.answer_s < 2.0
    assert quick.for_applications().answer_s == quick.answer_s
    assert Limits().for_applications().answer_s == 3
    assert Limits().for_applications().attempts == 1


# The applications

ONE = {"id": "app_1", "answer_url": "https://voice.example.com/1"}
TWO = {"id": "app_2", "answer_url": "https://voice.example.com/2", "api_key": "abc"}
BOTH = {"app_1": "https://voice.example.com/1", "app_2": "https://voice.example.com/2"}


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        ([ONE, TWO], BOTH),
        ({"data": [ONE, TWO], "count": 2}, BOTH),
        ({"applications": [ONE, TWO]}, BOTH),
        ({"data": {"applications": [ONE, TWO]}}, BOTH),
        (TWO, {"app_2": BOTH["app_2"]}),
        ({"data": TWO}, {"app_2": BOTH["app_2"]}),
        ([], {}),
        ({"data": []}, {}),
        (
            [ONE, None, 7, {}, {"id": 2, "answer_url": "x"}, {"id": "x", "answer_url": None}],
            {"app_1": BOTH["app_1"]},
        ),
    ],
)
def test_applications_are_found_in_every_envelope(value: Any, urls: dict[str, str]) -> None:
    assert applications_in(received(value), [KEY]) == Applications(urls)


@pytest.mark.parametrize("value", [None, 7, "x", {}, {"data": 7}, {"items": [ONE]}, {"id": "x"}])
def test_an_unknown_envelope_is_a_remark(value: Any) -> None:
    expected = Applications(remark="applications could not be read: wrong_shape")
    assert applications_in(received(value), [KEY]) == expected


def received(value: Any) -> Received:
    return Received(200, json.dumps(value).encode())


# Secrecy

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(KEY.secret),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "api_key", "note", KEY.secret, 'bearer "'])
            | st.sampled_from(["authorization: \\", "x"]),
            inner,
            max_size=4,
        )
    ),
)


@given(JSON, st.booleans())
@example({"note": f'authorization: "{KEY.secret}"'}, True)
@example({"note": 'authorization: say "hi"'}, True)
@example({"Password": {"deep": "x"}}, True)
def test_any_json_stays_json_and_loses_the_key(value: Any, plain: bool) -> None:
    kept = read_document(json.dumps(value, ensure_ascii=plain), [KEY.secret]).text
    assert KEY.secret not in json.dumps(parse_json(kept))
    assert read_document(kept, [KEY.secret]).text == kept


@given(st.binary(), st.binary(), st.booleans())
def test_any_bytes_lose_the_key_and_can_be_encoded_again(
    before: bytes, after: bytes, whole: bool
) -> None:
    kept = redacted_text(before + KEY.secret.encode() + after, [KEY], whole=whole)
    assert KEY.secret not in kept
    assert KEY.secret.encode() not in kept.encode("utf-8", "surrogateescape")


@given(st.integers(4, len(KEY.secret) - 1))
def test_no_piece_of_the_key_stays_at_the_end_of_a_body_that_was_cut_off(length: int) -> None:
    body = b"<p>" + KEY.secret[:length].encode()
    assert redacted_text(body, [KEY], whole=False) == "<p>[redacted]"
    assert redacted_text(body, [KEY], whole=True) == body.decode()


def test_the_client_is_what_the_commands_ask_for() -> None:
    api: Api = ApiClient("http://127.0.0.1:1/v1/", [KEY], clock=lambda: NOW)
    assert (api.url, api.stopped_because) == ("http://127.0.0.1:1/v1", None)


@pytest.mark.parametrize(
    ("name", "place", "says"),
    [
        ("SSL_CERT_FILE", "/nowhere/ca", "SSL_CERT_FILE"),
        ("SSL_CERT_DIR", "/nowhere/ca", "SSL_CERT_DIR"),
        ("SSL_CERT_FILE", "/dev/null", "SSL_CERT_FILE"),
        # An empty folder, as where nothing is installed.
        ("SSL_CERT_DIR", "", "ca-certificates"),
    ],
)
def test_where_there_are_no_certificates_to_trust_the_hint_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, place: str, says: str
) -> None:
    for each in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, place or str(tmp_path))
    with pytest.raises(UsageError, match="certificates") as caught:
        ApiClient("https://api.example/v1", [KEY], clock=lambda: NOW)
    assert says in caught.value.hint
