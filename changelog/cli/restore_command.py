"""``changelog restore``."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.opening import capture_info, clock, open_api, open_log, open_writer, reading
from changelog.cli.output import Output, output, say, tell, tell_error
from changelog.cli.settings import Settings, load_settings
from changelog.commands.look import Look, ask, remember
from changelog.commands.restore import Asked, parsed, restore, restore_all
from changelog.commands.subjects import targets
from changelog.core.errors import UsageError
from changelog.core.exits import exit_code
from changelog.core.ports import Target
from changelog.core.results import DidError, LiveLook, RestoreResult
from changelog.render import card

app = options.command_app()

PATIENCE_S = 2.0
"""Seconds of wall time that the live look may take of somebody who waits for the answer."""
LOCK_PATIENCE_S = 0.4
"""Seconds that storing the look may wait for another writer."""


@app.command(epilog=options.epilog("changelog restore +15551230001", (0, 2, 3, 5, 6, 8)))
def run(
    dids: options.Dids = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Every DID whose routing differs from --to; needs --to."),
    ] = False,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="SEL", help="Which revision; default: the restore rule's."),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Wait for the live look; exit 3 or 6 if it fails.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask the log alone.")] = False,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="text (default), json or plain."),
    ] = None,
) -> int:
    """The previous routing target, and how to put it back. Changes nothing by itself."""
    out = output(json, format_name, ("text", "json", "plain"))
    if live and offline:
        raise UsageError("--live and --offline exclude each other", "Choose one.")
    if every and dids:
        raise UsageError("--all and named DIDs exclude each other", "Choose one.")
    settings = load_settings(db, config)
    now = clock()
    parsed(to, now)
    with open_log(settings) as book:
        if every:
            wanted = [Target(did, did) for did, _ in book.dids()] if live else []
        else:
            wanted = targets(book, dids or [], every=False)
        looks = _looks(settings, wanted, live=live, offline=offline or (every and not live))
    asked = Asked(to, settings.paste_options)
    with open_log(settings) as book:
        if every:
            result = restore_all(book, looks, asked, now, must_look=live)
        else:
            result = restore(book, wanted, looks, asked, now, must_look=live)
    return _print(result, out)


def _looks(
    settings: Settings, wanted: Sequence[Target], *, live: bool, offline: bool
) -> Mapping[str, Look]:
    """Look at the live routes, as long as that may take."""
    if live:
        settings.key()
    if offline or not wanted:
        return {}
    if not settings.has_key:
        unseen = LiveLook(error=DidError("no_key", "no API key is set"))
        return {target.requested: Look(live=unseen) for target in wanted}
    try:
        return _look(settings, wanted, live=live)
    except UsageError as error:
        if live:
            raise
        unseen = LiveLook(error=DidError(error.code, error.message, hint=error.hint))
        return {target.requested: Look(live=unseen) for target in wanted}


def _look(settings: Settings, wanted: Sequence[Target], *, live: bool) -> dict[str, Look]:
    info = capture_info(settings, "restore")
    looked = ask(
        lambda: open_api(settings, quick=not live), wanted, None if live else PATIENCE_S, _prepare
    )
    return remember(
        looked,
        wanted,
        info,
        reading(settings),
        lambda: open_writer(settings, busy_timeout_s=LOCK_PATIENCE_S),
    )


def _prepare() -> None:
    """What storing the answer will need is loaded while the answer is on its way."""
    import changelog.storage.writer  # noqa: F401


def _print(result: RestoreResult, out: Output) -> int:
    if out.format == "plain":
        say(card.plain(result))
        for line in card.asides(result):
            tell(f"changelog: {line}")
        return exit_code(result.conditions)
    if not out.json:
        for one in result.dids:
            if one.error is not None:
                tell_error(one.error)
    return out.answer("restore", result, card.cards)
