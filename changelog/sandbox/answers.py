"""Which answer a request gets: the documented API's under /v1, the control's under /sandbox."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import unquote

from changelog.sandbox.state import Account, Fault, Fields, UnknownDidError

Keys: TypeAlias = Mapping[str, Collection[str] | None]
"""Each key with the applications that it sees; None for all, and for DIDs without one."""

JSON_TYPE: Mapping[str, str] = {"Content-Type": "application/json"}

CONTROLS = (
    "GET /sandbox/dids",
    "PATCH, PUT or DELETE /sandbox/dids/{id}",
    "PATCH /sandbox/applications/{id}",
    "PUT or DELETE /sandbox/faults",
    "GET /sandbox/requests",
)


class BadInputError(ValueError):
    """A request that the control cannot do; the text says what to change."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """As it was sent: percent-encoded, with its query."""
    authorization: str = ""
    body: bytes = b""

    @property
    def segments(self) -> list[str]:
        """Return the decoded parts of the path: split first, so that an id may hold a slash."""
        return [unquote(part) for part in self.path.partition("?")[0].split("/")[1:]]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON_TYPE)


def success(document: object) -> Answer:
    return Answer(200, json.dumps(document).encode())


def listing(data: Sequence[object]) -> Answer:
    return success({"count": len(data), "data": data})


def failure(status: int, code: str, message: str) -> Answer:
    return Answer(status, json.dumps({"error": {"code": code, "message": message}}).encode())


def status_answer(status: int, message: str) -> Answer:
    """Return an error whose code is the status's own name, such as `too_many_requests`."""
    known = status in HTTPStatus.__members__.values()
    code = HTTPStatus(status).name.lower() if known else f"status_{status}"
    return failure(status, code, message)


def is_documented(path: str) -> bool:
    """Return whether a path, as sent, lies under /v1."""
    return Request("GET", path).segments[:1] == ["v1"]


def answer_to(request: Request, account: Account, keys: Keys) -> Answer:
    """Return the answer without any fault."""
    match request.segments:
        case ["v1", *place]:
            return documented_answer(request, place, account, keys)
        case ["sandbox", *place]:
            return control_answer(request, place, account)
    return failure(404, "not_found", "The sandbox answers under /v1 and /sandbox")


def documented_answer(request: Request, place: list[str], account: Account, keys: Keys) -> Answer:
    key = carried_key(request.authorization)
    if key not in keys:
        return failure(401, "unauthorized", "Missing or wrong API key")
    if request.method != "GET":
        refusal = failure(405, "method_not_allowed", "This API is only read here")
        return replace(refusal, headers={**JSON_TYPE, "Allow": "GET"})
    match place:
        case ["applications"]:
            return listing([each for each in account.applications() if sees(keys[key], each["id"])])
        case ["dids", did]:
            return seen_did_answer(account.did(did), keys[key])
        case ["dids", "by-number", number]:
            return seen_did_answer(account.did_by_number(number), keys[key])
    return failure(404, "not_found", "Not found")


def carried_key(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def sees(applications: Collection[str] | None, application_id: object) -> bool:
    return applications is None or application_id in applications


def seen_did_answer(fields: Fields | None, applications: Collection[str] | None) -> Answer:
    """Return 404 for a DID of another application: so the provider may do (open)."""
    if fields is None or not sees(applications, fields.get("application_id")):
        return did_answer(None)
    return did_answer(fields)


def did_answer(fields: Fields | None) -> Answer:
    return failure(404, "not_found", "DID not found") if fields is None else success(fields)


def did_in(request: Request, account: Account) -> str | None:
    """Return the id of the DID that a request under /v1 asks for, by id or by number."""
    match request.segments[1:]:
        case ["dids", did]:
            return did
        case ["dids", "by-number", number]:
            return (account.did_by_number(number) or {}).get("id")
    return None


def control_answer(request: Request, place: list[str], account: Account) -> Answer:
    try:
        return _controlled(request, place, account)
    except BadInputError as error:
        return failure(400, "bad_request", str(error))
    except UnknownDidError as error:
        return failure(404, "not_found", str(error))


def _controlled(request: Request, place: list[str], account: Account) -> Answer:
    match request.method, place:
        case "GET", ["dids"]:
            return listing(account.dids())
        case "PATCH", ["dids", did]:
            account.move(did, **_object_in(request.body))
            return did_answer(account.did(did))
        case "PUT", ["dids", did]:
            account.add_did({**_object_in(request.body), "id": did})
            return did_answer(account.did(did))
        case "DELETE", ["dids", did]:
            return success(account.remove(did))
        case "PATCH", ["applications", application_id]:
            return _patch_application(application_id, _object_in(request.body), account)
        case "PUT", ["faults"]:
            return _put_fault(_object_in(request.body), account)
        case "DELETE", ["faults"]:
            account.clear_faults()
            return success({"cleared": True})
        case "GET", ["requests"]:
            return listing([{"method": method, "path": path} for method, path in account.requests])
    unknown = f"no {request.method} {request.path}; there are: {'; '.join(CONTROLS)}"
    return failure(404, "not_found", unknown)


def _object_in(body: bytes) -> Fields:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise BadInputError("the body must be a JSON object")
    return document


def _patch_application(application_id: str, fields: Fields, account: Account) -> Answer:
    known = [each["id"] for each in account.applications()]
    if application_id not in known:
        # A typing error at a second terminal should not quietly make an application.
        message = f"no application {application_id!r}; there are: {', '.join(known)}"
        return failure(404, "not_found", message)
    account.set_application(application_id, **fields)
    return success(next(each for each in account.applications() if each["id"] == application_id))


def _put_fault(document: Fields, account: Account) -> Answer:
    did = document.get("did")
    match document:
        case {"kind": "slow", "seconds": int() | float() as seconds}:
            fault = Fault("slow", seconds=seconds)
        case {"kind": "status", "status": int() as status} if 200 <= status <= 599:
            fault = Fault("status", status=status)
        case _:
            raise BadInputError(
                'a fault is {"kind": "slow", "seconds": 5} or {"kind": "status", "status": 500};'
                ' "did" makes it one of that DID only'
            )
    account.plan_fault(fault, did if did is None else str(did))
    return success(document)
