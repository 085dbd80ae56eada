"""``changelog restore``: the command of 3 a.m. What it does not need, it does not import."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from changelog.cli import completion, options
from changelog.cli.context import LogSource, clock, names_in_log, open_nothing
from changelog.cli.options import command, flag, option
from changelog.cli.output import TOLD_FORMATS, Output, say, tell, tell_error
from changelog.cli.secret_sources import usable
from changelog.cli.settings import Settings
from changelog.commands.answers.restore import (
    Circumstances,
    restore,
    with_refused,
)
from changelog.commands.targets import did_error, targets
from changelog.model.did_ref import Target
from changelog.model.errors import DatabaseLost, NothingError, UsageError
from changelog.model.exits import INTERRUPTED, NOTHING_RECORDED, UNKNOWN_DID
from changelog.model.results.restore import RestoreResult
from changelog.model.routing import Where
from changelog.render import card
from changelog.render.style import BLANK
from changelog.render.text import as_text

if TYPE_CHECKING:
    from datetime import datetime

    from changelog.commands.recording.live_check import LiveCheck
    from changelog.model.history import History
    from changelog.model.ports import Log
    from changelog.model.restore_rule import RestoreDecision
    from changelog.store.reader import LogReader

FLEET_PATIENCE_S = 60.0
"""Seconds that the looks at a whole fleet may take."""
PATIENCE_S = 2.0
"""Seconds of wall time that the live look may take of somebody who waits for the answer."""
LOCK_PATIENCE_S = 0.4
"""Seconds that storing the look may wait for another writer."""

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
    if not every and not (where.everywhere and group is None):
        raise _of_the_fleet_only()
    _check_group(group)
    # The looks take time: a moment such as 2h ago means the same before and after them.
    now = clock()
    if not out.json:
        options.echo_times(now, day_ends=(to,))
    try:
        if offline:
            looks: Mapping[str, LiveCheck] = {}
        elif every:
            looks = _fleet_looks(source, to or "", now, where, out, live=live)
        else:
            several = settings.several_keys
            named = partial(targets, names=names, every=False, with_key=several)
            looks = _looks(source, source.read(named), live=live)
        given = Circumstances(looks, live, settings.paste_options, clock())

        def answer(log: "LogReader") -> int:
            with log.one_state():
                result = _result(log, names, given, to, now, where if every else None)
                if every:
                    result = _shaped(result, group, with_cards=with_cards)
                result = with_refused(result, refused)
                # What a card shows of its revisions may still have to be read.
                return _print(result, out)

        return source.read(answer)
    except DatabaseLost as lost:
        if offline or every or to is not None:
            raise
        alone = _live_alone(source, names, live=live, lost=lost)
        return _print(with_refused(alone, refused), out)


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


def _check_group(group: str | None) -> None:
    if group is not None:
        from changelog.commands.answers.restore_all import check_group_name

        check_group_name(group)


def _of_the_fleet_only() -> UsageError:
    return UsageError(
        "--application, --route-mode and --group choose from the fleet",
        "Use them with --all --to SEL.",
    )


def _result(
    log: "Log",
    names: Sequence[str],
    given: Circumstances,
    to: str | None,
    now: "datetime",
    where: Where | None,
) -> RestoreResult:
    """`where`: of the whole fleet, those that point there; None for the DIDs named."""
    if to is None:
        return restore(log, targets(log, names, every=False), given)
    from changelog.commands.answers.restore_all import parse_to, restore_all, restore_to

    selector = parse_to(log, to, now, every=where is not None)
    if where is not None:
        return restore_all(log, given, to, selector, where)
    return restore_to(log, targets(log, names, every=False), given, to, selector)


def _shaped(result: RestoreResult, group: str | None, *, with_cards: bool) -> RestoreResult:
    """Of a fleet's answer, what was asked for."""
    from changelog.commands.answers.restore_all import only_group

    shaped = result if group is None else only_group(result, group)
    return replace(shaped, with_cards=with_cards)


