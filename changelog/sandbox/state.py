"""What the stand-in's pretend account holds: DIDs, applications, planned faults, requests seen."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Literal, TypeAlias, get_args

Fields: TypeAlias = dict[str, Any]
Subject: TypeAlias = tuple[str, ...]
"""What a request is about: ("dids", id), ("applications",), or () for anything."""

FaultKind: TypeAlias = Literal[
    "slow", "drip", "status", "cut", "html", "list", "huge", "other_did", "raw", "reset"
]
KINDS: tuple[str, ...] = get_args(FaultKind)

MOST_SECONDS = 3600
MOST_BYTES = 1_000_000_000
MOST_TIMES = 10_000
FRAMING_HEADERS = frozenset({"connection", "content-length", "transfer-encoding"})

EVERYTHING: Subject = ()
APPLICATIONS: Subject = ("applications",)

SEEDED_AT = "2026-05-29T12:00:00Z"
SEEDED_DIDS = {
    "did_101": "app_support",
    "did_102": "app_support",
    "did_103": "app_support",
    "did_104": "app_sales",
    "did_105": "app_sales",
}
SEEDED_APPLICATIONS = ("app_support", "app_sales", "app_maintenance")


class BadInputError(ValueError):
    """A caller gave the sandbox something that it cannot hold; the text says what to change."""


class UnknownDidError(LookupError):
    """A caller named a DID that the account does not have."""


@dataclass(frozen=True)
class Fault:
    """One way in which an answer under /v1 goes wrong.

    | kind | what the client gets |
    |---|---|
    | `slow` | nothing for `seconds`, then the true answer |
    | `drip` | the true answer, its body a byte every `seconds`; with `head` the headers too |
    | `status` | an error of `status` (500 if not given) |
    | `cut` | half the body that Content-Length promises, then the end of the connection |
    | `html` | 200 and a page for people |
    | `list` | 200 and a JSON list around the true body |
    | `huge` | the true body, padded with spaces to `size` bytes: still valid JSON |
    | `other_did` | the body of another DID |
    | `raw` | `body` with `status` (200 if not given) |
    | `reset` | a connection reset instead of an answer |

    `headers` are added to whatever is sent. Left out, a `status` of 429 has `Retry-After: 1` and
    a redirect `Location: /v1/moved`; an empty mapping leaves these out too.
    """

    kind: FaultKind
    seconds: float = 1.0
    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] | None = field(default=None, hash=False)
    size: int = 30_000_000
    head: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInputError(f"kind must be one of: {', '.join(KINDS)}")
        if not 0 <= self.seconds <= MOST_SECONDS:
            raise BadInputError(f"seconds must lie between 0 and {MOST_SECONDS}")
        if self.status is not None and not 200 <= self.status <= 599:
            raise BadInputError("status must lie between 200 and 599")
        if not 0 <= self.size <= MOST_BYTES:
            raise BadInputError(f"size must lie between 0 and {MOST_BYTES}")
        for name, value in (self.headers or {}).items():
            _check_header(name, value)


def _check_header(name: str, value: str) -> None:
    if name.lower() in FRAMING_HEADERS:
        raise BadInputError(f"the header {name} belongs to the server: use cut or reset")
    token = name.replace("-", "")
    if not (token.isascii() and token.isalnum() and value.isascii() and value.isprintable()):
        raise BadInputError(f"not a header that can be sent: {name!r}")


def utc_now() -> datetime:
    return datetime.now(UTC)


def seed_did(did: str, application_id: str, number: str) -> Fields:
    """A DID with exactly the fields that the provider documents."""
    return {
        "id": did,
        "customer_id": "cust_123",
        "application_id": application_id,
        "number_e164": number,
        "provider": "didww",
        "status": "active",
        "route_mode": "webhook",
        "created_at": SEEDED_AT,
        "updated_at": SEEDED_AT,
    }


def seed_application(application_id: str) -> Fields:
    """An application, its `api_key` included: the real listing may carry it."""
    name = application_id.removeprefix("app_")
    return {
        "id": application_id,
        "customer_id": "cust_123",
        "name": name,
        "answer_url": f"https://voice.example.com/{name}/answer",
        "webhook_url": f"https://voice.example.com/{name}/events",
        "api_key": f"mv_sandbox_{name}_not_a_secret",
        "created_at": SEEDED_AT,
    }


def _own_copy(fields: Mapping[str, object]) -> Fields:
    """Whatever JSON cannot carry is refused here, at its caller, not later in a server thread."""
    try:
        copied: Fields = json.loads(json.dumps(fields, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise BadInputError(f"not JSON: {error}") from error
    return copied


class Account:
    """Five DIDs and three applications to begin with; every method is safe in any thread."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._lock = Lock()
        self._dids = {
            did: seed_did(did, application_id, f"+1555123{place:04}")
            for place, (did, application_id) in enumerate(SEEDED_DIDS.items(), start=1)
        }
        self._removed: dict[str, Fields] = {}
        self._applications = {each: seed_application(each) for each in SEEDED_APPLICATIONS}
        self._requests: list[tuple[str, str, str]] = []
        self._next_faults: dict[Subject, deque[Fault]] = {}
        self._standing_faults: dict[Subject, Fault] = {}

    def dids(self) -> list[Fields]:
        with self._lock:
            return [dict(fields) for fields in self._dids.values()]

    def did(self, did: str) -> Fields | None:
        with self._lock:
            fields = self._dids.get(did)
            return None if fields is None else dict(fields)

    def did_by_number(self, number: str) -> Fields | None:
        return next((each for each in self.dids() if each.get("number_e164") == number), None)

    def other_did(self, did: str) -> Fields | None:
        return next((each for each in self.dids() if each["id"] != did), None)

    def add_did(self, fields: Mapping[str, object]) -> None:
        """Creates or replaces a DID with these fields exactly: a field left out is absent."""
        copied = _own_copy(fields)
        did = copied.get("id")
        if not isinstance(did, str) or not did:
            raise BadInputError("a DID needs an id, a text that is not empty")
        with self._lock:
            self._removed.pop(did, None)
            self._dids[did] = copied

    def move(self, did: str, /, **fields: object) -> None:
        """Merges the fields into the DID; `updated_at` becomes now unless given. None is null."""
        copied = _own_copy(fields)
        if copied.get("id", did) != did:
            raise BadInputError("a DID keeps its id")
        now = self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._lock:
            self._dids[did] = {**self._known(did), "updated_at": now, **copied}

    def remove(self, did: str) -> Fields:
        """From now on the DID answers 404; returns its last fields."""
        with self._lock:
            self._removed[did] = self._known(did)
            return self._dids.pop(did)

    def restore(self, did: str) -> None:
        """Undoes `remove`: the DID is back as it was."""
        with self._lock:
            if did not in self._removed:
                raise UnknownDidError(f"no removed DID {did!r}")
            self._dids[did] = self._removed.pop(did)

    def _known(self, did: str) -> Fields:
        if did not in self._dids:
            raise UnknownDidError(f"no DID {did!r}; there are: {', '.join(self._dids)}")
        return self._dids[did]

    def applications(self) -> list[Fields]:
        with self._lock:
            return [dict(fields) for fields in self._applications.values()]

    def set_application(self, application_id: str, /, **fields: object) -> None:
        """Merges the fields into the application, creating it first if it is new."""
        copied = _own_copy(fields)
        if copied.get("id", application_id) != application_id:
            raise BadInputError("an application keeps its id")
        with self._lock:
            known = self._applications.get(application_id) or seed_application(application_id)
            self._applications[application_id] = {**known, **copied}

    @property
    def requests(self) -> tuple[tuple[str, str], ...]:
        """(method, path as it was sent) of every request under /v1, oldest first."""
        with self._lock:
            return tuple((method, path) for method, path, _ in self._requests)

    def paths_asked_with(self, key: str) -> list[str]:
        """The path of every request under /v1 that carried `key`, oldest first."""
        with self._lock:
            return [path for _, path, carried in self._requests if carried == key]

    def saw(self, method: str, path: str, key: str) -> None:
        with self._lock:
            self._requests.append((method, path, key))

    def fail(
        self,
        fault: Fault,
        *,
        did: str | None = None,
        applications: bool = False,
        times: int | None = None,
    ) -> None:
        """Plans a fault for one DID, for the list of applications, or else for all under /v1.

        Faults with `times` come first, in the order planned; then the one without, which stands
        until it is replaced or cleared. A subject's own faults go before those for all.
        """
        if did is not None and applications:
            raise BadInputError("a fault is for a DID or for the applications, not for both")
        if times is not None and not 1 <= times <= MOST_TIMES:
            raise BadInputError(f"times must lie between 1 and {MOST_TIMES}")
        everywhere = APPLICATIONS if applications else EVERYTHING
        subject = everywhere if did is None else ("dids", did)
        with self._lock:
            if times is None:
                self._standing_faults[subject] = fault
            else:
                self._next_faults.setdefault(subject, deque()).extend([fault] * times)

    def clear_faults(self) -> None:
        with self._lock:
            self._next_faults.clear()
            self._standing_faults.clear()

    def take_fault(self, subject: Subject) -> Fault | None:
        """The fault that the next answer about the subject suffers; one with `times` is used up."""
        with self._lock:
            for planned_for in (subject, EVERYTHING):
                if queue := self._next_faults.get(planned_for):
                    return queue.popleft()
                if standing := self._standing_faults.get(planned_for):
                    return standing
        return None
