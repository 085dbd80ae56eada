"""Which answer a request gets: the documented API's under /v1, the control's under /sandbox."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import NoReturn, TypeAlias
from urllib.parse import unquote

from changelog.sandbox.state import (
    APPLICATIONS,
    EVERYTHING,
    Account,
    BadInputError,
    Fault,
    Fields,
    Subject,
    UnknownDidError,
)

Keys: TypeAlias = Mapping[str, Collection[str] | None]
"""Each key with the applications that it sees; None for all, and for DIDs without one."""

JSON_TYPE: Mapping[str, str] = {"Content-Type": "application/json"}
HTML_TYPE: Mapping[str, str] = {"Content-Type": "text/html; charset=utf-8"}
SIGN_IN_PAGE = b"<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>\n"

CONTROLS = (
    "GET /sandbox/dids",
    "PATCH, PUT or DELETE /sandbox/dids/{id}",
    "PATCH /sandbox/applications/{id}",
    "PUT or DELETE /sandbox/faults",
    "GET /sandbox/requests",
)
PLAN_TYPES: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "kind": ("a text", (str,)),
    "seconds": ("a number", (int, float)),
    "status": ("a whole number", (int,)),
    "body": ("a text", (str,)),
    "headers": ("an object of texts", (dict,)),
    "size": ("a whole number", (int,)),
    "head": ("true or false", (bool,)),
    "did": ("a text", (str,)),
    "applications": ("true or false", (bool,)),
    "times": ("a whole number", (int,)),
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """As it was sent: percent-encoded, with its query."""
    authorization: str = ""
    body: bytes = b""

    @property
    def segments(self) -> list[str]:
        """Decoded only after the split, so that an id may hold an encoded slash."""
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
    """An error whose code is the status's own name, such as `too_many_requests`."""
    known = status in HTTPStatus.__members__.values()
    code = HTTPStatus(status).name.lower() if known else f"status_{status}"
    return failure(status, code, message)


def is_documented(path: str) -> bool:
    """Whether a path, as sent, lies under /v1."""
    return Request("GET", path).segments[:1] == ["v1"]


def answer_to(request: Request, account: Account, keys: Keys) -> Answer:
    """The answer without any fault."""
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
            return listing([one for one in account.applications() if sees(keys[key], one["id"])])
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
    """A DID of another application is not there for a key: so the provider may do (open)."""
    if fields is None or not sees(applications, fields.get("application_id")):
        return did_answer(None)
    return did_answer(fields)


def did_answer(fields: Fields | None) -> Answer:
    return failure(404, "not_found", "DID not found") if fields is None else success(fields)


def subject_of(request: Request, account: Account) -> Subject:
    """What a request under /v1 is about, which is what a fault is planned for."""
    match request.segments[1:]:
        case ["applications"]:
            return APPLICATIONS
        case ["dids", did]:
            return ("dids", did)
        case ["dids", "by-number", number]:
            fields = account.did_by_number(number)
            return EVERYTHING if fields is None else ("dids", fields["id"])
    return EVERYTHING


def spoiled(answer: Answer, fault: Fault, subject: Subject, account: Account) -> Answer:
    """What the fault makes of the answer; slow, drip, cut and reset act on its way instead."""
    changed = _other_content(answer, fault, subject, account)
    headers = _usual_headers(fault) if fault.headers is None else fault.headers
    # One spelling of each name, so that a given Content-Type replaces the one that is there.
    titled = {name.title(): value for name, value in headers.items()}
    return replace(changed, headers={**changed.headers, **titled})


def _other_content(answer: Answer, fault: Fault, subject: Subject, account: Account) -> Answer:
    match fault.kind:
        case "status":
            return status_answer(fault.status or 500, "Planned by the sandbox")
        case "html":
            return Answer(200, SIGN_IN_PAGE, HTML_TYPE)
        case "list":
            return Answer(200, b"[" + answer.body + b"]")
        case "huge":
            return replace(answer, body=answer.body.ljust(fault.size))
        case "other_did":
            other = account.other_did(subject[1]) if subject[:1] == ("dids",) else None
            return answer if other is None else success(other)
        case "raw":
            return Answer(fault.status or 200, fault.body)
    return answer


def _usual_headers(fault: Fault) -> Mapping[str, str]:
    if fault.kind == "status" and fault.status == 429:
        return {"Retry-After": "1"}
    if fault.kind == "status" and fault.status in {301, 302, 303, 307, 308}:
        return {"Location": "/v1/moved"}
    return {}


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
            return _put_did(did, _object_in(request.body), account)
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
        document = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise BadInputError("the body must be a JSON object")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _put_did(did: str, fields: Fields, account: Account) -> Answer:
    if fields.get("id", did) != did:
        raise BadInputError("the id in the body is not the one in the path")
    account.add_did({"id": did, **fields})
    return did_answer(account.did(did))


def _patch_application(application_id: str, fields: Fields, account: Account) -> Answer:
    known = [each["id"] for each in account.applications()]
    if application_id not in known:
        # A typing error at a second terminal should not quietly make an application.
        message = f"no application {application_id!r}; there are: {', '.join(known)}"
        return failure(404, "not_found", message)
    account.set_application(application_id, **fields)
    return success(next(each for each in account.applications() if each["id"] == application_id))


def _put_fault(document: Fields, account: Account) -> Answer:
    plan = _checked_plan(document)
    did, applications = plan.pop("did", None), plan.pop("applications", False)
    times = plan.pop("times", None)
    account.fail(Fault(**plan), did=did, applications=applications, times=times)
    return success(document)


def _checked_plan(document: Fields) -> Fields:
    """The keyword arguments of a fault and of its plan, each of the right type."""
    if "kind" not in document:
        raise BadInputError("a fault needs a kind")
    for name, value in document.items():
        if name not in PLAN_TYPES:
            raise BadInputError(f"unknown field {name!r}; there are: {', '.join(PLAN_TYPES)}")
        meaning, types = PLAN_TYPES[name]
        # bool is an int to Python, not to JSON.
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise BadInputError(f"{name} must be {meaning}")
    if not all(isinstance(value, str) for value in document.get("headers", {}).values()):
        raise BadInputError("headers must be an object of texts")
    return {**document, "body": _encoded(document.get("body", ""))}


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadInputError(f"body cannot be sent as UTF-8: {error}") from error
