"""Walks the journal of a log on any database, and compares its rows with the tables."""

from collections import Counter

from changelog.store.journal.entry import text_digest
from changelog.store.journal.replay import rows_of, stored_entries, walk
from changelog.store.journal.source import Source, open_source
from changelog.store.location import Location
from changelog.store.schema.rows import SHAPES, Shape, Values


def assert_journal_is_whole(location: Location) -> None:
    """The chain has no gap, and each row of the log is that of exactly one entry."""
    found: dict[str, Counter[Values]] = {name: Counter() for name in SHAPES}
    with open_source(location) as source:
        for entry, mistake in walk(stored_entries(source)):
            assert mistake is None, f"entry {entry.n}: {mistake}"
            assert entry.facts or entry.looks, f"entry {entry.n} says nothing"
            assert text_digest(entry.looks) == entry.looks_digest, f"entry {entry.n} lacks looks"
            for shape, rows in rows_of(entry):
                found[shape.name].update((*row, entry.n) for row in rows)
        for name, shape in SHAPES.items():
            assert found[name] == Counter(_stored(source, shape)), name


def _stored(source: Source, shape: Shape) -> list[Values]:
    names = [f"CAST({name} AS TEXT)" if name == "body" else f'"{name}"' for name in shape.columns]
    if shape.name == "problem":
        names[names.index("CAST(body AS TEXT)")] = "body"
    return source.rows(f'SELECT {", ".join(names)}, entry FROM "{shape.name}"')
