"""``changelog restore``: the command of 3 a.m. What it does not need, it does not import."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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
    where = Where(application, route_mode)
    source = LogSource(settings)
    names, refused = names_in_log(source, dids, file)
    _check(names, every=every, to=to, live=live, offline=offline)
    _check_choice(where, group, every=every)
    # The looks take time: a moment such as 2h ago means the same before and after them.
    now = clock()
    options.echo_times(out, now, day_end=to)
    try:
        was_missing = settings.location.is_missing
        if offline:
            checks: Mapping[str, LiveCheck] = {}
        elif every:
            checks = _look_at_fleet(source, to or "", now, where, out, live=live)
        else:
            checks = _look_at_named(source, names, to, now, live=live)
        given = RestoreInput(checks, live, clock(), settings.volatile)

        def print_result(log: "LogReader") -> int:
            if was_missing and not log.is_missing:
                out.tell(
                    "there was no log at {}: this look began one. Is that the path?", log.place
                )
            with log.one_state():
                if every:
                    from changelog.commands.answers.restore_all import restore_all

                    result = restore_all(log, given, to or "", now, where, group)
                    result = replace(result, with_cards=with_cards)
                else:
                    result = restore_named(log, named_targets(log, names, to, now), given, to, now)
                # What a card shows of its revisions may still have to be read.
                return _print(with_refused(result, refused), out)

        return source.read(print_result)
    except DatabaseLost as lost:
        if offline or every:
            raise
        with open_nothing(settings) as no_log:
            if to is not None:
                _refuse_bad_selector(no_log, to, now)
            named = targets(no_log, names, every=False)
            checks = _look(source, named, live=live)
            given = RestoreInput(checks, live, clock(), settings.volatile)
            alone = replace(restore_without_log(no_log, named, given, lost), to=to)
        return _print(with_refused(alone, refused), out)


def _refuse_bad_selector(no_log: "LogReader", to: str, now: "datetime") -> None:
    from changelog.commands.answers.restore_to import parse_to

    parse_to(no_log, to, now)


def _check(names: Sequence[str], *, every: bool, to: str | None, live: bool, offline: bool) -> None:
    if live and offline:
        raise UsageError("--live and --offline cannot be combined", "Choose one.")
    if every and names:
        raise UsageError("--all and named DIDs cannot be combined", "Choose one.")
    if every and to is None:
        raise UsageError(
            "restore --all needs a moment to go back to",
            "Give one: --to tag:NAME, or a time (2026-11-23T14:00Z, 2h ago).",
        )


def _check_choice(where: Where, group: str | None, *, every: bool) -> None:
    if not every and not (where.everywhere and group is None):
        raise UsageError(
            "--application, --route-mode and --group choose from the fleet",
            "Use them with --all --to SEL.",
        )
    if group is not None:
        from changelog.commands.answers.restore_groups import check_group_name

        check_group_name(group)


def _look(
    source: LogSource, targets: Sequence["Target"], *, live: bool, every: bool = False
) -> Mapping[str, "LiveCheck"]:
    # It brings in the API, which --offline does without.
    from changelog.cli.recording.live_check import look

    return look(source, targets, live=live, every=every)


def _look_at_named(
    source: LogSource, names: Sequence[str], to: str | None, now: "datetime", *, live: bool
) -> Mapping[str, "LiveCheck"]:
    named = source.read(lambda log: named_targets(log, names, to, now))
    return _look(source, named, live=live)


def _look_at_fleet(
    source: LogSource, to: str, now: "datetime", where: Where, out: Output, *, live: bool
) -> Mapping[str, "LiveCheck"]:
    """Say what the log says, then look at the live routes, those first that differ by the log."""
    from changelog.commands.answers.fleet_then import compare_fleet
    from changelog.commands.answers.restore_to import parse_to

    settings = source.settings

    def read(log: "LogReader") -> Mapping[str, "LiveCheck"]:
        selector = parse_to(log, to, now, every=True)
        with log.one_state():
            chosen = compare_fleet(log, to, selector, where)
            wanted = chosen.targets(log)
            others: list[Target] = []
            if not where.everywhere:
                # Any other may point there now.
                every = compare_fleet(log, to, selector, EVERYWHERE)
                named = set(chosen.dids())
                targets = every.targets(log)
                others = [target for target in targets if target.did not in named]
        if live or settings.has_key:
            hidden = len(chosen.not_visible)
            more = f", and {hidden} more not visible (404)" if hidden else BLANK
            out.tell(
                f"by the log, {{}} of {{}} DIDs differ from {{}}{more}; looking at the live routes",
                len(chosen.moved),
                len(wanted),
                to,
            )
        return _look(source, [*wanted, *others], live=live, every=True)

    # While the log is open, SQLite need not clear up after each transaction of the looks.
    return source.read(read)


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
