"""An entry of the journal: what one write transaction recorded, as text, under a chained digest.

``digest = SHA-256(f"{n}:{at}:" + previous + SHA-256(facts) + looks_digest)``

`facts` and `looks` are lines of JSON, one a row, in a fixed order (``rows.py``): the very text that
an export has. Looks are the snapshots that are unchanged or unreadable. ``prune`` may remove some,
so the digest covers their digest alone, and a later fact says which ones are left. The head
``n:digest`` therefore stands for the whole log up to there, for ever.
"""

import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from changelog.model.journal_head import Head

GENESIS = bytes(32)
"""What the first entry has for the digest of the entry before."""
NO_ENTRY = Head(0, GENESIS)
"""The head of a log in which nothing is recorded."""
LARGEST_ENTRY = 16 * 1024 * 1024
"""Bytes of facts and looks together. A writer makes two entries rather than a larger one; a reader
refuses more before it holds more."""
NO_LOOKS = hashlib.sha256(b"").digest()
_LEVEL = 6
_RAW = -zlib.MAX_WBITS
"""Deflate without header and checksum: the digest of an entry covers its text."""
_ROW = [str, dict]
_TOGETHER = 128 * 1024
"""Bytes of rows that are decoded together: all of a large entry would take ten times its text."""
_MOST_STRUCTURE = 4096
"""Texts in a long line, and bytes outside of them: a row has fewer by far. Millions of empty lists
would take far more memory than the line."""
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?')
"""A text without an end counts too, so that a long one is looked through once."""


class BrokenEntry(ValueError):
    """What is stored as an entry is none; the text says why."""


class Entry(NamedTuple):
    """One entry, its texts inflated. `at`: microseconds since 1970-01-01T00:00Z.

    `digest` is what stands beside it: `own_digest` says what it has to be. `unreadable`: why what
    is stored of it gives no texts.
    """

    n: int
    at: int
    previous: bytes
    facts: bytes
    looks: bytes
    looks_digest: bytes
    digest: bytes
    unreadable: str | None = None

    @property
    def own_digest(self) -> bytes:
        return entry_digest(self.n, self.at, self.previous, self.facts, self.looks_digest)

    @property
    def head(self) -> Head:
        return Head(self.n, self.digest)


def entry_digest(n: int, at: int, previous: bytes, facts: bytes, looks_digest: bytes) -> bytes:
    """Return the digest of an entry with these inflated `facts`."""
    covered = f"{n}:{at}:".encode() + previous + hashlib.sha256(facts).digest() + looks_digest
    return hashlib.sha256(covered).digest()


def make_entry(n: int, at: int, previous: bytes, facts: bytes, looks: bytes) -> Entry:
    """Return a new entry. Raises BrokenEntry if it is larger than any reader takes."""
    if len(facts) + len(looks) > LARGEST_ENTRY:
        raise BrokenEntry(f"it takes more than {LARGEST_ENTRY // 1024 // 1024} MiB")
    looks_digest = text_digest(looks)
    digest = entry_digest(n, at, previous, facts, looks_digest)
    return Entry(n, at, previous, facts, looks, looks_digest, digest)


def stored_entry(entry: Entry) -> tuple[int, int, bytes, bytes, bytes, bytes]:
    """Return the journal row of an entry. Most have no looks: the digest of none is not stored."""
    n, at, previous, facts, _, looks_digest, digest, _ = entry
    looks_digest = b"" if looks_digest == NO_LOOKS else looks_digest
    return n, at, previous, deflate(facts), looks_digest, digest


def text_digest(text: bytes) -> bytes:
    """Return SHA-256 of an inflated text."""
    return hashlib.sha256(text).digest()


def deflate(text: bytes) -> bytes:
    """Return `text` as it is stored: nothing for nothing."""
    return zlib.compress(text, _LEVEL, wbits=_RAW) if text else b""


def inflate(stored: bytes) -> bytes:
    """Return the text of what is stored. Raises BrokenEntry."""
    if not stored:
        return b""
    stream = zlib.decompressobj(wbits=_RAW)
    try:
        text = stream.decompress(stored, LARGEST_ENTRY + 1)
    except (zlib.error, TypeError) as error:
        raise BrokenEntry("its text cannot be inflated") from error
    if len(text) > LARGEST_ENTRY:
        raise BrokenEntry(f"it inflates to more than {LARGEST_ENTRY // 1024 // 1024} MiB")
    # A byte behind the end of the stream would be one that no digest covers.
    if not stream.eof or stream.unused_data:
        raise BrokenEntry("its text ends in the middle, or something follows it")
    return text


def rows_in(text: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the (table, columns) of each line of a text. Raises BrokenEntry."""
    lines = io.BytesIO(text)
    while some := lines.readlines(_TOGETHER):
        for row in _decoded(some):
            if type(row) is not list or list(map(type, row)) != _ROW:
                raise BrokenEntry("one of its lines is no row")
            yield row[0], row[1]


def _decoded(lines: list[bytes]) -> list[Any]:
    """Return the value of each line. Decoding them together is twice as fast."""
    if not lines[-1].endswith(b"\n"):
        raise BrokenEntry("its last line has no end")
    for line in lines:
        if len(line) > _TOGETHER and len(_TEXT.sub(b"", line, _MOST_STRUCTURE)) > _MOST_STRUCTURE:
            raise BrokenEntry("one of its lines is no row: there is too much in it")
    try:
        values = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError) as error:
        raise BrokenEntry("one of its lines is not JSON") from error
    if len(values) != len(lines):
        raise BrokenEntry("one of its lines is no row")
    return values  # type: ignore[no-any-return]
