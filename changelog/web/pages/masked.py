"""Documents as the pages give them: the command's own, with what may be secret in URLs masked."""

import json
from typing import Any

from changelog.model.exits import Result
from changelog.model.text.sanitize import masked, masked_urls
from changelog.render import documents


def document(command: str, result: Result) -> str:
    """Return the command's document, ``"masked": true``: its reader is not its operator."""
    content = json.loads(documents.document(command, result))
    return documents.dumps({**_masked(content), "masked": True})


def _masked(value: Any, field: str = "") -> Any:
    match value:
        case str():
            return masked(value) if field == "destination" else masked_urls(value)
        case list():
            return [_masked(item, field) for item in value]
        case dict():
            name = str(value.get("field", "")) if {"before", "after"} <= value.keys() else ""
            return {
                key: _masked(item, name if key in ("before", "after") else str(key))
                for key, item in value.items()
            }
    return value
