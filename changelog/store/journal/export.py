"""The log as an export: the texts of its entries, written down as they are."""

from collections.abc import Iterator

from changelog.model.journal import End, EntryLine, Header, header_text, line_text
from changelog.store.journal.replay import is_accounted, stored_entries, walk
from changelog.store.journal.source import PostgresSource, Source, newest_head
from changelog.store.journal.surroundings import require_rights
from changelog.store.schema import versions


class Export:
    """The log at `source`, to be written out once.

    What does not hold is written as it is stored, so that nothing is lost: `broken` counts those
    entries, `first_broken` names one. Both are known when all of it has been taken.
    """

    def __init__(self, source: Source) -> None:
        if isinstance(source, PostgresSource):
            require_rights(source, ["journal", "journal_looks"])
        self._source = source
        self.broken = 0
        self.first_broken: int | None = None
        head = newest_head(source)
        entries, spelled = (head.n, str(head)) if head else (0, None)
        self.header = Header(versions.head(), entries, spelled)

    def blocks(self) -> Iterator[bytes]:
        """Yield the whole file."""
        lines = 2
        yield _line(header_text(self.header))
        for entry, mistake in walk(stored_entries(self._source)):
            if mistake is not None or not is_accounted(self._source, entry):
                self.broken += 1
                self.first_broken = self.first_broken or entry.n
            facts, looks = entry.facts.count(b"\n"), entry.looks.count(b"\n")
            lines += 1 + facts + looks
            said = EntryLine(
                entry.n,
                entry.at,
                entry.previous.hex(),
                entry.looks_digest.hex(),
                entry.digest.hex(),
                facts,
                looks,
            )
            yield _line(line_text(said))
            yield entry.facts
            yield entry.looks
        yield _line(line_text(End(self.header.head, lines)))


def _line(text: str) -> bytes:
    return f"{text}\n".encode()
