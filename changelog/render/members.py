"""Which members of a value an object of JSON or a row of a table has: a list of names and paths.

``name`` is a member of that name, ``path.to.it`` one with the last name of the path, ``name=path``
one with a name of its own; ``*path`` is a routing, which stands as its three fields. Behind a path,
``[]`` or ``{}`` says what stands there where a part of it is None, which else is None.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from changelog.model.routing import ROUTING_FIELDS

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
    """The members that `text` lists."""
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
