"""What ``status`` answers, in sections."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.diff import has_only_learned
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_duration
from changelog.render.style import NO_MORE, Sentence, Words, how_many, listing, say, some
from changelog.render.text import Part, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from changelog.model.results.status import (
        CaptureSummary,
        RecentChange,
        RecentNote,
        StatusResult,
        UnreadableDid,
        WatchLine,
    )

_AT_ONCE = timedelta(minutes=1)
_LONGEST_LIST = 10
"""Lines of one section: the whole is one screen. ``--json`` has all of them."""


def parts(result: StatusResult) -> Iterator[Part]:
    """Yield the sections of the answer; one with nothing in it is left out."""
    yield from _section("{} at {}", (result.database, result.at), _fresh(result))
    if result.last_capture is None:
        return
    since = (result.since,)
    learned = [_group(group) for group in result.changes if has_only_learned(group.changes)]
    changes = [_group(group) for group in result.changes if not has_only_learned(group.changes)]
    if result.dids.new:
        was = "was" if result.dids.new == 1 else "were"
        changes.append(say(f"{{}} {was} read for the first time", how_many(result.dids.new)))
    nothing = [say("nothing that was seen")]
    yield from _section("changed since {}", since, changes or nothing)
    yield from _section("learned since {}, and nothing moved", since, learned)
    unreadable = map(_unreadable, result.unreadable)
    yield from _section("cannot be read ({})", (len(result.unreadable),), unreadable)
    yield from _section("still open", (), _open(result))
    yield from _section("notes since {}", since, map(_note, result.notes))
    yield from _section("watches", (), map(_watch, result.watches))


status = as_text(parts)


def _section(
    title: str, values: tuple[object, ...], sentences: Iterable[Sentence]
) -> Iterator[Part]:
    content = list(sentences)
    if content:
        yield Part("title", say(title, *values))
    yield from (Part("detail", sentence) for sentence in content[:_LONGEST_LIST])
    if (left_out := len(content) - _LONGEST_LIST) > 0:
        yield Part("detail", say("… {} more: --json has all of them", left_out))


def _fresh(result: StatusResult) -> Iterator[Sentence]:
    if result.last_capture is None:
        yield say("nothing is recorded yet")
        return
    if result.times_to_come is not None:
        text = "THE LOG HOLDS TIMES TO COME, up to {}: a clock is, or was, wrong"
        yield say(text, result.times_to_come)
    dids = result.dids
    counts = (dids.known, dids.unreadable, dids.never_read, dids.retired)
    text = "DIDs: {} known, {} of them unreadable at the last look; {} never read; {} retired"
    yield say(text, *counts)
    yield _capture(result.last_capture, result)
    if result.journal is not None:
        yield say("head {}", result.journal)
    yield say("schema {}", result.schema_revision)
    yield from (say("the last capture remarks: {}", one) for one in result.last_capture.remarks)


def _capture(capture: CaptureSummary, result: StatusResult) -> Sentence:
    ago = max(0.0, (result.at - capture.started_at).total_seconds())
    text = "last capture {} ({} by {}) began {}, {} ago"
    if not capture.finished_at:
        text += ", and was stopped before its end" if capture.stopped else ", and has not ended"
    can_resume = capture.stopped and capture.command == "record"
    more = command_line("record", (), " --resume") if can_resume else ""
    values = (capture.id, capture.command, capture.recorded_by, capture.started_at)
    return say(text, *values, format_duration(ago)).extended(
        ("; to go on: {}", more),
        (", changed by {}", Words(capture.changed_by or "")),
        (", ticket {}", Words(capture.ticket or "")),
    )


def _group(group: RecentChange) -> Sentence:
    names = some(group.dids)
    who = say("{}", names)
    if len(group.dids) > 1:
        who = say("{} DIDs ({})", len(group.dids), names)
    if not group.changes:
        more = command_line("log", group.dids[:1])
        return say("{}: other fields: {}", who, more)
    first, last = group.first_at, group.last_at
    when = say("{}", first) if last - first < _AT_ONCE else say("{} to {}", first, last)
    return say("{}: {} (first seen {})", who, listing(group.changes), when)


def _unreadable(did: UnreadableDid) -> Sentence:
    name = say("{} ({})" if did.number else "{}", did.did, did.number)
    text = "{} since {}: {}" if did.known else "{}, never read, since {}: {}"
    line = say(text, name, did.since, did.error)
    if did.of_another_key:
        return say("{}; from a key that did not read it last: that says nothing of its route", line)
    return line


def _open(result: StatusResult) -> Iterator[Sentence]:
    work = result.open
    for watch in result.watches:
        for incident in watch.open:
            names = some(incident.dids) if incident.dids else say("watch {}", watch.id)
            as_of = say(" (by the round of {})", watch.last_round_at)
            yield say("{}: {}{}", incident.about, names, as_of if watch.last_round_at else NO_MORE)
    for what, dids in (
        ("current routing judged bad", work.current_bad),
        ("current routing failed its last test call", work.current_failed),
        ("put back and never verified", work.rolled_back_unverified),
    ):
        if dids:
            yield say(f"{what}: {{}} ({{}})", len(dids), some(dids))
    if work.rolled_back_unverified and work.returns_from is not None:
        yield say("only returns since {} were looked for", work.returns_from)


def _note(note: RecentNote) -> Sentence:
    about = say("capture {}", note.capture)
    if note.did is not None:
        about = say("{} r{}", note.did, note.revision)
    return say('{}: "{}" ({}, {})', about, Words(note.text), note.by, note.at)


def _watch(watch: WatchLine) -> Sentence:
    late = "LATE: " if watch.late else ""
    if watch.last_round_at is None:
        return say(f"{late}{{}}: no round has ended", watch.id)
    waiting = f"; {how_many(watch.undelivered, 'alert')} not delivered" if watch.undelivered else ""
    values = (watch.id, watch.last_round_at, watch.next_round_at)
    return say(f"{late}{{}}: last round {{}}, next one due {{}}{waiting}", *values)
