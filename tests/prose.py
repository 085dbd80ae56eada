"""Counts the words of each sentence on a Markdown page: ``python -m tests.prose PAGE…``."""

import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

# A full stop inside a name or an abbreviation has no space behind it.
_END = re.compile(r"(?<=[.!?…])[\"')*_]*\s+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e)\.\s")


@dataclass(frozen=True)
class Sentence:
    """A sentence and whether it stands in a paragraph or a list, not in a table."""

    text: str
    running: bool

    @property
    def words(self) -> int:
        """Return the number of its words; a sign alone, such as a dash, is none."""
        return sum(any(map(str.isalnum, word)) for word in self.text.split())


def sentences(page: str) -> list[Sentence]:
    """Return the sentences of a page without its headings and blocks of code."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    return [
        Sentence(text, running)
        for block, running in _blocks(tokens)
        for text in _END.split(_ABBREVIATION.sub("such as ", block))
        if any(map(str.isalnum, text))
    ]


def _blocks(tokens: list[Token]) -> Iterator[tuple[str, bool]]:
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type != "heading_open":
            parts = (part for part in token.children or () if part.type != "html_inline")
            text = "".join(" " if part.type == "softbreak" else part.content for part in parts)
            yield text, before.type == "paragraph_open"


def mean(counted: list[Sentence]) -> float:
    """Return how many words a sentence of the running text has."""
    return statistics.fmean(sentence.words for sentence in counted if sentence.running)


def long_share(counted: list[Sentence], limit: int = 30) -> float:
    """Return the share of sentences of the running text with more words than `limit`."""
    running = [sentence for sentence in counted if sentence.running]
    return sum(sentence.words > limit for sentence in running) / len(running)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        counted = sentences(Path(name).read_text())
        longest = max(counted, key=lambda sentence: sentence.words)
        print(  # noqa: T201
            f"{name}: {mean(counted):.1f} words, {long_share(counted):.0%} over 30, "
            f"longest {longest.words}: {longest.text}"
        )
