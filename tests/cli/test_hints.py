"""What a refusal tells to do next can be done: each command that it names is one."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from changelog.cli.main import COMMANDS, app
from tests.program import Program
from tests.sandbox_faults import Sandbox

REFUSED = """
record
recrod
verify did_101
verify did_101 --to r1 --status active
verify did_101 --to nonsense
verify did_101 --to live
verify --all --to latest~2
verify --expect nowhere.csv
verify did_101 --file none --to r1
verify did_101 r1
verify did_101 --to r9
record did_101 --quiet
record did_101 --tag
record did_101 --tag used
record did_101 --tag "a b"
record did_101 did_102 --destination sip:a@b
record --all did_101
record did_101@r1
record 1 555 123 0001
record --resume
record did_101 -m ''
record ''
record did_101 --rate x
record did_101 --concurrency 0
mark did_101 fine -m x
mark did_101 bad -m ' '
mark did_101
mark did_101 good
mark good -m x
note did_101 -m ''
note -m x
note tag:noon -m x
note tag:none -m x
note did_nope -m x
note did_101@r9 -m x
note did_101@nonsense -m x
note did_101@used -m x
note did_101 r1 -m x
tag used
tag later --at 14:00
tag later --at nonsense
tag later --at r1
tag later --at 2001-01-01T00:00Z
tag later --at tag:none
restore --all
restore --all did_101 --to r1
restore did_nope --offline
restore did_103 --offline
restore did_101 --live --offline
restore --all --to r1 --offline
restore --all --to live
restore did_101 --to live --offline
restore did_101 --to used --offline
restore did_101 --to mine --offline
restore did_101 --to tag:mine --offline
restore did_101 --to good --offline
restore did_103 --to previous --offline
restore did_101 --to 2001-01-01 --offline
restore did_101 --group 12345678
restore --all --to tag:used --group 12345678 --offline
restore --all --to tag:used --group nonsense --offline
restore did_101 --application x
restore did_101 --frob
restore did_101 --format nonsense
restore
restore did_101 r1
restore did_101 --to r1 r2
restore 9999 --offline
restore did_102 --offline
restore did_101 --to r1 --offline --frob
diff did_101 r1 r2
show did_101 r1
diff did_101 --from live
diff did_101 --from mine
diff --from latest~2
diff did_101 --application x
diff --file none
diff --from tag:none
diff did_101@r9
diff nope
diff did_101 --from r1 r2
diff did_101 --from r1 --to r2 r3
list --at r1
list --at 2001-01-01
list 14:00
list ' '
list --at mine
list a b
list --application
log nope
log did_101@r1
log --since soon
log --tag none
log --snapshots did_101 did_102
log --format plain
log -n 0
show did_101@nonsense
show did_9
show did_101@r9
show did_101@tag:none
show r1
status --format plain
deploy did_101 -- true
deploy did_101 --tag n --expect none.csv -- true
deploy did_101 --tag n
deploy --tag n -- true
watch --once
watch did_101 --interval x
watch did_101 --interval 0s
watch did_101 --notify nonsense
evidence none.json
evidence old.json --result maybe
evidence
export --out old.json
import none.json
import old.json --at 14:00
import
import old.json --tag used
check --against nonsense
check --against 3:00
prune
prune --older-than x
mirror
db
db frob
db current --frob
web --port 99999
config --frob
status --db nowhere/none.db
log --db postgresql://u@127.0.0.1:9/x
log --db ftp://x
log --config none.toml
log --db old.json
log --deadline x
"""
"""Command lines that are refused, or that find nothing."""
LOG = ("--config", "the settings.toml", "--db", "other/log.db")
"""What names the log: each command that is told must name it too."""
_OWN_LOG = tuple(line for line in REFUSED.splitlines() if " --db " in line or " --config " in line)
NO_LOG = "log|restore did_1|list|status|record --all|export|tag x|diff|check|prune|note did_1 -m x"
READS = ("restore", "log", "list", "show", "diff", "status", "note", "mark", "import", "record")
MEANT = {
    "DID": "did_101",
    "FILE": "old.json",
    "TEXT": "text",
    "WHY": "why",
    "SEL": "tag:used",
    "T": "2026-11-01T00:00Z",
    "PATH": "log.db",
    "rN": "r1",
    "VERDICT": "bad",
}
"""What stands for the words in capitals."""
_COMMAND = re.compile(rf"changelog (?:{'|'.join(COMMANDS)})\b.*?(?=[.,;?)]*(?:$|[,;?)] |\. ))")


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Program:
    """Two routings of did_101, tags of a capture, of a moment and of a deploy."""
    made = Program(tmp_path / "refused", api=sandbox)
    (made.home / "old.json").write_text('{"id": "did_101", "application_id": "app_old"}')
    (made.home / "the settings.toml").write_text("operator = 'olga'")
    (made.home / "other").mkdir()
    made.run("import", "old.json", "--at", "2026-11-01T00:00Z", *LOG).ended(0)
    made.record("did_101", "did_102", "did_103", "--tag", "used", *LOG)
    made.run("deploy", "did_102", "--tag", "mine", *LOG, "--", "true").ended(0)
    made.run("tag", "noon", *LOG).ended(0)
    return made


def commands_in(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from _COMMAND.findall(line.removeprefix("changelog: "))


def meant(command: str) -> list[str]:
    """The words behind ``changelog``, each placeholder filled in."""
    _, *words = shlex.split(command)
    placeholder = re.compile(rf"\b({'|'.join(MEANT)})\b")
    return [placeholder.sub(lambda found: MEANT[found[0]], word) for word in words]


def parse(words: list[str]) -> None:
    """Parse a command line as the program does, and run nothing. Raises what typer does."""
    group = typer.main.get_command(app)
    with group.make_context("changelog", list(words)) as context:
        name, command, rest = group.resolve_command(context, words)  # type: ignore[attr-defined]
        if "--help" not in words:
            command.make_context(name, rest, parent=context)


def test_each_command_that_a_refusal_names_is_one(
    program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    """And a usage error is said before anything is fetched, with nothing on stdout."""
    named: dict[str, str] = {}
    silent: list[str] = []
    for line in REFUSED.strip().splitlines():
        asked = len(sandbox.requests)
        name, *words = shlex.split(line)
        ran = program.run(name, *(() if line in _OWN_LOG else LOG), *words)
        assert ran.exit_code in (2, 3, 5, 8), (line, ran)
        if ran.exit_code == 2:
            assert (ran.stdout, len(sandbox.requests)) == ("", asked), line
        silent += [line] if ran.exit_code == 2 and len(ran.stderr.splitlines()) < 2 else []
        named |= dict.fromkeys(commands_in(ran.stderr + ran.stdout), line)
    assert silent == [], "these do not say what to do next"
    empty = Program(tmp_path / "empty", key="")
    for line in NO_LOG.split("|"):
        (empty.home / "the settings.toml").touch()
        ran = empty.run(*shlex.split(line), "--config", "the settings.toml", "--db", "log.db")
        named |= dict.fromkeys(commands_in(ran.stderr), line)
    assert len(named) > 20
    for command, line in named.items():
        words = meant(command)
        if line not in _OWN_LOG and "--help" not in words:
            assert {"--config", "--db"} <= set(words), f"{line!r} says {command!r}"
        try:
            parse(words)
        except typer.Exit:
            # The help was asked for.
            continue
        except Exception as error:
            raise AssertionError(f"{line!r} says {command!r}: {error}") from error
        if len(words) > 1 and words[0] in READS and "--help" not in words:
            ran = program.run(*words)
            assert ran.exit_code not in (1, 2), f"{line!r} says {command!r}: {ran.stderr}"
