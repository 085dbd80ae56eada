"""What is posted of an alert: as JSON of our own, and as Slack, Teams and PagerDuty take it.

Their limits and forms are those that they document (``docs/watch.md`` names the pages).
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from changelog.model.text.times import rfc3339
from changelog.render import chat
from changelog.render.alerts.message import message, title
from changelog.render.documents import line as document_line
from changelog.render.documents import masked_values
from changelog.render.style import Sentence, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.results.watch import WatchAlert

SECTION = 2800
"""Characters of a section: Slack refuses a message with one of more than 3,000."""
_SUMMARY = 1024
_DEDUP_KEY = 255
_GROUPS = 100
"""Groups in the details of an event: PagerDuty refuses one of more than 512 KB."""
_CARD = 6000
"""Characters of a card: Teams refuses a message of more than 28 KB."""
CHANGE_EVENTS = "/v2/change/enqueue"
"""Where PagerDuty takes what wakes nobody."""
_PAGE = "Open the page"
_SLACK = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SEVERITIES = {
    "changed": "critical",
    "number_moved": "critical",
    "application_gone": "critical",
    "unreadable": "error",
}
"""Of alerts about DIDs. One about the watch as a whole is critical."""


class Post(NamedTuple):
    """A body, and the path below the receiver's address, for one that has several. `wakes`: it may
    tell of something that is broken."""

    body: bytes
    path: str = ""
    wakes: bool = True


def posts(kind: str, alert: WatchAlert, key: str | None) -> list[Post]:
    """Return what a receiver of the `kind` is posted, in order. `key`: what it knows us by."""
    if kind == "pagerduty":
        return list(_pagerduty(alert, key or ""))
    if kind == "url":
        return [Post(document_line("watch", alert).encode())]
    return [_post({"slack": _slack, "teams": _teams}[kind](alert))]


def _post(document: dict[str, Any], path: str = "", *, wakes: bool = True) -> Post:
    return Post(json.dumps(document, ensure_ascii=False).encode(errors="replace"), path, wakes)


def _slack(alert: WatchAlert) -> dict[str, Any]:
    """Make a message for an incoming webhook. `text` is what a phone's notification shows."""
    parts = list(message(alert))
    blocks = [_section(_with_whole_command(parts))]
    if alert.link is not None:
        blocks.append(_section(f"<{_escaped(alert.link, SECTION)}|{_PAGE}>"))
    text = _escaped(show(parts[0]), SECTION)
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _with_whole_command(parts: list[Sentence]) -> str:
    """Join the lines of a section; cut long ones, but no command: a cut one would be another."""
    lines = [(part.code == "restore", chat.put(part)) for part in parts]
    command = "\n".join(text for is_command, text in lines if is_command)
    command = _escaped(f"\n{command}", len("&amp;") * SECTION) if command else ""
    if len(command) > SECTION // 2:
        command = ""
    about = "\n".join(text for is_command, text in lines if not is_command)
    return _escaped(about, SECTION - len(command)) + command


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _escaped(text: str, most: int) -> str:
    """Escape `text` for Slack, at most so long; no entity is cut in halves."""
    parts = [_SLACK.get(character, character) for character in text]
    if sum(map(len, parts)) <= most:
        return "".join(parts)
    room = most - 2
    kept: list[str] = []
    for part in parts:
        room -= len(part)
        if room < 0:
            break
        kept.append(part)
    # A code that is cut ends all the same: what stands behind it would be one, else.
    return "".join(kept) + ("`…" if kept.count("`") % 2 else "…")


def _teams(alert: WatchAlert) -> dict[str, Any]:
    """Make an Adaptive Card for a workflow's webhook. Runs of text: no Markdown is read in them.

    A long note takes no room from the command, which is whole or left out.
    """
    texts = [(part, show(part)) for part in message(alert)]
    command = sum(len(text) for part, text in texts if part.code == "restore")
    has_room = command <= _CARD // 2
    room = _CARD - command if has_room else _CARD
    body: list[dict[str, Any]] = []
    for part, said in texts:
        is_command = part.code == "restore"
        if not (has_room if is_command else room > 0):
            continue
        text = said if is_command else _clipped(said, room)
        room -= 0 if is_command else len(text)
        run: dict[str, Any] = {"type": "TextRun", "text": text}
        if part.code == "what":
            run["weight"] = "Bolder"
        elif part.code == "restore":
            run["fontType"] = "Monospace"
        body.append({"type": "RichTextBlock", "inlines": [run]})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    if alert.link is not None:
        card["actions"] = [{"type": "Action.OpenUrl", "title": _PAGE, "url": alert.link}]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _pagerduty(alert: WatchAlert, routing_key: str) -> Iterator[Post]:
    """Yield what begins first, then what ends, or a change; these wake nobody.

    One that is repeated, because another was not taken, changes nothing: it has the same key. What
    has ended since is a change: to trigger it again would open it for good.
    """
    known = {"routing_key": routing_key}
    subject = alert.subject
    payload: dict[str, Any] = {
        "summary": _clipped(f"{title(alert)}: {alert.message}", _SUMMARY),
        "source": f"changelog watch {alert.watch}",
        "timestamp": rfc3339(alert.at),
        "custom_details": _details(alert),
    }
    links = [] if alert.link is None else [{"href": alert.link, "text": _PAGE}]
    if alert.opens is not None and not alert.is_over:
        key = _dedup_key(alert, alert.opens)
        is_whole = alert.did is None and alert.event != "many"
        severity = "critical" if is_whole else _SEVERITIES[subject]
        payload |= {"severity": severity, "class": subject}
        event = {**known, "event_action": "trigger", "dedup_key": key}
        yield _post({**event, "payload": payload, "links": links}, "/v2/enqueue")
    for key in alert.resolves:
        event = {**known, "event_action": "resolve", "dedup_key": _dedup_key(alert, key)}
        yield _post(event, "/v2/enqueue", wakes=False)
    if alert.is_over or (alert.opens is None and subject in ("changed", "number_moved")):
        yield _post({**known, "payload": payload, "links": links}, CHANGE_EVENTS, wakes=False)


def _details(alert: WatchAlert) -> dict[str, Any]:
    rest = sum(group.count for group in alert.groups[_GROUPS:])
    alert = replace(alert, groups=alert.groups[:_GROUPS], not_grouped=alert.not_grouped + rest)
    # It goes to somebody else's server.
    details: dict[str, Any] = masked_values(json.loads(document_line("watch", alert)))
    return details


def _dedup_key(alert: WatchAlert, key: str) -> str:
    whole = f"changelog:{alert.watch}:{key}"
    if len(whole) <= _DEDUP_KEY:
        return whole
    return f"changelog:{alert.watch}:{sha256(key.encode(errors='surrogatepass')).hexdigest()}"


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
