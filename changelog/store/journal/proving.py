"""Proves the rows of some entries against these entries: what a worker of ``check`` does.

A worker is given whole entries as plain values, so it needs no database. Nothing here trusts the
type of a value: SQLite keeps whatever somebody put there.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from changelog.model.log_format.journal import Entry, row_digest, row_digester, rows_digest
from changelog.model.log_format.proof import compare_with_body
from changelog.model.results.check import Broken
from changelog.model.text.json_body import canonical_json, parse_json
from changelog.store.journal.ledger import JOURNAL_COLUMNS, SHAPES, Shape
from changelog.store.journal.source import Stored
from changelog.store.packing import PackedWith, unpack_body
from changelog.store.transaction import stored_digest

EMPTY = rows_digest([])
"""The digest over no rows at all."""
UNUSABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, zlib.error)
"""What a value of a wrong type or size makes of an otherwise sound line."""
_WORTH_TRYING = 200
"""Rows of an entry up to which each is tried for being the one that does not belong to it."""
_NAMED = 4


class Chunk(NamedTuple):
    """Some entries with all that is stored of them.

    `journal`: rows as stored. `thinned`: by entry, the digest over the snapshots that stay, where
    it was thinned. `rows`: of each table in `SHAPES`, by entry.
    """

    journal: list[Stored]
    thinned: dict[int, bytes]
    rows: tuple[list[Stored], ...]


class Proof(NamedTuple):
    """`broken`: in the order of entries. `carried`: (did, revision) of those whose destination must
    be that of the revision before."""

    broken: list[Broken]
    carried: list[tuple[str, int]]


def prove(chunk: Chunk) -> Proof:
    prover = _Prover()
    for shape, rows in zip(SHAPES, chunk.rows, strict=True):
        prover.add(shape, rows)
    found = prover.entries(chunk)
    return Proof(found, prover.carried)


class _Row(NamedTuple):
    shape: Shape
    stored: Stored
    digest: bytes | None
    """None where it cannot be computed."""


class _Prover:
    def __init__(self) -> None:
        self.carried: list[tuple[str, int]] = []
        self._written: dict[Any, list[_Row]] = {}
        self._broken: dict[Any, list[Broken]] = {}

    def add(self, shape: Shape, rows: Sequence[Stored]) -> None:
        digest = _DIGESTS[shape.name]
        look = {"revision": self._revision, "problem": _problem, "selection": _selection}.get(
            shape.name
        )
        for entry, same in groupby(rows, key=itemgetter(shape.entry)):
            into = self._written.setdefault(entry, [])
            for row in same:
                mistakes: Sequence[str] = ()
                try:
                    if look is None:
                        found: bytes | None = digest(row)
                    else:
                        found, mistakes = look(row)
                except UNUSABLE as error:
                    found, mistakes = None, (f"it cannot be read: {_in_words(error)}",)
                into.append(_Row(shape, row, found))
                for mistake in mistakes:
                    self._broken.setdefault(entry, []).append(broken(shape, row, mistake))

    def entries(self, chunk: Chunk) -> list[Broken]:
        found: list[Broken] = []
        for stored in chunk.journal:
            n = stored[0]
            named = self._broken.pop(n, [])
            rows = self._written.pop(n, [])
            found.extend(named)
            found.extend(_entry(stored, rows, chunk.thinned, explained=bool(named)))
        for n, rows in self._written.items():
            found.extend(self._broken.pop(n, []))
            found.extend(
                broken(one.shape, one.stored, f"the journal has no entry {n!r:.40}") for one in rows
            )
        return found

    def _revision(self, row: Stored) -> tuple[bytes, list[str]]:
        values = dict(zip(_REVISION.columns, row, strict=True))
        packed = values["body"]
        body = values["body"] = unpack_body(
            packed, PackedWith(*(values[name] for name in _PACKED_WITH))
        )
        full = _ALONE_DIGEST([values[name] for name in _ALONE])
        mistakes = []
        if stored_digest(full, packed) != values["digest"]:
            mistakes.append("it is not what its own digest stands for")
        values["digest"] = full
        said = compare_with_body(
            body,
            values["did"],
            values,
            values["destination"],
            values["destination_source"],
        )
        if said.carried:
            self.carried.append((values["did"], values["revision"]))
        return _DIGESTS["revision"](tuple(values.values())), [*mistakes, *said.mistakes]


def _problem(row: Stored) -> tuple[bytes, list[str]]:
    values = dict(zip(_PROBLEM.columns, row, strict=True))
    said = {name: value for name, value in values.items() if name not in ("digest", "entry")}
    same = row_digest("problem", said) == values["digest"]
    return _DIGESTS["problem"](row), [] if same else [_OTHER_KEY]


def _selection(row: Stored) -> tuple[bytes, list[str]]:
    values = dict(zip(_SELECTION.columns, row, strict=True))
    packed = values["names"]
    names = parse_json(zlib.decompress(packed).decode()) if packed else []
    text = canonical_json([bool(values["every"]), names, values["shard"]])
    same = sha256(text.encode()).digest() == values["digest"]
    return _DIGESTS["selection"](row), [] if same else [_OTHER_KEY]


def _entry(
    stored: Stored, rows: list[_Row], thinned: dict[int, bytes], *, explained: bool
) -> Iterator[Broken]:
    """What does not hold of one entry; `explained`: a row of it was named already."""
    journal = dict(zip(JOURNAL_COLUMNS, stored, strict=True))
    n = journal["n"]
    ours = [row for row in rows if row.shape.name != "snapshot"]
    snapshots = [row for row in rows if row.shape.name == "snapshot"]
    try:
        entry = Entry(n, journal["at"], journal["previous"], journal["rows"], journal["snapshots"])
        sound = entry.digest == journal["digest"]
    except UNUSABLE:
        sound = False
    if not sound:
        yield broken_entry(n, "it is not what its own digest stands for")
    wanted = [("rows", ours, journal["rows"]), ("snapshots", snapshots, journal["snapshots"])]
    if n in thinned:
        wanted[1] = ("snapshots that prune left", snapshots, thinned[n])
    for what, mine, digest in wanted:
        if _digest_over(mine) == digest or explained:
            continue
        # Where the entry itself was changed, its rows are not to blame unless they differ too.
        if sound or not mine or not _would_be_sound(journal, what, mine):
            yield from _mismatch(n, what, mine, digest, rows)


def _would_be_sound(journal: dict[str, Any], what: str, rows: list[_Row]) -> bool:
    """Whether the entry is right with the digest over the rows that are there."""
    try:
        digests = {name: journal[name] for name in ("rows", "snapshots")}
        digests[what] = _digest_over(rows)
        entry = Entry(journal["n"], journal["at"], journal["previous"], **digests)
        return bool(entry.digest == journal["digest"])
    except UNUSABLE:
        return False


def _digest_over(rows: Iterable[_Row]) -> bytes | None:
    digests = [row.digest for row in rows]
    return None if None in digests else rows_digest(one for one in digests if one is not None)


def _mismatch(
    n: int, what: str, rows: list[_Row], digest: bytes, all_rows: list[_Row]
) -> Iterator[Broken]:
    """Name the row that is to blame, as far as that can be told."""
    if len(rows) <= _WORTH_TRYING:
        for one in rows:
            if _digest_over(row for row in rows if row is not one) == digest:
                reason = f"it was not written with entry {n}, which it names"
                yield broken(one.shape, one.stored, reason, n)
                return
    suspects = [one for one in rows if not _is_borne_out(one, all_rows)] or rows
    if not suspects:
        yield broken_entry(n, f"the {what} that were written with it are gone")
    elif len(suspects) == 1:
        one = suspects[0]
        reason = f"entry {n} vouches for something else: it was changed, or one beside it is gone"
        yield broken(one.shape, one.stored, reason, n)
    else:
        named = ", ".join(_label(one) for one in suspects[:_NAMED])
        more = f" and {len(suspects) - _NAMED} others" if len(suspects) > _NAMED else ""
        tables = {one.shape.name for one in suspects}
        reason = f"one of the {what} that entry {n} vouches for was changed, or is gone: {named}"
        yield Broken(
            tables.pop() if len(tables) == 1 else "journal", None, None, reason + more, f"{n}", n
        )


def _is_borne_out(row: _Row, rows: list[_Row]) -> bool:
    """Whether a revision of the same entry, which has a digest of its own, says the same."""
    if row.shape is _REVISION:
        return True
    if row.shape.name not in ("did", "did_number", "snapshot"):
        return False
    mine = dict(zip(row.shape.columns, row.stored, strict=True))
    for one in rows:
        if one.shape is not _REVISION:
            continue
        theirs = dict(zip(_REVISION.columns, one.stored, strict=True))
        if row.shape.name == "snapshot":
            theirs = {**theirs, "received_at": theirs["first_seen_at"], "problem": None}
            theirs |= {"hidden": None, "key": mine["key"]}
        if all(theirs.get(name) == value for name, value in mine.items()):
            return True
    return False


def broken(shape: Shape, row: Stored, reason: str, entry: int | None = None) -> Broken:
    """That a row of a table is broken, named by its key."""
    values = dict(zip(shape.columns, row, strict=True))
    did, revision = values.get("did"), values.get("revision")
    where = values["entry"] if entry is None else entry
    return Broken(
        shape.name,
        as_text(did) if did is not None else None,
        revision if isinstance(revision, int) else None,
        reason,
        None if shape is _REVISION else key_of(shape, row),
        where if isinstance(where, int) else None,
    )


def broken_entry(n: Any, reason: str) -> Broken:
    return Broken("journal", None, None, reason, as_text(n), n if isinstance(n, int) else None)


def key_of(shape: Shape, row: Stored) -> str:
    return " ".join(as_text(row[place]) for place in shape.key)


def _label(row: _Row) -> str:
    return f"{row.shape.name} {key_of(row.shape, row.stored)}"


def as_text(value: Any) -> str:
    """A value of a key, whatever it is, no longer than can be read."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", "backslashreplace").decode()[:200]


def _in_words(error: Exception) -> str:
    """Without a stored value in it."""
    return type(error).__name__ if isinstance(error, KeyError) else str(error)[:100]


_BY_NAME = {shape.name: shape for shape in SHAPES}
_REVISION, _PROBLEM, _SELECTION = (_BY_NAME[name] for name in ("revision", "problem", "selection"))
_DIGESTS = {shape.name: row_digester(shape.name, shape.columns) for shape in SHAPES}
_ALONE = tuple(name for name in _REVISION.columns if name not in ("digest", "entry"))
_ALONE_DIGEST = row_digester("revision", _ALONE)
_PACKED_WITH = ("did", "number", "application_id", "route_mode", "destination", "status")
_OTHER_KEY = "its key is not the digest of what it says"
