"""Secrets stay out: whatever spells one is replaced, and all else is left as it came."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from changelog.api.keys import check_key
from changelog.api.responses import redacted_text
from changelog.model.text.json_body import NotJson, parse_json
from changelog.model.text.redaction import (
    REDACTED,
    SECRET_FIELDS,
    SHORTEST_SECRET,
    is_secret,
    read_document,
    redact,
    redact_broken,
    searched_through,
    spellings,
)

KEY = 'k3y/with+odd"chars\\and=é'
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

SECRETS = st.text(LETTERS + "_-", min_size=8, max_size=24).map(lambda text: f"S3cr3t{text}")
ANY_SECRET = st.text(min_size=1, max_size=12).map(lambda text: f"S3cr3t{text}S3cr3t")
NAMES = st.sampled_from(SECRET_FIELDS).flatmap(
    lambda name: st.sampled_from([name, name.upper(), name.title()])
)
HARMLESS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('abc {}[]":,\\/\n\té😀', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)
    ),
    max_leaves=6,
)


def spelled(value: Any, escape: bool) -> str:
    """JSON text, with an escape for every character of every string, or for as few as can be."""
    if isinstance(value, dict):
        pairs = (f"{spelled(name, escape)}: {spelled(one, escape)}" for name, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(spelled(one, escape) for one in value)}]"
    if isinstance(value, str) and escape:
        units = value.encode("utf-16-be").hex(" ", 2).split()
        return '"' + "".join(f"\\u{unit}" for unit in units) + '"'
    return json.dumps(value, ensure_ascii=False)


def texts(value: Any) -> Iterator[str]:
    """Every string in `value`, names too."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def kept(text: str, *secrets: str) -> str:
    """What is stored of a JSON text; that it is stored as JSON is checked at once."""
    found = read_document(text, secrets).text
    parse_json(found)
    return found


def shows(text: str, secret: str) -> bool:
    """Whether `secret` can be read in the JSON `text`, as it stands or once parsed."""
    return secret in text or any(secret in one for one in texts(parse_json(text)))


@st.composite
def hiding(draw: st.DrawFn, secret: Any) -> Any:
    """A JSON value with `secret` under a secret's name, somewhere inside."""
    value = {**draw(st.dictionaries(st.sampled_from("abcd"), HARMLESS, max_size=2))}
    value[draw(NAMES)] = secret
    for _ in range(draw(st.integers(0, 4))):
        value = draw(st.sampled_from([{"a": value}, {"a": [1, value]}, {"b": value, "c": None}]))
    return value


@given(st.data(), ANY_SECRET, st.booleans())
def test_a_secret_field_is_emptied_at_any_depth_however_it_is_spelled(
    data: st.DataObject, secret: str, escape: bool
) -> None:
    value = data.draw(hiding(data.draw(st.sampled_from([secret, [secret], {"a": secret}]))))
    assert not shows(kept(spelled(value, escape)), secret)


@given(st.data(), ANY_SECRET)
def test_all_but_the_secret_stays_as_it_came(data: st.DataObject, secret: str) -> None:
    value = data.draw(hiding(secret))
    text = spelled(value, escape=False)
    assert kept(text) == text.replace(json.dumps(secret, ensure_ascii=False), f'"{REDACTED}"')


TELLING = st.sampled_from(
    [*SECRET_FIELDS, "bearer", "mv_live_", "mv_test_", "MV_TEST_", "Bearer abc12345", "\u212aey"]
).flatmap(
    lambda word: st.sampled_from(
        # The long s is no s in lower case, and yet is one to a pattern that ignores case.
        [word, word.upper(), word.title(), f"x{word}x", word.replace("s", "\u017f")]
    )
)
ODD_TEXTS = st.lists(
    TELLING | SECRETS | st.text('abc1 :="\\\n\té\u017f\u212a/', max_size=6), max_size=4
).map("".join)
ODD_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ODD_TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(ODD_TEXTS | NAMES | TELLING, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    ODD_VALUES.filter(lambda value: "Infinity" not in json.dumps(value)),
    st.lists(SECRETS | ODD_TEXTS | st.just("123456"), max_size=2),
    st.data(),
)
def test_one_look_at_a_text_finds_what_a_search_of_its_value_finds(
    value: Any, secrets: list[str], data: st.DataObject
) -> None:
    if secrets:
        value = [value, data.draw(st.sampled_from([*secrets, *map(str.upper, secrets), 9123456]))]
    text = data.draw(
        st.sampled_from(
            [
                spelled(value, escape=False),
                spelled(value, escape=True),
                json.dumps(value),
                json.dumps(value, ensure_ascii=False, indent=1),
            ]
        )
    )
    value = parse_json(text)
    assert read_document(text, secrets).text == searched_through(text, value, secrets)


