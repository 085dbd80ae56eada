"""Writes docs/json-examples.md from the program's answers: ``python -m tests.make_json_page``."""

import json
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from changelog.sandbox.server import Sandbox
from tests.program import KEY, Json, Program
from tests.webhooks import webhook

PAGE = Path(__file__).parent.parent / "docs" / "json-examples.md"
_INTRODUCTION = """\
# JSON: one example for each command

These are the program's own answers. All the commands ran one after the other on the same log, and
`did_999` does not exist. Times, digests and sizes on this page are made up. Commands that are not
here have no `--json`. [JSON](json.md) explains the fields.
"""
_MADE_UP = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "2026-11-26T03:00:00.000000Z"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"), "2026-11-26 03:00:00Z"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "906c45c4" * 8),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8900"),
    (re.compile(r"under a second|\b\d+ s\b"), "3 s"),
)
_MEASURED = re.compile(r".*_s|bytes|free|bytes_free")
"""The fields whose numbers are seconds or sizes."""


def page() -> str:
    """Return the text of the page."""
    return _INTRODUCTION + "".join(
        f"\n## {command}\n\n`changelog {line}`\n\n```json\n{json.dumps(document, indent=2)}\n```\n"
        for command, line, document in _documents()
    )


def _documents() -> Iterator[tuple[str, str, Json]]:
    """Yield each command, what was typed and its document."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(key=KEY) as sandbox:
        program = Program(Path(folder), api=sandbox, database="changelog.db")
        for step in _STORY:
            if callable(step):
                step(program, sandbox)
                continue
            command, *words = shlex.split(step)
            ran = program.run(command, "--json", *words)
            # A watch writes a document a line: here an alert, and what ends the round.
            document, _ = json.JSONDecoder().raw_decode(ran.stdout)
            yield command, step, _made_up(document, str(program.home))


def _made_up(value: Any, home: str, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _made_up(inner, home, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_made_up(inner, home, name) for inner in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and _MEASURED.fullmatch(name):
        return 3
    if isinstance(value, str):
        value = value.replace(home, "/home/olga")
        for pattern, made_up in _MADE_UP:
            value = pattern.sub(made_up, value)
    return value


def _move(_: Program, sandbox: Sandbox) -> None:
    sandbox.move("did_101", application_id="app_maintenance")


def _call(program: Program, sandbox: Sandbox) -> None:
    at = sandbox.clock()
    body = webhook("call_123", "+15551230001", "app_maintenance", at)
    (program.home / "call.json").write_text(body)


def _watched(program: Program, sandbox: Sandbox) -> None:
    program.run("record", "did_102").ended(0)
    program.run("watch", "did_102", "--once").ended(0)
    sandbox.move("did_102", route_mode="reject")


def _put_back(_: Program, sandbox: Sandbox) -> None:
    sandbox.move("did_101", application_id="app_support")


def _saved(program: Program, _: Sandbox) -> None:
    (program.home / "saved.json").write_text(
        '{"id": "did_109", "application_id": "app_old", "route_mode": "webhook"}'
    )


_STORY: tuple[str | Callable[[Program, Sandbox], None], ...] = (
    "record did_101 -m 'before the winter menu' --tag pre",
    "record did_999",
    _move,
    "diff did_101 --to live",
    "log did_101",
    "show did_101",
    "list",
    _call,
    "evidence call.json",
    "restore did_101 --offline",
    "restore --all --to tag:pre --offline",
    "mark did_101 bad -m 'callers heard silence'",
    "note did_101 -m 'INC-4711'",
    "tag winter --at tag:pre",
    _put_back,
    "verify did_101 --to r1 --reads 1",
    "deploy did_101 --tag release-7 -- true",
    _watched,
    "watch did_102 --once",
    "status",
    _saved,
    "import saved.json --at 2026-05-30T00:00Z",
    "check",
    "prune --older-than 90d --dry-run",
    "mirror mirror.db",
    "db current",
    "config",
)


if __name__ == "__main__":
    PAGE.write_text(page())
