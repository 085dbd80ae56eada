"""The words of a journal that others keep: the head of a log, and how an export begins.

The head, ``n:digest``, proves the log later.
"""

import re
from typing import NamedTuple

EXPORT_NAME = "changelog/export/"
EXPORT_FORMAT = f"{EXPORT_NAME}2"
UNRELEASED_EXPORT = f"{EXPORT_NAME}1"
EXPORT_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"schema"\s*:\s*"' + EXPORT_NAME.encode())
"""How an export begins, one that an editor has touched too."""


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
