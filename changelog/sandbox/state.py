"""What the stand-in's pretend account holds: DIDs, applications, planned faults, requests seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any, TypeAlias

Fields: TypeAlias = dict[str, Any]

SEEDED_AT = "2026-05-29T12:00:00Z"
SEEDED_DIDS = {
    "did_101": "app_support",
    "did_102": "app_support",
    "did_103": "app_support",
    "did_104": "app_sales",
    "did_105": "app_sales",
}
SEEDED_APPLICATIONS = ("app_support", "app_sales", "app_maintenance")


class UnknownDidError(LookupError):
    """A caller named a DID that the account does not have."""


@dataclass(frozen=True)
class Fault:
    """`slow`: the true answer comes after `seconds`. `status`: an error of `status` instead."""

    kind: str
    seconds: float = 1.0
    status: int = 500


def utc_now() -> datetime:
    return datetime.now(UTC)


def seed_did(did: str, application_id: str, number: str) -> Fields:
    """Return a DID with exactly the fields that the provider documents."""
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
    """Return an application, its `api_key` included: the real listing may carry it."""
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


class Account:
    """Five DIDs and three applications to begin with; every method is safe in any thread."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self._lock = Lock()
        self._dids = {
            did: seed_did(did, application_id, f"+1555123{place:04}")
            for place, (did, application_id) in enumerate(SEEDED_DIDS.items(), start=1)
        }
        self._removed: dict[str, Fields] = {}
        self._applications = {each: seed_application(each) for each in SEEDED_APPLICATIONS}
        self._requests: list[tuple[str, str, str]] = []
        self._faults: dict[str | None, Fault] = {}

    def dids(self) -> list[Fields]:
        with self._lock:
            return [dict(fields) for fields in self._dids.values()]

    def did(self, did: str) -> Fields | None:
        with self._lock:
            fields = self._dids.get(did)
            return None if fields is None else dict(fields)

    def did_by_number(self, number: str) -> Fields | None:
        return next((each for each in self.dids() if each.get("number_e164") == number), None)

    def add_did(self, fields: Mapping[str, object]) -> None:
        """Create or replace a DID with these fields exactly: a field left out is absent."""
        with self._lock:
            self._dids[str(fields["id"])] = dict(fields)

    def move(self, did: str, /, **fields: object) -> None:
        """Merge the fields into the DID; `updated_at` becomes now unless given. None is null."""
        now = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._lock:
            self._dids[did] = {**self._known(did), "updated_at": now, **fields, "id": did}

    def remove(self, did: str) -> Fields:
        """Answer 404 for the DID from now on. Return its last fields."""
        with self._lock:
            self._removed[did] = self._known(did)
            return self._dids.pop(did)

    def restore(self, did: str) -> None:
        """Undo `remove`."""
        with self._lock:
            self._dids[did] = self._removed.pop(did)

    def _known(self, did: str) -> Fields:
        if did not in self._dids:
            raise UnknownDidError(f"no DID {did!r}; there are: {', '.join(self._dids)}")
        return self._dids[did]

    def applications(self) -> list[Fields]:
        with self._lock:
            return [dict(fields) for fields in self._applications.values()]

    def set_application(self, application_id: str, /, **fields: object) -> None:
        """Merge the fields into the application; make it first if it is new."""
        with self._lock:
            known = self._applications.get(application_id) or seed_application(application_id)
            self._applications[application_id] = {**known, **fields, "id": application_id}

    @property
    def requests(self) -> tuple[tuple[str, str], ...]:
        """Return (method, path as it was sent) of every request under /v1, oldest first."""
        with self._lock:
            return tuple((method, path) for method, path, _ in self._requests)

    def paths_asked_with(self, key: str) -> list[str]:
        """Return the path of every request under /v1 that carried `key`, oldest first."""
        with self._lock:
            return [path for _, path, carried in self._requests if carried == key]

    def saw(self, method: str, path: str, key: str) -> None:
        with self._lock:
            self._requests.append((method, path, key))

    def plan_fault(self, fault: Fault, did: str | None = None) -> None:
        """Spoil each answer about the DID, or about anything, until faults are cleared."""
        with self._lock:
            self._faults[did] = fault

    def clear_faults(self) -> None:
        with self._lock:
            self._faults.clear()

    def planned_fault(self, did: str | None) -> Fault | None:
        """Return what happens to the next answer about the DID; its own fault goes first."""
        with self._lock:
            return self._faults.get(did) or self._faults.get(None)
