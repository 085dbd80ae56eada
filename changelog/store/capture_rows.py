"""The rows of a capture: what the log knows of the DIDs of a batch, and what the batch adds beside.

That is the capture itself, its selection and tag, and what it saw of applications.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, RowMapping, bindparam, text

from changelog import __version__
from changelog.model import exits
from changelog.model.answers import Answer, Applications
from changelog.model.did_ref import LONGEST_ID
from changelog.model.recording import Destinations, LatestRevision, OpenCapture, Outcome
from changelog.model.routing import WEBHOOK, Numbered, Routing
from changelog.model.text.json_body import canonical_json, storable_text
from changelog.model.text.times import from_micros, to_micros
from changelog.store.annotations import just_after, tag_row
from changelog.store.schema.tables import (
    APPLICATION,
    CAPTURE,
    SELECTION,
    TAG,
    UNREAD_APPLICATION,
    VERDICT,
)
from changelog.store.transaction import Transaction, highest, in_slices

_REVISION = """
    r.revision, r.routing, r.number, r.application_id, r.route_mode, r.destination,
    r.destination_source, r.first_seen_at, CAST(r.body AS TEXT) AS body
"""
_DIDS: BindParameter[str] = bindparam("dids", expanding=True)
# From the table of DIDs on, so that on both databases each is two steps into a primary key.
_LATEST = text(f"""
    SELECT d.did, {_REVISION}, s.received_at AS newest_at, s.entry AS newest_entry
    FROM did d
    JOIN revision r ON r.did = d.did AND r.revision =
      (SELECT max(higher.revision) FROM revision higher WHERE higher.did = d.did)
    JOIN snapshot s ON s.did = d.did AND s.received_at =
      (SELECT max(later.received_at) FROM snapshot later WHERE later.did = d.did)
    WHERE d.did IN :dids
""").bindparams(_DIDS)  # noqa: S608 -- own texts
_NEWEST = text("""
    SELECT s.did, s.received_at, s.entry FROM snapshot s WHERE s.did IN :dids AND s.received_at =
      (SELECT max(later.received_at) FROM snapshot later WHERE later.did = s.did)
""").bindparams(_DIDS)
_IN_FORCE = text(f"""
    SELECT {_REVISION} FROM revision r WHERE r.did = :did AND r.first_seen_at <= :received
    ORDER BY r.revision DESC LIMIT 1
""")  # noqa: S608 -- own texts
_BEGUN_AFTER = text(f"""
    SELECT {_REVISION} FROM revision r WHERE r.did = :did AND r.first_seen_at > :received
    ORDER BY r.revision LIMIT 1
""")  # noqa: S608 -- own texts
_READ_LAST = text("""
    SELECT s.received_at, s.entry, coalesce(s.key, c.key, '') AS key,
           coalesce(c.api_url, '') AS api_url
    FROM snapshot s JOIN capture c ON c.id = s.capture
    WHERE s.did = :did AND s.revision IS NOT NULL ORDER BY s.received_at DESC LIMIT 1
""")
_ROUTINGS = text("""
    SELECT application_id, route_mode, destination, routing FROM revision
    WHERE did = :did ORDER BY revision
""")
_RETIREMENTS = text("""
    SELECT did, revision, routing, verdict FROM verdict
    WHERE did IN :dids AND verdict IN ('retired', 'returned') ORDER BY at
""").bindparams(_DIDS)
_APPLICATIONS = text("""
    SELECT a.application_id, a.seen_at, a.answer_url, a.name FROM application a WHERE a.seen_at =
      (SELECT max(later.seen_at) FROM application later
       WHERE later.application_id = a.application_id)
""")
# An imported answer says neither its key nor its address.
_HAD = text("""
    SELECT DISTINCT r.application_id
    FROM revision r JOIN snapshot s ON s.did = r.did AND s.received_at = r.first_seen_at
    JOIN capture c ON c.id = s.capture
    WHERE r.did IN :dids AND r.application_id IN :applications
      AND coalesce(s.key, c.key, '') IN :keys AND coalesce(c.api_url, '') IN ('', :api_url)
