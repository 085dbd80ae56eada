"""The journal's digests: whatever is changed afterwards no longer fits the head."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.log_format.journal import GENESIS, Entry, Value, row_digest, rows_digest

TABLES = st.sampled_from(["revision", "snapshot", "note"])
COLUMNS = st.sampled_from(["did", "revision", "body", "at"])
TEXTS = st.text(st.characters(), max_size=6)
VALUES: st.SearchStrategy[Value] = (
    st.none() | TEXTS | st.integers(-5, 2**63) | st.binary(min_size=1, max_size=6)
)
ROWS = st.tuples(TABLES, st.dictionaries(COLUMNS, VALUES, max_size=4))
Row = tuple[str, dict[str, Value]]
Transaction = tuple[list[Row], list[Row]]
TRANSACTIONS = st.lists(
    st.tuples(st.lists(ROWS, max_size=3), st.lists(ROWS, max_size=3)), min_size=1, max_size=4
)


def told(row: Row) -> tuple[Any, ...]:
    """What a row says: its table, and its columns that are not null."""
    table, values = row
    said = [(name, type(value), value) for name, value in values.items() if value is not None]
    return (table, *sorted(said, key=lambda one: one[0]))


def digest_of(rows: list[Row]) -> bytes:
    return rows_digest(row_digest(*row) for row in rows)


def chain(transactions: list[Transaction]) -> list[Entry]:
    """One entry a transaction: its rows, and its snapshots."""
    entries: list[Entry] = []
    for n, (rows, snapshots) in enumerate(transactions, 1):
        previous = entries[-1].digest if entries else GENESIS
        entries.append(Entry(n, n * 1000, previous, digest_of(rows), digest_of(snapshots)))
    return entries


def flipped(data: bytes, bit: int) -> bytes:
    place, mask = divmod(bit % (8 * len(data)), 8)
    return data[:place] + bytes([data[place] ^ 1 << mask]) + data[place + 1 :]


@given(ROWS, ROWS)
def test_two_rows_have_one_digest_if_and_only_if_they_say_the_same(one: Row, other: Row) -> None:
    hexed = any(
        {bytes, str} == {type(one[1].get(name)), type(other[1].get(name))} for name in one[1]
    )
    if not hexed:
        assert (row_digest(*one) == row_digest(*other)) == (told(one) == told(other))


def test_bytes_are_not_their_hex_digits() -> None:
    assert row_digest("answer", {"body": b"\xab"}) != row_digest("answer", {"body": "ab"})


@given(TABLES, st.binary(min_size=1), st.integers(0))
def test_a_row_with_any_bit_of_its_bytes_changed_has_another_digest(
    table: str, data: bytes, bit: int
) -> None:
    changed = row_digest(table, {"body": flipped(data, bit)})
    assert changed != row_digest(table, {"body": data})


@given(TABLES, st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(0))
def test_a_row_with_any_bit_of_its_text_changed_has_another_digest(
    table: str, text: str, bit: int
) -> None:
    changed = flipped(text.encode(), bit).decode(errors="surrogateescape")
    assert row_digest(table, {"body": changed}) != row_digest(table, {"body": text})


@given(ROWS, st.text("abc", min_size=1))
def test_a_null_column_added_later_changes_no_digest(row: Row, name: str) -> None:
    table, values = row
    assert row_digest(table, {**values, f"new_{name}": None}) == row_digest(table, values)


@given(ROWS)
def test_the_order_of_the_columns_never_matters(row: Row) -> None:
    table, values = row
    assert row_digest(table, dict(reversed(values.items()))) == row_digest(table, values)


@given(
    st.lists(ROWS, max_size=5).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_the_order_of_the_rows_never_matters(orders: tuple[list[Row], list[Row]]) -> None:
    assert digest_of(orders[0]) == digest_of(orders[1])


@given(st.lists(ROWS, max_size=3), ROWS)
def test_a_row_more_or_the_same_row_twice_is_another_digest(rows: list[Row], row: Row) -> None:
    assert len({digest_of(rows), digest_of([*rows, row]), digest_of([*rows, row, row])}) == 3


ENTRY = Entry(7, 1000, b"p" * 32, b"r" * 32, b"s" * 32)


@pytest.mark.parametrize(
    "other",
    [
        Entry(8, 1000, b"p" * 32, b"r" * 32, b"s" * 32),
        Entry(71, 0, b"p" * 32, b"r" * 32, b"s" * 32),
        Entry(7, 1001, b"p" * 32, b"r" * 32, b"s" * 32),
        Entry(7, 1000, b"q" + b"p" * 31, b"r" * 32, b"s" * 32),
        Entry(7, 1000, b"p" * 32, b"r" * 31 + b"q", b"s" * 32),
        Entry(7, 1000, b"p" * 32, b"s" * 32, b"r" * 32),
        Entry(7, 1000, b"r" * 32, b"p" * 32, b"s" * 32),
    ],
)
def test_every_part_of_an_entry_enters_its_digest(other: Entry) -> None:
    assert other.digest != ENTRY.digest


def test_the_head_names_the_entry_and_its_digest() -> None:
    assert ENTRY.head == f"7:{ENTRY.digest.hex()}"
    assert len(ENTRY.digest) == len(GENESIS) == 32


@given(TRANSACTIONS, st.data())
def test_the_heads_from_a_changed_row_on_all_change_and_none_before(
    transactions: list[Transaction], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(transactions) - 1))
    part = data.draw(st.sampled_from([0, 1]))
    row = data.draw(ROWS)
    changed = [(list(rows), list(snapshots)) for rows, snapshots in transactions]
    changed[place][part].append(row)
    before, after = chain(transactions), chain(changed)
    assert [one.head for one in before[:place]] == [one.head for one in after[:place]]
    assert all(
        one.head != other.head for one, other in zip(before[place:], after[place:], strict=True)
    )


@given(ROWS)
def test_a_row_is_not_a_snapshot(row: Row) -> None:
    assert chain([([row], [])])[0].digest != chain([([], [row])])[0].digest
