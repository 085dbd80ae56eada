"""The journal's digests: a chain in which each entry vouches for the rows it wrote.

An entry's digest covers its number, its time, the digest of the entry before, and two digests over
the rows written with it: one over the snapshots, which may be thinned one day, and one over all the
rest, which stay for ever. The head ``n:digest`` therefore stands for the whole log up to there.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from changelog.core.body import Fields, canonical, present

GENESIS = bytes(32)
"""What the first entry has for the digest of the entry before."""


class Head(NamedTuple):
    """The newest entry; `n` is 0 for a log in which nothing is recorded."""

    n: int
    digest: bytes

    @property
    def text(self) -> str | None:
        """``n:digest``, as it is kept elsewhere."""
        return f"{self.n}:{self.digest.hex()}" if self.n else None


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


_spelled = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
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
    return _spelled([table, present])


def row_digest(table: str, values: Mapping[str, Value]) -> bytes:
    """SHA-256 of one row."""
    return hashlib.sha256(row_text(table, values).encode()).digest()


def rows_digest(digests: Iterable[bytes]) -> bytes:
    """SHA-256 over the digests of rows, whatever order they come in."""
    return hashlib.sha256(b"".join(sorted(digests))).digest()


def body_digest(fields: Fields) -> bytes:
    """SHA-256 over the canonical form, null fields left out."""
    return hashlib.sha256(canonical(present(fields)).encode()).digest()
