"""The pages: each asks commands of the log and says which template shows the answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from changelog.commands.answers.comparison import DiffOptions
from changelog.commands.answers.diff import diff
from changelog.commands.answers.list import (
    fleet_page,
    fleet_side,
    list_with_looks,
    parse_fleet_selector,
    with_windows,
)
from changelog.commands.answers.log import (
    LogQuery,
    history_page,
    log_revisions,
    log_with_looks,
)
from changelog.commands.answers.restore import RestoreInput, restore_named
from changelog.commands.answers.show import shown
from changelog.commands.answers.status import status, watch_lines, with_changes
from changelog.commands.targets import require_begun, require_some, unknown_did
from changelog.model.did_ref import Target
from changelog.model.errors import NothingError, UsageError
from changelog.model.results.history import ListResult, LogResult
from changelog.model.routing import Where
from changelog.model.selectors import (
    AFTER,
    BEFORE,
    FORMS,
    At,
    Latest,
    Word,
    existing_tag_name,
    known_tag,
    parse_selector,
    refuse_to_come,
    resolve,
)
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import rfc3339
from changelog.render.freshness import of_log
from changelog.render.html import views
from changelog.render.html.environment import LONGEST_NOTE
from changelog.render.restore.card_warnings import of_then
from changelog.web.pages.addresses import Redirect
from changelog.web.pages.page_context import Page, PageRequest
from changelog.web.pages.query_fields import require_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from changelog.model.results.diff import DiffedDid
    from changelog.model.results.restore import RestoreCard, RestoreResult
    from changelog.web.pages.addresses import Address

HISTORY_SHOWN = 10
CHANGES_SHOWN = 20
ROWS = 50
"""DIDs of one page: more would be more than 50 KB."""
_TEXT_OF_A_ROW = 300
"""Characters beside which a longer text takes the place of more rows."""
MOST_COMPARED = 10_000


def home(request: PageRequest) -> Page:
    """Show how fresh the log is, what is open, what changed last, tags."""
    result = status(request.log, request.now)
    variables = {
        "result": result,
        "changes": request.log.pages.changes(limit=HISTORY_SHOWN, with_next=False),
        "tags": request.log.tag_list().tags[:HISTORY_SHOWN],
    }
    return Page("status", result, "home.html", variables)


def search(request: PageRequest) -> Page:
    """Lead to the one DID that is meant, else show all in which the text stands."""
    text = request.query.text("q")
    if text is None:
        raise Redirect(request.to.at("/dids"))
    if did := request.log.find(text):
        raise Redirect(request.to.did(did))
    require_some(request.log)
    found = request.log.pages.search(text)
    if len(found.dids) == 1 and not found.earlier and not found.texts:
        raise Redirect(request.to.did(found.dids[0].did))
    variables = {"found": found, "searched": text, **views.fleet(found)}
    return Page("list", found, "search.html", variables)


def fleet(request: PageRequest) -> Page:
    """Show where each DID points, now or at a moment; a page by key."""
    query = request.query
    at, after = query.moment("at"), query.text("after")
    where = Where(query.text("application"), query.text("route_mode"), query.text("status"))
    require_some(request.log)
    selector = parse_fleet_selector(request.log, at, request.now)
    side = None if selector == Latest() else fleet_side(request.log, selector)
    page = fleet_page(request.log, side, where, after=after or "", limit=ROWS)
    rows = tuple(with_windows(request.log, page.rows)) if request.wants_json else page.rows
    result = ListResult(at=side.moment if side else None, dids=rows, after=page.after)
    if result.dids and not side:
        # Where none matches, the looks at a whole fleet would take longer than a page may.
        result = list_with_looks(request.log, result)
    following = page.after and request.next_page("/dids", page.after)
    return Page("list", result, "fleet.html", {"next": following, **views.fleet(result)})


def did(request: PageRequest, did: str) -> Page:
    """Show the card and the last of the history, or the DID at a moment."""
    at = request.query.moment("at")
    known = _known(request, did, partial(request.to.did, at=at))
    if at is not None:
        return _revision(request, known, at)
    result, card = _restored(request, known, None)
    view, history = views.card_view(card, LONGEST_NOTE), card.history
    entries = history_page(history, request.settings.ignored, limit=HISTORY_SHOWN)
    variables = {
        "view": view,
        "history": entries,
        "look": command_line("restore", [history.did]),
        "watches": list(watch_lines(request.log.watches(), request.now)),
    }
    link = request.to.revision(history.did, history.latest.revision)
    return Page("restore", result, "did.html", variables, link)


def _restored(request: PageRequest, did: str, to: str | None) -> tuple[RestoreResult, RestoreCard]:
    given = RestoreInput({}, now=request.now, volatile=request.settings.ignored)
    result = restore_named(request.log, [Target(did, did)], given, to, request.now)
    if not result.cards:
        raise unknown_did(request.log, did)
    return result, result.cards[0]


def restore_to(request: PageRequest, did: str) -> Page:
    """Show the card alone, on one sheet of paper."""
    to = request.query.moment("to")
    known = _known(request, did, partial(request.to.restore, to=to))
    result, card = _restored(request, known, to)
    view = views.card_view(card, LONGEST_NOTE)
    if to and (error := card.error) and not request.wants_json:
        # The page would say that it goes back there.
        raise NothingError(error.code, error.message, error.hint)
    return Page("restore", result, "card_alone.html", {"view": view, "chosen": to})


def history(request: PageRequest, did: str) -> Page:
    """Show the revisions of one DID, a page at a time."""
    before = request.query.count("before")
    known = _known(request, did, partial(request.to.history, before=before))
    result = history_page(
        request.log.history(known), request.settings.ignored, before, HISTORY_SHOWN
    )
    return Page("log", result, "history.html", {"did": known, "history": result})


def revision(request: PageRequest, did: str, number: int) -> Page:
    """Show one revision in full."""
    known = _known(request, did, partial(request.to.revision, revision=number))
    return _revision(request, known, f"r{number}")


def _revision(request: PageRequest, did: str, selector: str) -> Page:
    history = request.log.history(did)
    parsed = parse_selector(selector, request.now, tags=request.log)
    if parsed is Word.LIVE:
        raise NothingError("no_look", "pages do not look at the API", f"Use one of: {FORMS}.")
    if isinstance(parsed, At):
        require_begun(request.log, parsed.moment)
    choice = resolve(parsed, history, request.log)
    result = shown(request.log, did, history, choice, request.settings.ignored)
    fields = sorted(choice.revision.fields.items())
    changed = result.entry.changes if result.entry else ()
    variables = {
        "result": result,
        "entry": result.entry,
        "fields": fields,
        "latest": history.latest,
        "at": choice.moment,
        "of_then": of_then(choice.seen_then),
        "names": request.log.pages.application_names(changed),
    }
    link = request.to.revision(did, choice.revision.revision)
    return Page("show", result, "revision.html", variables, link)


def changes(request: PageRequest) -> Page:
    """Show the latest changes of all DIDs: by capture, or by revision where they are filtered."""
    query = request.query
    since, until = query.whole_moment("since", day_ends=False), query.whole_moment("until")
    if since is not None:
        # A wrong year must not look like "nothing changed".
        refuse_to_come(rfc3339(since), since, request.now)
    if since is not None and until is not None and until < since:
        raise UsageError("'until' is before 'since'", "Give the earlier time with since.")
    wanted = LogQuery(
        limit=CHANGES_SHOWN,
        since=since,
        until=until,
        field=query.text("field"),
        routing=query.flag("routing"),
        ignored=request.settings.ignored,
        before=query.revision_key("after"),
    )
    before = query.text("before")
    filtered = since or until or wanted.field or wanted.routing or wanted.before
    if filtered or request.wants_json:
        if before is not None:
            # A list of revisions has no captures to go on with: it goes on from their moment.
            end = request.log.pages.changes_end(before)
            wanted = replace(wanted, until=min(until or end, end))
        result = log_revisions(request.log, None, wanted, request.now)
        if wanted.before is None:
            result = log_with_looks(request.log, result)
        older = result.following and request.next_page("/changes", result.following)
        entries = {"result": result, "changes": None, "next": older, "about": list(of_log(result))}
        return Page("log", result, "changes.html", entries)
    require_some(request.log)
    page = request.log.pages.changes(before=before)
    following = page.before and request.to.at("/changes", before=page.before)
    variables: dict[str, object] = {"result": None, "changes": page, "next": following}
    return Page("log", LogResult(), "changes.html", variables)


def compare(request: PageRequest) -> Page:
    """Show what changed between two moments or tags, or on one DID."""
    query = request.query
    start, end = query.moment("from", day_ends=False), query.moment("to")
    names = [name] if (name := query.text("did")) else []
    if start is None and not names and not request.wants_json:
        return Page("diff", LogResult(), "compare.html", {"result": None})
    wanted = DiffOptions(
        start=start,
        end=end,
        field=query.text("field"),
        routing=query.flag("routing"),
        volatile=request.settings.ignored,
        where=Where(query.text("application"), query.text("route_mode")),
        most=MOST_COMPARED,
    )
    if "live" in (start, end):
        raise NothingError("no_look", "pages do not look at the API", "Leave out: live.")
    result = diff(request.log, names, wanted, request.now)
    for compared in result.dids if names else ():
        # One that a capture could not read has an error too, and is compared all the same.
        if compared.error is not None and compared.to_revision is None:
            raise NothingError(compared.error.code, compared.error.message, compared.error.hint)
    after = query.text("after") or ""
    rest = sorted((did for did in result.dids if did.did > after), key=lambda did: did.did)
    shown_dids = _that_fit(rest)
    changed = [change for group in result.groups[:ROWS] for change in group.changes]
    changed += [change for did in shown_dids for change in did.changes]
    applications = request.log.pages.application_names(changed)
    variables = views.diff(replace(result, dids=shown_dids), ROWS, applications)
    following = None
    if len(rest) > len(shown_dids):
        following = request.next_page("/diff", shown_dids[-1].did)
    has_ended = end not in (None, "latest")
    later = request.to.diff(end, "latest", query.text("did")) if has_ended else None
    variables |= {"result": result, "next": following, "later": later}
    return Page("diff", result, "compare.html", variables)


def _that_fit(dids: Sequence[DiffedDid]) -> tuple[DiffedDid, ...]:
    """Return those that one page can show, by their rows and by the length of what changed."""
    room = ROWS
    fitting: list[DiffedDid] = []
    for did in dids:
        texts = (f"{change.before}{change.after}" for change in did.changes)
        room -= max(1, sum(1 + len(text) // _TEXT_OF_A_ROW for text in texts))
        if room < 0 and fitting:
            break
        fitting.append(did)
    return tuple(fitting)


def tags(request: PageRequest) -> Page:
    result = request.log.tag_list()
    return Page("tags", result, "tags.html", {"result": result})


def tag(request: PageRequest, name: str | None = None) -> Page:
    """Lead from a deploy's tag to what it changed, from another to the fleet at its moment."""
    name = existing_tag_name(name or request.query.text("name") or "")
    base = name.removesuffix(BEFORE).removesuffix(AFTER)
    if request.log.tag(base + BEFORE) and request.log.tag(base + AFTER):
        raise Redirect(request.to.diff(f"tag:{base}{BEFORE}", f"tag:{base}{AFTER}"))
    known_tag(name, request.log)
    raise Redirect(request.to.at("/dids", at=f"tag:{name}"))


def alerts(request: PageRequest) -> Page:
    found = request.log.alert_list(request.query.count("before"))
    result = with_changes(request.log, found, request.settings.ignored)
    return Page("alerts", result, "alerts.html", {"result": result})


def _known(request: PageRequest, did: str, page: Callable[[str], Address]) -> str:
    """Return the id. Raises Redirect to the `page` of an id for a number, and NothingError for what
    the log does not know."""
    found = request.log.find(require_id(did))
    if found is None:
        raise unknown_did(request.log, did)
    if found != did:
        raise Redirect(page(found))
    return found
