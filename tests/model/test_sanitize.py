"""Stored text is shown harmlessly, secret parts of a URL not at all, and commands can be pasted."""

import subprocess
import sys
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.text.sanitize import (
    command_line,
    escape,
    list_line,
    listed_name,
    masked,
    masked_pair,
    masked_urls,
    word,
)

CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1)]
HARMFUL = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), the letters and marks of it.
IGNORED = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
            *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
        ),
    )
)
BRAILLE_BLANK = "\u2800"

HOSTS = st.sampled_from(["pbx.example", "pbx.example:8443", "192.0.2.1", "[2001:db8::1]:80"])
PATHS = st.sampled_from(["", "/", "/answer", "/a%20b/c;v=1"])
SCHEMES = st.sampled_from(["http", "https", "HTTPS"])
SECRETS = st.text(min_size=1, max_size=8).map(lambda text: quote(f"S3cr3t{text}", safe="!$*+=:"))


def harmless(text: str) -> bool:
    return all(
        unicodedata.category(one) not in HARMFUL
        and not (unicodedata.category(one) == "Zs" and one != " ")
        and one not in IGNORED
        and one != BRAILLE_BLANK
        for one in text
    )


def test_no_character_of_all_gets_a_harmful_one_through() -> None:
    shown = set("".join(map(escape, CHARACTERS)))
    assert [one for one in shown if not harmless(one)] == []


def test_no_bidirectional_control_of_all_gets_through() -> None:
    controls = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    through = [
        one
        for one in CHARACTERS
        if unicodedata.bidirectional(one) in controls and one in escape(one)
    ]
    assert through == []
    assert escape("\u200e\u200f\u061c") == r"\u200e\u200f\u061c"


def test_every_letter_mark_digit_and_sign_is_shown_as_it_is() -> None:
    ordinary = [
        one for one in CHARACTERS if unicodedata.category(one)[0] in "LMNPS" and harmless(one)
    ]
    changed = [one for one in ordinary if escape(one) != one]
    assert changed == []


@given(st.text(st.characters()), st.text(st.characters()))
def test_text_is_shown_character_by_character(one: str, other: str) -> None:
    assert harmless(escape(one))
    assert escape(one + other) == escape(one) + escape(other)
    assert escape(escape(one)) == escape(one)


@pytest.mark.parametrize("text", ["", "a b", "é ü ß", "日本語", "שלום", "e\u0301", "😀", r"\x1b"])
def test_ordinary_text_is_untouched(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m\r\n\t", r"\x1b[31m\x0d\x0a\x09"),
        ("a\u202eb", r"a\u202eb"),
        ("\U000e0041", r"\U000e0041"),
        ("\x9b\xa0\xad", r"\x9b\xa0\xad"),
        ("\ud800\uffff\U00010ffe", r"\ud800\uffff\U00010ffe"),
    ],
)
def test_what_a_terminal_would_obey_is_written_as_an_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(SCHEMES, HOSTS, PATHS, SECRETS, SECRETS, st.sampled_from("?#"))
def test_user_info_and_query_are_hidden_and_the_rest_is_shown(
    scheme: str, host: str, path: str, user: str, query: str, mark: str
) -> None:
    start = f"{scheme.lower()}://"
    assert masked(f"{scheme}://{user}:{user}@{host}{path}") == f"{start}***@{host}{path}"
    assert masked(f"{scheme}://{host}{path}{mark}{query}") == f"{start}{host}{path}?***"
    assert masked(f"{scheme}://{user}@{host}{path}?{query}#{query}") == (
        f"{start}***@{host}{path}?***"
    )


@given(SCHEMES, HOSTS, PATHS)
def test_a_url_without_either_is_shown_as_it_is(scheme: str, host: str, path: str) -> None:
    assert masked(f"{scheme}://{host}{path}") == f"{scheme}://{host}{path}"


@pytest.mark.parametrize(
    "destination",
    [
        *(
            "sip:1@pbx.example",
            "sips:alice@pbx.example;transport=tls?subject=x",
            "tel:+15551230001",
        ),
        *("", "app_a", "alice@pbx.example", "sip://1@pbx.example?x=1"),
    ],
)
def test_a_sip_uri_is_shown_whole(destination: str) -> None:
    assert masked(destination) == destination


@given(SCHEMES, HOSTS, PATHS, SECRETS)
def test_what_is_masked_stays_as_it_is_when_masked_again(
    scheme: str, host: str, path: str, secret: str
) -> None:
    once = masked(f"{scheme}://{secret}@{host}{path}?{secret}")
    assert masked(once) == once


