"""The words of a journal that others keep: the head of a log, and the lines of an export.

The head, ``n:digest``, proves the log later. An export is a header, then for each entry of the
journal one line, its facts and its looks, then an end. ``docs/export.md`` describes the lines.
"""

import json
import re
from typing import NamedTuple

EXPORT_NAME = "changelog/export/"
EXPORT_FORMAT = f"{EXPORT_NAME}2"
EXPORT_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"schema"\s*:\s*"' + EXPORT_NAME.encode())
"""How an export begins, one that an editor has touched too."""

_spelled = json.JSONEncoder(separators=(",", ":")).encode


class Header(NamedTuple):
    """`database`: the version of the schema that it was exported from. `head`: ``n:digest``, None
    for a log in which nothing is recorded."""

    database: str
    entries: int
    head: str | None


class EntryLine(NamedTuple):
    """An entry as it is written: digests in hexadecimal, `at` in microseconds since 1970.

    `facts`, `looks`: how many lines of each follow.
    """

    n: int
    at: int
    previous: str
    looks_digest: str
    digest: str
    facts: int
    looks: int


class End(NamedTuple):
    """`lines`: of the whole file, this one too."""

    end: str | None
    lines: int


def header_text(header: Header) -> str:
    """Return the first line, without its end."""
    return _spelled({"schema": EXPORT_FORMAT, **header._asdict()})


def line_text(line: EntryLine | End) -> str:
    """Return the line of an entry, or the last one, without its end."""
    return _spelled(line._asdict())


class Head(NamedTuple):
    """The newest entry of a log at some time, as somebody kept it: it stands for all up to it."""

    n: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.n}:{self.digest.hex()}"


_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.ASCII)


def parse_head(text: str) -> Head | None:
    """Return what `text`, ``n:digest``, stands for; None if it is no head."""
    match = _HEAD.fullmatch(text.strip().lower())
    return Head(int(match[1]), bytes.fromhex(match[2])) if match else None
