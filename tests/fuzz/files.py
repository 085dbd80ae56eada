"""Files that somebody names: settings, expectations, saved answers, webhooks, lists."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from changelog.cli import settings_file
from changelog.commands import annotations
from changelog.commands.recording.saved_responses import SavedBody, SavedFile, answer_of, bodies_in
from changelog.commands.recording.verification_targets import parse_expectations
from changelog.commands.targets import named_in
from changelog.model.did_ref import is_storable
from changelog.model.errors import UsageError
from changelog.model.text.sanitize import escape, list_line
from tests.fuzz.draw import Draw
from tests.program import invisible_in

AT = datetime(2026, 11, 23, tzinfo=UTC)


def run(data: bytes) -> None:
    draw = Draw(data)
    read = draw.one_of(KINDS)
    with suppress(UsageError):
        read(draw.rest())


def _settings(content: bytes) -> None:
    path = Path("changelog.toml")
    found = settings_file._checked(path, None, settings_file._parsed(path, content))
    for value in found.values.values():
        assert "\0" not in str(value)
    assert all("\0" not in one.place for one in found.keys)


def _expectations(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    rows = parse_expectations(text, "routes.csv")
    assert rows
    assert all(row.name for row in rows)
    assert len({row.name for row in rows}) == len(rows)


def _saved(content: bytes) -> None:
    for item in bodies_in(SavedFile("saved.json", content)):
        if isinstance(item, SavedBody):
            answer = answer_of(item, AT)
            assert answer.did is not None
            assert is_storable(answer.did)
            assert "\0" not in answer.body
            answer.body.encode()
        else:
            assert invisible_in(escape(str(item)), "") == []


def _webhooks(content: bytes) -> None:
    for place, body in annotations._bodies(SavedFile("calls.json", content)):
        assert place
        assert body in content or body == content


def _list(content: bytes) -> None:
    lines = list(named_in(content.decode("utf-8", "replace").splitlines()))
    assert all(name for _, name in lines)
    again = list(named_in(list_line(name) for _, name in lines))
    assert [name for _, name in again] == [name for _, name in lines]


KINDS: tuple[Callable[[bytes], None], ...] = (_settings, _expectations, _saved, _webhooks, _list)
