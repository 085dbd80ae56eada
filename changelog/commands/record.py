"""``record``: fetch DIDs, keep every answer, say what is new, changed, unchanged or unreadable."""

from collections.abc import Callable, Iterable, Sequence

from changelog.commands.capturing import Captured, capture, recorded
from changelog.core.history import CaptureInfo
from changelog.core.naming import Target
from changelog.core.ports import Api, Recorder
from changelog.core.recording import CaptureSettings, Stored
from changelog.core.results.capture import RecordCounts, RecordedDid, RecordResult


def record(
    api: Api,
    recorder: Recorder,
    targets: Sequence[Target],
    info: CaptureInfo,
    reading: CaptureSettings,
    *,
    by_name: bool,
    on_stored: Callable[[Stored], None],
) -> RecordResult:
    """Capture `targets`; `on_stored` hears of each as soon as it is in the database."""
    captured = capture(api, recorder, targets, info, reading, by_name=by_name, on_stored=on_stored)
    return summarised(captured, targets)


def summarised(captured: Captured, targets: Sequence[Target]) -> RecordResult:
    """A capture as ``record`` reports it: every target in the order asked for."""
    by_request = {one.answer.requested: one for one in captured.stored}
    dids = tuple(recorded(target, by_request.get(target.requested)) for target in targets)
    return RecordResult(
        capture=captured.summary,
        counts=counted(dids),
        dids=dids,
        conditions=tuple(sorted(captured.conditions)),
    )


def counted(dids: Iterable[RecordedDid]) -> RecordCounts:
    outcomes = [one.outcome for one in dids]
    return RecordCounts(
        requested=len(outcomes),
        new=outcomes.count("new"),
        changed=outcomes.count("changed"),
        unchanged=outcomes.count("unchanged"),
        unreadable=outcomes.count("unreadable"),
    )
