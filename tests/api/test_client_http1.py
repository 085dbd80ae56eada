"""What HTTP allows is understood and all else is refused, over real connections."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog.api.exchange import Connection, Received
from changelog.api.keys import check_key
from changelog.api.limits import Limits
from tests.wire import Wire, keeps_answering, sends

KEY = check_key("mv_sandbox_0123456789")
UNHURRIED = Limits(attempts=1)
LARGEST_HEAD = 200_000
"""More bytes than any head may have."""
TOKENS = st.text("abcXYZ09!#$%&'*+.^_`|~-", min_size=1, max_size=8)
VALUES = st.text("aZ09 \t\xe9\x01,;", max_size=8)
OTHERS = st.dictionaries(
    TOKENS.map(str.lower).filter(
        lambda name: (
            name not in ("content-length", "transfer-encoding", "connection", "content-encoding")
        )
    ),
    VALUES,
    max_size=4,
)
BODIES = st.binary(max_size=40)
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def received_from(*parts: bytes) -> Received:
    with (
        Wire(sends(*parts)) as wire,
        closing(Connection(UNHURRIED, None, Event())) as connection,
    ):
        return connection.get(f"{wire.url}/dids/did_1", KEY)


def code_of(*parts: bytes) -> str | None:
    failure = received_from(*parts).failure
    return failure.code if failure else None


def split(answer: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(answer), *(cut % (len(answer) + 1) for cut in cuts)})
    return [answer[start:end] for start, end in itertools.pairwise(at)]


def head_of(status: int, fields: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Why", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunked(body: bytes, sizes: list[int]) -> bytes:
    def chunks() -> Iterator[bytes]:
        left = body
        for size in sizes:
            if left:
                part, left = left[:size], left[size:]
                yield b"%x\r\n%b\r\n" % (len(part), part)
        if left:
            yield b"%X;x=y\r\n%b\r\n" % (len(left), left)

    return b"".join(chunks()) + b"00\r\nTrailer: x\r\n\r\n"


@settings(max_examples=50, deadline=None)
@given(
    st.integers(200, 999).filter(lambda status: status not in (204, 304)),
    OTHERS,
    BODIES,
    st.lists(st.integers(1, 9)),
    st.sampled_from(["length", "chunks", "end"]),
    st.lists(st.integers(0), max_size=5),
)
def test_an_answer_is_read_whole_however_it_is_framed_and_cut_into_pieces(
    status: int,
    others: dict[str, str],
    body: bytes,
    sizes: list[int],
    framing: str,
    cuts: list[int],
) -> None:
    fields, sent = dict(others), body
    if framing == "length":
        fields["Content-Length"] = str(len(body))
    elif framing == "chunks":
        fields["Transfer-Encoding"] = "chunked"
        sent = chunked(body, sizes)
    received = received_from(*split(head_of(status, fields) + sent, cuts))
    assert (received.status, received.body, received.failure) == (status, body, None)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.binary(max_size=20)
        | st.sampled_from(
            [
                GOOD,
                b"HTTP/1.1 200 OK\r\n",
                b"HTTP/1.1 100 Continue\r\n\r\n",
                b"Content-Length: 5\r\n",
                b"Transfer-Encoding: chunked\r\n",
                b"\r\n",
                b"5\r\nabcde\r\n",
                b"0\r\n\r\n",
                b"-1\r\n",
                b"\n",
                b" x: y\r\n",
            ]
        ),
        max_size=8,
    )
)
def test_any_bytes_are_an_answer_or_have_a_code(parts: list[bytes]) -> None:
    received = received_from(*parts)
    if received.failure is None:
        assert received.status is not None
        assert received.status >= 200
    else:
        assert received.failure.code in ("not_http", "cut_off", "connection_failed", "bad_encoding")


@pytest.mark.parametrize("answer", [GOOD, CHUNKED + chunked(b"{}{}", [2])], ids=repr)
def test_an_answer_that_was_cut_off_anywhere_is_never_taken_for_whole(answer: bytes) -> None:
    assert code_of(b"") == "connection_failed"
    assert [code_of(answer[:length]) for length in range(1, len(answer))] == ["cut_off"] * (
        len(answer) - 1
    )
    assert code_of(answer) is None


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n X: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\xe9: y\r\n\r\n",
        b"HTTP/1.1 200OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.1 +20 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.2 200 OK\r\n\r\n",
        b"HTTP/0.9 200 OK\r\n\r\n",
        b"HTTP/3 200 OK\r\n\r\n",
        b"http/1.1 200 OK\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"220 smtp",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * LARGEST_HEAD,
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * LARGEST_HEAD,
        *(
            b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n{}"
            for length in (b"", b"+2", b"-2", b"2.0", b"0x2", b"2 2", b"2, 3", b"2_0", b"9" * 5000)
        ),
        b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        *(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n"
            for coding in (b"", b"gzip", b"gzip, chunked", b"chunked, chunked", b"xchunked")
        ),
    ],
    ids=lambda head: repr(head[:60]),
)
def test_what_is_no_head_or_leaves_the_end_open_is_refused(head: bytes) -> None:
    received = received_from(head)
    assert (received.status, received.failure and received.failure.code) == (None, "not_http")


@pytest.mark.parametrize(
    "chunks",
    [
        b"\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"+2\r\n{}\r\n0\r\n\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"2_0\r\n{}\r\n0\r\n\r\n",
        b" 2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}}\r\n0\r\n\r\n",
        b"1\r\n{}\r\n0\r\n\r\n",
        b"2\n{}\r\n0\r\n\r\n",
        b"f" * LARGEST_HEAD,
        b"2;" + b"x" * LARGEST_HEAD + b"\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\n" + b"X: x\r\n" * LARGEST_HEAD,
    ],
    ids=lambda chunks: repr(chunks[:30]),
)
def test_what_is_no_chunk_is_refused(chunks: bytes) -> None:
    assert code_of(CHUNKED + chunks) == "not_http"


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", 1),
        (b"HTTP/1.1 204 No\r\nContent-Length: 99\r\n\r\n", 1),
        (b"HTTP/1.1 304 No\r\nContent-Length: 99\r\n\r\n", 1),
        (CHUNKED + b"0\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n", 2),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", 2),
        (CHUNKED.replace(b"OK", b"OK\r\nContent-Length: 9") + b"0\r\n\r\n", 2),
    ],
)
def test_a_connection_is_used_again_only_where_both_sides_know_the_end(
    answer: bytes, connections: int
) -> None:
    with (
        Wire(keeps_answering(answer)) as wire,
        closing(Connection(UNHURRIED, None, Event())) as connection,
    ):
        for _ in range(2):
            received = connection.get(f"{wire.url}/dids/did_1", KEY)
            assert (received.body, received.failure) == (b"", None)
        assert len(wire.connections) == connections


def test_a_field_given_twice_is_one_value_so_that_no_coding_hides_behind_another() -> None:
    codings = {"Content-Length": "2", "Content-Encoding": "gzip"}
    twice = head_of(200, codings).replace(b"\r\n\r\n", b"\r\nContent-Encoding: identity\r\n\r\n")
    assert code_of(twice + b"{}") == "bad_encoding"
