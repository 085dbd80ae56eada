"""What ``import`` says on a screen: of saved responses, and of an export."""

from collections.abc import Sequence

from changelog.model.recording import Outcome
from changelog.model.results.capture import ImportedDid, RecordResult
from changelog.model.results.import_log import Divergence, LogImported
from changelog.model.text.sanitize import escape
from changelog.model.text.times import format_utc
from changelog.render.style import Style
from changelog.render.text import record_summary, recorded_line

_SOURCES = {
    "at": "as --at says",
    "date": "as its Date header says",
    "modified": "when its file was last written",
    "now": "now: nothing says when",
}
_NAMED = 8


def responses(result: RecordResult, style: Style) -> str:
    """A line a DID; when it was received, once where that is the same for all."""
    times = {_received(one) for one in result.dids} - {""}
    lines: list[str] = [recorded_line(one, style) for one in result.dids]
    if len(times) > 1:
        lines = [f"{line}{_received(one)}" for line, one in zip(lines, result.dids, strict=True)]
    lines.append(record_summary(result, style))
    if len(times) == 1:
        lines.append(times.pop().removeprefix(", "))
    return "\n".join(lines)


def _received(one: Outcome) -> str:
    if not isinstance(one, ImportedDid) or one.received_at is None or one.received_from is None:
        return ""
    return f", received {format_utc(one.received_at)} ({_SOURCES[one.received_from]})"


def log(result: LogImported, style: Style) -> str:
    """What was stored, or why nothing was."""
    if result.parted is not None:
        return "\n".join(_parted(result.parted))
    export = result.export
    lines: list[str] = []
    if export.damage is not None:
        lines.append(style.paint(escape(export.damage), "red"))
        lines.append(f"its first {export.entries} entries are proven")
    if result.stored:
        said = f"{result.stored} entries with {result.rows} rows stored"
        lines.append(f"{said}, {result.present} were here already" if result.present else said)
    else:
        lines.append(f"nothing to do: all {export.entries} entries of the export are here already")
    lines.append(f"head {result.head or 'none'}")
    return "\n".join(lines)


def _parted(parting: Divergence) -> list[str]:
    if parting.because == "thinning":
        return [
            f"nothing stored: the export's log was pruned, and this one was not; entry"
            f" {parting.entry} is the first that has more snapshots here",
            f"  it is about {_some(parting.dids)}",
            "  Import it into an empty database, named by --db.",
        ]
    return [
        f"nothing stored: the log and the export part at entry {parting.entry}",
        f"  here it is about {_some(parting.dids)}",
        f"  in the export it is about {_some(parting.dids_in_export)}",
        "  Import it into an empty database, named by --db.",
    ]


def _some(dids: Sequence[str]) -> str:
    more = len(dids) - _NAMED
    named = ", ".join(map(escape, dids[:_NAMED])) or "no DID"
    return f"{named} and {more} more" if more > 0 else named
