"""What ``log``, ``show``, ``list`` and ``diff`` answer, as parts and as text."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from changelog.model.answers import SnapshotSeen
from changelog.model.history import Verdict
from changelog.model.results.base import Looks
from changelog.model.results.diff import DiffedDid, DiffResult
from changelog.model.results.history import (
    FleetRow,
    ListResult,
    LogEntry,
    LogResult,
    ShowResult,
    SnapshotRow,
)
from changelog.render import tables
from changelog.render.freshness import as_of, fleet_as_of, not_read_then, of_fleet_then, of_log
from changelog.render.restore.card_warnings import of_then
from changelog.render.restore.fleet import chosen
from changelog.render.style import (
    BLANK,
    DIDS_IN_A_GROUP,
    NO_MORE,
    NOTHING,
    Painted,
    Sentence,
    Shown,
    Style,
    Value,
    Words,
    change_of,
    columns,
    diff_side,
    how_many,
    joined,
    line,
    lines,
    say,
    show,
    some,
    test_calls,
    times,
)
from changelog.render.style import note as note_sentence
from changelog.render.text import Part, as_text, fitted, plain_lines

# log


def log_parts(result: LogResult) -> Iterator[Part]:
    """Yield the entries, or the snapshots where these were asked for."""
    if result.error is not None:
        return
    if result.snapshots:
        yield Part("table", [_snapshot(row) for row in result.snapshots])
    elif not result.entries:
        yield Part("line", "no revision matches")
    for entry in result.entries:
        yield from _entry(entry)
    if result.more:
        yield Part("line", "… older entries are left out: -n N shows more")
    yield from (Part("line", text) for text in of_log(result))


log = as_text(log_parts)


def _entry(entry: LogEntry) -> Iterator[Part]:
    revision, capture = entry.revision, entry.revision.capture
    number = Painted(f"r{revision.revision}", "bold")
    head = (Painted(revision.first_seen_at, "dim"), revision.did, revision.number, number)
    text = "{}  {}  {}  {}  {}  {}" if entry.state else "{}  {}  {}  {}  {}"
    yield Part("item", say(text, *head, revision.known_routing, state(entry)))
    yield from (Part("detail", change) for change in entry.changes)
    seen = say(", seen {}, last {}", times(revision.snapshots), revision.last_seen_at)
    if (read_at := entry.destination_seen_at) and read_at < revision.last_seen_at:
        seen = seen.extended((", its destination last {}", read_at))
    people = say("by {}", capture.recorded_by).extended(
        (", changed by {}", Words(capture.changed_by or "")),
        (", ticket {}", Words(capture.ticket or "")),
        (", tags {}", ", ".join(entry.tags)),
        ("{}", seen),
    )
    yield Part("people", people)
    yield from (Part("detail", note_sentence(note)) for note in entry.notes)
    facts = (*entry.verdicts, *test_calls(entry.evidence), *entry.confirmations)
    yield from (Part("detail", fact) for fact in facts)


_STATES = {"good": "green", "passed": "green", "bad": "red", "failed": "red", "current": "bold"}


def state(entry: LogEntry) -> Sentence:
    """Say what became of a revision; nothing where there is nothing to say."""
    painted = [
        Painted(
            f"restores r{entry.restores}" if word == "restores" else word,
            _STATES.get(word, "yellow"),
        )
        for word in entry.state
    ]
    return say(f"[{', '.join('{}' for _ in painted)}]" if painted else "", *tuple(painted))


_READ_AS = {True: "read", None: "read", False: "read without its destination"}


def _snapshot(row: SnapshotRow) -> tuple[object, ...]:
    number = row.seen.revision
    return (
        row.seen.at,
        row.did,
        f"r{number}" if number else NOTHING,
        f"capture {row.seen.capture}",
        row.error or _READ_AS[row.seen.destination_read],
    )


# show


def _show_parts(result: ShowResult) -> Iterator[Part]:
    entry = result.entry
    if entry is None:
        return
    revision, capture, moved = entry.revision, entry.revision.capture, result.moved_number
    became = say("  {}", state(entry)) if entry.state else NO_MORE
    title = say("{}  {}  r{}{}", revision.did, revision.number, revision.revision, became)
    yield Part("title", title)
    seen = (revision.first_seen_at, revision.last_seen_at, times(revision.snapshots))
    about = {
        "routing": revision.known_routing,
        "status": Value("status", revision.status),
        "destination from": revision.destination_source,
        "seen": say("{} to {}, {}", *seen),
        "at that time": of_then(result.seen_then),
        "number then": moved and say("{} was that of {}", moved.number, moved.then),
        "destination seen": _destination_seen(entry),
        "recorded by": say("{}, capture {}", capture.recorded_by, revision.capture_number),
        "changed by": capture.changed_by,
        "ticket": capture.ticket,
        "tags": ", ".join(entry.tags),
    }
    shown = [(name, show(value)) for name, value in about.items()]
    yield Part("facts", [(name, text) for name, text in shown if text != NOTHING])
    fields = [(name, Value(name, value)) for name, value in revision.fields.items()]
    sections: dict[str, Sequence[object]] = {
        "changed": entry.changes,
        "notes": [note_sentence(note) for note in entry.notes],
        "verdicts": [_verdict(verdict) for verdict in result.verdicts],
        "evidence": list(test_calls(result.evidence)),
        "fields": columns(fields),
        "body, as received": [revision.body or BLANK],
        "latest snapshots of the DID": [_read_as(seen) for seen in result.recent_snapshots],
    }
    for name, content in sections.items():
        if content:
            yield Part("about", name)
            yield from (Part("detail", text) for text in content)


show_revision = as_text(_show_parts)


def _destination_seen(entry: LogEntry) -> Sentence | None:
    """Say when the destination was last seen, where that is not when the revision was."""
    last, revision = entry.destination_seen_at, entry.revision
    if last is not None and last < revision.last_seen_at:
        return say("last {}, and not read since", last)
    return say("never read") if last is None and revision.routing.lacks_destination else None


def _verdict(verdict: Verdict) -> Sentence:
    about = (verdict.verdict, verdict.revision, Words(verdict.reason), verdict.by, verdict.at)
    return say("{} on r{}: {} ({}, {})", *about)


def _read_as(seen: SnapshotSeen) -> Sentence:
    code = seen.problem.code if seen.problem else None
    without = say(" without its destination") if seen.destination_read is False else NO_MORE
    return say("{}  {}{}", seen.at, f"r{seen.revision}" if seen.revision else code, without)


# list


def fleet(result: ListResult, style: Style) -> Shown:
    """Show a row a DID: which number points where, then its status and since when."""
    asides = [show(aside) for aside in (*fleet_as_of(result), *of_fleet_then(result))]
    title = [line("as the log had it at {}", result.at)] if result.at else []
    if not result.dids:
        return lines([*title, line("no DID matches"), *asides])
    names = ["application_name"] if any(row.application_name for row in result.dids) else []
    content = tables.fleet(result).only(
        *("did", "number", "application_id", "route_mode", "destination"),
        *("status", "since", *names),
    )
    flags = (_flags(row, result.looks) for row in result.dids)
    rows = [(*map(_cell, row), flag) for row, flag in zip(content.rows, flags, strict=True)]
    # When it came there is not known, only when it was first seen there.
    heads = ["seen_since" if name == "since" else name for name in content.columns]
    first, *rest = fitted([[*heads, BLANK], *rows], style, ("status", "seen_since", *names))
    return lines([*title, style.paint(first, "bold"), *rest, *asides])


def plain_fleet(result: ListResult) -> Shown:
    """Return a line a DID, as `restore --format plain` does."""
    return plain_lines((row.did, row.number, row.routing) for row in result.dids)


def fleet_asides(result: ListResult) -> Iterator[Sentence]:
    """Say what rows have no room for: what is not visible or retired, and which destination was not
    read."""
    kinds = (
        ("not visible (404), seen last as listed", [row for row in result.dids if not row.visible]),
        ("retired", [row for row in result.dids if row.retired]),
    )
    for what, rows in kinds:
        if rows:
            names = some([row.did for row in rows])
            yield say(f"{{}} of {{}} {what}: {{}}", len(rows), how_many(len(result.dids)), names)
    yield from fleet_as_of(result)
    yield from of_fleet_then(result)


def _cell(value: object) -> object:
    """Treat a text of any length as the value of a field, which is shortened."""
    return Value("", value) if isinstance(value, str) else value


_OLDER = timedelta(days=1)
"""A last look that is older than the newest one by more is said in its row."""


def _flags(row: FleetRow, looks: Looks | None) -> Shown:
    is_older = looks is not None and looks.last_at - row.last_seen_at > _OLDER
    return joined(
        [
            "" if row.visible else "not visible",
            "retired" if row.retired else "",
            "not read" if row.seen_then.not_read else "",
            "destination not read" if row.seen_then.destination_not_read else "",
            line("as of {}", row.last_seen_at) if is_older else "",
        ]
    )


# diff


def diff_parts(result: DiffResult) -> Iterator[Part]:
    """Yield what changed, by groups, then what did not and what could not be read."""
    sides = (diff_side(result.from_, result.from_at), diff_side(result.to, result.to_at))
    first = [did.did for did in result.dids if did.first_revision]
    many = len(first) > DIDS_IN_A_GROUP
    yield Part("note", say("from {} to {}", *sides))
    yield from (Part("line", text) for text in chosen(result.where))
    dids = {did.did: did for did in result.dids}
    for group in result.groups:
        title = say("{} DIDs: {}", len(group.dids), some(group.dids))
        yield Part("title", title if len(group.dids) > 1 else _title(dids[group.dids[0]]))
        yield from (Part("detail", change_of(change)) for change in group.changes)
        yield from _not_read([dids[did] for did in group.dids], result)
        yield from (Part("detail", text) for text in _known_later(dids[did] for did in group.dids))
    for did in result.dids:
        if not (did.changes or did.error or (many and did.first_revision)):
            yield Part("item", _unchanged(did))
    yield from _unread(result)
    if many:
        text = "{} DIDs: {}: first revision, there is nothing before it"
        yield Part("line", say(text, len(first), some(first)))
    yield from (Part("remark", text) for text in result.remarks)
    counts = result.counts
    yield Part("line", say("{} compared: {}", counts.compared, tables.counted(counts)))
    yield from (Part("line", text) for text in as_of(result.looks))


diff = as_text(diff_parts)


def diff_asides(result: DiffResult) -> Iterator[Sentence]:
    """Say what rows of changes have no room for."""
    yield from (say("{}", remark) for remark in result.remarks)
    yield from as_of(result.looks)


def _title(did: DiffedDid) -> Sentence:
    return say("{}  {}  r{} → r{}", did.did, did.number, did.from_revision, did.to_revision)


def _not_read(dids: Sequence[DiffedDid], result: DiffResult) -> Iterator[Part]:
    """Name those of a group that a tag's capture had not read: another one saw the change."""
    names = {"from": result.from_, "to": result.to}
    missed: dict[Sentence, list[str]] = {}
    for did in dids:
        if did.not_read:
            sides = joined([names[side] for side in did.not_read], " and ")
            why = say("not read for {}", sides).extended((": {}", did.error))
            missed.setdefault(why, []).append(did.did)
    for why, unread in missed.items():
        yield Part("detail", say("{}: {}", some(unread), why))


