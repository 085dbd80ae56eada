"""``changelog demo``."""

import sys
from pathlib import Path

from changelog.cli import options
from changelog.cli.options import command
from changelog.cli.output import say, tell
from changelog.model.errors import UsageError


@command("changelog demo", (0, 1, 130))
def app(
    db: str | None = options.option(
        "--db", "PATH", "Where to put the log (default: a new folder)."
    ),
) -> int:
    """Play an incident on a throw-away database, with a local imitation of the API."""
    import tempfile

    from changelog.cli.trial.demo_script import play

    if db is not None and Path(db).exists():
        raise UsageError(f"{db} exists already", "The demo wants a database of its own.")
    database = db or str(Path(tempfile.mkdtemp(prefix="changelog-demo-")) / "changelog.db")
    failed = play([sys.executable, "-m", "changelog"], database, say)
    if failed is not None:
        tell(f"changelog: the demo stopped at: {failed}")
        return 1
    return 0