@given(SCHEMES, HOSTS, PATHS, SECRETS, st.sampled_from(["{}", '"{}"', "see {} there", "<{}>"]))
def test_a_url_inside_a_text_is_masked_like_one_alone(
    scheme: str, host: str, path: str, secret: str, around: str
) -> None:
    url = f"{scheme.lower()}://{secret}@{host}{path}?{secret}"
    assert masked_urls(around.format(url)) == around.format(masked(url))


@pytest.mark.parametrize("destination", ["https://[::1?S3cr3t", "http://user:S3cr3t@[::1"])
def test_a_url_that_cannot_be_taken_apart_shows_nothing_of_a_secret(destination: str) -> None:
    assert masked(destination) == "***"


@given(HOSTS, PATHS, SECRETS, SECRETS)
def test_a_difference_in_what_is_hidden_is_told_without_showing_it(
    host: str, path: str, one: str, other: str
) -> None:
    before, after = (f"https://{host}{path}?token={hidden}" for hidden in (one, other))
    shown = masked_pair(before, after)
    assert "S3cr3t" not in "".join(shown)
    assert (shown[0] == shown[1]) == (one == other)


@given(st.text("htps:/?#@ab.", max_size=12), st.text("htps:/?#@ab.", max_size=12))
def test_two_destinations_look_equal_only_if_they_are(before: str, after: str) -> None:
    for one, other in ((before, after), (f"https://{before}", f"https://{after}")):
        shown = masked_pair(one, other)
        assert (shown[0] == shown[1]) == (one == other)
        if masked(one) != masked(other):
            assert shown == (masked(one), masked(other))


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("\\x23uU0 #\t a", max_size=12))
def test_a_name_in_a_list_is_read_back_as_it_was(name: str) -> None:
    line = list_line(name)
    assert len(line.splitlines()) <= 1
    assert escape(line) == line
    assert listed_name(line) == name
    assert listed_name(f"{line}\tapp_9 # a comment") == name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("did_1 # the fax", "did_1"),
        ("# nothing", ""),
        (r"DOMAIN\user", r"DOMAIN\user"),
        (r"a\x2", r"a\x2"),
        (r"\ud800", r"\ud800"),
        (r"\U00110000", r"\U00110000"),
        (r"a\x23b", "a#b"),
    ],
)
def test_only_what_is_an_escape_is_read_as_one(line: str, name: str) -> None:
    assert listed_name(line) == name


WORDS = {
    "plain": "did_1",
    "space": "a  b   c",
    "quote": 'it\'s "so"',
    "backtick": "`;touch X;`",
    "substitution": "$(touch X) ${HOME} \\",
    "history": "a'b!c!!",
    "control": "a\x1b[31m\nb\t",
    "bidi": "\u202eab\u200b\u00a0",
    "marks": "e" + "\u0301" * 20,
    "other script": "Zürich \U0001f4de",
    "digits behind": "`60\x011",
}


def words_in(*lines: str) -> list[list[str]]:
    """What a program is given that bash starts with each of the lines."""
    script = "\n".join(['changelog() { printf "%s\\0" "$@" "$end"; }', r"end=$'\n'", *lines, ""])
    ran = subprocess.run(
        ["bash"],  # noqa: S607 -- wherever it is
        input=script.encode(errors="surrogatepass"),
        capture_output=True,
        check=True,
    )
    given = ran.stdout.decode().split("\0\n\0")[:-1]
    return [words.split("\0") for words in given]


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS.keys())
def test_a_word_that_is_pasted_is_the_text(text: str) -> None:
    assert words_in(command_line("restore", [text])) == [["restore", text]]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_a_word_has_nothing_that_a_reader_changes(text: str) -> None:
    spelled = word(text)
    assert escape(spelled) == spelled
    assert "`" not in spelled
    assert "  " not in spelled


def test_words_that_begin_with_a_dash_stand_behind_the_options() -> None:
    line = command_line("mark", ["--help@r1", "bad"], " -m 'WHY'")
    assert line == "changelog mark -m 'WHY' -- --help@r1 bad"
    assert command_line("mark", ["a@r1", "bad"], " -m 'WHY'") == "changelog mark a@r1 bad -m 'WHY'"


@pytest.mark.parametrize(
    ("destination", "shown"),
    [
        ("sip:desk:hunter2@pbx.example;transport=tls", "sip:desk:***@pbx.example;transport=tls"),
        ("SIPS:desk:a:b@pbx.example", "SIPS:desk:***@pbx.example"),
        ("sip:desk@pbx.example:5060", "sip:desk@pbx.example:5060"),
        ("sip:pbx.example:5060", "sip:pbx.example:5060"),
    ],
)
def test_the_password_of_a_sip_uri_is_masked_and_its_user_is_not(
    destination: str, shown: str
) -> None:
    assert masked(destination) == shown
    assert masked_urls(f"to {destination} now") == f"to {shown} now"
