"""What ``db`` says: the schema of the log, and what an upgrade did or would do."""

from changelog.model.results.database import DatabaseResult
from changelog.model.text.sanitize import escape


def database(result: DatabaseResult) -> str:
    before = result.before or "nothing"
    if result.dry_run and result.version != result.head:
        before = result.version or "nothing"
        return f"would upgrade {escape(result.database)} from {before} to {result.head}"
    if result.upgraded:
        return f"upgraded {escape(result.database)} from {before} to {result.version}"
    state = result.version or "nothing yet"
    return f"{escape(result.database)}: schema {state} (this program: {result.head})"
