"""Results as text for a person, escaped; the restore card has a module of its own."""

from collections.abc import Iterable, Sequence

from changelog.model.answers import SnapshotSeen
from changelog.model.diff import Change
from changelog.model.recording import Outcome
from changelog.model.results.annotations import MarkResult, NoteResult, TagResult
from changelog.model.results.capture import RecordSummary
from changelog.model.results.diff import DiffedDid, DiffResult
from changelog.model.results.history import ListResult, LogEntry, LogResult, ShowResult, SnapshotRow
from changelog.model.results.verify import VerifiedDid, VerifyCounts, VerifySummary
from changelog.model.routing import ROUTING_FIELDS, Routing
from changelog.model.text.sanitize import escape, masked_urls
from changelog.model.text.times import format_utc
from changelog.render.style import (
    NOTHING,
    Style,
    change_text,
    columns,
    error_text,
    evidence_lines,
    joined,
    note_lines,
    routing_text,
    times,
    value_text,
)

_DIDS_IN_A_GROUP = 6
_OUTCOME_COLOURS = {"new": "cyan", "changed": "yellow", "unreadable": "red", "unchanged": "dim"}


def recorded_line(one: Outcome, style: Style) -> str:
    """One DID, as soon as it is stored."""
    name = joined([value_text(one.did or one.requested), value_text(one.number)], "  ")
    outcome = style.paint(f"{one.outcome:<10}", _OUTCOME_COLOURS[one.outcome])
    if one.error is not None:
        said = error_text(one.error)
    else:
        what = "; ".join(map(change_text, one.changes)) or routing_text(one.routing)
        said = f"r{one.revision}  {what}"
        if one.late and not one.kept_aside:
            said += " (received before a newer answer)"
        elif one.late:
            said = f"late: the log holds a newer answer (r{one.revision}), so it begins no revision"
    return f"{outcome}  {name}  {said}"


def record_summary(result: RecordSummary, style: Style) -> str:
    counts, capture = result.counts, result.capture
    outcomes = ("new", "changed", "unchanged", "unreadable")
    said = joined(f"{getattr(counts, name)} {name}" for name in outcomes if getattr(counts, name))
    lines = [
        f"capture {capture.id or NOTHING}: {counts.requested} requested, {said or 'none read'}"
    ]
    if capture.tag:
        lines[0] += f", tagged {escape(capture.tag)}"
    if counts.unreadable == counts.requested > 1:
        lines.append(style.paint("none could be read: the log knows nothing newer of them", "red"))
    lines += [style.paint(f"remark: {escape(remark)}", "yellow") for remark in capture.remarks]
    return "\n".join(lines)


def log(result: LogResult, style: Style) -> str:
    if result.error is not None:
        return ""
    if result.snapshots is not None:
        return "\n".join(_snapshots(result.snapshots)) + _more(more=result.more)
    if not result.entries:
        return "no revision matches"
    return "\n".join(line for entry in result.entries for line in _entry(entry, style)) + _more(
        more=result.more
    )


def _more(*, more: bool) -> str:
    return "\n… older ones are left out: -n N shows more" if more else ""


def _entry(entry: LogEntry, style: Style) -> list[str]:
    head = joined(
        [
            style.paint(format_utc(entry.first_seen_at), "dim"),
            value_text(entry.did),
            value_text(entry.number),
            style.paint(f"r{entry.revision}", "bold"),
            routing_text(entry.routing),
            state_text(entry.state, entry.restores, style),
        ],
        "  ",
    )
    lines = [head]
    lines += [f"    {change_text(one)}" for one in entry.changes]
    people = joined(
        [
            f"by {escape(entry.recorded_by)}",
            f"changed by {escape(entry.changed_by)}" if entry.changed_by else "",
            f"ticket {escape(entry.ticket)}" if entry.ticket else "",
            f"tags {escape(', '.join(entry.tags))}" if entry.tags else "",
            f"seen {times(entry.snapshots)}, last {format_utc(entry.last_seen_at)}",
        ]
    )
    lines.append(style.paint(f"    {people}", "dim"))
    return lines + note_lines(entry.notes, "    ") + evidence_lines(entry.evidence, "    ")


def state_text(state: Sequence[str], restores: int | None, style: Style) -> str:
    colours = {"good": "green", "passed": "green", "bad": "red", "failed": "red", "current": "bold"}
    words = [f"restores r{restores}" if word == "restores" else word for word in state]
    painted = (
        style.paint(word, colours[word]) if word in colours else style.paint(word, "yellow")
        for word in words
    )
    return f"[{', '.join(painted)}]" if words else ""


def _snapshots(rows: Iterable[SnapshotRow]) -> list[str]:
    return columns(
        [
            (
                format_utc(row.at),
                value_text(row.did),
                f"r{row.revision}" if row.revision else NOTHING,
                f"capture {row.capture}",
                error_text(row.error) if row.error else "read",
            )
            for row in rows
        ]
    )


