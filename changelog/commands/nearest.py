"""Which DIDs the log knows, and which of them an unknown name may mean. That is said, and never
taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from changelog.model.text.sanitize import Advice, command_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from changelog.model.did_ref import KnownDid
    from changelog.model.ports import Log

_PAGE = 1000
_SHOWN = 8
ENOUGH_DIGITS = 4


def known_dids(
    log: Log, *, with_retired: bool = True, unanswered_in: int | None = None
) -> Iterator[KnownDid]:
    """Yield the DIDs of the log, read a page at a time."""
    after = ""
    while page := log.dids(
        after=after, limit=_PAGE, with_retired=with_retired, unanswered_in=unanswered_in
    ):
        yield from page
        after = page[-1].did


def number_meant(known: Sequence[KnownDid], text: str) -> str:
    """Return the one DID whose number has these digits, "" where none or several have."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < ENOUGH_DIGITS:
        return ""
    fitting = [each for each in known if digits in re.sub(r"\D", "", each.number or "")]
    return f"Did you mean {fitting[0].did} ({fitting[0].number})?" if len(fitting) == 1 else ""


def suggestion(known: Sequence[KnownDid], text: str, more: str = "") -> str:
    """Return what may have been meant, and what `more` there is to say before a command. Never
    taken: the wrong line is worse than none."""
    if meant := number_meant(known, text):
        return meant + more
    digits = re.sub(r"\D", "", text)
    near = sorted(known, key=lambda each: -_likeness(each, text))[:_SHOWN]
    names = ", ".join(
        f"{each.did} ({each.number})" if len(digits) >= ENOUGH_DIGITS and each.number else each.did
        for each in near
    )
    if len(known) <= _SHOWN:
        return f"It knows {names}.{more}"
    every = f"{more} To see all {len(known)}:".strip()
    return Advice.of("The nearest are {}. {} {}", names, every, command_line("list"))


def _likeness(known: KnownDid, text: str) -> int:
    """Characters that a name has in common with `text` at its two ends; cheap for a whole fleet."""
    typed = text.lower()
    names = (known.did.lower(), known.number or "")
    return max(_common(name, typed) + _common(name[::-1], typed[::-1]) for name in names)


def _common(one: str, other: str) -> int:
    """Return how many characters are equal from the beginning on."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))
