"""The rows of a capture as a whole: itself, its selection and tag, what it saw of applications."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import func, select, text

from changelog import __version__
from changelog.model import exits
from changelog.model.answers import Answer
from changelog.model.did_ref import LONGEST_ID
from changelog.model.recording import Destinations, OpenCapture, Outcome
from changelog.model.routing import WEBHOOK
from changelog.model.text.json_body import canonical_json, storable_text
from changelog.model.text.times import to_micros
from changelog.store.annotations import just_after, tag_row
from changelog.store.capture.known import newest_retirements
from changelog.store.schema.tables import APPLICATION, CAPTURE, SELECTION, TAG, VERDICT
from changelog.store.transaction import Transaction

_APPLICATIONS = text("""
    SELECT a.application_id, a.seen_at, a.answer_url, a.name, c.key, c.api_url
    FROM application a JOIN capture c ON c.id = a.capture WHERE a.seen_at =
      (SELECT max(later.seen_at) FROM application later
       WHERE later.application_id = a.application_id)
""")
_NO_URL = ""
"""The ``answer_url`` of an application that is listed again, and has none."""


def add_capture(
    transaction: Transaction, capture: OpenCapture, answers: Sequence[Answer]
) -> OpenCapture:
    """Add the capture's own row, before its first answers. Returns it with its number."""
    highest = transaction.connection.execute(select(func.max(CAPTURE.c.id))).scalar() or 0
    info = replace(capture.info, id=highest + 1)
    first = min([info.started_at, *(answer.received_at for answer in answers)])
    transaction.add(
        CAPTURE,
        {
            "id": info.id,
            "command": info.command,
            "started_at": to_micros(info.started_at),
            "reads_from": to_micros(first) if capture.past else None,
            "recorded_by": info.recorded_by,
            "changed_by": info.changed_by,
            "note": info.note,
            "ticket": info.ticket,
            "api_url": info.api_url,
            "key": capture.key,
            "tool_version": __version__,
            "selection": _add_selection(transaction, capture),
        },
    )
    return replace(capture, info=info)


def _add_selection(transaction: Transaction, capture: OpenCapture) -> bytes | None:
    """Keep what the capture was told to read, once for all that were told the same."""
    selection = capture.selection
    if selection is None:
        return None
    stored = select(SELECTION.c.every).where(SELECTION.c.digest == selection.digest)
    if transaction.connection.execute(stored).first() is None:
        names = canonical_json(selection.names).encode() if selection.names else None
        transaction.add(
            SELECTION,
            {
                "digest": selection.digest,
                "every": int(selection.every),
                "names": zlib.compress(names) if names else None,
            },
        )
    return selection.digest


def add_applications(
    transaction: Transaction,
    capture: OpenCapture,
    destinations: Destinations,
    answers: Iterable[Answer],
) -> OpenCapture:
    """Keep each ``answer_url`` and name that is not what was seen last, None for an application
    that is not listed. Returns the capture knowing that.
    """
    if destinations.answer_urls is None:
        return capture
    urls: dict[str, str | None] = {**destinations.answer_urls, **_unlisted(destinations, answers)}
    if capture.stored_urls is not None and urls.items() <= capture.stored_urls.items():
        return capture
    known = {row.application_id: row for row in transaction.connection.execute(_APPLICATIONS)}
    if destinations.listed is not None:
        for id_, row in known.items():
            if id_ not in destinations.listed:
                # Another key may list others: only the one that saw it last can miss it.
                if (row.key, row.api_url) == (capture.key, capture.info.api_url):
                    urls[id_] = None
            elif row.answer_url is None:
                urls.setdefault(id_, _NO_URL)
    for application_id, url in urls.items():
        id_ = storable_text(application_id) or ""
        before = known.get(id_)
        # A look that names none has nothing to say of the name.
        name = storable_text(destinations.names.get(application_id)) or (before and before.name)
        answer_url = storable_text(url) if url else url
        is_news = before is None or (before.answer_url, before.name) != (answer_url, name)
        if is_news and len(id_) <= LONGEST_ID:
            transaction.add(
                APPLICATION,
                {
                    "application_id": id_,
                    "seen_at": max(transaction.at, before.seen_at + 1 if before else 0),
                    "answer_url": answer_url,
                    "name": name,
                    "capture": capture.info.id,
                },
            )
    return replace(capture, stored_urls={**(capture.stored_urls or {}), **urls})


def _unlisted(destinations: Destinations, answers: Iterable[Answer]) -> dict[str, None]:
    """Return the applications that these DIDs have and that are not listed."""
    has = {
        storable_text(answer.fields.get("application_id"))
        for answer in answers
        if answer.fields.get("route_mode") == WEBHOOK
    }
    listed = destinations.listed
    return {} if listed is None else {id_: None for id_ in has if id_ and id_ not in listed}


def add_tag(transaction: Transaction, capture: OpenCapture) -> OpenCapture:
    """Give the capture its tag, once something could be read. Returns it with that."""
    info = capture.info
    if info.tag is None or capture.tagged:
        return capture
    taken = transaction.connection.execute(select(TAG.c.name).where(TAG.c.name == info.tag))
    if taken.first():
        remark = f"the tag {info.tag} was taken meanwhile; this capture has none"
        conditions = capture.conditions | {exits.TAG_TAKEN}
        return replace(capture.remarked(remark), conditions=conditions, tagged=True)
    row = tag_row(info.tag, to_micros(info.started_at), info.id, info.recorded_by, transaction.at)
    transaction.add(TAG, row)
    return replace(capture, tagged=True)


def end_retirement(
    transaction: Transaction, capture: OpenCapture, outcomes: Iterable[Outcome]
) -> None:
    """Let a retired DID that was named and could be read take part in ``--all`` again."""
    if not capture.by_name:
        return
    read = {each.did for each in outcomes if each.did and each.outcome != "unreadable"}
    for newest in newest_retirements(transaction.connection, sorted(read)):
        if newest["verdict"] == "retired":
            transaction.add(
                VERDICT,
                {
                    "did": newest["did"],
                    "at": just_after(transaction, VERDICT, newest["did"]),
                    "revision": newest["revision"],
                    "routing": newest["routing"],
                    "verdict": "returned",
                    "reason": "recorded by name and readable again",
                    "author": capture.info.recorded_by,
                },
            )
