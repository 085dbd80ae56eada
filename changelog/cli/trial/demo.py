"""``changelog demo``: two routes are changed, and one of the changes is taken back.

Each step is the program's own command, run as a process against the sandbox over real HTTP.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from changelog.cli.options import command, option
from changelog.cli.output import say, tell
from changelog.model.errors import UsageError
from changelog.sandbox.server import Sandbox

_OURS = ("CHANGELOG_", "MINIVOICE_")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at the provider, or a command."""

    say: str
    command: str = ""
    happens: Callable[[Sandbox], None] | None = None


def _deploy(sandbox: Sandbox) -> None:
    sandbox.move("did_101", application_id="app_maintenance")
    sandbox.move("did_102", route_mode="reject")


def _put_back(sandbox: Sandbox) -> None:
    sandbox.move("did_101", application_id="app_support")


STEPS = (
    Step(
        "Before a deploy, record what the numbers do, with a note and a tag.",
        "record did_101 did_102 -m 'before the winter menu' --tag pre --ticket OPS-7",
    ),
    Step("(The deploy: somebody moves two routes in the account setup.)", happens=_deploy),
    Step("After it, record again.", "record did_101 did_102 -m 'winter menu is live' --tag post"),
    Step("What did the deploy change?", "diff --from tag:pre --to tag:post"),
    Step("3 a.m.: callers of did_101 hear silence. What was there before?", "restore did_101"),
    Step("(You put the route back in the account setup.)", happens=_put_back),
    Step("Prove that it is live again.", "verify did_101 --to r1"),
    Step("And never offer the broken one again: it is rolled back.", "log did_101"),
)


@command("changelog demo", (0, 1, 130))
def app(
    db: str | None = option("--db", "PATH", "Where to put the log (default: a new folder)."),
) -> int:
    """Play an incident on a throw-away database, with a local imitation of the API."""
    if db is not None and Path(db).exists():
        raise UsageError(f"{db} exists already", "The demo wants a database of its own.")
    database = db or str(Path(tempfile.mkdtemp(prefix="changelog-demo-")) / "changelog.db")
    with Sandbox() as sandbox:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        environ = {
            **kept,
            "MINIVOICE_API_URL": sandbox.url,
            "MINIVOICE_API_KEY": sandbox.key,
            "CHANGELOG_DATABASE_URL": database,
            "CHANGELOG_OPERATOR": "olga",
            "CHANGELOG_CONFIG": os.devnull,
        }
        for step in STEPS:
            say(f"\n# {step.say}")
            if step.happens is not None:
                step.happens(sandbox)
            if step.command and not _run(step.command, environ):
                tell(f"changelog: the demo stopped at: changelog {step.command}")
                return 1
    say(_ending(database))
    return 0


def _run(command: str, environ: dict[str, str]) -> bool:
    say(f"$ changelog {command}")
    words = [sys.executable, "-m", "changelog", *shlex.split(command)]
    ended = subprocess.run(words, env=environ, check=False)  # noqa: S603 -- the program itself
    return ended.returncode == 0


def _ending(database: str) -> str:
    path = shlex.quote(database)
    return f"""
The log of this demo is in {database}. Look around in it:
  changelog list --db {path}
  changelog show did_101@r2 --db {path}
  sqlite3 {path} 'SELECT * FROM restore_target'

With a real key:
  export MINIVOICE_API_KEY=mv_live_…
  changelog record +15551230001 -m 'first look'"""  # noqa: S608 -- shown, not run
