"""Results as JSON: the names of the dataclasses' fields are the contract (``docs/json.md``)."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from textwrap import indent
from typing import Any, NamedTuple

from changelog.model.answers import Problem
from changelog.model.errors import ChangelogError
from changelog.model.history import Stored
from changelog.model.results.base import Result
from changelog.model.routing import ROUTING_FIELDS, Routing
from changelog.model.text.sanitize import masked, masked_urls
from changelog.model.text.times import rfc3339

_NAMES = {"from_": "from", "routing_number": "routing"}


def document(command: str, result: Result) -> str:
    """Make one JSON document. ASCII only: what is stored cannot act on a terminal."""
    return dumps(_document(command, result))


def line(command: str, result: Result) -> str:
    """Make the same document in one line, for a command that writes one after the other."""
    return json.dumps(_document(command, result), ensure_ascii=True)


def _document(command: str, result: Any) -> dict[str, Any]:
    values = _object(result)
    values.pop("conditions", None)
    if command == "restore":
        values["dids"] = list(map(_restored, result.dids))
        if result.groups:
            values["groups"] = [_with_commands(result, group) for group in result.groups]
    if result.mirror_as_of is not None and not values.get("as_of"):
        values["as_of"] = plain(result.mirror_as_of)
    return {
        "schema": f"changelog/{command}/1",
        "exit_code": result.exit_code,
        "conditions": list(result.conditions),
        **values,
    }


def around_list(command: str, result: Result, name: str) -> tuple[str, str]:
    """Return the document with an empty list `name` at its end, as texts before and after its
    items."""
    whole = document(command, result)
    end = "\n}"
    return f'{whole.removesuffix(end)},\n  "{name}": [', f"]{end}"


def item(value: Any) -> str:
    """Spell a value as it stands in a list of a document."""
    return indent(dumps(plain(value)), "    ")


def error_document(error: ChangelogError, warnings: Sequence[str] = ()) -> str:
    """Make the document for stderr where there is no answer at all."""
    more = {"warnings": list(warnings)} if warnings else {}
    return dumps(
        {
            "schema": "changelog/error/1",
            "exit_code": error.exit_code,
            "error": {"code": error.code, "message": error.message, "hint": error.hint},
            **more,
        }
    )


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, indent=2)


def plain(value: Any) -> Any:
    """Make JSON of `value`: times and nested values spelled out."""
    match value:
        case None | str() | int() | float():
            return value
        case datetime():
            return rfc3339(value)
        case Problem():
            return {"code": value.code, "message": value.message, "status": value.status}
        case tuple() if hasattr(value, "_fields"):
            return _object(value)
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {name: plain(item) for name, item in value.items()}
    return _object(value) if dataclasses.is_dataclass(value) else value


def _object(value: Any) -> dict[str, Any]:
    members = getattr(value, "MEMBERS", None)
    if members is None:
        return _every_field(value)
    made: dict[str, Any] = {}
    for part in members:
        if isinstance(part, str):
            made.update(flat(value, part))
        else:
            # A nested object, whose paths begin at this value all the same.
            name, paths = part
            made[name] = None if getattr(value, name) is None else flat(value, paths)
    return made


def flat(value: Any, members: str) -> dict[str, Any]:
    """Make an object of the `members` of a value."""
    return {member.name: plain(member.of(value)) for member in listed(members)}


def _every_field(value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in _field_names(value):
        member = getattr(value, name)
        if isinstance(member, Stored):
            # Only the restore rule asks where in the journal something stands.
            continue
        if isinstance(member, Routing):
            made.update(member._asdict())
        else:
            made[_NAMES.get(name, name)] = plain(member)
    return made


def _field_names(value: Any) -> tuple[str, ...]:
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return tuple(field.name for field in fields if field.metadata.get("json", True))
    names: tuple[str, ...] = getattr(value, "_fields", ())
    return names


def _with_commands(result: Any, group: Any) -> dict[str, Any]:
    """Return a group of a fleet, with what to paste for it."""
    from changelog.render.restore import fleet

    commands = fleet.commands(result, group, most_named=None)
    return {**_every_field(group), **{name: str(command) for name, command in commands}}


_RECORD = (
    "newest.revision *newest.routing in_service_s"
    " in_service_at_least_s=in_service_bounds.at_least_s"
    " in_service_at_most_s=in_service_bounds.at_most_s"
    " snapshots standing newest.last_seen_at newest.did"
)
_OTHER = "did revision *routing snapshots last_seen_at"
_LATE = "*routing last_seen_at=at"
_NO_SERVICE = {"in_service_s": 0.0}
_LISTS = ("changes", "gone_applications", "skipped", "alternatives", "recent", "other_dids")
_SAID = ("warnings", "warning_codes", "steps")
_NOTHING_KNOWN: dict[str, Any] = {
    "visible": True,
    "also_moved": 0,
    **dict.fromkeys(
        ("already_there", "destination_unread", "not_read", "destination_not_read"), False
    ),
    **{name: [] for name in (*_LISTS, *_SAID)},
    **dict.fromkeys(("verify", "mark_bad", "undo")),
}


def _restored(restored: Any) -> dict[str, Any]:
    from changelog.model.results.restore import RestoreCard

    if isinstance(restored, RestoreCard):
        return {**_object(restored), **_advice(restored)}
    return {**_unknown_card(RestoreCard.MEMBERS), **_every_field(restored)}


def _unknown_card(members: Any) -> dict[str, Any]:
    """Return all that a card says, for a DID of which nothing is known."""
    names: list[str] = []
    for part in members:
        names += [member.name for member in listed(part)] if isinstance(part, str) else [part[0]]
    return {**dict.fromkeys(names), **_NOTHING_KNOWN}


def _advice(card: Any) -> dict[str, Any]:
    """Return the routings of a card, and the sentences and commands that a person reads too."""
    from changelog.model.results.restore_fleet import reason_left_out
    from changelog.render.restore import card_warnings, steps
    from changelog.render.style import show

    late = {"revision": None, **_NO_SERVICE, "snapshots": 1, "standing": "late", "did": None}
    other = {**_NO_SERVICE, "standing": "other_did"}
    warnings = list(card_warnings.warnings(card))
    return {
        "skipped": [
            {**flat(record, "newest.revision *newest.routing"), "reason": plain(reason)}
            for record, reason in ((each, reason_left_out(each)) for each in card.decision.skipped)
        ],
        "alternatives": [
            *(flat(record, _RECORD) for record in card.decision.alternatives),
            *({**late, **flat(answer, _LATE)} for answer in card.late),
        ],
        "recent": [flat(record, _RECORD) for record in card.recent],
        "other_dids": [{**flat(revision, _OTHER), **other} for revision in card.other_dids],
        "warnings": [str(show(warning)) for warning in warnings],
        "warning_codes": [warning.code for warning in warnings],
        "steps": [str(show(step)) for step in steps.steps(card)],
        **{name: command and str(command) for name, command in steps.commands(card).items()},
    }


_EMPTY: Mapping[str, Callable[[], Any]] = {"[]": list, "{}": dict}


class Member(NamedTuple):
    name: str
    path: tuple[str, ...]
    default: Callable[[], Any] | None = None

    def of(self, value: Any) -> Any:
        for part in self.path:
            if value is None:
                return None if self.default is None else self.default()
            value = getattr(value, part)
        return value


@cache
def listed(text: str) -> tuple[Member, ...]:
    """Return the members that `text` lists."""
    members: list[Member] = []
    for word in text.split():
        if word.startswith("*"):
            path = tuple(word[1:].split("."))
            members += [Member(name, (*path, name)) for name in ROUTING_FIELDS]
            continue
        name, _, where = word.rpartition("=")
        path = tuple(where.rstrip("[]{}").split("."))
        members.append(Member(name or path[-1], path, _EMPTY.get(where[-2:])))
    return tuple(members)


def masked_document(command: str, result: Result) -> str:
    """Return the command's document with what may be secret in URLs masked, ``"masked": true``: its
    reader is not its operator."""
    content = json.loads(document(command, result))
    return dumps({**masked_values(content), "masked": True})


def masked_values(value: Any, field: str = "") -> Any:
    """Return what a document holds, with what may be secret in URLs masked."""
    match value:
        case str():
            return masked(value) if field == "destination" else masked_urls(value)
        case list():
            return [masked_values(item, field) for item in value]
        case dict():
            name = str(value.get("field", "")) if {"before", "after"} <= value.keys() else ""
            return {
                key: masked_values(item, name if key in ("before", "after") else str(key))
                for key, item in value.items()
            }
    return value
