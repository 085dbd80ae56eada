"""Revisions by themselves, of any number of DIDs: those that a selector means, and their bodies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from changelog.model.results.pages import RevisionMeant
from changelog.model.selectors import Good, Latest, Number, Previous
from changelog.model.text.json_body import is_json_object
from changelog.store.reading import page_queries, values
from changelog.store.reading.drivers import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from changelog.model.history import RevisionAt
    from changelog.model.selectors import Selector
    from changelog.store.reading.drivers import Query

    _Key = tuple[str, int]

_MOST_HELD = 16 * 1024 * 1024
"""Characters of bodies that are read with one query."""


def read_meant(
    rows: Query, selector: Selector, at: Mapping[str, object], *, previous: bool
) -> dict[str, RevisionMeant]:
    """Return by DID the revision that a selector means: see ``Pages.meant``."""
    match selector:
        case Latest(number):
            kind = "back"
        case Number(number):
            kind = "number"
        case Previous():
            kind, number = "previous", 0
        case Good():
            kind, number = "good", 0
        case _:
            kind, number = "moment", 0
    read = rows(page_queries.meant(kind, previous=previous), **at, number=number)
    return {
        row["did"]: RevisionMeant(row["revision"], row["number"], row["previous"]) for row in read
    }


def read_revisions(
    rows: Query, wanted: Iterable[_Key], read_body: Callable[[str, int], str]
) -> dict[_Key, RevisionAt]:
    """Return revisions by DID and number, in that order: see ``Pages.revisions``.

    `read_body` reads one body by itself: raises BodyBroken for one that was changed behind this
    program's back, which must not cost the others.
    """
    keys = list(wanted)
    read = rows(page_queries.REVISIONS, pairs=pairs(keys)) if keys else []
    by_key = {(row["did"], row["revision"]): row for row in read}
    sizes = {key: by_key[key]["size"] or 0 for key in keys if key in by_key}
    bodies = _Bodies(rows, sizes, read_body)
    return {key: values.revision_at(by_key[key], partial(bodies.read, *key)) for key in sizes}


class _Bodies:
    """Bodies, by the sizes that they have: with one that is asked for, those behind it are read, up
    to `_MOST_HELD`, and those before it are given up."""

    def __init__(
        self, rows: Query, sizes: Mapping[_Key, int], read_one: Callable[[str, int], str]
    ) -> None:
        self._rows = rows
        self._read_one = read_one
        self._bodies: Mapping[_Key, str] = {}
        self._together: dict[_Key, list[_Key]] = {}
        some: list[_Key] = []
        size = 0
        for key in sizes:
            size += sizes[key]
            if size > _MOST_HELD:
                some, size = [], sizes[key]
            some.append(key)
            self._together[key] = some

    def read(self, did: str, revision: int) -> str:
        key = did, revision
        if key not in self._bodies:
            some = self._together[key]
            self._bodies = dict.fromkeys(some, "") | dict(values.read_bodies(self._rows, some))
        body = self._bodies[key]
        return body if body and is_json_object(body) else self._read_one(did, revision)
