"""``changelog restore``: the command of 3 a.m. What it does not need, it does not import."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from changelog.cli import completion, options
from changelog.cli.context import LogSource, clock, names_in_log, open_nothing
from changelog.cli.options import command, flag, option
from changelog.cli.output import TOLD_FORMATS, Output, say
from changelog.cli.settings import Settings
from changelog.commands.answers.restore import (
    RestoreInput,
    named_targets,
    restore_named,
    restore_without_log,
    with_refused,
)
from changelog.commands.targets import targets
from changelog.model.errors import DatabaseLost, UsageError
from changelog.model.results.restore import RestoreResult
from changelog.model.routing import EVERYWHERE, Where
from changelog.render.restore import card
from changelog.render.style import BLANK
from changelog.render.text import as_text

if TYPE_CHECKING:
    from datetime import datetime

    from changelog.commands.recording.live_check import LiveCheck
    from changelog.model.did_ref import Target
    from changelog.store.reader import LogReader

_TO = option(
    "--to",
    "SEL",
    "Revision to go back to (default: by the restore rule, above).",
    autocompletion=completion.selectors,
)
_LIVE = flag("--live", "Do not answer from the log alone; exit 3 or 6 if the API cannot be read.")


@command("changelog restore +15551230001", (0, 2, 3, 5, 6, 8, 130), (*TOLD_FORMATS, "plain"))
def app(
    out: Output,
    settings: Settings,
    dids: list[str] | None = options.DIDS,
    every: bool = flag("--all", "Every DID whose routing differs from --to; needs --to."),
    file: str | None = options.FILE,
    to: str | None = _TO,
    application: str | None = options.POINTED_TO,
    route_mode: str | None = options.POINTED_MODE,
    with_cards: bool = flag("--cards", "With --all, print a card for each DID too."),
    group: str | None = option(
        "--group", "NAME", "With --all, show only the group with this name."
    ),
    live: bool = _LIVE,
    offline: bool = flag("--offline", "Use only the log; do not contact the API."),
) -> int:
    """Show the previous routing and how to put it back. This changes no routing.

    It asks the API first and records the answer. If the API does not answer in time, the answer
    comes from the log, and says so.

    The restore rule: the newest earlier routing that differs from the current one, was not judged
    bad and was not rolled back.
    """
    source = LogSource(settings)
    names, refused = names_in_log(source, dids, file)
    # The looks take time: a moment such as 2h ago means the same before and after them.
    now = clock()
    where = Where(application, route_mode)
    asked = _Asked(names, every, to, now, where, group, with_cards, live)
    _check(asked, offline=offline)
    options.echo_times(out, now, day_end=to)
    try:
        was_missing = settings.location.is_missing
        checks = {} if offline else _look_at_all(source, asked, out)
        given = RestoreInput(checks, live, clock(), settings.volatile)

        def print_result(log: "LogReader") -> int:
            if was_missing and not log.is_missing:
                began = "there was no log at {}: this look began one. Is that the path?"
                out.tell(began, log.place)
            with log.one_state():
                # What a card shows of its revisions may still have to be read.
                return _print(with_refused(_result(log, asked, given), refused), out)

        return source.read(print_result)
    except DatabaseLost as lost:
        if offline or every:
            raise
        return _print(with_refused(_without_log(source, asked, lost), refused), out)


class _Asked(NamedTuple):
    """What the command is given, and when: `names` or, with `every`, those `where` they point."""

    names: Sequence[str]
    every: bool
    to: str | None
    now: "datetime"
    where: Where
    group: str | None
    with_cards: bool
    live: bool


def _check(asked: _Asked, *, offline: bool) -> None:
    if asked.live and offline:
        raise UsageError("--live and --offline cannot be combined", "Choose one.")
    if asked.every and asked.names:
        raise UsageError("--all and named DIDs cannot be combined", "Choose one.")
    if asked.every and asked.to is None:
        raise UsageError(
            "restore --all needs a moment to go back to",
            "Give one: --to tag:NAME, or a time (2026-11-23T14:00Z, 2h ago).",
        )
    if not asked.every and not (asked.where.everywhere and asked.group is None):
        raise UsageError(
            "--application, --route-mode and --group choose from the fleet",
            "Use them with --all --to SEL.",
        )
    if asked.group is not None:
        from changelog.commands.answers.restore_groups import check_group_name

        check_group_name(asked.group)


def _look(
    source: LogSource, targets: Sequence["Target"], asked: _Asked
) -> Mapping[str, "LiveCheck"]:
    # It brings in the API, which --offline does without.
    from changelog.cli.recording.live_check import look

    return look(source, targets, live=asked.live, every=asked.every)


def _look_at_all(source: LogSource, asked: _Asked, out: Output) -> Mapping[str, "LiveCheck"]:
    if asked.every:
        return _look_at_fleet(source, asked, out)
    named = source.read(lambda log: named_targets(log, asked.names, asked.to, asked.now))
    return _look(source, named, asked)


def _look_at_fleet(source: LogSource, asked: _Asked, out: Output) -> Mapping[str, "LiveCheck"]:
    """Say what the log says, then look at the live routes, those first that differ by the log."""
    from changelog.commands.answers.fleet_then import compare_fleet
    from changelog.commands.answers.restore_to import parse_to

    to = asked.to or ""

    def read(log: "LogReader") -> Mapping[str, "LiveCheck"]:
        selector = parse_to(log, to, asked.now, every=True)
        with log.one_state():
            chosen = compare_fleet(log, to, selector, asked.where)
            wanted = chosen.targets(log)
            others: list[Target] = []
            if not asked.where.everywhere:
                # Any other may point there now.
                every = compare_fleet(log, to, selector, EVERYWHERE)
                named = set(chosen.dids())
                targets = every.targets(log)
                others = [target for target in targets if target.did not in named]
        if asked.live or source.settings.has_key:
            hidden = len(chosen.not_visible)
            more = f", and {hidden} more not visible (404)" if hidden else BLANK
            out.tell(
                f"by the log, {{}} of {{}} DIDs differ from {{}}{more}; looking at the live routes",
                len(chosen.moved),
                len(wanted),
                to,
            )
        return _look(source, [*wanted, *others], asked)

    # While the log is open, SQLite need not clear up after each transaction of the looks.
    return source.read(read)


def _result(log: "LogReader", asked: _Asked, given: RestoreInput) -> RestoreResult:
    to, now = asked.to, asked.now
    if not asked.every:
        return restore_named(log, named_targets(log, asked.names, to, now), given, to, now)
    from changelog.commands.answers.restore_all import restore_all

    result = restore_all(log, given, to or "", now, asked.where, asked.group)
    return replace(result, with_cards=asked.with_cards)


def _without_log(source: LogSource, asked: _Asked, lost: DatabaseLost) -> RestoreResult:
    """Return what a live look shows while the database is down."""
    with open_nothing(source.settings) as no_log:
        if asked.to is not None:
            from changelog.commands.answers.restore_to import parse_to

            # Nothing can be selected, but one that is mistyped is refused.
            parse_to(no_log, asked.to, asked.now)
        named = targets(no_log, asked.names, every=False)
        checks = _look(source, named, asked)
        given = RestoreInput(checks, asked.live, clock(), source.settings.volatile)
        return replace(restore_without_log(no_log, named, given, lost), to=asked.to)


def _print(result: RestoreResult, out: Output) -> int:
    parts = card.parts
    if result.counts is not None or out.format in ("plain", "csv"):
        from changelog.render.restore import fleet

        parts = fleet.parts
    if out.format in ("plain", "csv"):
        asides = list(fleet.asides(result))
        if out.format == "plain":
            say(fleet.plain(result))
        out.tell_asides(asides)
    else:
        # A card says its own error; of an unknown DID there is none.
        out.tell_errors(unknown.error for unknown in result.unknown)
    nothing_shown = result.dids and not result.cards
    if out.format == "plain" or (out.format == "text" and nothing_shown):
        return result.exit_code
    return out.print("restore", result, as_text(parts))
