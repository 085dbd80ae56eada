"""The live look of ``restore``: opens what it needs, and stores the answers."""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from changelog.cli.context import LogSource, capture_info, capture_settings, open_api
from changelog.cli.progress import Progress
from changelog.commands.recording.capture import Fetch
from changelog.commands.recording.live_check import (
    LiveCheck,
    look_live,
    no_answer_in_time,
    not_read,
)
from changelog.model.did_ref import Target
from changelog.model.exits import DidError
from changelog.model.results.restore import LiveLook

_FLEET_LOCK_PATIENCE_S = 5.0
"""Seconds that storing a batch of a fleet may wait for another writer."""
_FLEET_ANSWER_LIMIT_S = 5.0
"""Seconds for one DID of a fleet: many that hang leave time for the others."""


def look(
    source: LogSource,
    targets: Sequence[Target],
    patience_s: float | None,
    lock_patience_s: float,
    earlier: Collection[str] = (),
) -> dict[str, LiveCheck]:
    """Look at the DIDs named, which went to `earlier` applications.

    Raises UsageError for a key or URL that cannot be used.
    """
    settings = source.settings
    began = time.monotonic()
    with _loading():
        import changelog.api.client

    # A person that waits does not care what for: loading httpx counts too.
    left_s = None if patience_s is None else patience_s - (time.monotonic() - began)
    with Progress() as progress:
        progress.explain_waits(lambda: "the live route")
        api = open_api(settings, within_s=left_s)
        fetch = Fetch.begin(api, targets)
        # What storing the answers needs is loaded while they are on their way.
        with _loading():
            import changelog.store.writer  # noqa: F401

        return look_live(
            api,
            fetch,
            targets,
            capture_info(settings, "restore"),
            capture_settings(settings),
            lambda: source.open_writer(lock_patience_s),
            no_answer_in_time,
            earlier=earlier,
        )


def look_at_all(
    source: LogSource, targets: Sequence[Target], patience_s: float | None
) -> dict[str, LiveCheck]:
    """Look at a fleet, with progress. Raises UsageError for a key or URL that cannot be used."""
    settings = source.settings
    limit_s = None if patience_s is None else _FLEET_ANSWER_LIMIT_S
    with _loading():
        import changelog.api.client  # noqa: F401
    with Progress(len(targets)) as progress:
        progress.explain_waits(lambda: "the live routes")
        api = open_api(settings, answer_limit_s=limit_s, patience_s=patience_s)
        return look_live(
            api,
            Fetch.begin(api, targets),
            targets,
            capture_info(settings, "restore"),
            capture_settings(settings),
            lambda: source.open_writer(_FLEET_LOCK_PATIENCE_S),
            not_read,
            progress.step,
        )


@contextmanager
def _loading() -> Iterator[None]:
    """Keep a Ctrl-C back: it ends the look as soon as that begins to wait, and not the answer."""
    from changelog.system.shutdown import SHUTDOWN

    with suppress(KeyboardInterrupt), SHUTDOWN.deferred():
        yield


def not_looked(targets: Sequence[Target], code: str, message: str) -> dict[str, LiveCheck]:
    """Return why nobody looked, for each of `targets`."""
    live = LiveLook(error=DidError(code, message))
    return {target.requested: LiveCheck(live=live) for target in targets}
