"""The pages: each asks commands of the log and says which template shows the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from changelog.commands.answers.comparison import Comparison
from changelog.commands.answers.diff import diff
from changelog.commands.answers.list import fleet_page, fleet_side, parse_fleet_selector
from changelog.commands.answers.log import LogQuery, history_page, log, page_of
from changelog.commands.answers.restore import Circumstances, restore
from changelog.commands.answers.restore_all import parse_to
from changelog.commands.answers.restore_all import restore_to as restore_selected
from changelog.commands.answers.show import shown
from changelog.commands.answers.status import status, watch_lines
from changelog.commands.targets import require_begun, require_some, unknown_did
from changelog.model.did_ref import Target
from changelog.model.errors import NothingError
from changelog.model.results.history import ListResult, LogResult
from changelog.model.routing import Where
from changelog.model.selectors import (
    FORMS,
    At,
    Latest,
    Live,
    existing_tag_name,
    known_tag,
    parse_selector,
    resolve,
)
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import rfc3339
from changelog.render.card_warnings import of_then
from changelog.render.html import views
from changelog.render.style import Command
from changelog.web.pages.page_context import MovedTo, Page, Visit

if TYPE_CHECKING:
    from changelog.web.pages.addresses import Address

HISTORY_SHOWN = 10
CHANGES_SHOWN = 20
ROWS = 50
"""DIDs of one page: more would be more than 50 KB."""
MOST_COMPARED = 10_000


def home(visit: Visit) -> Page:
    """Show how fresh the log is, what is open, what changed last, tags."""
    result = status(visit.log, visit.now)
    variables = {
        "result": result,
        "changes": visit.log.pages.changes(limit=HISTORY_SHOWN),
        "tags": visit.log.tag_list().tags[:HISTORY_SHOWN],
    }
    return Page("status", result, "home.html", variables)


def search(visit: Visit) -> Page:
    """Lead to the one DID that is meant, else show all in which the text stands."""
    text = visit.question.text("q")
    if text is None:
        raise MovedTo(visit.to.at("/dids"))
    if did := visit.log.find(text):
        raise MovedTo(visit.to.did(did))
    found = visit.log.pages.search(text)
    if len(found.dids) == 1 and not found.earlier and not found.texts:
        raise MovedTo(visit.to.did(found.dids[0].did))
    variables = {"found": found, "searched": text, **views.fleet(found)}
    return Page("list", found, "search.html", variables)


def fleet(visit: Visit) -> Page:
    """Show where each DID points, now or at a moment; a page by key."""
    ask = visit.question
    at, after = ask.moment("at"), ask.text("after")
    where = Where(ask.text("application"), ask.text("route_mode"), ask.text("status"))
    require_some(visit.log)
    selector = parse_fleet_selector(visit.log, at, visit.now)
    side = None if selector == Latest() else fleet_side(visit.log, selector)
    page = fleet_page(visit.log, side, where, after=after or "", limit=ROWS)
    result = ListResult(at=side.moment if side else None, dids=page.rows, after=page.after)
    following = page.after and visit.to.at("/dids", **where._asdict(), at=at, after=page.after)
    return Page("list", result, "fleet.html", {"next": following, **views.fleet(result)})


def did(visit: Visit, did: str) -> Page:
    """Show the card and the last of the history, or the DID at a moment."""
    if at := visit.question.moment("at"):
        return _revision(visit, _known(visit, did), at)
    result = restore(visit.log, [_target(visit, did)], _given(visit))
    view = views.card_view(result.dids[0])
    history = result.dids[0].history
    if view is None or history is None:
        raise unknown_did(visit.log, did)
    entries = page_of(history, visit.settings.ignored, limit=HISTORY_SHOWN)
    variables = {
        "view": view,
        "history": entries,
        "look": Command(command_line("restore", [history.did])),
        "watches": list(watch_lines(visit.log.watches(), visit.now)),
    }
    link = visit.to.revision(history.did, history.latest.revision)
    return Page("restore", result, "did.html", variables, link)


def _given(visit: Visit) -> Circumstances:
    return Circumstances({}, now=visit.now)


def restore_to(visit: Visit, did: str) -> Page:
    """Show the card alone, on one sheet of paper."""
    to, targets = visit.question.moment("to"), [_target(visit, did)]
    if to is None:
        result = restore(visit.log, targets, _given(visit))
    else:
        selector = parse_to(visit.log, to, visit.now)
        result = restore_selected(visit.log, targets, _given(visit), to, selector)
    view = views.card_view(result.dids[0])
    if view is None:
        raise unknown_did(visit.log, did)
    return Page("restore", result, "card_alone.html", {"view": view, "chosen": to})


def history(visit: Visit, did: str) -> Page:
    """Show the revisions of one DID, a page at a time."""
    known, before = _known(visit, did), visit.question.count("before")
    result = history_page(visit.log, known, visit.settings.ignored, before, HISTORY_SHOWN)
    return Page("log", result, "history.html", {"did": known, "history": result})


def revision(visit: Visit, did: str, number: int) -> Page:
    """Show one revision in full."""
    return _revision(visit, _known(visit, did), f"r{number}")


def _revision(visit: Visit, did: str, selector: str) -> Page:
    history = visit.log.history(did)
    parsed = parse_selector(selector, visit.now, tags=visit.log)
    if isinstance(parsed, Live):
        raise NothingError("no_look", "pages do not look at the API", f"Use one of: {FORMS}.")
    if isinstance(parsed, At):
        require_begun(visit.log, parsed.moment)
    choice = resolve(parsed, history, visit.log)
    result = shown(visit.log, did, history, choice, visit.settings.ignored)
    fields = sorted(choice.revision.fields.items())
    variables = {
        "result": result,
        "entry": result.entry,
        "fields": fields,
        "latest": history.latest,
        "at": choice.moment,
        "of_then": of_then(not_read=choice.not_read, unseen_since=choice.unseen_since),
    }
    link = visit.to.revision(did, choice.revision.revision)
    return Page("show", result, "revision.html", variables, link)


def changes(visit: Visit) -> Page:
    """Show the latest changes of all DIDs: by capture, or by revision where they are filtered."""
    ask = visit.question
    since, until = ask.whole_moment("since", day_ends=False), ask.whole_moment("until")
    query = LogQuery(
        limit=CHANGES_SHOWN,
        since=since,
        until=until,
        field=ask.text("field"),
        routing=ask.flag("routing"),
        ignored=visit.settings.ignored,
        before=ask.revision_key("after"),
    )
    before = ask.text("before")
    filtered = since or until or query.field or query.routing or query.before
    if filtered or visit.wants_json:
        if before is not None:
            # A list of revisions has no captures to go on with: it goes on from their moment.
            end = visit.log.pages.changes_end(before)
            query = replace(query, until=min(until or end, end))
        result = log(visit.log, None, query, visit.now)
        older = _older(visit, query, result)
        entries = {"result": result, "changes": None, "next": older}
        return Page("log", result, "changes.html", entries)
    require_some(visit.log)
    page = visit.log.pages.changes(before=before)
    following = page.before and visit.to.at("/changes", before=page.before)
    variables: dict[str, object] = {"result": None, "changes": page, "next": following}
    return Page("log", LogResult(), "changes.html", variables)


def _older(visit: Visit, query: LogQuery, result: LogResult) -> Address | None:
    """Return where the entries go on."""
    if result.following is None:
        return None
    return visit.to.at(
        "/changes",
        since=rfc3339(query.since) if query.since else None,
        until=rfc3339(query.until) if query.until else None,
        field=query.field,
        routing="1" if query.routing else None,
        after=result.following.spelled,
    )


def compare(visit: Visit) -> Page:
    """Show what changed between two moments or tags, or on one DID."""
    ask = visit.question
    start, end = ask.moment("from", day_ends=False), ask.moment("to")
    names = [name] if (name := ask.text("did")) else []
    if start is None and not names and not visit.wants_json:
        return Page("diff", LogResult(), "compare.html", {"result": None})
    wanted = Comparison(
        start=start,
        end=end,
        field=ask.text("field"),
        routing=ask.flag("routing"),
        volatile=visit.settings.ignored,
        where=Where(ask.text("application"), ask.text("route_mode")),
        most=MOST_COMPARED,
    )
    if "live" in (start, end):
        raise NothingError("no_look", "pages do not look at the API", "Leave out: live.")
    result = diff(visit.log, names, wanted, visit.now)
    for compared in result.dids if names else ():
        # One that a capture could not read has an error too, and is compared all the same.
        if compared.error is not None and compared.to_revision is None:
            raise NothingError(compared.error.code, compared.error.message, compared.error.hint)
    after = ask.text("after") or ""
    rest = sorted((did for did in result.dids if did.did > after), key=lambda did: did.did)
    variables = views.diff(replace(result, dids=tuple(rest[:ROWS])), ROWS)
    following = None
    if len(rest) > ROWS:
        given = {
            name: ask.text(name) for name in ("from", "to", "field", "routing", *Where._fields)
        }
        following = visit.to.at("/diff", **given, after=rest[ROWS - 1].did)
    return Page("diff", result, "compare.html", {**variables, "result": result, "next": following})


def tags(visit: Visit) -> Page:
    result = visit.log.tag_list()
    return Page("tags", result, "tags.html", {"result": result})


def tag(visit: Visit) -> Page:
    """Lead from a deploy's tag to what it changed, from another to the fleet at its moment."""
    name = existing_tag_name(visit.question.text("name") or "")
    base = name.removesuffix(":before").removesuffix(":after")
    if visit.log.tag(f"{base}:before") and visit.log.tag(f"{base}:after"):
        raise MovedTo(visit.to.diff(f"tag:{base}:before", f"tag:{base}:after"))
    known_tag(name, visit.log)
    raise MovedTo(visit.to.at("/dids", at=f"tag:{name}"))


def alerts(visit: Visit) -> Page:
    result = visit.log.alert_list(visit.question.count("before"))
    return Page("alerts", result, "alerts.html", {"result": result})


def _known(visit: Visit, did: str) -> str:
    """Return the id. Raises MovedTo for a number, NothingError for what the log does not know."""
    found = visit.log.find(did)
    if found is None:
        raise unknown_did(visit.log, did)
    if found != did:
        raise MovedTo(visit.to.did(found))
    return found


def _target(visit: Visit, did: str) -> Target:
    return Target(did, _known(visit, did))
