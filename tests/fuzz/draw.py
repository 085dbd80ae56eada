"""Values out of the bytes of one input: the same bytes give the same values."""

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

KEY = "mv-no_shape/of+a=key-4711"
"""The secret that must not get through. Its odd characters are spelled in many ways."""
NASTY = (
    "",
    "\0",
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\u202e",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\ud800",
    "e" + "\u0301" * 40,
    "日本語",
    "\U0001f600",
    "a" * 300,
    "9" * 5000,
    "1e999",
    "=cmd|' /C calc'!A0",
    "[" * 200,
    "did_1",
    "did_1@r1",
    "did_1@",
    "+15551230001",
    "%00",
    "../..",
    ".",
    "https://user:pass@host/?token=1",
    "2026-11-23T14:00Z",
    "0001-01-01",
    "9999-12-31T23:59:59.999999-23:59",
    "r1",
    "latest~999999999",
    "tag:t1",
    "1h30m",
    "99999999999999999999",
    "-1",
    KEY,
)


class Draw:
    """Reads `data` from its beginning; at its end everything is zero or empty."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def byte(self) -> int:
        taken = self.some(1)
        return taken[0] if taken else 0

    def some(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def rest(self) -> bytes:
        return self.some(self.left)

    def flag(self) -> bool:
        return bool(self.byte() & 1)

    def one_of(self, items: Sequence[Item]) -> Item:
        return items[self.byte() % len(items)]

    def text(self) -> str:
        """A text that nobody means well, or any up to 63 bytes; bytes beyond UTF-8 are surrogates,
        as in the arguments and the environment of a process."""
        kind = self.byte()
        if kind >= 64:
            return NASTY[kind % len(NASTY)]
        return self.some(kind).decode("utf-8", "surrogateescape")

    def argument(self) -> str:
        """A text as a process gets it: without NUL, and made of bytes."""
        text = self.text().replace("\0", "")
        try:
            return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
