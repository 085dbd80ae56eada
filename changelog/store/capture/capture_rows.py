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
from changelog.model.text.json_body import canonical_json, storable_text
from changelog.model.text.times import to_micros
from changelog.store.annotations import just_after, tag_row
from changelog.store.capture.known import newest_retirements
from changelog.store.schema.tables import APPLICATION, CAPTURE, SELECTION, TAG, VERDICT
from changelog.store.transaction import Transaction

_APPLICATIONS = text("""
    SELECT a.application_id, a.seen_at, a.answer_url, a.name FROM application a WHERE a.seen_at =
      (SELECT max(later.seen_at) FROM application later
       WHERE later.application_id = a.application_id)
""")


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
    transaction: Transaction, capture: OpenCapture, destinations: Destinations
) -> OpenCapture:
    """Keep each ``answer_url`` and name that is not what was seen last. Returns the capture knowing
    that."""
    known = {row.application_id: row for row in transaction.connection.execute(_APPLICATIONS)}
    urls = destinations.answer_urls or {}
    for application_id, url in urls.items():
        id_ = storable_text(application_id) or ""
        before = known.get(id_)
        # A look that names none has nothing to say of the name.
        name = storable_text(destinations.names.get(application_id)) or (before and before.name)
        is_news = before is None or (before.answer_url, before.name) != (storable_text(url), name)
        if is_news and len(id_) <= LONGEST_ID:
            transaction.add(
                APPLICATION,
                {
                    "application_id": id_,
                    "seen_at": max(transaction.at, before.seen_at + 1 if before else 0),
                    "answer_url": storable_text(url),
                    "name": name,
                    "capture": capture.info.id,
                },
            )
    return replace(capture, stored_urls=urls)


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
