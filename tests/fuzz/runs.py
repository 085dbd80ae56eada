"""Whole runs of the program: any command line, any answer of an API, any file that is named."""

from changelog.model.text.redaction import spellings
from tests.fuzz.scene import DOCUMENTED, KEY, Draw, Scene, judge, spelled_out

COMMANDS = (
    *("record", "log", "show", "list", "diff", "restore", "deploy", "verify", "watch", "note"),
    *("mark", "tag", "evidence", "config", "import", "db", "nonsense"),
)
WORDS = (
    *("did_1", "did_2", "did_1@r1", "did_1@latest~1", "did_1@good", "+15551230001", "did_9"),
    *("--all", "--json", "--help", "-h", "--offline", "--live", "--routing", "--snapshots"),
    *("--exit-code", "--all-fields", "--resume", "--once", "--version", "good", "bad", "retired"),
    *("--format=plain", "--format=csv", "--format=markdown", "--format", "json", "upgrade"),
    *("current", "path", "a.json", "b.json", "-", "--file=-", "--file=a.json", "--expect=-"),
    *("--to", "--from", "--at", "--since", "--until", "--field", "--tag", "--ticket", "--by"),
    *("-m", "-n", "--note", "--changed-by", "--destination", "--application", "--route-mode"),
    *("--status", "--concurrency", "--result", "--after", "--many", "--silent"),
    *(
        "--to=r1",
        "--to=good",
        "--to=tag:t1",
        "--to=live",
        "--from=tag:t1",
        "--at=2h",
        "--at=latest",
    ),
    *("--rate=1000/s", "--rate=0", "--destination=sip:1@pbx.example"),
    *(
        "--db=none.db",
        "--db=postgresql://127.0.0.1:9/x",
        "--db=a.json",
        "--db=.",
        "--config=a.json",
    ),
    *(
        "--metrics=metrics.prom",
        "--notify=http://127.0.0.1:9/",
        "--on-change=true",
        "--interval=1s",
    ),
    *("--application=app_a", "--route-mode=webhook", "--status=active", "--tag=t2", "--tag=t1"),
)
_NOT_HERE = ("--on-change", "--notify", "--wait", "--reads", "--rate", "--db", "--metrics", "--")
"""Options whose value could run a program, wait long, or write somewhere else."""


def command_line(stage: Scene, data: bytes) -> None:
    draw = Draw(data)
    stage.begin()
    stage.api.answer = _answer(draw)
    command = draw.one_of(COMMANDS)
    words = [command, *(_word(draw) for _ in range(draw.byte() % 8))]
    if command == "deploy":
        words += ["--", draw.one_of(("true", "false", "no-such-program"))]
    if command == "watch":
        words.append("--once")
    environment = {}
    if draw.flag():
        environment = {"CHANGELOG_OPERATOR": "", "LOGNAME": draw.argument()}
    ran = stage.run(words, draw.rest(), environment)
    # A command's own code is that of `deploy`.
    judge(ran, (*DOCUMENTED, *((1, 127) if command == "deploy" else ())))
    assert ran.exit_code != 8 or any(one.startswith("--db") for one in words), ran


def _word(draw: Draw) -> str:
    return draw.one_of(WORDS) if draw.flag() else _tamed(draw.argument())


def _answer(draw: Draw) -> bytes:
    kind = draw.byte() % 4
    status = draw.one_of((b"200 OK", b"404 Not Found", b"401 Unauthorized", b"500 Oh"))
    body = b'{"id":"did_1","number_e164":"+15551230001","application_id":"app_c"}'
    if kind == 1:
        body = draw.text().encode("utf-8", "surrogatepass")
    if kind == 2:
        body = b'{"id":"did_1","status":"' + draw.some(draw.byte() % 64) + b'"}'
    if kind == 3:
        return draw.some(draw.byte())
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def _tamed(text: str) -> str:
    """`text` as an argument that can do no harm here: it leaves this folder and starts nothing."""
    text = text.replace("/", "_")
    dangerous = text.startswith(("~", *_NOT_HERE)) or ".." in text or text in ("--", "-h")
    return f"_{text}" if dangerous else text


# What an API sends, read by `record`, stored, and shown by commands that read

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


def served(stage: Scene, data: bytes) -> None:
    draw = Draw(data)
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


# Files given to `import`, `evidence`, `--file` and `--expect`, and settings files

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


def imported(stage: Scene, data: bytes) -> None:
    draw = Draw(data)
    stage.begin()
    stage.api.answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    line, codes = draw.one_of(LINES)
    content = draw.rest()
    (stage.folder / "given").write_bytes(content)
    judge(stage.run(line, content), codes)
    judge(stage.run(["log"]), (0, 5))
    judge(stage.run(["list"]), (0, 5))
