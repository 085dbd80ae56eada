"""Each command that an answer gives to paste means the DID that it is about, in every medium."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from changelog.model.results.watch import ChangeContext, WatchAlert
from changelog.model.routing import Routing
from changelog.model.text.sanitize import name_log
from changelog.render.alerts.message import worded
from changelog.render.alerts.posts import SECTION, posts
from tests.logbook import Logbook
from tests.model.test_sanitize import words_in
from tests.program import Program

AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
IDS = {
    "shell": "`;touch X;`",
    "dash": "--all",
    "short option": "-x",
    "bidi": "\u202edid",
    "control": "did\x1b2J",
    "spaces": "did  1",
}


@pytest.fixture(params=list(IDS.values()), ids=list(IDS))
def did(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def program(sqlite_logbook: Logbook, did: str, tmp_path: Path) -> Program:
    """A DID that moved after the tag."""
    capture = sqlite_logbook.capture(tag="pre")
    sqlite_logbook.see("app_a", did=did, capture=capture)
    capture.close()
    sqlite_logbook.see("app_b", did=did)
    return Program(tmp_path / "home", key="", database=sqlite_logbook.location)


def commands(form: str, text: str) -> list[str]:
    """What stands as code and begins like a command."""
    match form:
        case "html":
            spans = [html.unescape(span) for span in re.findall("<code>(.*?)</code>", text)]
        case "text":
            spans = re.findall(r"(?m)(changelog (?:restore|verify|mark|diff) .*)$", text)
        case _:
            spans = re.findall("`([^`\n]*)`", text)
    return [span for span in spans if span.startswith("changelog ") and "--cards" not in span]


@pytest.mark.parametrize("form", ["text", "chat", "markdown", "html"])
@pytest.mark.parametrize("scope", ["one", "all"])
def test_a_pasted_command_is_about_the_did(
    program: Program, did: str, form: str, scope: str
) -> None:
    named = ["--all"] if scope == "all" else []
    behind = [] if scope == "all" else ["--", did]
    line = ["restore", *named, "--to", "tag:pre", "--offline", "--format", form, *behind]
    pasted = commands(form, program.run(*line).ended(0).stdout)
    assert len(pasted) >= 3
    for command, words in zip(pasted, words_in(*pasted), strict=True):
        assert did in [name.removesuffix("@r2") for name in words], command
        assert words.index("--") if did.startswith("-") else "--" not in words


@pytest.mark.parametrize("form", ["text", "chat", "markdown", "html", "json"])
@pytest.mark.parametrize(
    ("destination", "is_shown"),
    [
        ("sip:support@pbx.example", True),
        ("https://user:s3cret@voice.example/a", False),
        ("https://voice.example/a?token=s3cret", False),
    ],
)
def test_a_destination_that_is_masked_stands_in_no_command(
    sqlite_logbook: Logbook, tmp_path: Path, form: str, destination: str, is_shown: bool
) -> None:
    sqlite_logbook.see("app_a", "sip", destination)
    sqlite_logbook.see("app_a", "sip", "sip:other@pbx.example")
    program = Program(tmp_path / "home", key="", database=sqlite_logbook.location)
    line = ["restore", "did_1", "--offline", "--format", form]
    ran = program.run(*line).ended(0)
    said = html.unescape(re.sub("<[^>]*>", "", ran.stdout)) if form == "html" else ran.stdout
    if form == "json":
        # What is stored stands whole beside them.
        said = "\n".join(ran.json["dids"][0]["steps"])
    assert "s3cret" not in said
    assert "state it, once it is back" in said
    assert (f"changelog record did_1 --destination {destination}" in said) is is_shown
    assert ("--destination https" in said) is False
    assert ("--format plain gives it whole" in said) is not is_shown


@pytest.mark.parametrize("form", ["text", "chat", "markdown", "html", "json"])
def test_advice_without_a_target_names_the_log_and_sets_off_the_commands_alone(
    sqlite_logbook: Logbook, tmp_path: Path, form: str
) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    sqlite_logbook.judge("bad", 1)
    named = f"--db {sqlite_logbook.location}"
    program = Program(tmp_path / "home", key="")
    ran = program.run("restore", "did_1", "--offline", "--format", form, *named.split()).ended(5)
    wanted = [
        f"changelog mark did_1@r1 good -m 'WHY' {named}",
        f"changelog restore did_1 --to r1 {named}",
        f"changelog import FILE --at T {named}",
    ]
    if form in ("text", "json"):
        advice = ran.json["dids"][0]["error"]["hint"] if form == "json" else ran.stdout
        assert all(command in advice for command in wanted)
    else:
        assert commands(form, ran.stdout)[:3] == wanted


def alert_about(*dids: str) -> WatchAlert:
    routing, count = Routing("app_b", "webhook"), len(dids)
    alert = WatchAlert(
        event="changed", id=1, at=AT, watch="w", routing=routing, count=count, rerouted=dids
    )
    if count == 1:
        alert = replace(alert, did=dids[0], revision=2)
    else:
        alert = replace(alert, event="many", of="changed", dids=dids)
    return worded(alert)


def slack_section(alert: WatchAlert) -> str:
    body = json.loads(posts("slack", alert, None)[0].body)
    return html.unescape(body["blocks"][0]["text"]["text"])


@pytest.fixture
def named_log() -> Iterator[None]:
    """As if the program was run with ``--db a.db``."""
    name_log(" --db a.db")
    yield
    name_log("")


def test_an_alert_in_slack_gives_the_command_as_it_is(did: str, named_log: None) -> None:
    alert = alert_about(did)
    for text in (alert.text, slack_section(alert)):
        assert commands("slack", text) == [alert.restore]
    assert sorted(*words_in(alert.restore or "")) == sorted(
        ["restore", "--db", "a.db", did, *(["--"] if did.startswith("-") else [])]
    )


@pytest.mark.parametrize(("length", "times"), [(250, 1), (1200, 0)])
def test_a_command_in_an_alert_is_whole_or_not_there(length: int, times: int) -> None:
    alert = alert_about(*(str(place) * length for place in range(1, 6)))
    section = slack_section(alert)
    assert len(section) <= SECTION
    assert commands("slack", section) == [alert.restore] * times
    if not times:
        assert "changelog restore" not in posts("teams", alert, None)[0].body.decode()


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_a_long_note_takes_no_room_from_the_command(kind: str) -> None:
    inside = ChangeContext("record", "olga", note="release notes " * 700)
    alert = worded(replace(alert_about("did_1"), inside=inside))
    body = posts(kind, alert, None)[0].body.decode()
    assert "changelog restore did_1" in body
    assert len(body) < 28_000


def restored(program: Program, *words: str) -> Any:
    """The card of the one DID."""
    return json.loads(program.run("restore", "--json", *words).ended(0).stdout)["dids"][0]


def test_what_is_pasted_runs(program: Program, did: str) -> None:
    """The undo of a card, as a shell passes it on."""
    card = restored(program, "--offline", "--to", "tag:pre", "--", did)
    undo, mark_bad = words_in(card["undo"], card["mark_bad"])
    assert undo[0] == "restore"
    assert restored(program, "--offline", *undo[1:])["did"] == did
    program.run(*mark_bad).ended(0)
