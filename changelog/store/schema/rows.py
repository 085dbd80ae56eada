"""What the tables say of a row: its columns in order, its key, its text in the journal."""

import json
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring_ascii
from types import NoneType
from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, Table

from changelog.store.schema.tables import INDEX_TABLES, SNAPSHOT

Value = str | int | bytes | None
Values = tuple[Any, ...]
"""A row's values in the order of its table's columns, `entry` left out where that is not said."""


def _spelled_bytes(value: bytes) -> str:
    return f'["{value.hex()}"]'


_SPELLED: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: str,
    bytes: _spelled_bytes,
}
"""How a value stands in the text of a row. On SQLite there may be others: forged ones."""


_NUMBERS = (-(2**31), 2**31 - 1)
_TIMES = (-62_135_596_800_000_000, 253_402_300_799_999_999)
"""The years 1 to 9999, in microseconds since 1970: all that is wide is a time."""


class WrongRow(ValueError):
    """A row that no log can have; the text says why."""


class Shape:
    """The rows of one index table. `columns`: by name, all but `entry`, which is the last."""

    def __init__(self, table: Table) -> None:
        *columns, entry = table.columns
        if entry.name != "entry":
            raise AssertionError(f"{table.name} does not end with its entry")
        self.table = table
        self.name = table.name
        self.columns = tuple(column.name for column in columns)
        self.key = tuple(column.name for column in table.primary_key)
        self.places_of_key = tuple(map(self.columns.index, self.key))
        self._names = frozenset(self.columns)
        self._kinds = tuple(map(_kind, columns))
        self._bytes = [place for place, (kind, _) in enumerate(self._kinds) if kind is bytes]
        self._known_types: set[tuple[type, ...]] = set()
        self._integers = [
            (place, *(_TIMES if isinstance(column.type, BigInteger) else _NUMBERS))
            for place, column in enumerate(columns)
            if isinstance(column.type, Integer)
        ]
        named = sorted(range(len(columns)), key=lambda place: columns[place].name)
        self._members = [
            (place, f"{encode_basestring_ascii(columns[place].name)}:") for place in named
        ]
        self._start = f'["{self.name}",{{'

    def is_text(self, column: str) -> bool:
        return self._kinds[self.columns.index(column)][0] is str

    def values(self, row: Mapping[str, Any]) -> Values:
        """Return the values of `row`, given by name; what it lacks is null."""
        return tuple(map(row.get, self.columns))

    def read(self, row: Mapping[str, Any]) -> Values:
        """Return the values of a `row` of a text. Raises WrongRow for what is none."""
        if not row.keys() <= self._names:
            raise WrongRow(f"the table {self.name} has no such columns")
        values = tuple(map(row.get, self.columns))
        if self._bytes:
            values = self._with_bytes(values)
        types = tuple(map(type, values))
        if types not in self._known_types:
            self._require_types(types)
            # As many as there are ways to leave columns null, and forgeries never get here.
            self._known_types.add(types)
        return values

    def _with_bytes(self, values: Values) -> Values:
        if all(values[place] is None for place in self._bytes):
            return values
        changed = list(values)
        for place in self._bytes:
            try:
                if changed[place] is not None:
                    (digits,) = changed[place]
                    changed[place] = bytes.fromhex(digits)
            except (ValueError, TypeError) as error:
                raise WrongRow(f"{self.columns[place]} is no bytes") from error
        return tuple(changed)

    def require_range(self, values: Values) -> None:
        """Raise WrongRow for a number that no database takes, or that is no time."""
        for place, least, most in self._integers:
            value = values[place]
            if value is not None and not least <= value <= most:
                raise WrongRow(f"{self.columns[place]} is too large a number, or too small")

    def _require_types(self, types: tuple[type, ...]) -> None:
        for name, own, (kind, nullable) in zip(self.columns, types, self._kinds, strict=True):
            if own is not kind and not (nullable and own is NoneType):
                raise WrongRow(
                    f"{name} is missing" if own is NoneType else f"{name} is no {kind.__name__}"
                )

    def text(self, values: Sequence[Any]) -> str:
        """Return the line of a row, in ASCII, without its end.

        Its table and its columns by name, bytes as a list of their hexadecimal digits. Null ones
        are left out, so that a text stays true when a later schema adds a column.
        """
        spell = _SPELLED
        members = [
            name + spell.get(type(value), json.dumps)(value)
            for place, name in self._members
            if (value := values[place]) is not None
        ]
        return f"{self._start}{','.join(members)}}}]"


def _kind(column: Any) -> tuple[type, bool]:
    """Return the type of a column's values, and whether they may be null."""
    kind = column.type
    own = int if isinstance(kind, Integer) else bytes if isinstance(kind, LargeBinary) else str
    return own, bool(column.nullable)


SHAPES: dict[str, Shape] = {table.name: Shape(table) for table in INDEX_TABLES}
"""By name, in the order in which an entry has their rows."""
LOOK = SHAPES[SNAPSHOT.name]


def entry_text(rows: Mapping[str, list[Values]]) -> bytes:
    """Return the text of an entry's rows, given by table: by table, then by their lines.

    The same rows give the same text, in whatever order they come.
    """
    lines: list[str] = []
    for name, shape in SHAPES.items():
        lines.extend(sorted(map(shape.text, rows.get(name, ()))))
    return "".join([f"{line}\n" for line in lines]).encode("ascii")
