"""The API keys: checked, named, never shown; where they may be sent, and which is asked with next.

Where none can read a DID, `deciding_attempt` says whose answer counts.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from changelog.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from changelog.api.exchange import Received
    from changelog.model.did_ref import Target


_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,62})"
# Stricter than any parser of URLs, so that no two parsers can differ on which host is meant.
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|{_LABEL}(?:\.{_LABEL})*\.?)"
    r"(?P<port>:[0-9]{1,5})?(?P<path>/[a-z0-9._~!$&'()*+,;=:@%/-]*)?",
    re.ASCII | re.IGNORECASE,
)
_PORTS = range(1, 65536)


def check_api_url(text: str) -> str:
    """Return `text` without a slash at its end. Raises UsageError where no key may be sent to.

    Accepted: https to any host, plain http to this host only (127.0.0.0/8, ::1, localhost); no
    user name, no query, no fragment.
    """
    if "@" in text.partition("://")[2].partition("/")[0]:
        # Not repeated: a password may stand in it.
        raise _refusal("the API URL must not carry a user name or password")
    match = _URL.fullmatch(text)
    is_port = match is not None and int((match["port"] or ":1")[1:]) in _PORTS
    if match is None or not is_port or not _is_host(match["host"]):
        # Not repeated either: somebody may have set the key in its place.
        raise _refusal("the API URL cannot be used")
    scheme, host = match["scheme"].lower(), match["host"].lower()
    if scheme == "http" and not is_loopback(host):
        raise _refusal("the API URL must be https: plain http would show the key to the network")
    return f"{scheme}://{host}{match['port'] or ''}{(match['path'] or '').rstrip('/')}"


def _refusal(message: str) -> UsageError:
    hint = "Set MINIVOICE_API_URL like https://api.minivoice.eu/v1, without query and fragment"
    return UsageError(message, hint)


def _is_host(host: str) -> bool:
    """Return whether it is a name or an address: resolvers read 127.1 and 0x7f.1 in their ways."""
    last = host.rstrip(".").rpartition(".")[2]
    return not re.match(r"[0-9\[]|0x", last, re.IGNORECASE) or _address(host) is not None


def is_loopback(host: str) -> bool:
    """Return whether `host`, as it is spelled, is this machine: nothing is resolved."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return IPv6Address(host.strip("[]")) if ":" in host else IPv4Address(host)
    except ValueError:
        return None


def path_of(target: Target) -> str:
    """Return the path of a DID below the API URL: whatever the id holds, it is one segment."""
    if target.number is not None:
        # A literal plus, as in the provider's example.
        return f"/dids/by-number/{_segment(target.number, safe='+')}"
    return f"/dids/{_segment(asked_id(target))}"


def asked_id(target: Target) -> str:
    return target.requested if target.did is None else target.did


def _segment(text: str, safe: str = "") -> str:
    if text in (".", ".."):
        # Dots are never quoted, and in a path these two name another folder.
        return text.replace(".", "%2E")
    # A stored id can hold a lone surrogate, which has no other spelling in bytes.
    return quote(text, safe=safe, errors="surrogatepass")


