"""The lines of an export and how they are written: ``docs/export.md`` describes them to strangers.

A header, then for each entry of the journal one line and the lines of its rows, then an end. A
row's line is, byte for byte, the text that its digest covers; so whoever has a SHA-256 can prove
an export without this program.
"""

import json
import re
from typing import Any, NamedTuple

NAME = "changelog/export/"
VERSION = 1
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

    `thinned`: the digest over the snapshots that ``prune`` left of it, None where it took none.
    `lines`: how many rows follow.
    """

    n: int
    at: int
    previous: str
    rows: str
    snapshots: str
    digest: str
    thinned: str | None
    lines: int


class End(NamedTuple):
    """`lines`: of the whole file, this one too."""

    end: str | None
    lines: int


def header_text(header: Header) -> str:
    return _spelled({"schema": FORMAT, **header._asdict()})


def entry_text(entry: EntryLine) -> str:
    values: dict[str, Any] = entry._asdict()
    if entry.thinned is None:
        del values["thinned"]
    return _spelled(values)


def end_text(end: End) -> str:
    return _spelled(end._asdict())
