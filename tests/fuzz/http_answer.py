"""Bytes that a server sends where HTTP is expected, whole and in pieces."""

from contextlib import closing
from threading import Event

import httpcore
import pytest

from changelog.api.exchange import Connection
from changelog.api.keys import check_key
from changelog.api.limits import Limits
from tests.fuzz.draw import Draw

_KEY = check_key("mv_sandbox_0123456789")
_URL = "http://127.0.0.1:1/v1/dids/did_1"


def run(data: bytes) -> None:
    draw = Draw(data)
    size = draw.byte() + 1
    sent = draw.rest()
    whole = _read(sent, len(sent) + 1)
    pieces = _read(sent, size)
    # Where the pieces end makes no difference to what is read of whole answers.
    assert pieces == whole, (pieces, whole)


def _read(sent: bytes, size: int) -> tuple[int, bytes] | None:
    """(status, body) of the answer, if there is a whole one."""
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore, "SyncBackend", lambda: httpcore.MockBackend([*pieces, b""]))
        with closing(Connection(Limits(), None, Event())) as connection:
            received = connection.get(_URL, _KEY)
    assert received.status is None or received.status >= 200
    assert len(received.body) <= len(sent)
    if received.failure is not None:
        assert received.failure.code != "internal_error"
        return None
    assert received.status is not None
    return received.status, received.body
