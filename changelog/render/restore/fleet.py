"""What ``restore`` answers for many DIDs: how much differs, what to put back, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from changelog.model.results.restore import UnknownDid
from changelog.model.text.sanitize import Command, command_line, word
from changelog.render.freshness import destinations_unread, unreadable
from changelog.render.restore import card, card_warnings, steps
from changelog.render.style import (
    NO_MORE,
    Sentence,
    Shown,
    Value,
    how_many,
    say,
    show,
    some,
)
from changelog.render.text import Part, advice, fields, plain_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from changelog.model.diff import Change
    from changelog.model.results.restore import RestoreCard, RestoreResult
    from changelog.model.results.restore_fleet import FleetGroup
    from changelog.model.routing import Where

MOST_ALIKE = 3
"""Warnings of one kind in a group; of the other DIDs only that they have one."""
MOST_NAMED = 20
"""DIDs in a command to paste; more of them stand in a file."""


def parts(result: RestoreResult) -> Iterator[Part]:
    """Yield counts and groups, and each card where they are wanted."""
    yield from card.head(result)
    yield from (Part("line", text) for text in chosen(result.where))
    if result.groups:
        yield Part("title", counts(result))
        for group in groups(result):
            yield Part("title", group.title)
            yield from (Part("of_group", text) for text in group.content)
            yield from (Part("paste", say("{}: {}", *row)) for row in group.commands)
        if not result.with_cards:
            yield Part("line", how_to_see(result))
    if result.with_cards:
        yield from card.each(result)
    if not result.dids:
        yield Part("line", nothing_moved(result))
    if result.counts is not None:
        yield from (Part("line", text) for text in left_out(result))


def asides(result: RestoreResult) -> Iterator[Sentence]:
    """Say what ``plain`` has no room for and nobody may miss."""
    if result.groups:
        yield counts(result)
    yield from apart(result)
    yield from _asides_of_each(result)
    if result.counts is None:
        yield from _as_of(result.cards)
        yield from card_warnings.moved_numbers(result.moved_numbers)
        return
    if not result.dids:
        yield nothing_moved(result)
    yield from left_out(result)


def plain(result: RestoreResult) -> Shown:
    """Show one line a DID that has a target."""
    return plain_lines(
        (card.did, card.number, card.target.newest.routing)
        for card in result.cards
        if card.target is not None
    )


def _asides_of_each(result: RestoreResult) -> Iterator[Sentence]:
    """Say what went wrong with each card, and its warnings: once what several of them have."""
    told: dict[Shown, tuple[Sentence, list[str]]] = {}
    for each in result.dids:
        if each.error is not None:
            # A card that has no target says at length what to do.
            hint = each.error.hint if isinstance(each, UnknownDid) else ""
            values = (each.name, each.error.message, advice(hint))
            yield say("{}: {}. {}" if hint else "{}: {}", *values)
    for restored in result.cards:
        there = [say("{}", steps.already_there(restored))] if restored.already_there else []
        for warning in (*there, *card_warnings.warnings(restored)):
            if warning.code != restored.apart or warning.code == "not_visible":
                _, names = told.setdefault(show(warning), (warning, []))
                names.append(restored.name)
    for warning, names in told.values():
        yield say("{}: {}", _these(names), warning)


def apart(result: RestoreResult) -> Iterator[Sentence]:
    """Count what may not be what is to be taken back."""
    groups: dict[Shown, list[RestoreCard]] = {}
    for kind in ("changed_again", "judged_good", "not_visible"):
        for one in result.cards:
            if one.apart == kind:
                groups.setdefault(show(card_warnings.why_apart(one, kind)), []).append(one)
    for why, cards in groups.items():
        names = some([card.name for card in cards])
        yield say("{} {}, listed last: {}", how_many(len(cards)), why, names)


def _as_of(cards: Sequence[RestoreCard]) -> Iterator[Sentence]:
    """Say of when the log alone answers: one line for all DIDs of which the same is to be said."""
    groups: dict[str | None, list[tuple[datetime, str]]] = {}
    for each in cards:
        if not each.live.answered or each.is_blind:
            error = None if each.live.looked else each.live.error
            groups.setdefault(error and error.message, []).append((each.as_of, each.name))
    for why, seen in groups.items():
        first, name = min(seen)
        which, later = (f"{len(seen)} DIDs", " or later") if len(seen) > 1 else (name, "")
        template = f"{{}}: as of {{}}{later}, from the log"
        if why:
            template += " (not looked live: {})"
        yield say(template, which, first, why)
    unread = {each.name: each.destination_seen for each in cards if each.is_destination_unread}
    if unread:
        since = min((seen[1] for seen in unread.values() if seen), default=None)
        yield destinations_unread(tuple(unread), since)


def chosen(where: Where) -> Iterator[Sentence]:
    """Say which DIDs of a fleet an answer is about, if not all."""
    given = {"application_id": where.application, "route_mode": where.route_mode}
    if given := {name: value for name, value in given.items() if value is not None}:
        yield say("only DIDs with {} on either side, then or now", fields(given, " and "))


_AS_THEN = "as then by application and mode: the destination was not read then: {}"
_UNSEEN = "{} as last seen before then. Whether that was still so then, nobody saw: {}"
_NOT_COMPARED = (
    ("known_only_later", f"{{}} is {_AS_THEN}", f"{{}} are {_AS_THEN}"),
    ("unseen_then", _UNSEEN, _UNSEEN),
    (
        "not_read_by_tag",
        "{} is as other looks saw it. The tag's capture has no revision of it: {}",
        "{} are as other looks saw them. The tag's capture has no revision of them: {}",
    ),
    (
        "absent",
        "{} of the log was not known then, and not compared: {}",
        "{} of the log were not known then, and not compared: {}",
    ),
)
"""Of a member of the result, what is said of one DID and of several."""


def left_out(result: RestoreResult) -> Iterator[Sentence]:
    """Say what of a whole fleet differs and has no card, and what was not read now."""
    for remark in result.remarks:
        yield say("{}", remark)
    if result.not_read and result.as_of is not None:
        yield say(
            "from the log, as of {}: {} not read now{}: {}",
            result.as_of,
            how_many(len(result.not_read)),
            _reason(result),
            some(result.not_read),
        )
    if result.unreadable:
        yield unreadable(result.unreadable)
    if result.destination_unread:
        yield destinations_unread(result.destination_unread, result.destinations_as_of)
    if result.counts is not None and result.counts.not_recorded:
        count = result.counts.not_recorded
        which = f"{how_many(count)} read now {'is' if count == 1 else 'are'}"
        why = result.store_error.message if result.store_error else ""
        yield say("{} NOT RECORDED: {}", which, why)
    for member, of_one, of_many in _NOT_COMPARED:
        if dids := getattr(result, member):
            yield say(of_one if len(dids) == 1 else of_many, how_many(len(dids)), some(dids))
    if result.retired:
        count = len(result.retired)
        what = "retired DID differs and is" if count == 1 else "retired DIDs differ and are"
        yield say(f"{{}} {what} left out: {{}}", count, some(result.retired))
    yield from card_warnings.moved_numbers(result.moved_numbers[:MOST_NAMED])
    if (more := len(result.moved_numbers) - MOST_NAMED) > 0:
        yield say("… {} more numbers are now those of other DIDs: --json has them", more)


def _reason(result: RestoreResult) -> Sentence:
    reason = result.not_read_reason
    if reason is None:
        return NO_MORE
    error = reason.error if reason.error.status else reason.error.message
    if reason.dids == len(result.not_read):
        return say(" ({})", error)
    return say(" ({} of them: {})", reason.dids, error)


def nothing_moved(result: RestoreResult) -> Sentence:
    """Say that nothing differs: of which DIDs, and as of when."""
    counts = result.counts
    as_far = say(", as far as was read then" if result.known_only_later else "")
    if result.unseen_then or result.not_read_by_tag:
        as_far = say(", as far as was seen then")
    if result.destinations_unread:
        as_far = say(", as far as was read")
    if counts is not None and counts.compared == 0:
        which = "was there then" if result.where.everywhere else "points there now or did then"
        return say(f"0 DIDs compared: none that is not retired {which}")
    if counts is None or counts.read_now == 0:
        return say(
            "by the log alone, no DID differs from what it was then{}; no live route was read now",
            as_far,
        )
    of_those = say(" of those" if counts.not_read or result.absent else "")
    which = f"{'the' if counts.read_now == 1 else 'each of the'} {how_many(counts.read_now)}"
    if result.looked_without_destinations:
        return say(
            "{} read now has the application and route mode that it had then:"
            " nothing to put back{} but for answer_urls, which were not read",
            which,
            of_those,
        )
    text = "{} read now has the routing that it had then{}: nothing to put back{}"
    return say(text, which, as_far, of_those)


class GroupView(NamedTuple):
    """What is said of one group: its title, then what is to be put back, then what to paste."""

    title: Sentence
    content: tuple[Sentence | Change, ...]
    commands: tuple[tuple[str, Command], ...]


def counts(result: RestoreResult) -> Sentence:
    """Say how many differ, how many of them stand apart, and how many were read now."""
    about, apart = result.counts, [restored.apart for restored in result.cards]
    if about is None:
        return NO_MORE
    words = [f"{apart.count(None)} to put back"]
    unread = sum(card.apart == "changed_again" and card.unread_after for card in result.cards)
    kinds = (
        (apart.count("changed_again") - unread, f"changed after {result.after}"),
        (unread, f"not read at {result.after}"),
        (apart.count("judged_good"), "judged good"),
    )
    words += [f"{count} {what}" for count, what in kinds if count]
    if len(apart) < about.differ + about.not_visible:
        words.append("this is one group of them")
    more = f"; {about.not_visible} more not visible (404)" if about.not_visible else ""
    compared = how_many(about.compared)
    values = (about.differ, compared, Shown(", ".join(words)), about.read_now, about.not_read)
    return say(f"{{}} of {{}} differ from then: {{}}{more}; {{}} read now, {{}} not read", *values)


def groups(result: RestoreResult) -> Iterator[GroupView]:
    """Yield what is said of each group."""
    cards = {each.name: each for each in result.cards}
    for group in result.groups or ():
        first = cards[group.dids[0]]
        values: tuple[object, ...] = (group.name, how_many(len(group.dids)), some(group.dids))
        title = say("group {}, {}: {}", *values)
        if group.apart:
            values = (*values, card_warnings.why_apart(first, group.apart))
            title = say("group {}, {}: {}, {}", *values)
        content: list[Sentence | Change] = list(group.changes)
        if not group.visible and group.apart != "not_visible":
            content.insert(0, say("NOT VISIBLE (404): seen last"))
        content += _one_step(first, len(group.dids))
        if group.apart and group.apart != "not_visible":
            content += next(card.people(first), [])
        content += _warnings([cards[did] for did in group.dids])
        yield GroupView(title, tuple(content), tuple(commands(result, group)))


def _one_step(first: RestoreCard, count: int) -> Iterator[Sentence]:
    """Say that one step puts them all back, where an ``answer_url`` moved them all."""
    if first.also_moved and first.visible:
        values = (Value("", first.current.routing.application_id), how_many(count))
        yield say("one step: set {}'s answer_url back: {}", *values)


def _warnings(cards: Sequence[RestoreCard]) -> Iterator[Sentence]:
    """Yield each warning of a group once, with the DIDs that it is about."""
    kinds: dict[str, dict[Shown, tuple[Sentence, list[str]]]] = {}
    for restored in cards:
        for warning in card_warnings.warnings(restored):
            if warning.code == "also_moved" and restored.also_moved < len(cards):
                continue
            if warning.code == restored.apart != "not_visible":
                # The title of the group says it.
                continue
            alike = kinds.setdefault(warning.code, {})
            alike.setdefault(show(warning), (warning, []))[1].append(restored.name)
    for alike in kinds.values():
        # What is said of one DID, such as who judged it and why, holds for no other.
        told, rest = list(alike.values())[:MOST_ALIKE], list(alike.values())[MOST_ALIKE:]
        for warning, names in told:
            yield say("! {}: {}", _these(names), warning)
        left = [name for _, names in rest for name in names]
        if left:
            yield say("! {} more with a warning like that: {}", how_many(len(left)), some(left))


def _these(names: Sequence[str]) -> Sentence:
    if len(names) == 1:
        return say("{}", names[0])
    return say("{} ({})", how_many(len(names)), some(names))


def commands(
    result: RestoreResult, group: FleetGroup, *, most_named: int | None = MOST_NAMED
) -> Iterator[tuple[str, Command]]:
    """Yield what to paste for one group; more than `most_named` DIDs come from a file."""
    dids, which = group.dids, ""
    if most_named is not None and len(group.dids) > most_named:
        file = f"group-{group.name}.tsv"
        dids, which = (), f" --file {file}"
        offline = "" if result.counts and result.counts.not_recorded else " --offline"
        yield (
            "list",
            Command(f"{result.again}{offline} --group {group.name} --format plain > {file}"),
        )
    to = word(result.select or "")
    for name, side in (("restore", "--to"), ("verify", "--to"), ("diff", "--from")):
        yield name, command_line(name, dids, f"{which} {side} {to}")


def how_to_see(result: RestoreResult) -> Sentence:
    """Say how to get the cards."""
    groups = result.groups or ()
    only = f" --group {groups[0].name}" if len(groups) == 1 else ""
    values = (Command(f"{result.again}{only} --cards"),)
    return say("a card for each: {}, or restore with its name", *values)