def show(result: ShowResult, style: Style) -> str:
    if result.error is not None or result.first_seen_at is None or result.last_seen_at is None:
        return ""
    rows = [
        ("routing", routing_text(result.routing)),
        ("status", value_text(result.status)),
        ("destination from", value_text(result.destination_source)),
        (
            "seen",
            f"{format_utc(result.first_seen_at)} to {format_utc(result.last_seen_at)},"
            f" {times(result.snapshots)}",
        ),
        ("recorded by", f"{value_text(result.recorded_by)}, capture {result.capture}"),
        ("changed by", value_text(result.changed_by)),
        ("ticket", value_text(result.ticket)),
        ("tags", value_text(", ".join(result.tags))),
    ]
    title = joined(
        [
            value_text(result.did),
            value_text(result.number),
            f"r{result.revision}",
            state_text(result.state, result.restores, style),
        ],
        "  ",
    )
    fields = [(escape(name), value_text(item, name)) for name, item in result.fields.items()]
    lines = [style.paint(title, "bold"), *columns(_known(rows), indent="  ")]
    lines += _section("changed", [f"    {change_text(one)}" for one in result.changes])
    lines += _section("notes", note_lines(result.notes, "    "))
    lines += _section(
        "verdicts",
        [
            f"    {one.verdict} on r{one.revision}: {escape(one.reason)}"
            f" ({escape(one.by)}, {format_utc(one.at)})"
            for one in result.verdicts
        ],
    )
    lines += _section("evidence", evidence_lines(result.evidence, "    "))
    lines += _section("fields", columns(fields, indent="    "))
    lines += _section("body, as received", [f"    {escape(masked_urls(result.body or ''))}"])
    recent = [f"    {format_utc(one.at)}  {_read_as(one)}" for one in result.recent_snapshots]
    return "\n".join(lines + _section("latest snapshots of the DID", recent))


def _read_as(one: SnapshotSeen) -> str:
    if one.revision:
        return f"r{one.revision}"
    return escape(one.problem.code) if one.problem else NOTHING


def _known(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [row for row in rows if row[1] != NOTHING]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"  {title}", *lines] if lines else []


def fleet(result: ListResult, style: Style) -> str:
    if not result.dids:
        return "no DID matches"
    head = ("did", "number", "application_id", "route_mode", "status", "since", "", "destination")
    rows = [
        (
            value_text(row.did),
            value_text(row.number),
            value_text(row.routing.application_id),
            value_text(row.routing.route_mode),
            value_text(row.status),
            format_utc(row.since),
            joined(["" if row.visible else "not escape", "retired" if row.retired else ""]),
            value_text(row.routing.destination, "destination"),
        )
        for row in result.dids
    ]
    title = [f"at {format_utc(result.at)}"] if result.at else []
    table = columns([head, *rows])
    lines = list(map(style.cut, table))
    return "\n".join([*title, style.paint(lines[0], "bold"), *lines[1:]])


def diff(result: DiffResult, style: Style) -> str:
    sides = [
        f"{escape(selector)}{f' ({format_utc(at)})' if at else ''}"
        for selector, at in ((result.from_, result.from_at), (result.to, result.to_at))
    ]
    lines = [style.paint(f"from {sides[0]} to {sides[1]}", "dim")]
    shown = {one.did: one for one in result.dids}
    for group in result.groups:
        if len(group.dids) == 1:
            lines.append(_diffed_title(shown[group.dids[0]], style))
        else:
            lines.append(style.paint(f"{len(group.dids)} DIDs: {_some(group.dids)}", "bold"))
        lines += [f"    {_change(one, style)}" for one in group.changes]
    first = [one for one in result.dids if one.first_revision]
    many = len(first) > _DIDS_IN_A_GROUP
    lines += [
        _unchanged(one)
        for one in result.dids
        if not one.changes and one.error is None and not (many and one.first_revision)
    ]
    lines += _unread(result, style)
    if many:
        lines.append(
            f"{len(first)} DIDs: {_some([one.did for one in first])}: first revision, there is"
            " nothing before it"
        )
    counts = result.counts
    lines.append(
        f"{counts.compared} compared: {counts.changed} changed, {counts.unchanged} unchanged"
        + (f", {counts.absent} absent" if counts.absent else "")
        + (f", {counts.unreadable} unreadable" if counts.unreadable else "")
    )
    return "\n".join(lines)


def _unread(result: DiffResult, style: Style) -> list[str]:
    """Those of which nothing is known: by reason, so that an outage is no list of a fleet."""
    found: dict[str, list[str]] = {}
    names = {"from": escape(result.from_), "to": escape(result.to)}
    for one in result.dids:
        if one.is_unread and one.error is not None:
            missed = " and ".join(names[side] for side in one.not_read)
            found.setdefault(f"not readable for {missed}: {error_text(one.error)}", []).append(
                one.did
            )
    if not found:
        return []
    title = f"UNREADABLE: neither changed nor unchanged ({result.counts.unreadable})"
    lines = [style.paint(title, "red")]
    for why, dids in found.items():
        count = f"{len(dids)} DIDs: " if len(dids) > 1 else ""
        lines += [style.paint(f"  {count}{_some(dids)}", "bold"), f"    {why}"]
    return lines


