"""A command to paste comes out of a shell as exactly the words that went in."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.text.sanitize import command_line, escape, word

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
