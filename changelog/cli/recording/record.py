"""``changelog record``."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from gzip import GzipFile
from io import BytesIO
from typing import TYPE_CHECKING

from changelog.cli import options
from changelog.cli.context import LogSource, capture_info, names_in_log, open_capture, open_reader
from changelog.cli.options import command, flag, option
from changelog.cli.output import Output, tell
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings
from changelog.commands.recording.capture import Capture
from changelog.commands.targets import check_new_name, every_did, numbers_meant, targets, unanswered
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.errors import NothingError, UsageError
from changelog.model.recording import Outcome, Selection, Unfinished
from changelog.model.results.base import DidError
from changelog.model.results.capture import RecordSummary
from changelog.model.selectors import tag_name
from changelog.model.text.sanitize import command_line, word
from changelog.render import recording
from changelog.render.documents import item

if TYPE_CHECKING:
    from changelog.model.ports import Log

_CHANGED_BY = option("--changed-by", "WHO", "Name of the person or team that changed the routing.")
_DESTINATION = option(
    "--destination", "URI", "State the destination of one DID, if the API does not tell it."
)
_CONCURRENCY = option("--concurrency", "N", "Fetch up to N DIDs at once.", min=1, max=256)
_RESUME = flag("--resume", "Continue an interrupted capture with the rest of its DIDs.")


@command(
    "changelog record did_123 +15551230001 -m 'before moving support' --tag pre",
    (0, 2, 3, 5, 6, 8, 130),
)
def app(
    out: Output,
    settings: Settings,
    dids: list[str] | None = options.DIDS,
    every: bool = options.ALL,
    file: str | None = options.FILE,
    note: str | None = options.NOTE,
    tag: str | None = options.TAG,
    ticket: str | None = options.TICKET,
    by: str | None = options.BY,
    changed_by: str | None = _CHANGED_BY,
    destination: str | None = _DESTINATION,
    concurrency: int | None = _CONCURRENCY,
    rate: str | None = option("--rate", "N/s", "Limit the fetches, such as 10/s or 90/min."),
    resume: bool = _RESUME,
    verbose: bool = flag("--verbose", "With --all, print unchanged DIDs too."),
) -> int:
    """Fetch DIDs from the API and store their current routing."""
    settings = replace(
        settings, concurrency=concurrency or settings.concurrency, rate=rate or settings.rate
    )
    info = replace(
        capture_info(settings, "record", by),
        note=options.note_text(note),
        ticket=ticket,
        changed_by=changed_by,
        tag=None if tag is None else tag_name(tag),
    )
    names, refused = names_in_log(LogSource(settings, with_mirror=False), dids, file)
    selection = Selection(every, tuple(names))
    with open_reader(settings) as log:
        selection, unfinished = _to_resume(log, selection) if resume else (selection, None)
        to_fetch = _to_fetch(log, selection, unfinished)
        meant = numbers_meant(log, names)
    if destination is not None and len(to_fetch) != 1:
        raise UsageError("--destination is for one DID", "Name that one DID only.")
    opened = open_capture(
        settings,
        info,
        len(to_fetch),
        by_name=not selection.every,
        stated=destination,
        selection=selection,
        unfinished=unfinished,
    )
    with opened as (capture, progress):
        briefly = selection.every and not verbose
        with closing(_Reporter(out, progress, briefly=briefly)) as report:
            return _record(capture, to_fetch, refused, report, meant)


def _record(
    capture: Capture,
    to_fetch: Sequence[Target],
    refused: Mapping[str, DidError],
    report: "_Reporter",
    meant: Mapping[str, str],
) -> int:
    with capture:
        for outcomes in capture.batches(to_fetch):
            report([_hinted(outcome, meant) for outcome in outcomes] if meant else outcomes)
    for outcome in capture.unattempted():
        report.unattempted(outcome)
    report([Outcome(requested=name, error=error) for name, error in refused.items()])
    result = capture.result.with_refused(len(refused))
    if exits.INTERRUPTED in result.conditions or result.counts.not_read:
        why = "interrupted" if exits.INTERRUPTED in result.conditions else "stopped"
        stored = f"{capture.answered} of {result.counts.requested} are stored"
        report.out.tell(f"{why}: {stored}{_how_to_go_on(capture.result)}")
    return report.end(result)


def _hinted(outcome: Outcome, meant: Mapping[str, str]) -> Outcome:
    """Return the outcome with what may have been meant, where nothing could be read."""
    hint = meant.get(outcome.requested)
    if outcome.error is None or hint is None:
        return outcome
    return replace(outcome, error=outcome.error._replace(hint=hint))


def _how_to_go_on(result: RecordSummary) -> str:
    if result.capture.id is None:
        # A capture that stored nothing leaves nothing to resume.
        return "; run the same command again"
    if result.counts.unreadable == result.counts.not_read == 0:
        return ""
    ended = result.capture
    # A tag is set once something could be read.
    tag = f" --tag {word(ended.info.tag)}" if ended.info.tag and ended.tag is None else ""
    return f"; to go on with the rest: {command_line('record', (), f' --resume{tag}')}"


def _to_resume(log: "Log", selection: Selection) -> tuple[Selection, Unfinished | None]:
    """Return the interrupted capture to resume: of this selection, or the newest where it is empty.

    Where DIDs are selected and nothing was interrupted, there is none: a new one begins.
    """
    chosen = selection.every or bool(selection.names)
    unfinished = log.unfinished(selection.digest if chosen else None)
    if unfinished is not None:
        return unfinished.selection, unfinished
    if not chosen:
        raise NothingError(
            exits.NOTHING_RECORDED,
            "there is no interrupted capture to continue",
            f"Name the DIDs, or start one of them all: {command_line('record', (), ' --all')}",
        )
    tell("changelog: no capture of these DIDs was interrupted: this one is new")
    return selection, None


def _to_fetch(log: "Log", selection: Selection, unfinished: Unfinished | None) -> list[Target]:
    if selection.every and not selection.names:
        capture = unfinished.info.id if unfinished else None
        return every_did(log, unanswered_in=capture)
    for name in selection.names:
        check_new_name(log, name)
    named = targets(log, selection.names, every=selection.every)
    return named if unfinished is None else unanswered(log, named, unfinished.info.id)


class _Reporter:
    """Says what is stored as soon as it is; as JSON, once the whole answer is known.

    `briefly`: only what changed or could not be read, at the end, in the order of the DIDs.
    """

    def __init__(self, out: Output, progress: Progress, *, briefly: bool) -> None:
        self.out = out
        self.progress = progress
        self._briefly = briefly
        self._lines: dict[str, str] = {}
        self._not_read: list[str] = []
        self._items = _PackedTexts() if out.json else None

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        if self._items is not None:
            for outcome in outcomes:
                self._items.add(item(outcome))
        elif self._briefly:
            for outcome in outcomes:
                if outcome.outcome != "unchanged" or outcome.late:
                    line = recording.recorded_line(outcome, self.out.style)
                    self._lines[outcome.did or outcome.requested] = line
        else:
            # Each write lets a thread that fetches go first: one a batch.
            self._print(recording.recorded_line(outcome, self.out.style) for outcome in outcomes)
        self.progress.step(len(outcomes))

    def unattempted(self, outcome: Outcome) -> None:
        """Keep a DID that the run did not come to for the JSON or, unless `briefly`, the end."""
        if self._items is not None:
            self._items.add(item(outcome))
        elif not self._briefly:
            self._not_read.append(outcome.did or outcome.requested)

    def _print(self, lines: Iterable[str]) -> None:
        with self.progress.aside():
            self.out.text("\n".join(lines))

    def end(self, result: RecordSummary) -> int:
        """Print what is left and the `result`. Return the exit code."""
        self.tell_held()
        if self._not_read:
            self._print([recording.not_read_line(self._not_read, self.out.style)])
        self.out.tell_conditions(result)
        return self.out.print_with_dids("record", result, recording.record_summary, self._items)

    def tell_held(self) -> None:
        lines, self._lines = self._lines, {}
        self._print(line for _, line in sorted(lines.items()))

    def close(self) -> None:
        """Print what was stored before an error, too."""
        self.tell_held()


class _PackedTexts:
    """The texts of a long JSON answer, in the order of their addition.

    They are compressed in memory: those of 100,000 DIDs would take 35 MiB, and so take 3.
    """

    def __init__(self) -> None:
        self._packed = BytesIO()
        self._writer = GzipFile(fileobj=self._packed, mode="w", compresslevel=1)

    def add(self, text: str) -> None:
        self._writer.write(f"{json.dumps(text)}\n".encode())

    def __iter__(self) -> Iterator[str]:
        """Yield the texts. None can be added after that."""
        self._writer.close()
        self._packed.seek(0)
        yield from map(json.loads, GzipFile(fileobj=self._packed))
