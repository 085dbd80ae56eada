"""How a person names a DID: by id or number, with or without a selector behind an ``@``."""

import re
from typing import NamedTuple

from changelog.model.text.json_body import storable_text

LONGEST_ID = 255
"""Characters of an id or a number: two of them, four bytes each, fit into any database's index."""

_NUMBER = re.compile(r"\+?[0-9]{5,20}", re.ASCII)


def is_storable(name: str) -> bool:
    """Whether a log on either database can hold `name` as an id, exactly as it is."""
    return 0 < len(name) <= LONGEST_ID and storable_text(name) == name


def as_number(text: str) -> str | None:
    """`text` as a number if it looks like one: spaces and dashes in it are ignored."""
    compact = re.sub(r"[\s\-]", "", text)
    return compact if _NUMBER.fullmatch(compact) else None


def as_e164(text: str) -> str | None:
    """`text` as an E.164 number if it says so itself, with a ``+``."""
    number = as_number(text)
    return number if number is not None and number.startswith("+") else None


class Target(NamedTuple):
    """One DID to fetch: by `number` where it was named so, else by id. `did`: its known id.

    `key`: the name of the key that read it last, which is asked with first.
    """

    requested: str
    did: str | None = None
    number: str | None = None
    key: str | None = None

    @property
    def identity(self) -> str:
        """What it is told from others by: its id where that is known."""
        return self.did or self.number or self.requested


class KnownDid(NamedTuple):
    """A DID of the log, with its number and the name of the key that read it last."""

    did: str
    number: str | None
    key: str | None = None
