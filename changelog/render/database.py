"""What ``db`` says: the schema of the log, and what an upgrade did or would do."""

from changelog.model.results.database import DatabaseResult
from changelog.model.text.sanitize import escape, megabytes


def database(result: DatabaseResult) -> str:
    if result.dry_run and result.version != result.head:
        return _upgrade_to_come(result)
    if result.upgraded:
        before = result.before or "nothing"
        return f"upgraded {escape(result.database)} from {before} to {result.version}"
    state = result.version or "nothing yet"
    return f"{escape(result.database)}: schema {state} (this program: {result.head})"


def _upgrade_to_come(result: DatabaseResult) -> str:
    before = result.version or "nothing"
    said = f"would upgrade {escape(result.database)} from {before} to {result.head}"
    if result.backup is None:
        return said
    room = f"; {megabytes(result.room)} are free" if result.room is not None else ""
    size = megabytes(result.backup_size or 0)
    return f"{said}, after it is kept as {escape(result.backup)} ({size}{room})"
