"""The one place that makes an address of a page, with the prefix that a proxy needs."""

from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlencode

from markupsafe import Markup

from changelog.model.did_ref import is_safe_in_path
from changelog.model.text.times import rfc3339
from changelog.render.html.environment import stylesheet


class Address(str):
    """An address that this program made: it stands in an attribute as it is."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return Markup.escape(str(self))


class Redirect(Exception):
    """The page is found elsewhere."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self.address = address


STYLE_NAME = f"style.{sha256(stylesheet().encode()).hexdigest()[:12]}.css"


class Addresses:
    """Addresses under a `prefix` such as ``/changelog``; "" for none."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def at(self, path: str, **query: object) -> Address:
        """Return the address of `path`; a field without a value is left out, ``from_`` is from."""
        given = {
            name.rstrip("_"): str(value) for name, value in query.items() if value not in (None, "")
        }
        asked = f"?{urlencode(given, quote_via=quote, safe=':')}" if given else ""
        return Address(f"{self._prefix}{quote(path, safe='/+:')}{asked}")

    def _did(self, did: str) -> tuple[str, dict[str, str]]:
        """Return how a DID's addresses begin: the id is in the path, or else in the query."""
        return (f"/dids/{did}", {}) if is_safe_in_path(did) else ("/did", {"id": did})

    def did(self, did: str, at: str | None = None) -> Address:
        path, query = self._did(did)
        return self.at(path, **query, at=at)

    def revision(self, did: str, revision: int) -> Address:
        path, query = self._did(did)
        return self.at(f"{path}/r{revision}", **query)

    def restore(self, did: str, to: str | None = None) -> Address:
        path, query = self._did(did)
        return self.at(f"{path}/restore", **query, to=to)

    def history(self, did: str, before: int | None = None) -> Address:
        path, query = self._did(did)
        return self.at(f"{path}/history", **query, before=before)

    def diff(self, start: str | None, end: str | None, did: str | None = None) -> Address:
        return self.at("/diff", from_=start, to=end, did=did)

    def tag(self, name: str) -> Address:
        # A field of the query is what a proxy leaves as it is; "one" is the page that takes it.
        if is_safe_in_path(name) and name != "one":
            return self.at(f"/tags/{name}")
        return self.at("/tags/one", name=name)

    def between(self, first: datetime, last: datetime) -> Address:
        """Return where each change of a time is found, both ends included."""
        return self.at("/changes", since=rfc3339(first), until=rfc3339(last))

    def hour_from(self, moment: datetime) -> Address:
        """Return where the changes are found that a capture of that time may have found."""
        return self.between(moment, moment + timedelta(hours=1))

    @property
    def style(self) -> Address:
        return self.at(f"/{STYLE_NAME}")
