"""From what a server sent to what the log keeps: an answer with a DID's body, or with a problem.

Keys and other secrets are taken out before anything leaves this package. The envelope of
``/applications`` is not documented. Accepted: a list, a list or an object under ``data`` or
``applications``, and a single application.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any

from changelog.api.exchange import REDIRECT, Failure, Received
from changelog.api.keys import ApiKey, Attempt, asked_id, name_of, secrets_of
from changelog.model.answers import Answer, Applications, Problem
from changelog.model.did_ref import Target, is_storable
from changelog.model.text.json_body import NotJson, parse_json, storable_text
from changelog.model.text.redaction import (
    REDACTED,
    Document,
    read_document,
    redact_broken,
    spellings,
)

LARGEST_KEPT = 64 * 1024
"""Bytes of an unreadable body that go into the log."""
SHORTEST_PIECE = 4
"""Characters of a key at the end of a body that was cut off. Fewer tell nothing."""


def redacted_text(body: bytes, keys: Sequence[ApiKey], *, whole: bool) -> str:
    """Return an unreadable body as text without secrets; bytes that are no UTF-8 become surrogates.

    `whole`: nothing is missing at its end, where else a piece of the key can stand.
    """
    text = body.decode("utf-8", "surrogateescape")
    secrets = secrets_of(keys)
    with suppress(NotJson):
        return read_document(text, secrets).text
    if whole:
        return redact_broken(text, secrets)
    # Before as well: of a key that begins with another, redaction would leave the end.
    return _without_piece(redact_broken(_without_piece(text, secrets), secrets), secrets)


def _without_piece(text: str, secrets: Sequence[str]) -> str:
    longest = max((_piece_at_end(text, secret) for secret in secrets), default=0)
    return text[:-longest] + REDACTED if longest else text


def _piece_at_end(text: str, secret: str) -> int:
    """Return how many characters at the end of `text` begin a secret, in whichever spelling."""
    return max(
        (_beginning_at_end(text, spelling) for spelling in (secret, *spellings(secret))), default=0
    )


def _beginning_at_end(text: str, spelled: str) -> int:
    lengths = range(len(spelled) - 1, SHORTEST_PIECE - 1, -1)
    return next((length for length in lengths if text.endswith(spelled[:length])), 0)


def kept_bytes(text: str) -> bytes:
    """Return a text without secrets in the form that goes into the log."""
    # Cut only here: before redaction, the cut could leave half a secret.
    return text.encode("utf-8", "surrogateescape")[:LARGEST_KEPT]


NOT_JSON = Failure("not_json", "the body is not JSON")
WRONG_SHAPE = Failure("wrong_shape", "the body is JSON, but not a DID")
BAD_ID = Failure("wrong_shape", "the body is JSON, but its id cannot be stored")
OTHER_DID = Failure("other_did", "the body is that of another DID")

BY_STATUS: Mapping[int, Failure] = {
    HTTPStatus.UNAUTHORIZED: Failure("unauthorized", "the API refused the key"),
    HTTPStatus.NOT_FOUND: Failure("not_found", "the API shows no such DID to this key"),
    HTTPStatus.TOO_MANY_REQUESTS: Failure("rate_limited", "the API wants to be asked less often"),
}
LONGEST_CODE = 100
LONGEST_MESSAGE = 500


def answer_to(
    target: Target, tried: Attempt, received_at: datetime, keys: Sequence[ApiKey]
) -> Answer:
    """Return the answer for `target`, free of secrets. Whatever was received, it raises nothing."""
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
    """Return the body of the DID that was asked for, or why it is not there."""
    document = document_in(received, keys)
    if isinstance(document, Problem):
        return document
    failure = mismatch(document.value, target)
    return document if failure is None else problem_of(received, failure, keys)


def document_in(received: Received, keys: Sequence[ApiKey]) -> Document | Problem:
    """Return the JSON of a successful answer, or why there is none."""
    failure = failure_in(received)
    if failure is not None:
        return problem_of(received, failure, keys)
    try:
        return read_document(received.body.decode("utf-8-sig"), secrets_of(keys))
    except (UnicodeDecodeError, NotJson):
        return problem_of(received, NOT_JSON, keys)


def failure_in(received: Received) -> Failure | None:
    """Return what is wrong: the status counts for more than the state of the body under it."""
    status = received.status
    if status is None or received.success:
        return received.failure
    if 300 <= status < 400:
        return REDIRECT
    return BY_STATUS.get(status) or Failure(f"http_{status}", f"the API answered {status}")


def mismatch(value: Any, target: Target) -> Failure | None:
    """Return why a JSON value is not the DID that was asked for, or None if it is."""
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
    """Return the error that the documented envelope in a body names, else `failure`."""
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


def applications_in(received: Received, keys: Sequence[ApiKey]) -> Applications:
    document = document_in(received, keys)
    if isinstance(document, Problem):
        return unreadable(document.code)
    listed = _listed(document.value)
    if listed is None:
        return unreadable(WRONG_SHAPE.code)
    known = [each for each in listed if _counts(each)]
    return Applications(
        {each["id"]: each["answer_url"] for each in known},
        names={each["id"]: each["name"] for each in known if isinstance(each.get("name"), str)},
        listed=None if _has_more(document.value) else frozenset(filter(None, map(_id_of, listed))),
    )


def unreadable(code: str) -> Applications:
    return Applications(remark=f"applications could not be read: {code}")


def together(found: Mapping[str, Applications]) -> Applications:
    """Return what each key sees, by its name; where two see one application, the first counts."""
    if len(found) == 1:
        return next(iter(found.values()))
    answer_urls: dict[str, str] = {}
    names: dict[str, str] = {}
    for seen in found.values():
        answer_urls = {**seen.answer_urls, **answer_urls}
        names = {**seen.names, **names}
    remarks = [f"with the key {name}, {seen.remark}" for name, seen in found.items() if seen.remark]
    lists = [seen.listed for seen in found.values() if seen.listed is not None]
    listed = frozenset[str]().union(*lists) if len(lists) == len(found) else None
    return Applications(answer_urls, "; ".join(remarks) or None, listed, names)


def _listed(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    for name in ("data", "applications"):
        if isinstance(value.get(name), list | dict):
            return _listed(value[name])
    return [value] if _counts(value) else None


_MORE = ("next", "next_page", "next_cursor", "next_page_token", "has_more")


def _has_more(value: Any) -> bool:
    """Return whether the list may go on: its paging is not documented."""
    if not isinstance(value, dict):
        return False
    return any(value.get(name) for name in _MORE) or any(
        _has_more(value.get(name)) for name in ("data", "applications", "links", "meta")
    )


def _id_of(value: Any) -> str:
    return str(value.get("id") or "") if isinstance(value, dict) else ""


def _counts(value: Any) -> bool:
    """Return whether it is an application whose answer_url is known."""
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) and value[name] for name in ("id", "answer_url")
    )
