"""Bytes that a server sends where HTTP is expected, whole and in pieces."""

from collections.abc import Callable

from changelog.api.failures import NotHttp
from changelog.api.http1 import LARGEST_HEAD, AnswerReader
from tests.fuzz.draw import Draw

_MOST_ANSWERS = 4


def run(data: bytes) -> None:
    draw = Draw(data)
    size = draw.byte() + 1
    sent = draw.rest()
    whole = _read(sent, len(sent) + 1)
    pieces = _read(sent, size)
    # Where the pieces end makes no difference to what is read of whole answers.
    assert pieces == whole, (pieces, whole)


def _read(sent: bytes, size: int) -> list[tuple[int, bytes]]:
    """(status, body) of each answer on one connection, until it is not to be used again."""
    reader = AnswerReader(_in_pieces(sent, size))
    answers: list[tuple[int, bytes]] = []
    try:
        while len(answers) < _MOST_ANSWERS:
            head = reader.head()
            assert head.status >= 200
            assert head.length is None or head.length >= 0
            assert sum(map(len, head.fields)) <= LARGEST_HEAD
            body = b"".join(reader.body(head))
            assert len(body) <= len(sent)
            assert head.length is None or len(body) == head.length
            answers.append((head.status, body))
            if not head.keeps_alive:
                break
    except (NotHttp, ConnectionError):
        pass
    return answers


def _in_pieces(sent: bytes, size: int) -> Callable[[], bytes]:
    left = memoryview(sent)

    def receive() -> bytes:
        nonlocal left
        piece, left = bytes(left[:size]), left[size:]
        return piece

    return receive