@given(st.text('{}[]":,aA1 \n') | st.text("authorizn:= bearABCmv_ltsp1234567890"), st.booleans())
@example('{"pa\u017f\u017fword": "S3cr3t"}', False)
@example("author\u0131zation: S3cr3t", True)
def test_one_look_at_any_json_finds_what_a_search_finds(text: str, quoted: bool) -> None:
    text = json.dumps(text, ensure_ascii=False) if quoted else text
    try:
        value = parse_json(text)
    except NotJson:
        return
    for hidden in ([], [text.strip('"')], ["123456"]):
        assert read_document(text, hidden).text == searched_through(text, value, hidden)


@given(HARMLESS, st.booleans(), st.sampled_from([None, 2]))
def test_a_text_without_secrets_stays_verbatim(value: Any, escape: bool, indent: Any) -> None:
    for text in (spelled(value, escape), json.dumps(value, indent=indent)):
        assert kept(text, KEY) == text


@given(st.data(), SECRETS, st.booleans())
def test_the_key_itself_is_taken_out_wherever_a_server_echoes_it(
    data: st.DataObject, secret: str, escape: bool
) -> None:
    harmless = data.draw(HARMLESS)
    value = {"a": [harmless, f"bad key {secret}!"], f"{secret}-name": 1, "b": secret}
    assert not shows(kept(spelled(value, escape), secret), secret)


@given(st.sampled_from(["live", "test"]), st.text(LETTERS, min_size=6, max_size=30), st.booleans())
def test_what_looks_like_a_key_is_taken_out_of_any_text(kind: str, rest: str, escape: bool) -> None:
    key = f"mv_{kind}_{rest}"
    assert not shows(kept(spelled({"message": f"key {key}, or ({key})"}, escape)), key)
    assert redact(f"GET /v1/dids?key={key}&x=1") == f"GET /v1/dids?key={REDACTED}&x=1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer S3cr3t.x-y\r\nHost: a", f"Authorization: {REDACTED}\r\nHost: a"),
        ("AUTHORIZATION : Basic dXNlcjpwYXNz", f"AUTHORIZATION : {REDACTED}"),
        ("<p>authorization=S3cr3t</p>", f"<p>authorization={REDACTED}</p>"),
        ("proxy said: bearer S3cr3tS3cr3t!", f"proxy said: bearer {REDACTED}!"),
        ("https://x.example/?authorization=S3cr3t", f"https://x.example/?authorization={REDACTED}"),
    ],
)
def test_a_header_echoed_as_text_loses_its_secret(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'Authorization: Digest username="bob", response="S3cr3t"',
        'authorization="S3cr3t"',
        "{'Authorization': 'Basic S3cr3t'}",
    ],
)
def test_a_header_echoed_with_quotes_loses_its_secret(text: str) -> None:
    assert "S3cr3t" not in redact_broken(text)


@given(st.text(min_size=1), SECRETS, st.booleans())
def test_a_header_echoed_inside_json_leaves_it_json(said: str, secret: str, escape: bool) -> None:
    message = f'{said}\nAuthorization: Digest username="bob", response={secret}'
    found = kept(spelled({"message": message, "id": "did_1"}, escape), secret)
    assert not shows(found, secret)
    assert parse_json(found)["id"] == "did_1"


@given(st.data(), SECRETS, st.integers(0, 1000))
def test_a_body_that_was_cut_off_shows_nothing_of_its_secret(
    data: st.DataObject, secret: str, cut: int
) -> None:
    text = spelled(data.draw(hiding(secret)), escape=False)
    start = text.index(secret)
    found = redact_broken(text[: min(start + 1 + cut % len(text), len(text))])
    assert "S3cr3t" not in found