""").bindparams(_DIDS, bindparam("applications", expanding=True), bindparam("keys", expanding=True))
_NO_URL = ""
"""The ``answer_url`` of an application that is listed again, and has none."""


@dataclass(slots=True)
class DidState:
    """One DID, as the log has it and as this batch goes on.

    `times`: of the snapshots that this transaction adds. `routings`: all that it has had, oldest
    first; read when a revision begins.
    """

    latest: LatestRevision | None = None
    latest_routing: int | None = None
    number: str | None = None
    newest_at: int | None = None
    newest_entry: int = 0
    times: set[int] = field(default_factory=set)
    routings: list[Numbered] | None = None


def load_states(connection: Connection, dids: Sequence[str]) -> dict[str, DidState]:
    """Return the latest revision and the newest snapshot of each of these DIDs.

    One row a DID: each row is a moment in which the threads that fetch may take the interpreter.
    """
    states = {did: DidState() for did in dids}
    for few in in_slices(dids):
        for row in connection.execute(_LATEST, {"dids": few}).mappings().all():
            state = states[row["did"]]
            state.latest = _latest(row)
            state.latest_routing = row["routing"]
            state.number = row["number"]
            state.newest_at, state.newest_entry = row["newest_at"], row["newest_entry"]
        unread = [did for did in few if states[did].latest is None]
        if unread:
            for did, at, entry in connection.execute(_NEWEST, {"dids": unread}).all():
                states[did].newest_at, states[did].newest_entry = at, entry
    return states


def _latest(row: RowMapping) -> LatestRevision:
    return LatestRevision(
        row["revision"],
        row["body"],
        Routing(row["application_id"], row["route_mode"], row["destination"]),
        row["destination_source"],
        from_micros(row["first_seen_at"]),
    )


def revisions_around(connection: Connection, answer: Answer) -> Iterator[LatestRevision]:
    """Yield the revision in force when `answer` was received, and the one that began after it."""
    given = {"did": answer.did, "received": to_micros(answer.received_at)}
    for query in (_IN_FORCE, _BEGUN_AFTER):
        row = connection.execute(query, given).mappings().first()
        if row is not None:
            yield _latest(row)


def read_last(connection: Connection, did: str | None) -> Row[Any] | None:
    """Return the DID's newest readable snapshot: when, in which entry, by which key, and where."""
    return connection.execute(_READ_LAST, {"did": did}).first()


def routings_of(connection: Connection, did: str) -> list[Numbered]:
    """Return the routings that a DID has had, oldest first."""
    rows = connection.execute(_ROUTINGS, {"did": did})
    return [Numbered(Routing(row[0], row[1], row[2]), row[3]) for row in rows]


def add_capture(
    transaction: Transaction, capture: OpenCapture, answers: Sequence[Answer]
) -> OpenCapture:
    """Add the capture's own row, before its first answers. Returns it with its number."""
    info = replace(capture.info, id=highest(transaction.connection, CAPTURE.c.id) + 1)
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
    if not transaction.has(SELECTION, digest=selection.digest):
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
    answers: Sequence[Answer],
) -> OpenCapture:
    """Store each ``answer_url`` and name that differs from what was seen last: "" for an
    application that is listed without one, None for one that is listed no more. Store also of which
    ones none could be read. Return the capture with what it knows by now.

    Each key may list its own applications. So one is missing only if a DID of these answers has it,
    or had it when one of the keys of these answers read it.
    """
    applications = destinations.applications
    if applications is None:
        return capture
    carriers = _applications_of(answers)
    # What a body itself says is read, whatever the list shows.
    asked = _applications_of(
        each for each in answers if destinations.find(each.fields)[1] != "body"
    )
    capture = _add_unread(transaction, capture, applications, asked)
    urls: dict[str, str | None] = {
        **applications.answer_urls,
        **dict.fromkeys(filter(applications.is_gone, carriers)),
        **dict.fromkeys(filter(applications.lacks_url, carriers), _NO_URL),
    }
    if capture.stored_urls is not None:
        # Read again in the same capture, the list may lack one that it had.
        urls |= {id_: None for id_ in capture.stored_urls if id_ and applications.is_gone(id_)}
        if not capture.missed and urls.items() <= capture.stored_urls.items():
            return capture
    known = {row.application_id: row for row in transaction.connection.execute(_APPLICATIONS)}
    had_url = {id_ for id_, row in known.items() if row.answer_url is not None}
    missed = set(filter(applications.is_gone, had_url))
    missed |= {id_ for id_ in had_url if known[id_].answer_url and applications.lacks_url(id_)}
    if applications.listed is not None:
        for id_ in known:
            if id_ not in had_url and not applications.is_gone(id_):
                urls.setdefault(id_, _NO_URL)
    for id_ in _had(transaction.connection, capture, answers, sorted(missed)):
        urls[id_] = None if applications.is_gone(id_) else _NO_URL
    for application_id, url in urls.items():
        id_ = storable_text(application_id) or ""
        before = known.get(id_)
        news = _news(before, url, applications.names.get(application_id))
        if news and len(id_) <= LONGEST_ID:
            seen_at = max(transaction.at, before.seen_at + 1 if before else 0)
            of_look = {"seen_at": seen_at, "capture": capture.info.id}
            transaction.add(APPLICATION, {"application_id": id_, **of_look, **news})
    stored = {**(capture.stored_urls or {}), **urls}
    return replace(capture, stored_urls=stored, missed=frozenset(missed - urls.keys()))


