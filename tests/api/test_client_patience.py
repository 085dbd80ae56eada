"""How long one answer may take is a setting, and is said to whoever waits."""

from pathlib import Path

import pytest

from changelog.cli import context
from changelog.cli.output import begin_warnings
from changelog.cli.settings import load_settings
from tests.program import Program
from tests.wire import Wire, stays_silent


def test_a_server_that_says_nothing_is_given_up_after_the_time_that_was_set(tmp_path: Path) -> None:
    (tmp_path / "changelog.toml").write_text('answer_limit = "1s"\n')
    with Wire(stays_silent) as wire:
        program = Program(tmp_path / "home", api=wire.url)
        ran = program.run("record", "did_1", "--config", str(tmp_path / "changelog.toml")).ended(6)
        # /applications is asked for beside it, once. A second attempt may be under way at the end.
        assert len(wire.connections) <= 3
    assert "timeout: no whole answer came within the time limit" in ran.stdout


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "changelog: waiting for the API, 45 s at most for each DID (answer_limit)\n"),
        (
            'answer_limit = "2m"',
            "changelog: waiting for the API, 2 min at most for each DID (answer_limit)\n",
        ),
        ('rate = "1/min"', ""),
    ],
)
def test_whoever_waits_is_told_once_for_how_long(
    content: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "changelog.toml").write_text(content)
    settings = load_settings(str(tmp_path / "a.db"), str(tmp_path / "changelog.toml"))
    begin_warnings(wait=False)
    for _ in range(2):
        context._tell_silence(settings)
    assert capsys.readouterr().err == expected


def test_where_json_is_wanted_nothing_stands_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(str(tmp_path / "a.db"))
    begin_warnings(wait=True)
    context._tell_silence(settings)
    begin_warnings(wait=False)
    assert capsys.readouterr().err == ""
