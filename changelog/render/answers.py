"""What ``log``, ``show``, ``list`` and ``diff`` answer, as text."""

from collections.abc import Iterable, Iterator, Sequence

from changelog.model.answers import SnapshotSeen
from changelog.model.history import CaptureInfo, Revision
from changelog.model.results.diff import DiffedDid, DiffResult
from changelog.model.results.history import ListResult, LogEntry, LogResult, ShowResult, SnapshotRow
from changelog.render import card, tables
from changelog.render.fleet import chosen
from changelog.render.style import (
    BLANK,
    DIDS_IN_A_GROUP,
    NOTHING,
    Sentence,
    Shown,
    Style,
    Value,
    Words,
    columns,
    diff_side,
    facts,
    joined,
    line,
    lines,
    show,
    some,
    test_calls,
    times,
)
from changelog.render.style import note as note_sentence
from changelog.render.tables import fitted

# log


def log(result: LogResult, style: Style) -> Shown:
    if result.error is not None:
        return BLANK
    more = [line("… older entries are left out: -n N shows more")] if result.more else []
    if result.snapshots is not None:
        return lines([*columns([_snapshot(row) for row in result.snapshots]), *more])
    if not result.entries:
        return line("no revision matches")
    return lines([*(text for entry in result.entries for text in _entry(entry, style)), *more])


def _entry(entry: LogEntry, style: Style) -> list[Shown]:
    revision = entry.revision
    head = joined(
        [
            style.paint(show(revision.first_seen_at), "dim"),
            revision.did,
            show(revision.number),
            style.paint(f"r{revision.revision}", "bold"),
            revision.routing,
            state(entry, style),
        ],
        "  ",
    )
    people = joined(
        [
            *_people(revision.capture),
            line("tags {}", joined(entry.tags)) if entry.tags else BLANK,
            line("seen {}, last {}", times(revision.snapshots), revision.last_seen_at),
        ]
    )
    return [
        head,
        *_each(entry.changes),
        style.paint(line("    {}", people), "dim"),
        *_each(map(note_sentence, entry.notes)),
        *_each(facts(entry)),
    ]


def _each(parts: Iterable[object]) -> list[Shown]:
    return [line("    {}", part) for part in parts]


def _people(capture: CaptureInfo) -> Iterable[Shown]:
    yield line("by {}", capture.recorded_by)
    if capture.changed_by:
        yield line("changed by {}", Words(capture.changed_by))
    if capture.ticket:
        yield line("ticket {}", Words(capture.ticket))


def state(entry: LogEntry, style: Style) -> Shown:
    colours = {"good": "green", "passed": "green", "bad": "red", "failed": "red", "current": "bold"}
    painted = [
        style.paint(
            f"restores r{entry.restores}" if word == "restores" else word,
            colours.get(word, "yellow"),
        )
        for word in entry.state
    ]
    return line("[{}]", joined(painted)) if painted else BLANK


def _snapshot(row: SnapshotRow) -> tuple[object, ...]:
    number = row.seen.revision
    return (
        row.seen.at,
        row.did,
        f"r{number}" if number else NOTHING,
        f"capture {row.seen.capture}",
        row.error or "read",
    )


# show


def show_revision(result: ShowResult, style: Style) -> Shown:
    """Show one revision whole."""
    entry = result.entry
    if entry is None:
        return BLANK
    revision = entry.revision
    title = [revision.did, show(revision.number), f"r{revision.revision}", state(entry, style)]
    known = [(name, text) for name, text in _about(entry, revision) if text != NOTHING]
    fields = [(name, Value(name, value)) for name, value in revision.fields.items()]
    verdicts = [
        line(
            "    {} on r{}: {} ({}, {})",
            verdict.verdict,
            verdict.revision,
            Words(verdict.reason),
            verdict.by,
            verdict.at,
        )
        for verdict in result.verdicts
    ]
    recent = [line("    {}  {}", seen.at, _read_as(seen)) for seen in result.recent_snapshots]
    return lines(
        [
            style.paint(joined(title, "  "), "bold"),
            *columns(known, indent="  "),
            *_section("changed", _each(entry.changes)),
            *_section("notes", _each(map(note_sentence, entry.notes))),
            *_section("verdicts", verdicts),
            *_section("evidence", _each(test_calls(result.evidence))),
            *_section("fields", columns(fields, indent="    ")),
            *_section("body, as received", [line("    {}", revision.body or BLANK)]),
            *_section("latest snapshots of the DID", recent),
        ]
    )


def _about(entry: LogEntry, revision: Revision) -> Iterable[tuple[str, Shown]]:
    capture = revision.capture
    first, last = revision.first_seen_at, revision.last_seen_at
    yield "routing", show(revision.routing)
    yield "status", show(Value("status", revision.status))
    yield "destination from", show(revision.destination_source)
    yield "seen", line("{} to {}, {}", first, last, times(revision.snapshots))
    yield "recorded by", line("{}, capture {}", capture.recorded_by, revision.capture_number)
    yield "changed by", show(capture.changed_by)
    yield "ticket", show(capture.ticket)
    yield "tags", show(", ".join(entry.tags))


def _read_as(seen: SnapshotSeen) -> Shown:
    if seen.revision:
        return line("r{}", seen.revision)
    return show(seen.problem.code if seen.problem else None)