def _diffed_title(one: DiffedDid, style: Style) -> str:
    title = f"{value_text(one.did)}  {value_text(one.number)}  r{one.from_revision}"
    missed = f"  (not read by the tag's capture: {', '.join(one.not_read)})" if one.not_read else ""
    return style.paint(f"{title} → r{one.to_revision}", "bold") + missed


def _change(change: Change, style: Style) -> str:
    return style.paint(change_text(change), "yellow") if change.routing else change_text(change)


def _some(dids: Sequence[str]) -> str:
    shown = ", ".join(escape(did) for did in dids[:_DIDS_IN_A_GROUP])
    return shown + (
        f" … {len(dids) - _DIDS_IN_A_GROUP} more" if len(dids) > _DIDS_IN_A_GROUP else ""
    )


def _unchanged(one: DiffedDid) -> str:
    name = f"{value_text(one.did)}  {value_text(one.number)}"
    if one.first_revision:
        return f"{name}  first revision: there is nothing before r{one.to_revision}"
    if one.from_revision and one.to_revision:
        return f"{name}  unchanged (r{one.from_revision} → r{one.to_revision})"
    if one.to_revision:
        return f"{name}  not known then, r{one.to_revision} now"
    return f"{name}  nothing to compare"


_VERIFIED = {
    "match": ("match", "green"),
    "mismatch": ("MISMATCH", "red"),
    "not_compared": ("not compared", "yellow"),
    "unreadable": ("could not read", "red"),
    "not_expected": ("NOT EXPECTED", "red"),
    "no_expectation": ("nothing to expect", "red"),
}


def verified_line(one: VerifiedDid, style: Style) -> str:
    """One DID, whether live is what is expected, and field by field where it is not."""
    name = f"{value_text(one.did or one.requested)}  {value_text(one.number)}"
    word, colour = _VERIFIED[one.outcome]
    said = error_text(one.error) if one.error else joined(_live_said(one))
    if one.outcome == "not_expected" and one.live is not None:
        routing = Routing(*(one.live[field] for field in ROUTING_FIELDS))
        said = f"{routing_text(routing)}  {said}"
    lines = [f"{style.paint(word, colour)}  {name}  {said}"]
    return "\n".join(
        lines
        + [
            f"    {escape(change.field)}: expected {value_text(change.before, change.field)},"
            f" live {value_text(change.after, change.field)}"
            for change in one.changes
        ]
    )


def _live_said(one: VerifiedDid) -> Iterable[str]:
    yield f"live is r{one.live_revision}"
    if one.matches and one.expected_revision:
        yield f"equal to r{one.expected_revision}"
    if one.confirmed:
        yield "confirmed: what was in service between is rolled back"
    if one.matches and one.reads > 1:
        yield f"{one.reads} times in a row"
    if one.not_compared:
        yield f"not compared: {', '.join(one.not_compared)}"


def verify_summary(result: VerifySummary, style: Style) -> str:
    """How many of what; for a single DID its own line says it all."""
    lines = []
    if result.counts.requested > 1:
        unread = result.counts.unreadable == result.counts.requested
        what = "DIDs, none verified" if unread else "verified"
        lines.append(f"{result.counts.requested} {what}: {_verified_counts(result.counts)}")
    if result.counts.match != result.counts.requested:
        remarks = result.capture.remarks
        lines += [style.paint(f"remark: {escape(remark)}", "yellow") for remark in remarks]
    return "\n".join(lines)


def _verified_counts(counts: VerifyCounts) -> str:
    found = ((getattr(counts, outcome), word) for outcome, (word, _) in _VERIFIED.items())
    return joined(f"{count} {word.lower()}" for count, word in found if count)


def note(result: NoteResult, style: Style) -> str:
    return f"noted on {_hit(result.did, result.revision, result, style)}"


def mark(result: MarkResult, style: Style) -> str:
    if result.verdict == "retired":
        return f"retired {escape(result.did)}: --all leaves it out until it is recorded by name"
    return f"marked {_hit(result.did, result.revision, result, style)}"


def _hit(did: str, revision: int, result: NoteResult | MarkResult, style: Style) -> str:
    state = state_text(result.state, result.restores, style)
    return f"{escape(did)} r{revision}, {routing_text(result.routing)} {state}".rstrip()


def tag(result: TagResult) -> str:
    what = f"capture {result.capture}, " if result.capture else ""
    return f"{escape(result.tag)} is {what}{format_utc(result.at)}"
