"""What ``db`` says: the schema of the log, and what an upgrade did or would do."""

from changelog.model.results.upkeep import DatabaseResult
from changelog.render.style import Shown, line, whole


def database(result: DatabaseResult) -> Shown:
    place = whole(result.database)
    if result.dry_run and result.version != result.head:
        before = result.version or "nothing"
        return line("would upgrade {} from {} to {}", place, before, result.head)
    if result.upgraded:
        return line("upgraded {} from {} to {}", place, result.before or "nothing", result.version)
    state = result.version or "nothing yet"
    return line("{}: schema {} (this program: {})", place, state, result.head)