def _section(title: str, content: Sequence[Shown]) -> list[Shown]:
    return [line("  {}", title), *content] if content else []


# list


def fleet(result: ListResult, style: Style) -> Shown:
    """Show a row a DID: which number points where, then its status and since when."""
    if not result.dids:
        return line("no DID matches")
    content = tables.fleet(result).only(
        *("did", "number", "application_id", "route_mode", "destination"),
        *("status", "since", "visible", "retired"),
    )
    rows = [
        (*map(_cell, row[:-2]), _flags(visible=row[-2], retired=row[-1])) for row in content.rows
    ]
    title = [line("at {}", result.at)] if result.at else []
    first, *rest = fitted([(*content.columns[:-2], BLANK), *rows], style, _MAY_LEAVE_OUT)
    return lines([*title, style.paint(first, "bold"), *rest])


def plain_fleet(result: ListResult) -> Shown:
    """Return a line a DID, as `restore --format plain` does."""
    return card.plain_lines((row.did, row.number, row.routing) for row in result.dids)


def fleet_asides(result: ListResult) -> Iterator[Sentence]:
    """Say what `plain_fleet` has no room for: what is not visible, and what is retired."""
    kinds = (
        ("not visible (404), seen last as listed", [row for row in result.dids if not row.visible]),
        ("retired", [row for row in result.dids if row.retired]),
    )
    for what, rows in kinds:
        if rows:
            names = some([row.did for row in rows])
            yield Sentence(
                "", f"{{}} of {{}} DIDs {what}: {{}}", (len(rows), len(result.dids), names)
            )


_MAY_LEAVE_OUT = ("status", "since")
"""Columns of a list that may go where the terminal is too narrow for where a number points."""


def _cell(value: object) -> object:
    """Treat a text of any length as the value of a field, which is shortened."""
    return Value("", value) if isinstance(value, str) else value


def _flags(*, visible: bool, retired: bool) -> Shown:
    return joined(["" if visible else "not visible", "retired" if retired else ""])


# diff


def diff(result: DiffResult, style: Style) -> Shown:
    sides = [diff_side(result.from_, result.from_at), diff_side(result.to, result.to_at)]
    first = [did.did for did in result.dids if did.first_revision]
    many = len(first) > DIDS_IN_A_GROUP
    unchanged = [
        _unchanged(did)
        for did in result.dids
        if not did.changes and did.error is None and not (many and did.first_revision)
    ]
    text = "{} DIDs: {}: first revision, there is nothing before it"
    return lines(
        [
            style.paint(line("from {} to {}", *sides), "dim"),
            *(line("{}", text) for text in chosen(result.where)),
            *_changed(result, style),
            *unchanged,
            *_unread(result, style),
            *([line(text, len(first), some(first))] if many else []),
            *(style.paint(line("remark: {}", text), "yellow") for text in result.remarks),
            _counts(result),
        ]
    )


def _changed(result: DiffResult, style: Style) -> Iterable[Shown]:
    dids = {did.did: did for did in result.dids}
    for group in result.groups:
        if len(group.dids) == 1:
            yield _title(dids[group.dids[0]], style)
        else:
            yield style.paint(line("{} DIDs: {}", len(group.dids), some(group.dids)), "bold")
        for change in group.changes:
            yield line("    {}", style.change(change))


def _title(did: DiffedDid, style: Style) -> Shown:
    numbers = (show(did.number), did.from_revision, did.to_revision)
    title = style.paint(line("{}  {}  r{} → r{}", did.did, *numbers), "bold")
    if not did.not_read:
        return title
    return line("{}  (not read by the tag's capture: {})", title, joined(did.not_read))


def _unread(result: DiffResult, style: Style) -> list[Shown]:
    """Show those of which nothing is known: by reason, so that an outage is no list of a fleet."""
    groups: dict[Shown, list[str]] = {}
    names = {"from": result.from_, "to": result.to}
    for did in result.dids:
        if did.is_unread:
            missed = joined([names[side] for side in did.not_read], " and ")
            why = line("    not readable for {}: {}", missed, did.error)
            groups.setdefault(why, []).append(did.did)
    if not groups:
        return []
    title = line("UNREADABLE: neither changed nor unchanged ({})", result.counts.unreadable)
    shown = [style.paint(title, "red")]
    for why, dids in groups.items():
        count = f"{len(dids)} DIDs: " if len(dids) > 1 else BLANK
        shown += [style.paint(line("  {}{}", count, some(dids)), "bold"), why]
    return shown


def _unchanged(did: DiffedDid) -> Shown:
    name = line("{}  {}", did.did, did.number)
    if did.first_revision:
        return line("{}  first revision: there is nothing before r{}", name, did.to_revision)
    if did.is_known_on_both:
        return line("{}  unchanged (r{} → r{})", name, did.from_revision, did.to_revision)
    if did.to_revision:
        return line("{}  not known then, r{} now", name, did.to_revision)
    return line("{}  nothing to compare", name)


def _counts(result: DiffResult) -> Shown:
    counts = result.counts
    parts = [f"{counts.changed} changed", f"{counts.unchanged} unchanged"]
    parts += [f"{counts.absent} absent"] if counts.absent else []
    parts += [f"{counts.unreadable} unreadable"] if counts.unreadable else []
    return line("{} compared: {}", counts.compared, joined(parts))