_FIT_FOR_A_HEADER = re.compile(r"[\x21-\x7e]+")
_DIGITS_OF_THE_NAME = 8


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that can stand in a header. `secret` is in no representation of this value.

    `given`: the name that the settings have for it, if any.
    """

    secret: str = field(repr=False)
    given: str | None = None

    @property
    def fingerprint(self) -> str:
        """Tell keys apart in the log. Eight digits of a digest give no key away."""
        return f"key-{hashlib.sha256(self.secret.encode()).hexdigest()[:_DIGITS_OF_THE_NAME]}"

    @property
    def name(self) -> str:
        return self.given or self.fingerprint

    def goes_by(self, name: str | None) -> bool:
        """Return whether `name` is one of its names: it may have had none when it was recorded."""
        return name is not None and name in (self.given, self.fingerprint)


def check_key(text: str, name: str | None = None) -> ApiKey:
    """Return `text` as a key. Raises UsageError, which does not repeat it, if it fits no header."""
    if not text:
        raise UsageError("the API key is empty", "Set MINIVOICE_API_KEY or MINIVOICE_API_KEY_FILE")
    if not _FIT_FOR_A_HEADER.fullmatch(text):
        raise UsageError(
            "the API key has characters that no key has: white space, control characters or "
            "letters beyond ASCII",
            "Copy it again, without quotes, line breaks and other characters around it",
        )
    return ApiKey(text, name)


def each_once(keys: Iterable[ApiKey]) -> tuple[ApiKey, ...]:
    """Return `keys` in their order, one secret once, with the first name that it was given."""
    once: dict[str, ApiKey] = {}
    for key in keys:
        if once.setdefault(key.secret, key).given is None:
            once[key.secret] = key
    return tuple(once.values())


def secrets_of(keys: Sequence[ApiKey]) -> list[str]:
    return [key.secret for key in keys]


PASSED_ON = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
"""What another key may know better. A DID belongs to one application, and so does a key."""


class Attempt(NamedTuple):
    """What one key got. A key that was refused before is not asked again: its refusal stands."""

    key: ApiKey
    received: Received

    @property
    def final(self) -> bool:
        return self.received.status not in PASSED_ON


MOST_REFUSALS = 20
"""A key that was never accepted is not used any more after the 401s of so many DIDs."""


class Accepted(NamedTuple):
    """The DID for which a key was accepted last, by its URL, and when (monotonic seconds)."""

    url: str
    at: float


class Keyring:
    """The keys of one fetch, in their order, and the refusals so far; safe in any thread.

    A 401 for one DID is about the key or about the DID. Only a key that was accepted for another
    DID can tell: `judge`.
    """

    def __init__(self, keys: Sequence[ApiKey], accepted: Mapping[str, Accepted]) -> None:
        self._keys = keys
        # One assignment an entry, which is atomic; nothing is ever taken out.
        self._refusals: dict[str, Received] = {}
        self._accepted = dict(accepted)
        self._unproven: Counter[str] = Counter()
        self._judging = {key.name: Lock() for key in keys}

    def renewed(self) -> Keyring:
        """Return the keys for another fetch: those that were refused are asked with again."""
        return Keyring(self._keys, self._accepted)

    def in_order(self, remembered: str | None) -> list[ApiKey]:
        """Return the keys, the one that goes by the name `remembered` first."""
        return sorted(self._keys, key=lambda key: not key.goes_by(remembered))

    def note_accepted(self, key: ApiKey, url: str) -> None:
        """Note that the key has just been accepted for the DID at `url`."""
        self._accepted[key.name] = Accepted(url, time.monotonic())

    def judge(
        self,
        key: ApiKey,
        refusal: Received,
        sent_at: float,
        ask_again: Callable[[str], Received | None],
        within_s: float,
    ) -> None:
        """Decide whether a 401, asked for at `sent_at`, refuses the key; it is not used again then.

        A key is refused if the DID that it was accepted for last is a 401 now too: `ask_again`. One
        thread asks at a time, the others wait for `within_s` at most. A key that was never accepted
        is refused after `MOST_REFUSALS`.
        """
        name = key.name
        if not self._judging[name].acquire(timeout=max(0.0, within_s)):
            return
        try:
            last = self._accepted.get(name)
            if name in self._refusals:
                return
            if last is None:
                self._unproven[name] += 1
                if self._unproven[name] >= MOST_REFUSALS:
                    self._refusals[name] = refusal
            # A key that was accepted since then is not refused.
            elif last.at <= sent_at and (again := ask_again(last.url)) is not None:
                if again.refused:
                    self._refusals[name] = refusal
                elif again.accepted:
                    self.note_accepted(key, last.url)
        finally:
            self._judging[name].release()

    def is_of_did(self, attempts: Iterable[Attempt]) -> bool:
        """Return whether one of them was a 401 for a key that is accepted: it is the DID's own, and
        another key's 401 for that DID says nothing about that key."""
        return any(
            each.received.refused and each.key.name in self._accepted and not self.refusal(each.key)
            for each in attempts
        )

    def refusal(self, key: ApiKey) -> Received | None:
        return self._refusals.get(key.name)

    @property
    def refused(self) -> tuple[str, ...]:
        """The names of the keys that the API refused: by now, each time that they were used."""
        never = self._unproven.keys() - self._accepted.keys()
        names = self._refusals.keys() | never
        return tuple(key.name for key in self._keys if key.name in names)

    def all_refused(self) -> bool:
        """Return whether no key is left to ask with."""
        return len(self._refusals) == len(self._keys)


def deciding_attempt(attempts: Sequence[Attempt], remembered: str | None) -> Attempt:
    """Return the attempt whose answer counts.

    It is the last one if that is final, else that of the key that read the DID last, else a 404
    rather than a 401, else the first.
    """
    if attempts[-1].final:
        return attempts[-1]
    return min(
        attempts,
        key=lambda attempt: (
            not attempt.key.goes_by(remembered),
            attempt.received.status != HTTPStatus.NOT_FOUND,
        ),
    )


def name_of(key: ApiKey, remembered: str | None, *, readable: bool) -> str:
    """Return the name under which an answer is kept.

    A key that read the DID under its fingerprint, before it had a name, says that the DID is gone
    under the same one: only from the key that read it last does that count.
    """
    if not readable and remembered is not None and key.goes_by(remembered):
        return remembered
    return key.name
