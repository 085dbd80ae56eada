"""The stand-in's pretend account: DIDs, applications, planned faults; and what a request gets."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeAlias
from urllib.parse import unquote

Fields: TypeAlias = dict[str, Any]
Keys: TypeAlias = Mapping[str, Collection[str] | None]
"""Each key with the applications that it sees; None for all, and for DIDs without one."""
JSON_TYPE: Mapping[str, str] = {"Content-Type": "application/json"}

SEEDED_AT = "2026-05-29T12:00:00Z"
SEEDED_DIDS = {
    "did_101": "app_support",
    "did_102": "app_support",
    "did_103": "app_support",
    "did_104": "app_sales",
    "did_105": "app_sales",
}
SEEDED_APPLICATIONS = ("app_support", "app_sales", "app_maintenance")


class RefusedError(Exception):
    """What the control cannot do; the text says what to change."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


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
            raise RefusedError(404, f"no DID {did!r}; there are: {', '.join(self._dids)}")
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


@dataclass(frozen=True)
class Request:
    """`path`: as it was sent, percent-encoded, with its query."""

    method: str
    path: str
    authorization: str = ""
    body: bytes = b""

    @property
    def segments(self) -> list[str]:
        """Return the decoded parts of the path: split first, so that an id may hold a slash."""
        return [unquote(part) for part in self.path.partition("?")[0].split("/")[1:]]

    @property
    def is_documented(self) -> bool:
        """Whether it asks the API, which lies under /v1."""
        return self.segments[:1] == ["v1"]

    @property
    def key(self) -> str:
        scheme, _, token = self.authorization.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON_TYPE)


def success(document: object) -> Reply:
    return Reply(200, json.dumps(document).encode())


def status_reply(status: int, message: str) -> Reply:
    """Return an error whose code is the status's own name, such as `too_many_requests`."""
    known = status in HTTPStatus.__members__.values()
    code = HTTPStatus(status).name.lower() if known else f"status_{status}"
    return Reply(status, json.dumps({"error": {"code": code, "message": message}}).encode())


def reply_to(request: Request, account: Account, keys: Keys) -> Reply:
    """Return the answer without any fault."""
    match request.segments:
        case ["v1", *place]:
            return _documented(request, place, account, keys)
        case ["sandbox", *place]:
            try:
                return success(_controlled(request, place, account))
            except RefusedError as error:
                return status_reply(error.status, str(error))
    return status_reply(404, "The sandbox answers under /v1 and /sandbox")


def _documented(request: Request, place: list[str], account: Account, keys: Keys) -> Reply:
    if request.key not in keys:
        return status_reply(401, "Missing or wrong API key")
    if request.method != "GET":
        refusal = status_reply(405, "This API is only read here")
        return replace(refusal, headers={**JSON_TYPE, "Allow": "GET"})
    sees = keys[request.key]
    match place:
        case ["applications"]:
            seen = [each for each in account.applications() if sees is None or each["id"] in sees]
            return success({"count": len(seen), "data": seen})
        case ["dids", *_] if len(place) > 1:
            fields = account.did(did_in(request, account) or "")
            # The provider may answer 404 for a DID of another application (open).
            if fields is None or (sees is not None and fields.get("application_id") not in sees):
                return status_reply(404, "DID not found")
            return success(fields)
    return status_reply(404, "Not found")


def did_in(request: Request, account: Account) -> str | None:
    """Return the id of the DID that a request under /v1 asks for, by id or by number."""
    match request.segments[1:]:
        case ["dids", did]:
            return did
        case ["dids", "by-number", number]:
            return (account.did_by_number(number) or {}).get("id")
    return None


def _controlled(request: Request, place: list[str], account: Account) -> object:
    """Do what the request says, and return what became of it. Raises RefusedError."""
    match request.method, place:
        case "PATCH", ["dids", did]:
            account.move(did, **_object_in(request.body))
            return account.did(did)
        case "PUT", ["dids", did]:
            account.add_did({**_object_in(request.body), "id": did})
            return account.did(did)
        case "DELETE", ["dids", did]:
            return account.remove(did)
        case "PATCH", ["applications", name]:
            known = [each["id"] for each in account.applications()]
            if name not in known:
                # A typing error at a second terminal should not quietly make an application.
                raise RefusedError(404, f"no application {name!r}; there are: {', '.join(known)}")
            account.set_application(name, **_object_in(request.body))
            return next(each for each in account.applications() if each["id"] == name)
        case "PUT", ["faults"]:
            return _planned(_object_in(request.body), account)
        case "DELETE", ["faults"]:
            account.clear_faults()
            return {"cleared": True}
    raise RefusedError(
        404,
        f"no {request.method} {request.path}; there are: PATCH, PUT or DELETE /sandbox/dids/{{id}};"
        " PATCH /sandbox/applications/{id}; PUT or DELETE /sandbox/faults",
    )


def _object_in(body: bytes) -> Fields:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise RefusedError(400, f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise RefusedError(400, "the body must be a JSON object")
    return document


def _planned(document: Fields, account: Account) -> Fields:
    match document:
        case {"kind": "slow", "seconds": int() | float() as seconds}:
            fault = Fault("slow", seconds=seconds)
        case {"kind": "status", "status": int() as status} if 200 <= status <= 599:
            fault = Fault("status", status=status)
        case _:
            raise RefusedError(
                400,
                'a fault is {"kind": "slow", "seconds": 5} or {"kind": "status", "status": 500};'
                ' "did" makes it one of that DID only',
            )
    account.plan_fault(fault, document.get("did"))
    return document