BROKEN = [
    r'{"api\u005fkey": "S3cr3t", "x": 1',
    '{"password": ["S3cr3t", 1',
    '{"password": {"value": "S3cr3t"}, "x": tru',
    r'{"message": "no such key: \u006dv_live_S3cr3tS3cr3t',
    r'{"sent": "{\"api_key\": \"S3cr3t\"}',
    '{"password": "S3cr3t',
    '{"password": nullS3cr3t',
    r'{"password": "a\"S3cr3t", "x": 1',
    r'{"api\u005fkey": ["S3cr3t", 1',
    r'{"sent": "{\"password\": [\"S3cr3t\"',
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_body_that_is_no_json_is_no_hiding_place_for_odd_spellings(text: str) -> None:
    assert "S3cr3t" not in redact_broken(text)


@pytest.mark.parametrize("text", ["", "502 Bad Gateway", '{"a": "\\u0041", "b', "\\", "<p>é\\u00"])
def test_a_broken_body_without_secrets_stays_verbatim(text: str) -> None:
    assert redact_broken(text, [KEY]) == text


@pytest.mark.parametrize(
    "text",
    [
        r'{"api\u005fkey":"S3cr3t","api_key":"x"}',
        r'{"a":{"api\u005fkey":"S3cr3t"},"a":1}',
        '{"a":{"password":["S3cr3t"]},"a":1}',
    ],
)
def test_a_field_given_twice_hides_nothing(text: str) -> None:
    assert "S3cr3t" not in kept(text)


def test_a_field_given_twice_that_hides_nothing_stays_verbatim() -> None:
    assert kept('{"a": 1, "a": 2}') == '{"a": 1, "a": 2}'


@given(st.text() | st.text('authorizn:= bearABC"\\{}password_key,\n'))
def test_any_text_is_redacted_to_what_redacts_to_itself(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    try:
        parse_json(text)
    except NotJson:
        return
    assert kept(kept(text)) == kept(text)


@pytest.mark.parametrize("text", ["a short key", "abc", ""])
def test_a_key_too_short_to_be_one_eats_no_ordinary_words(text: str) -> None:
    assert redact(text, ["a", "key", "short", ""]) == text
    assert spellings("short") == ()
    assert redact(f"{text}sixsix", ["sixsix"]) == f"{text}{REDACTED}"


def test_a_secret_that_is_not_set_stays_null() -> None:
    assert kept('{"a":{"Password":null}}') == '{"a":{"Password":null}}'


@pytest.mark.parametrize(
    "text", ["Bearer: yes", "Bearer capability not available", "mv_live_", "authorization"]
)
def test_ordinary_words_are_no_secret(text: str) -> None:
    assert kept(json.dumps({"reason": text})) == json.dumps({"reason": text})


def test_a_secrets_name_is_known_in_any_case_and_only_as_a_whole() -> None:
    assert all(is_secret(one) and is_secret(one.upper()) for one in SECRET_FIELDS)
    assert not any(is_secret(one) for one in ("", "key", "api_key_id", "passwords"))


QUOTED_KEY = "sec/ret+key&=4711\"'<x>"
LONG_SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=60)
AROUND = st.binary(max_size=7)
ENCODED = (
    QUOTED_KEY,
    json.dumps(QUOTED_KEY),
    json.dumps(QUOTED_KEY).replace("/", "\\/"),
    quote(QUOTED_KEY),
    quote(QUOTED_KEY, safe=""),
    quote_plus(QUOTED_KEY).lower(),
    "".join(f"%{ord(one):02x}" for one in QUOTED_KEY),
    html.escape(QUOTED_KEY),
    QUOTED_KEY.encode().hex(),
    QUOTED_KEY.encode().hex().upper(),
)


@pytest.mark.parametrize("spelled", ENCODED)
def test_each_spelling_is_taken_out(spelled: str) -> None:
    said = f"no such key: {spelled}."
    assert REDACTED in redact(said, [QUOTED_KEY])
    assert QUOTED_KEY not in redact(said, [QUOTED_KEY])
    assert REDACTED in redact_broken(said, [QUOTED_KEY])
    body = json.dumps({"error": said})
    kept = read_document(body, [QUOTED_KEY]).text
    assert json.loads(kept)["error"] != said
    assert not any(one in kept for one in spellings(QUOTED_KEY))


@given(LONG_SECRETS, AROUND, AROUND)
def test_a_secret_in_base64_is_found_wherever_it_begins(
    secret: str, before: bytes, after: bytes
) -> None:
    for encode in (b64encode, urlsafe_b64encode):
        said = encode(before + secret.encode() + after).decode()
        left = redact(said, [secret]).replace(REDACTED, "")
        # At each side at most what a group of three bytes has beside the secret, and its edge.
        assert len(left) <= len(b64encode(before)) + len(b64encode(after)) + 8
        assert len(left) <= len(said) - (len(secret) * 4 // 3 - 4)


@given(LONG_SECRETS, st.integers(0, 40))
def test_half_a_spelling_at_the_end_of_a_body_is_taken_out(secret: str, cut: int) -> None:
    keys = [check_key(secret)]
    for spelled in spellings(secret):
        said = f'{{"echo": {spelled[: max(0, len(spelled) - cut)]}'
        kept = redacted_text(said.encode(), keys, whole=False)
        assert not any(kept.endswith(one[:6]) for one in spellings(secret))


@given(LONG_SECRETS)
def test_spellings_hold_the_longest_first_and_never_an_empty_one(secret: str) -> None:
    found = spellings(secret)
    assert secret in found
    assert list(map(len, found)) == sorted(map(len, found), reverse=True)
    assert len(found[-1]) >= SHORTEST_SECRET


def test_a_key_in_capitals_is_known_by_its_shape() -> None:
    assert redact("QUOTED_KEY MV_LIVE_ABCDEF1234 REFUSED") == f"QUOTED_KEY {REDACTED} REFUSED"
