"""The live look of ``restore``: opens what it needs, and stores the answers."""

import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from changelog.cli.context import LogSource, capture_info, capture_settings, open_api
from changelog.cli.progress import Progress
from changelog.cli.secret_sources import usable
from changelog.commands.recording.capture import Fetch
from changelog.commands.recording.live_check import LiveCheck, look_live
from changelog.model.did_ref import Target
from changelog.model.errors import UsageError
from changelog.model.results.base import DidError, LiveLook


class TimeLimits(NamedTuple):
    """Seconds that all looks may take together, and that storing them may wait for another writer.

    `answer_s`: of one DID among many, so that those that hang leave time for the others.
    """

    looks_s: float
    lock_s: float
    answer_s: float | None = None


NAMED = TimeLimits(looks_s=2.0, lock_s=0.4)
FLEET = TimeLimits(looks_s=60.0, lock_s=5.0, answer_s=5.0)


def look(
    source: LogSource, targets: Sequence[Target], *, live: bool, every: bool
) -> Mapping[str, LiveCheck]:
    """Look at the live routes, or say why nobody looked: without a key, or where that went wrong.

    `live`: as long as it takes, and raising UsageError where nothing can be looked at. `every`: of
    a whole fleet.
    """
    if live:
        usable(source.settings.found_keys)
    elif not source.settings.has_key:
        return _not_looked(targets, "no_key", "no API key is set")
    try:
        return _look(source, targets, live=live, every=every)
    except UsageError as error:
        if live:
            raise
        return _not_looked(targets, error.code, error.message)
    except Exception as error:
        # Whatever is broken on this side, a restore that need not look answers from the log.
        if live or os.environ.get("CHANGELOG_DEBUG"):
            raise
        return _not_looked(targets, "bug", f"a bug in this program: {type(error).__name__}")


def _look(
    source: LogSource, targets: Sequence[Target], *, live: bool, every: bool
) -> dict[str, LiveCheck]:
    from changelog.system.shutdown import SHUTDOWN

    settings, limits = source.settings, FLEET if every else NAMED
    began = time.monotonic()
    # A Ctrl-C while this loads ends the look as soon as that begins to wait, and not the answer.
    with SHUTDOWN.deferred(raises=False):
        import changelog.api.client
    with Progress(len(targets)) as progress:
        progress.explain_waits(lambda: "the live route" if len(targets) == 1 else "the live routes")
        # The limit is for the whole wait: loading httpx counts too.
        left_s = None if live else limits.looks_s - (time.monotonic() - began)
        answer_limit_s = None if live else limits.answer_s
        api = open_api(settings, within_s=left_s, answer_limit_s=answer_limit_s)
        fetch = Fetch.begin(api, targets)
        if not every:
            # What storing the answer needs is loaded while that is on its way.
            with SHUTDOWN.deferred(raises=False):
                import changelog.store.writer  # noqa: F401

        return look_live(
            api,
            fetch,
            targets,
            capture_info(settings, "restore"),
            capture_settings(settings),
            partial(source.open_writer, limits.lock_s),
            progress.step,
            every=every,
        )


def _not_looked(targets: Sequence[Target], code: str, message: str) -> dict[str, LiveCheck]:
    live = LiveLook(error=DidError(code, message))
    return {target.requested: LiveCheck(live=live) for target in targets}
