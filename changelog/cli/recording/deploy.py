"""``changelog deploy``."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from changelog.cli import options
from changelog.cli.context import capture_info, clock, open_api, open_capture, open_reader
from changelog.cli.options import command, option
from changelog.cli.output import Output, tell, unexpected_error
from changelog.cli.progress import Progress
from changelog.cli.recording.given_files import read_expectations
from changelog.cli.settings import Settings
from changelog.commands.recording.capture import Capture
from changelog.commands.recording.deploy import DeployPorts, deploy
from changelog.commands.recording.deployment import Deployment, deployment
from changelog.commands.targets import refuse_split_numbers
from changelog.model.errors import UsageError
from changelog.model.history import CaptureInfo
from changelog.model.results.capture import CommandEnd, DeployCapture, DeployResult
from changelog.model.selectors import tag_name
from changelog.render import deploy as text
from changelog.system.foreground import cannot_start, run_in_foreground


class DeployCommand(TyperCommand):
    """Takes what stands behind the first ``--`` for the command to run, word for word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        place = args.index("--") if "--" in args else len(args)
        super().parse_args(ctx, args[:place])
        command = args[place + 1 :]
        ctx.args = command
        if not command and not ctx.resilient_parsing:
            raise UsageError(
                "there is no command to run",
                "Write it at the end, behind a --, such as: -- make deploy",
            )
        return command

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- CMD..."]


_TAG = option("--tag", "NAME", "Tag the two captures NAME:before and NAME:after.", ...)
_EXPECT = option("--expect", "FILE", "CSV file that says how each DID should route afterwards.")


@command(
    "changelog deploy --all --tag release-7 --expect routes.csv -- make deploy",
    (0, 2, 3, 4, 5, 6, 8, 130),
    more_help="\n\n\b\n  If CMD fails, its own exit code is returned in place of these:"
    "\n  not found: 127, not executable: 126, killed by signal N: 128 + N.",
    cls=DeployCommand,
)
def app(
    out: Output,
    settings: Settings,
    ctx: typer.Context,
    tag: str = _TAG,
    dids: list[str] | None = options.DIDS,
    every: bool = options.ALL,
    note: str | None = options.NOTE,
    ticket: str | None = options.TICKET,
    expect: str | None = _EXPECT,
) -> int:
    """Record, run CMD, record again and show what changed."""
    name, note = tag_name(tag), options.note_text(note)
    expected = None if expect is None else read_expectations(expect, stdin_is_ours=False)
    with open_reader(settings) as log:
        refuse_split_numbers(log, dids or ())
        plan = deployment(
            log,
            name,
            dids or [],
            every=every,
            expected=expected,
            file=expect or "",
        )
    open_api(settings)
    words = ctx.args
    if never := cannot_start(words):
        tell("changelog: {}: nothing was fetched, the tag is still free", never.error)
        return _answer(DeployResult(tag=name, command=never), out)
    plan = replace(plan, volatile=settings.volatile)
    info = replace(capture_info(settings, "deploy"), note=note, ticket=ticket)
    return _answer(_deploy(settings, plan, info, words, out), out)


def _deploy(
    settings: Settings,
    plan: Deployment,
    info: CaptureInfo,
    words: Sequence[str],
    out: Output,
) -> DeployResult:
    def capture(tag: str) -> AbstractContextManager[tuple[Capture, Progress]]:
        # The command may have rotated a key.
        anew = _with_keys_anew(settings)
        own = replace(info, tag=tag, started_at=clock())
        return open_capture(anew, own, len(plan.targets), by_name=not plan.every)

    def run_command() -> CommandEnd:
        out.tell("running {}", words[0])
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # As JSON, the answer alone is on stdout.
        ended = run_in_foreground(words, sys.stderr.fileno() if out.json else None)
        out.tell("{} {}", words[0], text.command_end(ended))
        return ended

    def on_captured(tag: str, report: DeployCapture) -> None:
        out.tell(f"{text.captured(tag, report)}")

    return deploy(
        plan,
        DeployPorts(
            capture=capture,
            log=partial(open_reader, settings),
            run=run_command,
            bug=unexpected_error,
            on_captured=on_captured,
        ),
    )


def _with_keys_anew(settings: Settings) -> Settings:
    """Return settings that read their keys when they are asked; a pipe can be read only once."""
    files = [Path(each.place) for each in settings.key_sources if each.source == "file"]
    return settings if any(file.is_fifo() for file in files) else replace(settings)


def _answer(result: DeployResult, out: Output) -> int:
    out.tell_conditions(result)
    return out.print("deploy", result, text.deploy)