def _known_later(dids: Iterable[DiffedDid]) -> Iterator[Sentence]:
    """Say of a group on which sides the destination was not read then."""
    sides = (
        (did.did, revision, known_from)
        for did in dids
        for revision, known_from in (
            (did.from_revision, did.from_destination_known_from),
            (did.to_revision, did.to_destination_known_from),
        )
    )
    yield from not_read_then([(f"{did} r{revision}", at) for did, revision, at in sides if at])


def _unread(result: DiffResult) -> Iterator[Part]:
    """Show those of which nothing is known: by reason, so that an outage is no list of a fleet."""
    names = {"from": result.from_, "to": result.to}
    for title, was_asked in (("UNREADABLE", True), ("NOT READ", False)):
        unread = [did for did in result.dids if did.is_unread and did.was_asked == was_asked]
        groups: dict[Sentence, list[str]] = {}
        for did in unread:
            missed = joined([names[side] for side in did.not_read], " and ")
            text = "not readable for {}: {}" if was_asked else "not read for {}: {}"
            groups.setdefault(say(text, missed, did.error), []).append(did.did)
        if groups:
            yield Part("alarm", say(f"{title}: neither changed nor unchanged ({{}})", len(unread)))
        for why, dids in groups.items():
            text = "{1} DIDs: {0}" if len(dids) > 1 else "{0}"
            yield Part("dids", say(text, some(dids), len(dids)))
            yield Part("detail", why)


def _unchanged(did: DiffedDid) -> Sentence:
    text = "nothing to compare"
    if did.first_revision:
        text = "first revision: there is nothing before r{3}"
    elif did.is_known_on_both:
        text = "unchanged (r{2} → r{3})"
        text += ", its destination not read now" if did.destination_unread else ""
        text += ", not read by the tag's capture" if did.not_read else ""
    elif did.to_revision:
        text = "not known then, r{3} now"
    revisions = (did.from_revision, did.to_revision)
    return say(f"{{0}}  {{1}}  {text}", did.did, did.number, *revisions)