def _news(
    before: Row[Any] | None, url: str | None, name: str | None
) -> dict[str, str | None] | None:
    """Return what an application has that differs from what was seen last; None for nothing."""
    # A look that names none has nothing to say of the name.
    name = storable_text(name) or (before and before.name)
    answer_url = storable_text(url) if url else url
    known = (before.answer_url, before.name) if before is not None else (_NO_URL, name)
    return None if known == (answer_url, name) else {"answer_url": answer_url, "name": name}


def _add_unread(
    transaction: Transaction,
    capture: OpenCapture,
    applications: Applications,
    carriers: Iterable[str],
) -> OpenCapture:
    """Keep which of the `carriers` could not be read. Returns the capture knowing that."""
    nothing = applications.remark is not None and not applications.answer_urls
    unread = {""} if nothing else set(filter(applications.misses, carriers))
    news = [id_ for id_ in sorted(unread - capture.unread) if len(id_) <= LONGEST_ID]
    for id_ in news:
        row = {"capture": capture.info.id, "application_id": id_}
        if not transaction.has(UNREAD_APPLICATION, **row):
            transaction.add(UNREAD_APPLICATION, row)
    return replace(capture, unread=capture.unread.union(news))


def _had(
    connection: Connection, capture: OpenCapture, answers: Iterable[Answer], missed: Sequence[str]
) -> Iterator[str]:
    """Yield those of the `missed` applications that these DIDs had when one of the keys that read
    them now read them."""
    read = [answer for answer in answers if answer.problem is None]
    dids = [answer.did or answer.requested for answer in read]
    keys = {"", *(answer.key or capture.key or "" for answer in read)}
    given = {"keys": sorted(keys), "api_url": capture.info.api_url or ""}
    for some, few in product(in_slices(missed), in_slices(dids)):
        rows = connection.execute(_HAD, {**given, "applications": some, "dids": few})
        yield from rows.scalars()


def _applications_of(answers: Iterable[Answer]) -> set[str]:
    """Return the applications that answer for these DIDs."""
    has = (
        storable_text(answer.fields.get("application_id"))
        for answer in answers
        if answer.fields.get("route_mode") == WEBHOOK
    )
    return set(filter(None, has))


def add_tag(transaction: Transaction, capture: OpenCapture) -> OpenCapture:
    """Give the capture its tag, once something could be read. Returns it with that."""
    info = capture.info
    if info.tag is None or capture.tagged:
        return capture
    if transaction.has(TAG, name=info.tag):
        remark = f"the tag {info.tag} was taken meanwhile; this capture has none"
        conditions = capture.conditions | {exits.TAG_TAKEN}
        return replace(capture.remarked(remark), conditions=conditions, tagged=True)
    row = tag_row(info.tag, to_micros(info.started_at), info.id, info.recorded_by, transaction.at)
    transaction.add(TAG, row)
    return replace(capture, tagged=True)


def end_retirement(
    transaction: Transaction, capture: OpenCapture, outcomes: Iterable[Outcome]
) -> OpenCapture:
    """Let a retired DID that was named and read be part of ``--all`` again, with a remark."""
    if not capture.by_name:
        return capture
    read = {each.did for each in outcomes if each.did and each.outcome != "unreadable"}
    newest_verdicts: dict[str, RowMapping] = {}
    for few in in_slices(sorted(read)):
        for row in transaction.connection.execute(_RETIREMENTS, {"dids": few}).mappings():
            newest_verdicts[row["did"]] = row
    for newest in newest_verdicts.values():
        if newest["verdict"] == "retired":
            transaction.add(
                VERDICT,
                {
                    **newest,
                    "at": just_after(transaction, VERDICT, newest["did"]),
                    "verdict": "returned",
                    "reason": "recorded by name and readable again",
                    "author": capture.info.recorded_by,
                },
            )
            did = newest["did"]
            capture = capture.remarked(
                f"{did} is retired no more, since it was named: --all has it"
            )
    return capture