def _live_alone(
    source: LogSource, names: Sequence[str], *, live: bool, lost: DatabaseLost
) -> RestoreResult:
    """What the live route is, while no log can be read. Raises `lost` where that is unknown too."""
    unknown = NothingError(
        lost.code,
        "only the live route is known, and no earlier one: the log cannot be read",
        f"{lost.message}. {lost.hint} Where a mirror of it is kept: --db FILE.",
    )

    def choose(_: "History") -> "RestoreDecision":
        raise unknown

    with open_nothing(source.settings) as log:
        wanted = targets(log, names, every=False)
        looks = _looks(source, wanted, live=live)
        given = Circumstances(looks, live, source.settings.paste_options, clock())
        result = restore(log, wanted, given, choose)
    if not any(card.current for card in result.dids) and INTERRUPTED not in result.conditions:
        raise lost
    conditions = {*result.conditions, lost.code} - {UNKNOWN_DID, NOTHING_RECORDED}
    return replace(
        result,
        dids=tuple(
            replace(card, error=did_error(unknown if card.current else lost))
            for card in result.dids
        ),
        conditions=tuple(sorted(conditions)),
    )


def _fleet_looks(
    source: LogSource, to: str, now: "datetime", where: Where, out: Output, *, live: bool
) -> Mapping[str, "LiveCheck"]:
    """Say what the log says, then look at the live routes, those first that differ by the log."""
    from changelog.cli.recording.live_check import look_at_all
    from changelog.commands.answers.restore_all import compare_fleet, parse_to

    settings = source.settings

    def look(log: "LogReader") -> Mapping[str, "LiveCheck"]:
        several = settings.several_keys
        with log.one_state():
            fleet = compare_fleet(log, to, parse_to(log, to, now, every=True), where)
            wanted = [
                Target(did, did, key=log.key_of(did) if several else None)
                for did in fleet.moved_first
            ]
        if not out.json and (live or settings.has_key):
            hidden = len(fleet.not_visible)
            more = f", and {hidden} more not visible (404)" if hidden else BLANK
            tell(
                f"changelog: by the log, {{}} of {{}} DIDs differ from {{}}{more};"
                " looking at the live routes",
                len(fleet.moved),
                len(wanted),
                to,
            )
        patience_s = None if live else FLEET_PATIENCE_S
        return _tried(settings, wanted, lambda: look_at_all(source, wanted, patience_s), live=live)

    # While the log is open, SQLite need not clear up after each transaction of the looks.
    return source.read(look)


def _looks(source: LogSource, wanted: Sequence[Target], *, live: bool) -> Mapping[str, "LiveCheck"]:
    """Look at the live routes of the DIDs named, as long as that may take."""
    from changelog.cli.recording.live_check import look

    patience_s = None if live else PATIENCE_S
    return _tried(
        source.settings,
        wanted,
        lambda: look(source, wanted, patience_s, LOCK_PATIENCE_S),
        live=live,
    )


def _tried(
    settings: Settings,
    wanted: Sequence[Target],
    look: Callable[[], Mapping[str, "LiveCheck"]],
    *,
    live: bool,
) -> Mapping[str, "LiveCheck"]:
    """Look, or say why nobody looked: without a key, or where that went wrong."""
    from changelog.cli.recording.live_check import not_looked

    if live:
        usable(settings.found_keys)
    elif not settings.has_key:
        return not_looked(wanted, "no_key", "no API key is set")
    try:
        return look()
    except UsageError as error:
        if live:
            raise
        return not_looked(wanted, error.code, error.message)
    except Exception as error:
        # Whatever is broken on this side, a restore that need not look answers from the log.
        if live or os.environ.get("CHANGELOG_DEBUG"):
            raise
        return not_looked(wanted, "bug", f"a bug in this program: {type(error).__name__}")


def _print(result: RestoreResult, out: Output) -> int:
    parts = card.parts
    if result.counts is not None or out.format in ("plain", "csv"):
        from changelog.render import fleet

        parts = fleet.parts
    if out.format in ("plain", "csv"):
        asides = list(fleet.asides(result))
        if out.format == "plain":
            say(fleet.plain(result))
        for aside in asides:
            tell("changelog: {}", aside)
    elif not out.json:
        for restored in result.dids:
            # A card says its own error; of an unknown DID there is none.
            if restored.error is not None and restored.current is None:
                tell_error(restored.error)
    nothing_shown = result.dids and all(restored.current is None for restored in result.dids)
    if out.format == "plain" or (out.format == "text" and nothing_shown):
        return result.exit_code
    return out.answer("restore", result, as_text(parts))
