"""``diff``: what changed between two states of each DID."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from changelog.commands.answers.comparison import (
    DiffOptions,
    diff_one,
)
from changelog.commands.answers.diff_fleet import ComparedDids, diff_fleet
from changelog.commands.answers.fleet_then import moved_remarks
from changelog.commands.answers.list import fleet_side, moment_of, remark_on
from changelog.commands.targets import (
    did_error,
    refuse_selectors,
    refuse_split_numbers,
    require_some,
    unknown_did,
)
from changelog.model import exits
from changelog.model.diff import group_changes, has_only_learned
from changelog.model.errors import NothingError, UsageError
from changelog.model.ports import Log
from changelog.model.results.base import Looks
from changelog.model.results.diff import DiffCounts, DiffedDid, DiffResult
from changelog.model.routing import WEBHOOK, Where
from changelog.model.selectors import (
    At,
    Latest,
    Selector,
    Tagged,
    Word,
    known_tag,
    parse_selector,
    resolve,
)
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_utc


def diff(log: Log, names: Sequence[str], wanted: DiffOptions, now: datetime) -> DiffResult:
    """Compare the DIDs named, or all of them."""
    start = start_of(log, wanted, now)
    end = parse_selector("latest" if wanted.end is None else wanted.end, now, tags=log)
    if names and not wanted.where.everywhere:
        raise UsageError(
            "--application and --route-mode choose DIDs, so no DID can be named too",
            "Leave one of them out.",
        )
    if names:
        found = _compare_named(log, names, start, end, wanted, now)
    else:
        if not isinstance(start, Tagged):
            # An empty log has no tag.
            require_some(log)
        found = diff_fleet(log, start, end, wanted)
    fleet = found.fleet
    result = result_of(log, found.dids, wanted, start, end, named=bool(names), same=found.same)
    result = with_destinations(log, result, (start, end), fleet, wanted)
    asked = [(log.e164(did.requested or ""), did.did) for did in found.dids if names]
    moved = moved_remarks(log, asked, start)
    result = replace(result, remarks=(*moved, *result.remarks))
    if found.after is None:
        at_start, at_end = found.read
        result = with_unseen_at_start(log, result, start, fleet, at_start, wanted)
        if isinstance(end, At | Tagged):
            result = _with_unseen(log, result, end, fleet, at_end, wanted)
    if end == Latest():
        pages = log.pages
        looks = pages.fleet_looks() if fleet is None else Looks.of(pages.last_looks(sorted(fleet)))
        result = replace(result, looks=looks)
    if found.after is None:
        return result
    return replace(result, after=found.after, conditions=(*result.conditions, exits.INCOMPLETE))


def _words_apart(log: Log, names: Sequence[str]) -> list[str]:
    """Return the names, of a DID@SEL the DID and then the selector.

    A comparison has two sides, and DID@SEL does not say which of them it is.
    """
    words: list[str] = []
    for name in names:
        owner, at, selector = name.rpartition("@")
        is_split = bool(at) and not log.find(name) and log.find(owner)
        did = owner if is_split else name
        words += [did] if did not in words else []
        words += [selector] if is_split else []
    return words


def check_start(log: Log, wanted: DiffOptions, now: datetime) -> None:
    """Raise UsageError or NothingError for a start that is none, before anything is fetched."""
    start = start_of(log, wanted, now)
    if isinstance(start, Tagged):
        known_tag(start.name, log)


def start_of(log: Log, wanted: DiffOptions, now: datetime) -> Selector | None:
    """Return the start that is asked for, None for the previous routing. Raises UsageError."""
    if wanted.start is None:
        return None
    start = parse_selector(wanted.start, now, day_ends=False, tags=log)
    if start is Word.LIVE:
        raise UsageError(
            "'live' works only with diff --to", f"Use: {command_line('diff', (), ' --to live')}"
        )
    return start


def with_destinations(
    log: Log,
    result: DiffResult,
    sides: Sequence[Selector | None],
    fleet: Collection[str] | None,
    wanted: DiffOptions,
) -> DiffResult:
    """Say of how many of the `fleet` the capture of a tag did not read the destination."""
    remarks = []
    for selector in sides:
        unread = _destinations_unread(log, selector)
        count = len(unread if fleet is None else unread.intersection(fleet))
        if count and isinstance(selector, Tagged):
            which = "1 DID" if count == 1 else f"{count} DIDs"
            remarks.append(
                f"the capture of tag:{selector.name} did not read the destination of {which}:"
                " whether that had changed by then is not known"
            )
    conditions = set(result.conditions)
    if remarks and wanted.fail_if_different:
        # An exit code must not say that they are equal.
        conditions.add(exits.NOT_COMPARED)
    remarks = [*result.remarks, *remarks]
    return replace(result, remarks=tuple(remarks), conditions=tuple(sorted(conditions)))


def _destinations_unread(log: Log, selector: Selector | None) -> frozenset[str]:
    """Return the DIDs whose destination the capture of a tag could not read."""
    tag = log.tag(selector.name) if isinstance(selector, Tagged) else None
    if selector is None or tag is None or not tag.unread:
        return frozenset()
    side = fleet_side(log, selector)
    wheres = [Where(route_mode=WEBHOOK, application=one or None) for one in side.unread]
    found = (log.pages.dids(where, side.then) for where in wheres)
    return frozenset().union(*found).intersection(side.read or ())


def read_by_side(dids: Sequence[DiffedDid]) -> tuple[set[str], set[str]]:
    """Return the DIDs that were read at the start, and those that were at the end."""
    start, end = ({did.did for did in dids if side not in did.not_read} for side in ("from", "to"))
    return start, end


def with_unseen_at_start(
    log: Log,
    result: DiffResult,
    start: Selector | None,
    fleet: Collection[str] | None,
    read: Collection[str],
    wanted: DiffOptions,
) -> DiffResult:
    """Say of the start what `_with_unseen` says; of a DID that has one revision on both sides, the
    end says it."""
    if isinstance(start, At):
        differ = {did.did for did in result.dids if did.from_revision != did.to_revision}
        return _with_unseen(log, result, start, fleet, read, wanted, among=differ)
    if isinstance(start, Tagged) and has_capture(log, start):
        return _with_unseen(log, result, start, fleet, read, wanted)
    return result


def _with_unseen(
    log: Log,
    result: DiffResult,
    selector: At | Tagged,
    fleet: Collection[str] | None,
    read: Collection[str],
    wanted: DiffOptions,
    among: Collection[str] | None = None,
) -> DiffResult:
    """Say how many nobody saw at the moment, nor so later, which answers came too late for it, and
    how many the capture of a tag has not read, but others saw before and after.

    `read`: by the capture of a tag. `among`: those of which nobody may have seen it, None for all.
    """
    known = set[str]()
    if isinstance(selector, Tagged):
        known = {*read, *(did.did for did in result.dids if did.is_notable)}
    moment = moment_of(selector, log)
    if moment is None or (fleet is not None and known.issuperset(fleet)):
        return result
    unseen = log.pages.unseen_at(moment, among) - known
    if fleet is not None:
        unseen = unseen.intersection(fleet)
    remarks, conditions = [*result.remarks], {*result.conditions}
    if unseen:
        named = format_utc(moment)
        if isinstance(selector, Tagged):
            named = f"tag:{selector.name}"
            named += ", and not read by its capture" if has_capture(log, selector) else ""
        text = f"last seen before {named}: whether still so then is not known"
        remarks.append(f"{_were(len(unseen))} {text}")
        if isinstance(selector, Tagged) and wanted.fail_if_different:
            # An exit code must not say that they are equal.
            conditions.add(exits.NOT_READ_BY_TAG)
    if isinstance(selector, At):
        remarks += _read_late(log, selector, fleet)
    around = len({*fleet} - known - unseen) if fleet is not None and read else 0
    if around and isinstance(selector, Tagged):
        text = f"not read by the capture of tag:{selector.name}, but seen so around it"
        remarks.append(f"{_were(around)} {text}")
    return replace(result, remarks=tuple(remarks), conditions=tuple(sorted(conditions)))


def _read_late(log: Log, selector: At, fleet: Collection[str] | None) -> Iterator[str]:
    """Yield a remark on the DIDs whose last look before the moment saw another routing, too late
    to begin a revision."""
    late = [did for did in log.pages.late_at(selector.moment) if fleet is None or did in fleet]
    otherwise = []
    for did in sorted(late):
        # Of a DID that was not known then, nothing is compared.
        with suppress(NothingError):
            if resolve(selector, log.history(did), log).seen_then.read_late:
                otherwise.append(did)
    named = format_utc(selector.moment)
    text = f"the last look before {named} saw another answer, too late to begin a revision: {{}}"
    return remark_on(otherwise, text)


def has_capture(log: Log, tag: Tagged) -> bool:
    """Return whether the tag is that of a capture, and does not only name a moment."""
    known = log.tag(tag.name)
    return known is not None and known.capture is not None


def _were(count: int) -> str:
    return "1 DID was" if count == 1 else f"{count} DIDs were"


# The DIDs named


def _compare_named(
    log: Log,
    names: Sequence[str],
    start: Selector | None,
    end: Selector,
    wanted: DiffOptions,
    now: datetime,
) -> ComparedDids:
    refuse_split_numbers(log, names)
    sides = {"--from": wanted.start, "--to": wanted.end}
    refuse_selectors(log, _words_apart(log, names), now, "diff", sides)
    each = [_named(log, name, start, end, wanted) for name in names]
    # A DID that was named twice is answered once.
    dids = tuple({(did.did, did.from_revision, did.to_revision): did for did in each}.values())
    fleet = {did.did for did in dids if did.to_revision}
    return ComparedDids(dids, fleet, read=read_by_side(dids))


def _named(
    log: Log, name: str, start: Selector | None, end: Selector, wanted: DiffOptions
) -> DiffedDid:
    did = log.find(name)
    try:
        if did is None:
            raise unknown_did(log, name)
        return diff_one(log, name, log.history(did), start, end, wanted)
    except NothingError as error:
        return DiffedDid(did=did or name, requested=name, error=did_error(error))


def result_of(
    log: Log,
    dids: tuple[DiffedDid, ...],
    wanted: DiffOptions,
    start: Selector | None,
    end: Selector | None,
    *,
    named: bool,
    same: int = 0,
    retired: int = 0,
) -> DiffResult:
    """Return the answer that tells of the `dids`; of a fleet, `same` more have not changed."""
    changed = {did.did: did.changes for did in dids if did.changes}
    learned = sum(map(has_only_learned, changed.values()))
    differ = len(changed) - learned
    unread = [did for did in dids if did.is_unread]
    not_read = sum(not did.was_asked for did in unread)
    both = same + sum(did.is_known_on_both and not did.is_unread for did in dids)
    return DiffResult(
        from_=wanted.start or ("latest" if end is None else "previous"),
        to=wanted.end or "latest",
        from_at=moment_of(start, log),
        to_at=moment_of(end, log),
        counts=DiffCounts(
            compared=both,
            changed=differ,
            unchanged=both - differ,
            absent=sum(did.is_absent for did in dids),
            unreadable=len(unread) - not_read,
            not_read=not_read,
            learned=learned,
            retired=retired,
        ),
        dids=tuple(did for did in dids if named or did.is_notable),
        groups=group_changes(changed),
        remarks=tuple(_remarks(dids)),
        conditions=_conditions(dids, is_different=differ > 0 and wanted.fail_if_different),
    )


def _remarks(dids: Iterable[DiffedDid]) -> Iterator[str]:
    returned = [did.did for did in dids if did.returned]
    yield from remark_on(returned, "another routing in between, and back again: {}")
    unread = [did.did for did in dids if did.destination_unread]
    text = "the look did not show the destination of {}: it is as the log has it, and may have"
    yield from remark_on(unread, f"{text} changed")


def _conditions(dids: Iterable[DiffedDid], *, is_different: bool) -> tuple[str, ...]:
    # A code of the API says why one DID was not read, and may be spelled as a condition is.
    codes = {did.error.code for did in dids if did.error and not did.not_read}
    conditions = codes & exits.EXIT_CODES.keys()
    if is_different:
        conditions.add(exits.DIFFERENT)
    if any(did.error and did.not_read for did in dids):
        # It may differ: an exit code must not say that it is equal.
        conditions.add(exits.UNREADABLE)
    return tuple(sorted(conditions))
