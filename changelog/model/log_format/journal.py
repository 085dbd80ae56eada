"""The journal's digests: a chain in which each entry vouches for the rows it wrote.

An entry's digest covers its number, its time, the digest of the entry before, and two digests over
the rows written with it: one over the snapshots, which may be thinned one day, and one over all the
rest, which stay for ever. The head ``n:digest`` therefore stands for the whole log up to there.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as spelled
from typing import Any, NamedTuple

from changelog.model.text.json_body import Fields, canonical_json, present

GENESIS = bytes(32)
"""What the first entry has for the digest of the entry before."""

Value = str | int | bytes | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal. `at` is in microseconds since 1970-01-01T00:00Z."""

    n: int
    at: int
    previous: bytes
    rows: bytes
    snapshots: bytes

    @property
    def digest(self) -> bytes:
        head = f"{self.n}:{self.at}:".encode()
        return hashlib.sha256(head + self.previous + self.rows + self.snapshots).digest()

    @property
    def head(self) -> str:
        return f"{self.n}:{self.digest.hex()}"


class Head(NamedTuple):
    """The newest entry of a log at some time, as somebody kept it: it stands for all up to it."""

    n: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.n}:{self.digest.hex()}"


_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)


def parse_head(text: str) -> Head | None:
    """What `text`, ``n:digest``, stands for; None if it is no head."""
    found = _HEAD.fullmatch(text.strip().lower())
    return Head(int(found[1]), bytes.fromhex(found[2])) if found else None


_row_spelled = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""Made once: ``json.dumps`` with arguments makes one a call."""


def row_text(table: str, values: Mapping[str, Value]) -> str:
    """One row as its digest covers it, in ASCII: its table and its columns by name, bytes as a list
    of their hexadecimal digits, null ones left out.

    Leaving null out keeps a digest true when a later schema adds a column.
    """
    present = {
        name: [value.hex()] if isinstance(value, bytes) else value
        for name, value in values.items()
        if value is not None
    }
    return _row_spelled([table, present])


def row_digest(table: str, values: Mapping[str, Value]) -> bytes:
    """SHA-256 of one row."""
    return hashlib.sha256(row_text(table, values).encode()).digest()


def _spelled_bytes(value: bytes) -> str:
    return f'["{value.hex()}"]'


_SPELLED: Mapping[type, Callable[[Any], str]] = {str: spelled, int: str, bytes: _spelled_bytes}
"""How a value stands in the text that is digested. On SQLite there may be others: forged ones."""


def row_digester(table: str, columns: Sequence[str]) -> Callable[[Sequence[Value]], bytes]:
    """`row_digest` for many rows of one table, each given as its values in order of `columns`.

    About a third of the time: what all rows share is spelled once.
    """
    named = [(place, f"{spelled(columns[place])}:") for place in _by_name(columns)]
    head, sha256, how = f"[{spelled(table)},{{", hashlib.sha256, _SPELLED

    def digest(row: Sequence[Value]) -> bytes:
        members = [
            name + how.get(type(value), json.dumps)(value)
            for place, name in named
            if (value := row[place]) is not None
        ]
        return sha256(f"{head}{','.join(members)}}}]".encode()).digest()

    return digest


def _by_name(columns: Sequence[str]) -> list[int]:
    return sorted(range(len(columns)), key=lambda place: columns[place])


def rows_digest(digests: Iterable[bytes]) -> bytes:
    """SHA-256 over the digests of rows, whatever order they come in."""
    return hashlib.sha256(b"".join(sorted(digests))).digest()


def body_digest(fields: Fields) -> bytes:
    """SHA-256 over the canonical form, null fields left out."""
    return hashlib.sha256(canonical_json(present(fields)).encode()).digest()
