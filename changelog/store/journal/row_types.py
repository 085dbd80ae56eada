"""What a row may hold, so that no row from outside is stored that a reader would stumble over."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, LargeBinary, Table

from changelog.model.log_format.export_reading import WrongRow
from changelog.model.log_format.journal import Value, row_digest
from changelog.model.text.json_body import NotJson, parse_json
from changelog.store.transaction import INSERT_ORDER, Row

_SMALLEST, _LARGEST = -(2**31), 2**31 - 1
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999: what a BigInteger column holds is a time, in microseconds since 1970."""
_MOST_NAMES = 256 * 1024 * 1024
"""Bytes that the names of a selection may unpack to."""


class _Shape(NamedTuple):
    empty: Row
    checks: dict[str, Callable[[Any], bool]]
    required: tuple[str, ...]


def row_of(table: str, values: Mapping[str, Value]) -> Row:
    """All columns of a row of `table` as the journal vouches for it. Raises WrongRow.

    Only of what stands in the row itself; what it says of other rows is for ``check`` to prove.
    """
    shape = _SHAPES.get(table)
    if shape is None:
        raise WrongRow(f"there is no table {table[:40]!r}")
    row = shape.empty.copy()
    for name, value in values.items():
        check = shape.checks.get(name)
        if check is None:
            raise WrongRow(f"{table} has no column {name[:40]!r}")
        if not check(value):
            raise WrongRow(f"{table}.{name} holds what it cannot")
        row[name] = value
    for name in shape.required:
        if row[name] is None:
            raise WrongRow(f"{table} lacks its column {name}")
    special = _SPECIAL.get(table)
    if special is not None:
        special(row)
    return row


def _is_int(value: Any) -> bool:
    return type(value) is int and _SMALLEST <= value <= _LARGEST


def _is_time(value: Any) -> bool:
    return type(value) is int and _EARLIEST <= value <= _LATEST


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_bytes(value: Any) -> bool:
    return type(value) is bytes


def _check_of(kind: Any) -> Callable[[Any], bool]:
    if isinstance(kind, BigInteger):
        return _is_time
    if isinstance(kind, Integer):
        return _is_int
    return _is_bytes if isinstance(kind, LargeBinary) else _is_text


def _shape(table: Table) -> _Shape:
    return _Shape(
        empty={column.name: None for column in table.columns},
        checks={column.name: _check_of(column.type) for column in table.columns}
        # As the journal vouches for it, a body is text; it is packed to be stored.
        | ({"body": _is_text} if table.name == "revision" else {}),
        required=tuple(column.name for column in table.columns if not column.nullable),
    )


def _revision(row: Row) -> None:
    said = {name: value for name, value in row.items() if name not in ("digest", "entry")}
    if row_digest("revision", said) != row["digest"]:
        raise WrongRow("revision.digest is not that of the row")
    if not isinstance(_json("revision.body", row["body"]), dict):
        raise WrongRow("revision.body is no JSON object")


def _snapshot(row: Row) -> None:
    if (row["revision"] is None) == (row["problem"] is None):
        raise WrongRow("a snapshot has either a revision or a problem")


def _capture_end(row: Row) -> None:
    _texts("capture_end.remarks", row["remarks"])


def _alert(row: Row) -> None:
    if row["dids"] is not None:
        _texts("alert.dids", row["dids"])


def _selection(row: Row) -> None:
    if row["names"] is None:
        return
    unpack = zlib.decompressobj()
    try:
        names = unpack.decompress(row["names"], _MOST_NAMES).decode()
    except (zlib.error, UnicodeDecodeError):
        raise WrongRow("selection.names cannot be unpacked") from None
    if not unpack.eof or unpack.unused_data:
        raise WrongRow("selection.names cannot be unpacked")
    _texts("selection.names", names)


def _texts(name: str, text: str) -> None:
    found = _json(name, text)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise WrongRow(f"{name} is no list of texts")


def _json(name: str, text: str) -> Any:
    try:
        return parse_json(text)
    except NotJson:
        raise WrongRow(f"{name} is not JSON") from None


_SHAPES = {table.name: _shape(table) for table in INSERT_ORDER}
_SPECIAL: dict[str, Callable[[Row], None]] = {
    "revision": _revision,
    "snapshot": _snapshot,
    "capture_end": _capture_end,
    "alert": _alert,
    "selection": _selection,
}
