"""The lines of an export and how they are spelled: ``docs/export.md`` describes them to strangers.

A header, then for each entry of the journal one line, its facts and its looks, then an end.
"""

import json
import re
from typing import NamedTuple

NAME = "changelog/export/"
VERSION = 2
FORMAT = f"{NAME}{VERSION}"
RECOGNISED = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"schema"\s*:\s*"' + NAME.encode())
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
    return _spelled({"schema": FORMAT, **header._asdict()})


def line_text(line: EntryLine | End) -> str:
    """Return the line of an entry, or the last one, without its end."""
    return _spelled(line._asdict())
