"""What became of test calls, as text: one line a webhook, escaped."""

import shlex

from changelog.model.results.evidence import EvidenceEvent, EvidenceReport
from changelog.model.text.sanitize import escape, masked_urls
from changelog.render.style import Style, joined, value_text

_COLOURS = {"pass": "green", "fail": "red", "differs": "yellow", "ignored": "dim"}
_NEWS_OF_DRIFT = ("stored", "differs")
_OUTCOMES = ("stored", "duplicate", "ignored")


def evidence(result: EvidenceReport, style: Style) -> str:
    lines = [_painted(one, style) for one in result.events]
    counted = ((name, getattr(result.counts, name)) for name in _OUTCOMES)
    lines.append(joined(f"{count} {name}" for name, count in counted if count) or "no webhook")
    differing = [one for one in result.events if (one.outcome, one.result) == _NEWS_OF_DRIFT]
    behind = sorted({one.did for one in differing if one.did})
    if behind:
        # To be pasted, and the ids come from a server.
        names = " ".join(escape(shlex.quote(did)) for did in behind)
        lines.append(f"the log is behind: changelog record {names}")
    return "\n".join(lines)


def event_line(one: EvidenceEvent) -> str:
    """``reached  call_1 call.completed  did_101 r2``, and why where there is more to say."""
    name = joined([value_text(one.call), escape(one.event or "")], " ")
    tied = f"{value_text(one.did)} r{one.revision}" if one.revision else ""
    what = joined([f"{one.result:<8}", name if one.event else "", tied], "  ")
    return f"{what}: {escape(masked_urls(one.reason))}" if one.reason else what


def _painted(one: EvidenceEvent, style: Style) -> str:
    line = event_line(one)
    colour = _COLOURS.get(one.result)
    return style.paint(line, colour) if colour else line
