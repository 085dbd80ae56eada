"""The journal's digests: a chain in which each entry vouches for the rows it wrote.

An entry's digest covers its number, its time, the digest of the entry before, and two digests over
the rows written with it: one over the snapshots, which may be thinned one day, and one over all the
rest, which stay for ever. The head ``n:digest`` therefore stands for the whole log up to there.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from changelog.core.body import Fields, canonical, present

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


def row_digest(table: str, values: Mapping[str, Value]) -> bytes:
    """SHA-256 of one row: its table and its columns by name, null ones left out.

    Leaving null out keeps a digest true when a later schema adds a column.
    """
    present = {
        name: [value.hex()] if isinstance(value, bytes) else value
        for name, value in values.items()
        if value is not None
    }
    text = json.dumps([table, present], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def rows_digest(digests: Iterable[bytes]) -> bytes:
    """SHA-256 over the digests of rows, whatever order they come in."""
    return hashlib.sha256(b"".join(sorted(digests))).digest()


def body_digest(fields: Fields) -> bytes:
    """SHA-256 over the canonical form, null fields left out."""
    return hashlib.sha256(canonical(present(fields)).encode()).digest()
