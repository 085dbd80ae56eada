"""A secret is found in whatever way a server spells it, and ordinary words are not."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.api.keys import check_key
from changelog.api.responses import redacted_text
from changelog.model.text.json_body import (
    REDACTED,
    SHORTEST_SECRET,
    read_document,
    redact,
    redact_broken,
    spellings,
)

KEY = "sec/ret+key&=4711\"'<x>"
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=60)
AROUND = st.binary(max_size=7)
ENCODED = (
    KEY,
    json.dumps(KEY),
    json.dumps(KEY).replace("/", "\\/"),
    quote(KEY),
    quote(KEY, safe=""),
    quote_plus(KEY).lower(),
    "".join(f"%{ord(one):02x}" for one in KEY),
    html.escape(KEY),
    KEY.encode().hex(),
    KEY.encode().hex().upper(),
)


@pytest.mark.parametrize("spelled", ENCODED)
def test_each_spelling_is_taken_out(spelled: str) -> None:
    said = f"no such key: {spelled}."
    assert REDACTED in redact(said, [KEY])
    assert KEY not in redact(said, [KEY])
    assert REDACTED in redact_broken(said, [KEY])
    body = json.dumps({"error": said})
    kept = read_document(body, [KEY]).text
    assert json.loads(kept)["error"] != said
    assert not any(one in kept for one in spellings(KEY))


@given(SECRETS, AROUND, AROUND)
def test_a_secret_in_base64_is_found_wherever_it_begins(
    secret: str, before: bytes, after: bytes
) -> None:
    for encode in (b64encode, urlsafe_b64encode):
        said = encode(before + secret.encode() + after).decode()
        left = redact(said, [secret]).replace(REDACTED, "")
        # At each side at most what a group of three bytes has beside the secret, and its edge.
        assert len(left) <= len(b64encode(before)) + len(b64encode(after)) + 8
        assert len(left) <= len(said) - (len(secret) * 4 // 3 - 4)


@given(SECRETS, st.integers(0, 40))
def test_half_a_spelling_at_the_end_of_a_body_is_taken_out(secret: str, cut: int) -> None:
    keys = [check_key(secret)]
    for spelled in spellings(secret):
        said = f'{{"echo": {spelled[: max(0, len(spelled) - cut)]}'
        kept = redacted_text(said.encode(), keys, whole=False)
        assert not any(kept.endswith(one[:6]) for one in spellings(secret))


@given(SECRETS)
def test_spellings_hold_the_longest_first_and_never_an_empty_one(secret: str) -> None:
    found = spellings(secret)
    assert secret in found
    assert list(map(len, found)) == sorted(map(len, found), reverse=True)
    assert len(found[-1]) >= SHORTEST_SECRET


@pytest.mark.parametrize("secret", ["", "a", "short"])
def test_what_is_too_short_for_a_secret_has_none(secret: str) -> None:
    assert spellings(secret) == ()
    assert redact("a short word", [secret]) == "a short word"


def test_a_key_in_capitals_is_known_by_its_shape() -> None:
    assert redact("KEY MV_LIVE_ABCDEF1234 REFUSED") == f"KEY {REDACTED} REFUSED"
