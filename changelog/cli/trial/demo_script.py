"""The story that ``demo`` tells: two routes are changed, and one of the changes is taken back.

Each step is the program's own command, run as a process against the sandbox over real HTTP.
"""

import os
import shlex
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from changelog.sandbox.server import Sandbox

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at the provider, or a command with the exit code it must end with."""

    say: str
    command: str = ""
    exit_code: int = 0
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


def play(program: Sequence[str], database: str, say: Say) -> str | None:
    """Tell the story with a log in `database`. Returns the command that failed, if one did."""
    with Sandbox() as sandbox:
        environ = {
            **{name: value for name, value in os.environ.items() if not _is_ours(name)},
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
            if step.command and not _run(program, step, environ, say):
                return f"changelog {step.command}"
    say(_ending(database))
    return None


def _run(program: Sequence[str], step: Step, environ: dict[str, str], say: Say) -> bool:
    say(f"$ changelog {step.command}")
    ended = subprocess.run(  # noqa: S603 -- the program itself, with arguments from above
        [*program, *shlex.split(step.command)], env=environ, check=False
    )
    return ended.returncode == step.exit_code


def _is_ours(name: str) -> bool:
    return name.startswith(("CHANGELOG_", "MINIVOICE_"))


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
