"""``check`` and ``db rebuild``: what a proof, and a repair, of the log came to."""

from changelog.model import exits
from changelog.model.errors import UsageError
from changelog.model.journal import Head, parse_head
from changelog.model.results.upkeep import CheckResult, Proven, RebuildResult, Rebuilt

MOST_NAMED = 100
"""Broken rows that the answer names."""


def check(place: str, proven: Proven, against: Head | None) -> CheckResult:
    """Return the answer of ``check``; `against`: the head that the log had to contain."""
    broken, head = proven.broken, proven.head
    empty = {exits.NOTHING_RECORDED} if head is None else set()
    conditions = {exits.BROKEN_LOG} if broken else empty
    return CheckResult(
        database=place,
        ok=not broken,
        checked=proven.checked,
        broken=tuple(broken[:MOST_NAMED]),
        more=len(broken) > MOST_NAMED,
        head=None if head is None else str(head),
        against=None if against is None else str(against),
        remarks=tuple(proven.remarks),
        conditions=tuple(sorted(conditions)),
    )


def rebuild(place: str, rebuilt: Rebuilt, against: Head | None) -> RebuildResult:
    """Return the answer of ``db rebuild``; `against`: as for `check`."""
    return RebuildResult(
        database=place,
        differing=tuple(rebuilt.differing[:MOST_NAMED]),
        more=len(rebuilt.differing) > MOST_NAMED,
        rows=rebuilt.rows,
        entries=rebuilt.entries,
        objects=rebuilt.objects,
        broken=tuple(rebuilt.left[:MOST_NAMED]),
        head=None if rebuilt.head is None else str(rebuilt.head),
        against=None if against is None else str(against),
        conditions=(exits.BROKEN_LOG,) if rebuilt.left else (),
    )


def read_head(text: str) -> Head:
    """What an operator gives for a head. Raises UsageError."""
    head = parse_head(text)
    if head is None:
        raise UsageError(
            f"{text!r} is not a head",
            "A head is N:DIGEST, the digest 64 hex digits, as changelog check --head prints it.",
        )
    return head
