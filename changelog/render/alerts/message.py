"""An alert of ``watch`` as a message: what happened, inside what, what to paste, where to look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from changelog.model.did_ref import is_safe_in_path
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import rfc3339
from changelog.render import chat
from changelog.render.alerts import watching
from changelog.render.style import Sentence, Words, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.results.watch import ChangeContext, WatchAlert

_AN_INSTANT = timedelta(microseconds=1)
_EVENTS = {
    "changed": "Routing changed",
    "unreadable": "Cannot be read",
    "recovered": "Readable again",
    "silent": "The API is silent",
}


def worded(alert: WatchAlert, options: str = "", public_url: str | None = None) -> WatchAlert:
    """Return the alert with what it says in words, with the command to paste and the link.

    `options`: what a command needs to meet the same log. `public_url`: where the pages are.
    """
    alert = replace(
        alert,
        message=str(show(watching.sentence(alert))),
        restore=_restore(alert, options),
        link=None if public_url is None else f"{public_url.rstrip('/')}/{_page(alert)}",
    )
    lines = [*map(chat.put, message(alert)), *([alert.link] if alert.link else [])]
    return replace(alert, text="\n".join(lines))


def title(alert: WatchAlert) -> str:
    """Say what kind of alert it is."""
    return _EVENTS[alert.of or alert.event]


def message(alert: WatchAlert) -> Iterator[Sentence]:
    """Yield the message, a sentence a line; the link is apart, each medium has its own kind."""
    yield Sentence("what", f"{title(alert)}: {{}}", (watching.sentence(alert),))
    if alert.event == "many":
        yield from watching.groups(alert)
    if alert.inside is not None:
        yield from _context(alert.inside)
    if alert.restore is not None:
        yield watching.what_to_paste(alert, alert.restore)


def _context(inside: ChangeContext) -> Iterator[Sentence]:
    """Say ``inside deploy ivr-7, INC-12: "winter menu"``, or else who recorded it."""
    by_watch = inside.command == "watch"
    if inside.deploy is not None:
        about = Sentence("inside", "inside deploy {}", (inside.deploy,))
    elif by_watch and not (inside.ticket or inside.note):
        return
    else:
        about = Sentence("inside", "recorded by {}", (inside.recorded_by,))
    yield about.extended(
        (", changed by {}", inside.changed_by),
        (", {}", inside.ticket),
        (': "{}"', Words(inside.note or "")),
    )


def _restore(alert: WatchAlert, options: str) -> str | None:
    """Return the command that says what to put back; None where nothing changed."""
    if (alert.of or alert.event) != "changed":
        return None
    if alert.count > len(alert.dids) and alert.since is not None:
        before = rfc3339(alert.since - _AN_INSTANT)
        return command_line("restore", (), f" --all --to {before}{options}")
    dids = [alert.did] if alert.did else alert.dids
    return command_line("restore", dids, options)


def _page(alert: WatchAlert) -> str:
    """Return the address of the page below the public one."""
    if alert.did is not None:
        if is_safe_in_path(alert.did):
            return f"dids/{alert.did}"
        return f"did?id={quote(alert.did, safe='', errors='surrogatepass')}"
    if alert.of == "changed" and alert.since is not None:
        return f"changes?since={rfc3339(alert.since)}"
    return "alerts"
