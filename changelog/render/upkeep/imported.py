"""What ``import`` says on a screen: of saved responses, and of an export."""

from collections.abc import Sequence

from changelog.model.recording import Outcome
from changelog.model.results.capture import ImportedDid, RecordResult
from changelog.model.results.import_log import Divergence, LogImported
from changelog.render.style import BLANK, Shown, Style, joined, line, lines
from changelog.render.text import record_summary, recorded_line

_SOURCES = {
    "at": "as --at says",
    "date": "as its Date header says",
    "modified": "when its file was last written",
    "now": "now: nothing says when",
}
_NAMED = 8


def responses(result: RecordResult, style: Style) -> Shown:
    """A line a DID; when it was received, once where that is the same for all."""
    received = [_received(did) for did in result.dids]
    known = {text for text in received if text}
    shown = [recorded_line(did, style) for did in result.dids]
    if len(known) > 1:
        pairs = zip(shown, received, strict=True)
        shown = [joined([did, text]) for did, text in pairs]
    shown.append(record_summary(result, style))
    return lines([*shown, *(known if len(known) == 1 else ())])


def _received(did: Outcome) -> Shown:
    if not isinstance(did, ImportedDid) or did.received_at is None or did.received_from is None:
        return BLANK
    return line("received {} ({})", did.received_at, _SOURCES[did.received_from])


def log(result: LogImported, style: Style) -> Shown:
    """What was stored, or why nothing was."""
    if result.parted is not None:
        return lines(_parted(result.parted))
    export = result.export
    shown: list[Shown] = []
    if export.damage is not None:
        shown.append(style.paint(export.damage, "red"))
        shown.append(line("its first {} entries are proven", export.entries))
    if result.stored:
        stored = line("{} entries with {} rows stored", result.stored, result.rows)
        here = line("{} were here already", result.present) if result.present else BLANK
        shown.append(joined([stored, here]))
    else:
        text = "nothing to do: all {} entries of the export are here already"
        shown.append(line(text, export.entries))
    return lines([*shown, line("head {}", result.head or "none")])


def _parted(parting: Divergence) -> list[Shown]:
    way_on = line("  Import it into an empty database, named by --db.")
    if parting.because == "thinning":
        return [
            line(
                "nothing stored: the export's log was pruned, and this one was not; entry {} is the"
                " first that has more snapshots here",
                parting.entry,
            ),
            line("  it is about {}", _some(parting.dids)),
            way_on,
        ]
    return [
        line("nothing stored: the log and the export part at entry {}", parting.entry),
        line("  here it is about {}", _some(parting.dids)),
        line("  in the export it is about {}", _some(parting.dids_in_export)),
        way_on,
    ]


def _some(dids: Sequence[str]) -> Shown:
    named = joined(dids[:_NAMED]) or line("no DID")
    more = len(dids) - _NAMED
    return line("{} and {} more", named, more) if more > 0 else named
