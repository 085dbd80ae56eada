"""Results as JSON: the names of the dataclasses' fields are the contract (``docs/json.md``)."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from textwrap import indent
from typing import Any

from changelog.model.answers import Problem
from changelog.model.errors import ChangelogError
from changelog.model.results.base import Result
from changelog.model.routing import Routing
from changelog.model.text.times import rfc3339

_NAMES = {"from_": "from", "routing_number": "routing"}


def document(command: str, result: Result) -> str:
    """One JSON document. ASCII only: what is stored cannot act on a terminal."""
    return dumps(_document(command, result))


def line(command: str, result: Result) -> str:
    """The same document in one line, for a command that writes one after the other."""
    return json.dumps(_document(command, result), ensure_ascii=True)


def _document(command: str, result: Result) -> dict[str, Any]:
    values = _object(result)
    values.pop("conditions")
    return {
        "schema": f"changelog/{command}/1",
        "exit_code": result.exit_code,
        "conditions": list(result.conditions),
        **values,
    }


def around_list(command: str, result: Result, name: str) -> tuple[str, str]:
    """The document with an empty list `name` at its end, as the text before and after its items."""
    whole = document(command, result)
    end = "\n}"
    return f'{whole.removesuffix(end)},\n  "{name}": [', f"]{end}"


def item(value: Any) -> str:
    """A value as it stands in a list of a document."""
    return indent(dumps(plain(value)), "    ")


def error_document(error: ChangelogError, warnings: Sequence[str] = ()) -> str:
    """What stands on stderr where there is no answer at all."""
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


def _object(value: Any) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name in _field_names(value):
        member = getattr(value, name)
        if isinstance(member, Routing):
            members.update(_object(member))
        else:
            members[_NAMES.get(name, name)] = plain(member)
    return members


def _field_names(value: Any) -> tuple[str, ...]:
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return tuple(field.name for field in fields if field.metadata.get("json", True))
    names: tuple[str, ...] = getattr(value, "_fields", ())
    return names


def plain(value: Any) -> Any:
    """`value` as JSON has it: times and nested values spelled out."""
    match value:
        case datetime():
            return rfc3339(value)
        case Problem():
            return {"code": value.code, "message": value.message, "status": value.status}
        case Result():
            return {name: item for name, item in _object(value).items() if name != "conditions"}
        case tuple() if hasattr(value, "_fields"):
            return _object(value)
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {name: plain(item) for name, item in value.items()}
    return _object(value) if dataclasses.is_dataclass(value) else value
