"""Files given to ``import``, ``evidence``, ``--file`` and ``--expect``, and settings files."""

from tests.fuzz.draw import Draw
from tests.fuzz.scene import judge, scene

LINES = (
    (("import", "given"), (0, 2, 3)),
    (("import", "-", "--at", "2026-01-01T00:00Z", "--json"), (0, 2, 3)),
    (("evidence", "given", "--json"), (0, 2, 3, 5)),
    (("evidence", "-", "--result", "pass", "-m", "heard"), (0, 2, 3, 5)),
    (("record", "--file", "given"), (0, 2, 3, 5, 6)),
    (("verify", "--expect", "given"), (0, 2, 3, 4, 5, 6)),
    (("config", "--config", "given", "--json"), (0, 2)),
    (("log", "--config", "given"), (0, 2, 5, 8)),
)


def run(data: bytes) -> None:
    draw = Draw(data)
    stage = scene()
    stage.begin()
    stage.api.answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    line, codes = draw.one_of(LINES)
    content = draw.rest()
    (stage.folder / "given").write_bytes(content)
    judge(stage.run(line, content), codes)
    judge(stage.run(["log"]), (0, 5))
    judge(stage.run(["list"]), (0, 5))
