"""The groups of ``restore --all``: DIDs on which the same is to be put back."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from changelog.model import exits
from changelog.model.errors import NothingError, UsageError
from changelog.model.results.restore import RestoreCard, RestoreResult
from changelog.model.results.restore_fleet import FleetGroup
from changelog.model.routing import WEBHOOK
from changelog.model.text.json_body import canonical_json
from changelog.model.text.sanitize import command_line

_GROUP_NAME = re.compile("[0-9a-f]{8}")


def groups_of(cards: Sequence[RestoreCard]) -> tuple[FleetGroup, ...]:
    """Return the cards by what to put back, the largest group first and what stands apart last."""
    groups: dict[str, list[RestoreCard]] = {}
    for card in cards:
        groups.setdefault(_group_name(card), []).append(card)
    ordered = sorted(
        groups.items(), key=lambda item: (item[1][0].apart or "", -len(item[1]), item[1][0].name)
    )
    return tuple(
        FleetGroup(
            name,
            number,
            tuple(card.name for card in group),
            group[0].changes,
            group[0].visible,
            group[0].apart,
        )
        for number, (name, group) in enumerate(ordered, start=1)
    )


def _group_name(card: RestoreCard) -> str:
    """Return 8 hex digits that stand for what is to be put back on the card's DID, and why.

    They stay while the DID does: a command pasted later names no other group.
    """
    own: list[object] = []
    if card.apart in ("changed_again", "judged_good"):
        verdict = card.decision.own.verdict
        # Not its time: one judgement of many DIDs has one for each.
        judged = verdict and [verdict.verdict, verdict.by, verdict.reason]
        own = [card.start and card.start.capture_number, judged]
        own += [card.unread_after] if card.unread_after else []
    # One answer_url is set back for all that it moved, and for no others.
    now = card.current.routing
    alone = [change.field for change in card.changes] == ["destination"]
    moved_by = now.application_id if now.route_mode == WEBHOOK and alone else None
    changes = [(change.field, change.before, change.after) for change in card.changes]
    text = canonical_json([card.apart, card.visible, changes, own, moved_by])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def check_group_name(name: str) -> None:
    """Raise UsageError for what cannot be the name of a group."""
    if not _GROUP_NAME.fullmatch(name):
        fleet = command_line("restore", (), " --all --to SEL")
        message = f"{name!r} is not the name of a group"
        raise UsageError(message, f"It has 8 hex digits, and stands with each group: {fleet}")


def only_group(result: RestoreResult, name: str) -> RestoreResult:
    """Return what `result` says of one group. Raises NothingError where there is none left."""
    groups = [group for group in result.groups or () if group.name == name]
    if not groups:
        unread = f" Not read now: {len(result.not_read)}." if result.not_read else ""
        raise NothingError(
            exits.NO_TARGET,
            f"nothing differs in that way any more: there is no group {name}",
            f"The groups now: {result.again}.{unread}",
        )
    names = set(groups[0].dids)
    cards = tuple(card for card in result.dids if card.name in names)
    return replace(result, dids=cards, groups=tuple(groups))
