"""The answer_url of each application, read from whatever envelope ``/applications`` comes in.

The envelope is not documented. Accepted: a list, a list or an object under ``data`` or
``applications``, and a single application.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from changelog.api.exchange import Received
from changelog.api.key import ApiKey
from changelog.api.responses import WRONG_SHAPE, document_in
from changelog.model.answers import Applications, Problem


def applications_in(received: Received, keys: Sequence[ApiKey]) -> Applications:
    document = document_in(received, keys)
    if isinstance(document, Problem):
        return unreadable(document.code)
    listed = _listed(document.value)
    if listed is None:
        return unreadable(WRONG_SHAPE.code)
    return Applications({each["id"]: each["answer_url"] for each in listed if _counts(each)})


def unreadable(code: str) -> Applications:
    return Applications(remark=f"applications could not be read: {code}")


def together(found: Mapping[str, Applications]) -> Applications:
    """What each key sees, by the key's name; where two see one application, the first counts."""
    if len(found) == 1:
        return next(iter(found.values()))
    answer_urls: dict[str, str] = {}
    for one in found.values():
        answer_urls = {**one.answer_urls, **answer_urls}
    remarks = [f"with the key {name}, {one.remark}" for name, one in found.items() if one.remark]
    return Applications(answer_urls, "; ".join(remarks) or None)


def _listed(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    for name in ("data", "applications"):
        if isinstance(value.get(name), list | dict):
            return _listed(value[name])
    return [value] if _counts(value) else None


def _counts(value: Any) -> bool:
    """Whether it is an application whose answer_url is known."""
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) and value[name] for name in ("id", "answer_url")
    )
