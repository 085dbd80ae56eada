"""Answers are read out of any bytes: what HTTP allows is understood, and all else is refused."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from changelog.api.failures import NotHttp
from changelog.api.http1 import LARGEST_HEAD, AnswerReader, Head

TOKENS = st.text("abcXYZ09!#$%&'*+.^_`|~-", min_size=1, max_size=8)
VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\0\r\n"), max_size=8)
OTHERS = st.dictionaries(
    TOKENS.map(str.lower).filter(
        lambda name: name not in ("content-length", "transfer-encoding", "connection")
    ),
    VALUES,
    max_size=4,
)
BODIES = st.binary(max_size=40)
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def receiving(parts: list[bytes]) -> Callable[[], bytes]:
    """Gives the parts that are not empty, one a call, and then the end of the connection."""
    coming = iter([part for part in parts if part])
    return lambda: next(coming, b"")


def read(reader: AnswerReader) -> tuple[Head, bytes]:
    head = reader.head()
    return head, b"".join(reader.body(head))


def read_from(*parts: bytes) -> tuple[Head, bytes]:
    return read(AnswerReader(receiving(list(parts))))


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


@given(
    st.integers(200, 999).filter(lambda status: status not in (204, 304)),
    OTHERS,
    BODIES,
    st.lists(st.integers(1, 9)),
    st.sampled_from(["length", "chunks", "end"]),
    st.lists(st.integers(0)),
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
    head, found = read_from(*split(head_of(status, fields) + sent, cuts))
    assert (head.status, found) == (status, body)
    assert head.keeps_alive == (framing != "end")
    assert {name: head.fields[name] for name in others} == {
        name: value.strip(" \t") for name, value in others.items()
    }


@given(st.lists(st.tuples(BODIES, st.booleans()), min_size=1, max_size=4), st.lists(st.integers(0)))
def test_answers_one_behind_the_other_are_told_apart(
    answers: list[tuple[bytes, bool]], cuts: list[int]
) -> None:
    sent = b"".join(
        head_of(200, {"Transfer-Encoding": "chunked"}) + chunked(body, [3])
        if in_chunks
        else head_of(200, {"Content-Length": str(len(body))}) + body
        for body, in_chunks in answers
    )
    reader = AnswerReader(receiving(split(sent, cuts)))
    assert [read(reader)[1] for _ in answers] == [body for body, _ in answers]
    assert not reader.holds_more


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
def test_any_bytes_are_an_answer_or_not_http_or_cut_off(parts: list[bytes]) -> None:
    try:
        head, body = read_from(*parts)
    except (NotHttp, ConnectionError):
        return
    assert head.status >= 200
    assert body in b"".join(parts) or head.chunked


@given(st.integers(0, len(GOOD) - 1))
def test_an_answer_that_was_cut_off_anywhere_is_never_taken_for_whole(length: int) -> None:
    with pytest.raises(ConnectionError):
        read_from(GOOD[:length])
    in_chunks = head_of(200, {"Transfer-Encoding": "chunked"}) + chunked(b"{}{}", [2])
    with pytest.raises(ConnectionError):
        read_from(in_chunks[: length * len(in_chunks) // len(GOOD)])


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n",
        b"HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\n",
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
    for parts in ([head], [head[n : n + 1] for n in range(min(len(head), 200))] + [head[200:]]):
        with pytest.raises(NotHttp):
            read_from(*parts)


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
        b"f" * 5000,
        b"2;" + b"x" * 5000 + b"\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\n" + b"X: x\r\n" * LARGEST_HEAD,
    ],
    ids=lambda chunks: repr(chunks[:30]),
)
def test_what_is_no_chunk_is_refused(chunks: bytes) -> None:
    with pytest.raises(NotHttp):
        read_from(head_of(200, {"Transfer-Encoding": "chunked"}), chunks)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none_whatever_its_head_says(status: int) -> None:
    head, body = read_from(head_of(status, {"Content-Length": "99"}))
    assert (head.status, body, head.keeps_alive) == (status, b"", True)


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", True),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n",
            False,
        ),
    ],
)
def test_a_connection_is_used_again_only_where_both_sides_know_the_end(
    head: bytes, kept: bool
) -> None:
    found, body = read_from(head)
    assert (found.keeps_alive, body) == (kept, b"")


@given(VALUES)
@example("")
def test_a_field_given_twice_or_over_two_lines_is_one_value(value: str) -> None:
    twice = f"X-A: 1\r\nx-a:{value}\r\nB: 2\r\n\t3\r\n".encode("latin-1")
    head, _ = read_from(b"HTTP/1.1 200\r\n" + twice + b"\r\n")
    assert head.fields == {"x-a": "1, " + value.strip(" \t"), "b": "2 3"}


def test_what_came_beyond_an_answer_is_seen() -> None:
    reader = AnswerReader(receiving([GOOD + b"H"]))
    assert read(reader)[1] == b"{}"
    assert reader.holds_more
