"""An entry of the journal: whatever is changed of it no longer fits its digest, nor any head."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.journal_head import Head, parse_head
from changelog.store.journal import entry as entries
from changelog.store.journal.entry import (
    GENESIS,
    BrokenEntry,
    Entry,
    deflate,
    inflate,
    make_entry,
    rows_in,
)
from changelog.store.journal.replay import walk
from changelog.store.schema.rows import SHAPES, Values, entry_text

NOTE = SHAPES["note"]
PROBLEM = SHAPES["problem"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
NOTES = st.tuples(TEXTS, st.integers(0, 2**40), st.integers(0, 9), TEXTS, TEXTS)
PROBLEMS = st.tuples(
    st.binary(max_size=4), st.none() | st.integers(0, 999), TEXTS, TEXTS, st.binary(max_size=6)
)


@given(NOTES, NOTES)
def test_two_rows_have_one_text_if_and_only_if_they_say_the_same(
    one: Values, other: Values
) -> None:
    assert (NOTE.text(one) == NOTE.text(other)) == (one == other)


@given(st.lists(NOTES, max_size=4), st.lists(PROBLEMS, max_size=4))
def test_rows_come_back_as_they_were(notes: list[Values], problems: list[Values]) -> None:
    text = entry_text({"note": notes, "problem": problems})
    assert text.isascii()
    found: dict[str, list[Values]] = {"note": [], "problem": []}
    for table, columns in rows_in(inflate(deflate(text))):
        found[table].append(SHAPES[table].read(columns))
    assert sorted(found["note"]) == sorted(notes)
    assert sorted(map(repr, found["problem"])) == sorted(map(repr, problems))


@given(
    st.lists(NOTES, max_size=5).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    )
)
def test_the_order_of_the_rows_never_matters(orders: tuple[list[Values], list[Values]]) -> None:
    one, other = orders
    assert entry_text({"note": one}) == entry_text({"note": other})


def test_a_null_column_is_left_out_so_a_later_one_changes_no_text() -> None:
    assert PROBLEM.text((b"\xab", None, "x", "", b"")) == (
        '["problem",{"body":[""],"code":"x","digest":["ab"],"message":""}]'
    )


WRITTEN = make_entry(7, 1000, bytes(range(32)), b'["did",{"did":"a"}]\n', b"a look\n")


@pytest.mark.parametrize(
    "other",
    [
        WRITTEN._replace(n=8),
        WRITTEN._replace(at=1001),
        WRITTEN._replace(previous=GENESIS),
        WRITTEN._replace(facts=b'["did",{"did":"b"}]\n'),
        WRITTEN._replace(looks_digest=GENESIS),
    ],
)
def test_every_part_of_an_entry_enters_its_digest(other: Entry) -> None:
    assert WRITTEN.own_digest == WRITTEN.digest
    assert other.own_digest != WRITTEN.digest


def test_every_byte_of_its_text_enters_its_digest() -> None:
    for place in range(len(WRITTEN.facts)):
        for bit in range(8):
            changed = bytearray(WRITTEN.facts)
            changed[place] ^= 1 << bit
            assert WRITTEN._replace(facts=bytes(changed)).own_digest != WRITTEN.digest


def test_what_is_stored_gives_its_text_and_nothing_more() -> None:
    """A stream has a few bits that nothing reads; any other change is found by the digest."""
    stored = deflate(WRITTEN.facts)
    for place in range(len(stored)):
        for bit in range(8):
            changed = bytearray(stored)
            changed[place] ^= 1 << bit
            try:
                facts = inflate(bytes(changed))
            except BrokenEntry:
                continue
            is_found = WRITTEN._replace(facts=facts).own_digest != WRITTEN.digest
            assert is_found or facts == WRITTEN.facts, f"bit {bit} of byte {place}"
    for broken in (stored + b"\0", stored[:-1], stored + stored, b"x", b"\0" * 8):
        with pytest.raises(BrokenEntry):
            inflate(broken)
    assert inflate(deflate(b"")) == b"" == deflate(b"")


def test_an_entry_has_a_size_that_no_reader_goes_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = deflate(bytes(entries.LARGEST_ENTRY + 1))
    with pytest.raises(BrokenEntry, match="inflates to more than 16 MiB"):
        inflate(bomb)
    monkeypatch.setattr(entries, "LARGEST_ENTRY", 10)
    with pytest.raises(BrokenEntry, match="takes more than"):
        make_entry(1, 1, GENESIS, b"123456", b"78901")


@pytest.mark.parametrize(
    "text", [b"x\n", b'["did",{}]', b"7\n", b'["did"]\n', b'["did",[]]\n', b"{},[]\n"]
)
def test_what_is_no_row_is_refused(text: bytes) -> None:
    with pytest.raises(BrokenEntry):
        list(rows_in(text))


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=5), st.data())
def test_whatever_is_changed_breaks_the_chain_there(
    facts: list[bytes], data: st.DataObject
) -> None:
    chain: list[Entry] = []
    for n, text in enumerate(facts, 1):
        previous = chain[-1].digest if chain else GENESIS
        chain.append(make_entry(n, n, previous, text, b""))
    assert [mistake for _, mistake in walk(chain)] == [None] * len(chain)
    place = data.draw(st.integers(0, len(chain) - 1))
    changed: Any = chain[place]._replace(facts=facts[place] + b"x")
    broken = [*chain[:place], changed, *chain[place + 1 :]]
    mistakes = [mistake for _, mistake in walk(broken)]
    assert mistakes[:place] == [None] * place
    assert mistakes[place] == "it is not what its own digest stands for"
    gone = [mistake for _, mistake in walk(chain[:place] + chain[place + 1 :])]
    assert place == len(chain) - 1 or gone[place] is not None


def test_the_head_names_the_entry_and_its_digest() -> None:
    head = WRITTEN.head
    assert str(head) == f"7:{WRITTEN.digest.hex()}"
    assert parse_head(f" {str(head).upper()}\n") == head == Head(7, WRITTEN.digest)
    for text in ("", "7", "0:" + "0" * 64, "7:" + "0" * 63, f"x{head}"):
        assert parse_head(text) is None
