"""From what a server sent to what the log keeps: an answer with a DID's body, or with a problem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from changelog.api.address import asked_id
from changelog.api.exchange import Received
from changelog.api.failures import REDIRECT, Failure
from changelog.api.key import ApiKey
from changelog.api.keys import Attempt, name_of
from changelog.api.redacted_text import kept_bytes, kept_document, redacted_text
from changelog.model.answers import Answer, Problem
from changelog.model.did_ref import Target, is_storable
from changelog.model.text.json_body import NotJson, parse_json, storable_text

NOT_JSON = Failure("not_json", "the body is not JSON")
WRONG_SHAPE = Failure("wrong_shape", "the body is JSON, but not a DID")
BAD_ID = Failure("wrong_shape", "the body is JSON, but its id is none that can be kept")
OTHER_DID = Failure("other_did", "the body is that of another DID")

BY_STATUS: Mapping[int, Failure] = {
    HTTPStatus.UNAUTHORIZED: Failure("unauthorized", "the API refused the key"),
    HTTPStatus.NOT_FOUND: Failure("not_found", "the API shows no such DID to this key"),
    HTTPStatus.TOO_MANY_REQUESTS: Failure("rate_limited", "the API wants to be asked less often"),
}
LONGEST_CODE = 100
LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Document:
    """A whole JSON body without secrets, as text and as the value that the text spells."""

    text: str
    value: Any


def answer_to(
    target: Target, tried: Attempt, received_at: datetime, keys: Sequence[ApiKey]
) -> Answer:
    """The answer for `target`, free of secrets. Whatever was received, this raises nothing."""
    received = tried.received
    found = did_in(received, target, keys)
    if isinstance(found, Problem):
        return Answer(
            requested=target.requested,
            received_at=received_at,
            did=target.did,
            problem=found,
            key=name_of(tried.key, target.key, readable=False),
        )
    return Answer(
        requested=target.requested,
        received_at=received_at,
        did=found.value["id"],
        body=found.text,
        fields=found.value,
        key=name_of(tried.key, target.key, readable=True),
    )


def did_in(received: Received, target: Target, keys: Sequence[ApiKey]) -> Document | Problem:
    """The body of the DID that was asked for, or why it is not there."""
    document = document_in(received, keys)
    if isinstance(document, Problem):
        return document
    failure = mismatch(document.value, target)
    return document if failure is None else problem_of(received, failure, keys)


def document_in(received: Received, keys: Sequence[ApiKey]) -> Document | Problem:
    """The JSON of a successful answer, or why there is none."""
    failure = failure_in(received)
    if failure is not None:
        return problem_of(received, failure, keys)
    try:
        return Document(*kept_document(received.body.decode("utf-8-sig"), keys))
    except (UnicodeDecodeError, NotJson):
        return problem_of(received, NOT_JSON, keys)


def failure_in(received: Received) -> Failure | None:
    """A status that says what is wrong counts for more than the state of the body under it."""
    status = received.status
    if status is None or received.success:
        return received.failure
    if 300 <= status < 400:
        return REDIRECT
    return BY_STATUS.get(status) or Failure(f"http_{status}", f"the API answered {status}")


def mismatch(value: Any, target: Target) -> Failure | None:
    """Why a JSON value is not the DID that was asked for, or None if it is."""
    did = value.get("id") if isinstance(value, dict) else None
    if not isinstance(did, str) or not did:
        return WRONG_SHAPE
    if not is_storable(did):
        return BAD_ID if target.did != did else None
    if target.number is None:
        return None if did == asked_id(target) else OTHER_DID
    number = value.get("number_e164")
    if number is None:
        return None if target.did in (None, did) else OTHER_DID
    return None if number == target.number else OTHER_DID


def problem_of(received: Received, failure: Failure, keys: Sequence[ApiKey]) -> Problem:
    text = redacted_text(received.body, keys, whole=received.failure is None)
    named = failure if failure in (REDIRECT, OTHER_DID) else provider_failure(text, failure)
    return Problem(named.code, named.message, received.status, kept_bytes(text), received.no_answer)


def provider_failure(text: str, failure: Failure) -> Failure:
    """The error that a body without secrets names in the documented envelope, else `failure`."""
    try:
        value = parse_json(text)
    except NotJson:
        return failure
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return failure
    code, message = error.get("code"), error.get("message")
    if not (isinstance(code, str) and code and isinstance(message, str)):
        return failure
    shown = (storable_text(code) or "", storable_text(message) or failure.message)
    return Failure(shown[0][:LONGEST_CODE], shown[1][:LONGEST_MESSAGE])
