"""How a person names a DID: by id or number, with or without a selector behind an ``@``."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from changelog.model.text.json_body import storable_text
from changelog.model.text.times import join_times

LONGEST_ID = 255
"""Characters of an id or a number: two of them, four bytes each, fit into any database's index."""

_NUMBER = r"\+?[0-9]{5,20}"
_INVISIBLE = dict.fromkeys(
    (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
)
"""What address books put around a number that is copied from them."""
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Digits and signs of East Asian keyboards, to the ASCII ones."""
_SCHEMES = ("tel:", "callto:")
_EXTENSION = r"[\s,;]*(?:ext(?:ension)?|x)\.?\s*[0-9]{1,6}"
_SEPARATORS = r"\s.()/\-\u2010-\u2015\u2212"
_AROUND = " <>,;:\"'\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
"""What a text puts around a number."""
_WRITTEN = rf"\(?\+?[0-9{_SEPARATORS}]+"
_TRUNK_ZERO = "(0)"
_BEGINNING = r"\+[0-9]{1,6}"
_GROUP = r"[0-9][0-9.\-]{0,13}"
_SHORTEST, _LONGEST = 7, 15
"""Digits of an E.164 number, the country's included."""

_IN_PATH = r"[A-Za-z0-9._+-]{1,255}"
"""What no proxy rewrites: nginx makes ``/dids/b`` of ``/dids/a%2F..%2Fb``, which is another DID."""
_LOOKS_LIKE_A_FORMAT = (".json", ".csv")
_REVISION = r"latest(?:~[0-9]+)?|previous|good|live|r[0-9]+|tag:.+"


def is_storable(name: str) -> bool:
    """Return whether a log on either database can hold `name` as an id, exactly as it is."""
    return 0 < len(name) <= LONGEST_ID and storable_text(name) == name


def says_revision(text: str) -> bool:
    """Return whether `text` says a revision, by a word that no id is likely to be."""
    return re.fullmatch(_REVISION, text, re.ASCII) is not None


def is_safe_in_path(did: str) -> bool:
    """Return whether the id arrives as it is when it stands in the path of a page's address."""
    is_dots = did in (".", "..")
    named = did.lower().endswith(_LOOKS_LIKE_A_FORMAT)
    return bool(re.fullmatch(_IN_PATH, did)) and not is_dots and not named


def looks_like_number(text: str) -> bool:
    """Return whether `text` is made of nothing but what numbers are written with."""
    return re.fullmatch(_WRITTEN, _bare(text)) is not None and len(re.sub(r"\D", "", text)) > 3


def as_number(text: str) -> str | None:
    """Return `text` as a number as tickets and phones write it, None if it is no plain one.

    Spaces, dashes, dots and brackets in it are ignored, and so is an extension; ``tel:`` and a
    leading ``00`` are understood. A ``+44 (0)20 …`` has a zero too many, which only the rules of
    its country tell.
    """
    compact = part_of_number(text)
    return compact if compact and re.fullmatch(_NUMBER, compact) else None


def part_of_number(text: str) -> str | None:
    """Return a part of a number as the log would hold it, None for what can be none."""
    bare = _bare(text)
    if not re.fullmatch(_WRITTEN, bare) or _TRUNK_ZERO in bare:
        return None
    return re.sub("^00", "+", re.sub(rf"[{_SEPARATORS}]", "", bare)) or None


def _bare(text: str) -> str:
    bare = text.translate(_INVISIBLE).translate(_WIDE).strip().strip(_AROUND)
    scheme = next((scheme for scheme in _SCHEMES if bare.lower().startswith(scheme)), None)
    if scheme is not None:
        return bare[len(scheme) :].partition(";")[0].strip()
    return re.sub(rf"{_EXTENSION}$", "", bare, flags=re.IGNORECASE)


def as_e164(text: str) -> str | None:
    """Return `text` as an E.164 number if it says so itself, with a ``+``."""
    number = as_number(text)
    return number if number is not None and number.startswith("+") else None


def join_words(words: Sequence[str]) -> list[str]:
    """Return the words of a command line with each number and time that nobody quoted as one."""
    return join_times(join_numbers(words))


def join_numbers(words: Sequence[str]) -> list[str]:
    """Return `words` with a number that nobody quoted, ``+1 555 123 0001``, as one word.

    A selector may stand behind it, ``0001@r1``. Its first word is a ``+`` with too few digits to be
    a number by itself.
    """
    joined: list[str] = []
    place = 0
    while place < len(words):
        end = _end_of_number(words, place)
        joined.append(" ".join(words[place:end]))
        place = end
    return joined


def _end_of_number(words: Sequence[str], start: int) -> int:
    """Return the place behind the words that make one number with the one at `start`."""
    end, digits = start + 1, len(words[start]) - 1
    if not re.fullmatch(_BEGINNING, words[start]):
        return end
    while end < len(words):
        group, selector, _ = words[end].partition("@")
        more = _digits(group)
        if not re.fullmatch(_GROUP, group) or digits + more > _LONGEST:
            break
        digits, end = digits + more, end + 1
        if selector:
            break
    return end if digits >= _SHORTEST else start + 1


def split_numbers(words: Sequence[str]) -> list[list[str]]:
    """Return the words that stand together and may be one number of digits that nobody quoted,
    ``1 555 123 0001``. None of them is long enough to be a number by itself.

    Two are two ids, but for an area code with its 0 before the rest.
    """
    runs: list[list[str]] = [[]]
    for word in words:
        if re.fullmatch(_GROUP, word) and _digits(word) < _SHORTEST:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [
        run
        for run in runs
        if _SHORTEST <= _digits("".join(run)) <= _LONGEST
        and (len(run) > 2 or (run[0].startswith("0") and not run[-1].startswith("0")))
    ]


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


class MovedNumber(NamedTuple):
    """A number that was the DID `then`'s at a moment, and is the DID `now`'s."""

    number: str
    then: str
    now: str


class Target(NamedTuple):
    """One DID to fetch: by `number` where it was named so, else by id. `did`: its known id.

    `key`: the name of the key that read it last, which is asked with first. `gave_away`: it was
    read under another number since, so a 404 for this one says nothing of it.
    """

    requested: str
    did: str | None = None
    number: str | None = None
    key: str | None = None
    gave_away: bool = False

    @property
    def identity(self) -> str:
        """What it is told from others by: its id where that is known."""
        return self.did or self.number or self.requested


class KnownDid(NamedTuple):
    """A DID of the log, with its number and the name of the key that read it last."""

    did: str
    number: str | None
    key: str | None = None
