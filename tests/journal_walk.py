"""Walks the journal of a log on any database, and compares its rows with the tables."""

from collections import Counter

from changelog.store.journal.entry import Entry
from changelog.store.journal.replay import replay, stored_entries
from changelog.store.journal.source import Source, open_source
from changelog.store.location import Location
from changelog.store.schema.rows import SHAPES, Shape, Values


def assert_journal_is_whole(location: Location) -> None:
    """The chain has no gap, and each row of the log is that of exactly one entry."""
    with open_source(location) as source:
        walk = _Walk()
        replay(stored_entries(source), walk)
        for name, shape in SHAPES.items():
            assert walk.found[name] == Counter(_stored(source, shape)), name


def _stored(source: Source, shape: Shape) -> list[Values]:
    names = [f"CAST({name} AS TEXT)" if name == "body" else f'"{name}"' for name in shape.columns]
    if shape.name == "problem":
        names[names.index("CAST(body AS TEXT)")] = "body"
    return source.rows(f'SELECT {", ".join(names)}, entry FROM "{shape.name}"')


class _Walk:
    def __init__(self) -> None:
        self.found: dict[str, Counter[Values]] = {name: Counter() for name in SHAPES}

    def entry(self, entry: Entry) -> None:
        assert entry.facts or entry.looks, f"entry {entry.n} says nothing"

    def rows(self, entry: Entry, shape: Shape, rows: list[Values], *, looks: bool) -> None:  # noqa: ARG002
        self.found[shape.name].update((*row, entry.n) for row in rows)

    def broken_entry(self, n: int, reason: str) -> None:
        raise AssertionError(f"entry {n}: {reason}")

    def left(self, n: int, digest: bytes) -> None:  # noqa: ARG002
        raise AssertionError(f"entry {n} lacks looks")
