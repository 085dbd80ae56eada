"""``record``: fetch DIDs, keep every answer, say what is new, changed, unchanged or unreadable."""

from collections import Counter
from collections.abc import Callable, Iterable

from changelog.commands.recording.capture import Targets, begin, capture, not_attempted, recorded
from changelog.model.errors import UsageError
from changelog.model.history import CaptureInfo
from changelog.model.ports import Api, Recorder
from changelog.model.recording import CaptureSettings, OpenCapture, Selection, Unfinished
from changelog.model.results.capture import RecordCounts, RecordedDid, RecordSummary


def record(
    api: Api,
    recorder: Recorder,
    targets: Targets,
    opened: OpenCapture,
    reading: CaptureSettings,
    *,
    on_recorded: Callable[[Iterable[RecordedDid]], None],
) -> RecordSummary:
    """Capture `targets`; `on_recorded` hears of them as soon as they are in the database, and at
    the end of those that the run did not come to."""
    captured = capture(
        api,
        recorder,
        targets,
        opened,
        reading,
        keep=False,
        on_stored=lambda stored: on_recorded(map(recorded, stored)),
    )
    if captured.conditions:
        on_recorded(map(not_attempted, captured.unattempted))
    return RecordSummary(
        capture=captured.summary,
        counts=captured.counts,
        conditions=tuple(sorted(captured.conditions)),
    )


def open_capture(
    api: Api,
    recorder: Recorder,
    info: CaptureInfo,
    selection: Selection,
    unfinished: Unfinished | None,
) -> OpenCapture:
    """A new capture, or the `unfinished` one to go on with.

    Raises UsageError for a tag that is taken, and for what would make the old capture another one.
    """
    if unfinished is None:
        return begin(api, recorder, info, by_name=not selection.every, selection=selection)
    _require_the_same(info, api.url, unfinished)
    return recorder.resume(unfinished, info.tag)


def _require_the_same(info: CaptureInfo, url: str, unfinished: Unfinished) -> None:
    before = unfinished.info
    if before.api_url != url:
        raise UsageError(
            f"capture {before.id} read {before.api_url}, and this run would read {url}",
            "Set MINIVOICE_API_URL as it was then, or begin a new capture without --resume.",
        )
    for name in ("note", "ticket", "tag", "changed_by"):
        said, then = getattr(info, name), getattr(before, name)
        if said not in (None, then) and (name != "tag" or unfinished.has_read):
            raise UsageError(
                f"capture {before.id} has its {name.replace('_', ' ')} already: {then or 'none'}",
                "Leave it out to go on with that capture, or begin a new one without --resume.",
            )


def counted(dids: Iterable[RecordedDid]) -> RecordCounts:
    outcomes = Counter(one.outcome for one in dids)
    return RecordCounts(
        requested=outcomes.total(),
        new=outcomes["new"],
        changed=outcomes["changed"],
        unchanged=outcomes["unchanged"],
        unreadable=outcomes["unreadable"],
    )
