"""The live look of ``restore``: opens what it needs, and stores what it saw."""

import time
from collections.abc import Sequence

from changelog.cli.context import LogSource, capture_info, capture_settings, open_api
from changelog.cli.progress import Progress
from changelog.commands.recording.fleet_check import TimedApi, look_at_fleet, not_read
from changelog.commands.recording.live_check import LiveCheck, ask, remember
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.results.base import DidError
from changelog.model.results.restore import LiveLook

_FLEET_LOCK_PATIENCE_S = 5.0
"""Seconds that storing a batch of a fleet may wait for another writer."""
_FLEET_ANSWER_LIMIT_S = 5.0
"""Seconds for one DID of a fleet: many that hang leave time for the others."""


def look(
    source: LogSource,
    to_look_at: Sequence[Target],
    patience_s: float | None,
    lock_patience_s: float,
) -> dict[str, LiveCheck]:
    """Ask for `to_look_at` and keep what came. Raises UsageError for a bad key or URL."""
    settings = source.settings
    began = time.monotonic()
    # Before the thread begins: two threads that import at once can wait for one another.
    import changelog.api.client  # noqa: F401

    info = capture_info(settings, "restore")
    # A person that waits does not care what for: loading httpx counts too.
    left_s = None if patience_s is None else patience_s - (time.monotonic() - began)
    with Progress() as progress:
        progress.explain_waits(lambda: "the live route")
        looked = ask(
            lambda seconds_left: open_api(settings, seconds_left=seconds_left),
            to_look_at,
            left_s,
            _prepare,
        )
    return remember(
        looked,
        to_look_at,
        info,
        capture_settings(settings),
        lambda: source.open_writer(lock_patience_s),
    )


def look_at_all(
    source: LogSource, to_look_at: Sequence[Target], patience_s: float | None
) -> dict[str, LiveCheck]:
    """Look at a fleet, with progress. Raises UsageError for a bad key or URL."""
    settings = source.settings
    info = capture_info(settings, "restore")
    limit_s = None if patience_s is None else _FLEET_ANSWER_LIMIT_S
    try:
        with Progress(len(to_look_at)) as progress:
            progress.explain_waits(lambda: "the live routes")
            return look_at_fleet(
                TimedApi(open_api(settings, answer_limit_s=limit_s), patience_s),
                to_look_at,
                info,
                capture_settings(settings),
                lambda: source.open_writer(_FLEET_LOCK_PATIENCE_S),
                progress.step,
            )
    except KeyboardInterrupt:
        # Before the first answer: what the log says is still to be printed.
        return {target.requested: not_read(exits.INTERRUPTED) for target in to_look_at}


def not_looked(to_look_at: Sequence[Target], code: str, message: str) -> dict[str, LiveCheck]:
    """Nobody asked, and why."""
    live = LiveLook(error=DidError(code, message))
    return {target.requested: LiveCheck(live=live) for target in to_look_at}


def _prepare() -> None:
    """What storing the answer will need is loaded while the answer is on its way."""
    import changelog.store.writer  # noqa: F401
