"""What a request asks for: the fields of its query, with moments that stay what they are."""

import re
from collections.abc import Callable, Set
from datetime import datetime

from werkzeug.datastructures import MultiDict

from changelog.model.did_ref import LONGEST_ID
from changelog.model.errors import UsageError
from changelog.model.results.pages import RevisionKey
from changelog.model.text.times import parse_full_moment, parse_moment, rfc3339
from changelog.web.pages.addresses import Address, Redirect

_LONGEST = 300
_PLUS_LOST = re.compile(r" [0-9][0-9 ().-]*")
_NOT_RELATIVE = re.compile(r"r?[0-9]{1,9}|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z", re.ASCII)


def require_id(text: str) -> str:
    """Return it if it can be the id or the number of a DID. Raises UsageError for another text."""
    if not 0 < len(text) <= LONGEST_ID or "\0" in text:
        raise UsageError("the address names no DID", "Search for its number or id.")
    return text


class QueryFields:
    """The query of one request."""

    def __init__(
        self, fields: MultiDict[str, str], now: datetime, address: Callable[..., Address]
    ) -> None:
        self._fields = fields
        self.now = now
        self._address = address

    def refuse_others(self, names: Set[str]) -> None:
        """Raise UsageError for a field with another name: ignored, it would filter nothing. So
        would all but one of a field that stands there twice."""
        others = sorted(self._fields.keys() - names)
        if others:
            there_are = f"There are: {', '.join(sorted(names))}." if names else "It takes none."
            raise UsageError(f"this page takes no field {others[0][:_LONGEST]!r}", there_are)
        for name, values in self._fields.lists():
            if len(values) > 1:
                raise UsageError(f"{name} stands there {len(values)} times", "Leave one.")

    @property
    def given(self) -> dict[str, str]:
        """The fields as they were written."""
        return self._fields.to_dict()

    def text(self, name: str) -> str | None:
        """Return a field, None where it is empty. Raises UsageError for one that is too long."""
        text = self._fields.get(name, "")
        if len(text) > _LONGEST:
            raise UsageError(f"{name} has at most {_LONGEST} characters", "Shorten it.")
        if "\0" in text:
            raise UsageError(f"{name} holds a NUL, which no log can hold", "Leave it out.")
        if _PLUS_LOST.fullmatch(text):
            # A "+" that was typed into an address arrives as a blank.
            text = f"+{text[1:]}"
        return text.strip() or None

    def did(self) -> str:
        """Return the id that the query names. Raises UsageError where it names none."""
        return require_id(self._fields.get("id", ""))

    def moment(self, name: str, *, day_ends: bool = True) -> str | None:
        """Return a selector or a whole time as it was written. Raises Redirect."""
        text = self.text(name)
        if text is None or _NOT_RELATIVE.fullmatch(text):
            return text
        moment = parse_moment(text, self.now, day_ends=day_ends)
        if moment is not None:
            # It would be another one tomorrow; and a query would lose a "+".
            whole = rfc3339(moment).replace(".000000Z", "Z")
            raise Redirect(self._address(**{**self.given, name: whole}))
        return text

    def whole_moment(self, name: str, *, day_ends: bool = True) -> datetime | None:
        """Return a time. Raises Redirect, and UsageError for a selector that is none."""
        text = self.moment(name, day_ends=day_ends)
        moment = None if text is None else parse_full_moment(text)
        if text is not None and moment is None:
            raise UsageError(f"{text!r} is no time", "Write 2026-11-23T14:00Z or 2h ago.")
        return moment

    def count(self, name: str) -> int | None:
        """Return a whole number. Raises UsageError for what is none."""
        text = self.text(name)
        if text is None:
            return None
        if not re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
            raise UsageError(f"{name} must be a number", f"Leave {name} out.")
        return int(text)

    def revision_key(self, name: str) -> RevisionKey | None:
        """Return where the revisions of an earlier page ended. Raises UsageError."""
        text = self.text(name)
        try:
            return None if text is None else RevisionKey.parsed(text)
        except ValueError as error:
            message = f"{text!r} is no place in the changes"
            raise UsageError(message, f"Leave out: {name}.") from error

    def flag(self, name: str) -> bool:
        """Return whether it is set. Raises UsageError for what says neither yes nor no."""
        text = self.text(name)
        if text not in (None, "1", "yes", "on", "0", "no", "off"):
            raise UsageError(f"{name} must be 1 or 0", f"Leave {name} out.")
        return text in ("1", "yes", "on")
