"""Bytes that an API sends, read by ``record``, stored, and shown by every command that reads."""

from changelog.model.text.json_body import spellings
from tests.fuzz.body import spelled_out
from tests.fuzz.draw import KEY, Draw
from tests.fuzz.scene import judge, scene

RECORDED = (0, 3, 6)
READERS = (
    ("log", "--json"),
    ("log",),
    ("list",),
    ("list", "--format", "csv"),
    ("diff", "--all-fields"),
    ("diff", "--format", "markdown"),
    ("restore", "--all", "--to", "tag:t1", "--offline"),
    ("show", "did_1"),
    ("show", "did_1", "--json"),
    ("restore", "did_1", "--offline"),
    ("restore", "did_1", "--offline", "--format", "plain"),
    ("verify", "did_1", "--to", "r1"),
    ("watch", "--all", "--once", "--json"),
)


def run(data: bytes) -> None:
    draw = Draw(data)
    stage = scene()
    stage.begin()
    name = draw.one_of(("did_1", "did_1", "+15551230001", "did_3", "+15551230009"))
    readers = (draw.one_of(READERS), draw.one_of(READERS))
    raw = draw.byte() == 1
    stage.api.answer = _answered(spelled_out(draw.rest()), raw=raw)
    judge(stage.run(["record", name]), RECORDED)
    for reader in readers:
        ran = stage.run(reader)
        judge(ran)
        assert ran.exit_code != 8, ran
        assert not any(spelled in ran.stdout + ran.stderr for spelled in spellings(KEY)), ran


def _answered(content: bytes, *, raw: bool) -> bytes:
    if raw:
        return content
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)
