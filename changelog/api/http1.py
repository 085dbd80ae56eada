"""Reads answers of HTTP/1.1 out of the bytes of one connection, and takes no liberties.

What leaves open where an answer ends is refused: a lenient reader could take the rest of one DID's
answer for the answer about another. Written by RFC 9112, for GET.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from changelog.api.failures import NotHttp

LARGEST_HEAD = 64 * 1024
_LONGEST_LINE = 4096
_STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\0\r\n]*)?")
# One match for a whole head: a pattern a line took as long as all the rest of an answer.
_FIELD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\0\r\n]*\r\n"
_FIELDS = re.compile(rf"(?:{_FIELD})*")
_LENGTH = re.compile(r"[0-9]{1,15}")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]*)?")
_END_OF_LINE = b"\r\n"
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Head:
    """`fields`: by name in lower case; where one is given twice, joined by a comma.

    `length`: bytes of the body, None if it is `chunked` or ends with the connection.
    """

    status: int
    fields: Mapping[str, str]
    length: int | None
    chunked: bool
    keeps_alive: bool
    """Whether the connection may be asked again after the body."""


class AnswerReader:
    """`receive` gives what came, no bytes at the end of the connection."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._held = bytearray()

    @property
    def holds_more(self) -> bool:
        """Whether bytes came that belong to no answer yet."""
        return bool(self._held)

    def head(self) -> Head:
        """The head of the final answer; interim ones are passed over.

        Raises NotHttp, ConnectionError at an early end, and what `receive` raises.
        """
        head = self._any_head()
        while head.status < HTTPStatus.OK:
            if head.status == HTTPStatus.SWITCHING_PROTOCOLS:
                raise NotHttp("no other protocol was asked for")
            head = self._any_head()
        return head

    def _any_head(self) -> Head:
        while (end := self._held.find(_END_OF_HEAD, 0, LARGEST_HEAD)) < 0:
            if self._holds_no_head():
                raise NotHttp("no head of an answer")
            self._hold_more()
        return _parsed(self._taken(end + 4)[:-2].decode("latin-1"))

    def _holds_no_head(self) -> bool:
        """Whether it can be seen before its end, which may never come."""
        held = self._held
        return not b"HTTP/".startswith(held[:5]) or b"\n\n" in held or len(held) >= LARGEST_HEAD

    def body(self, head: Head) -> Iterator[bytes]:
        """The body in parts, as they come. Raises as `head` does."""
        if head.chunked:
            yield from self._chunks()
        elif head.length is not None:
            yield from self._just(head.length)
        else:
            yield from self._all()

    def _just(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._held:
                self._hold_more()
            part = self._taken(size)
            size -= len(part)
            yield part

    def _all(self) -> Iterator[bytes]:
        yield self._taken(len(self._held))
        while part := self._receive():
            yield part

    def _chunks(self) -> Iterator[bytes]:
        while size := self._size_of_chunk():
            yield from self._just(size)
            if self._line():
                raise NotHttp("a chunk is longer than it says")
        left = LARGEST_HEAD
        while line := self._line():
            left -= len(line)
            if left < 0:
                raise NotHttp("a trailer without end")

    def _size_of_chunk(self) -> int:
        found = _CHUNK_LINE.fullmatch(self._line())
        if found is None:
            raise NotHttp("no size of a chunk")
        return int(found[1], 16)

    def _line(self) -> bytes:
        while (end := self._held.find(_END_OF_LINE, 0, _LONGEST_LINE)) < 0:
            if len(self._held) >= _LONGEST_LINE:
                raise NotHttp("a line without end")
            self._hold_more()
        return self._taken(end + 2)[:-2]

    def _taken(self, size: int) -> bytes:
        part = bytes(self._held[:size])
        del self._held[:size]
        return part

    def _hold_more(self) -> None:
        more = self._receive()
        if not more:
            raise ConnectionError("the connection ended within an answer")
        self._held += more


def _parsed(text: str) -> Head:
    """`text`: all lines of a head with their ends, but not the empty one."""
    first, _, rest = text.partition("\r\n")
    found = _STATUS_LINE.fullmatch(first)
    # A line that begins with white space goes on with the one before it.
    rest = rest.replace("\r\n ", " ").replace("\r\n\t", " ")
    if found is None or not _FIELDS.fullmatch(rest):
        raise NotHttp("a line that is none of a head")
    minor, status, fields = found[1], int(found[2]), _by_name(rest)
    length, chunked = _framing(status, fields)
    return Head(status, fields, length, chunked, minor == "1" and _keeps_alive(fields))


def _by_name(lines: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _framing(status: int, fields: Mapping[str, str]) -> tuple[int | None, bool]:
    """The length of the body, if it has one, and whether it comes in chunks."""
    coding, length = fields.get("transfer-encoding"), fields.get("content-length")
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED) or status < HTTPStatus.OK:
        return 0, False
    if coding is not None:
        if coding.lower() != "chunked":
            raise NotHttp("a coding that was not asked for")
        return None, True
    if length is None:
        return None, False
    if not _LENGTH.fullmatch(length):
        raise NotHttp("no length of a body")
    return int(length), False


def _keeps_alive(fields: Mapping[str, str]) -> bool:
    # With a length beside the chunks, server and proxy may not agree on where the answer ended.
    framed = ("transfer-encoding" in fields) != ("content-length" in fields)
    return framed and "close" not in fields.get("connection", "").lower()
