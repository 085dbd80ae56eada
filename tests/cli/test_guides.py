"""The guides cannot lie: every command of them is run, in their order, on both databases.

A comment before a block says what is done with it: ``run`` (by bash), with ``exits N`` for another
exit code than 0 and ``on sqlite`` or ``on postgres`` for one of them; ``file: NAME`` puts the
block into a file; ``said`` compares it with what the run before it said. ``run until it says TEXT``
is for a command that goes on, ``not run: WHY`` for what no test can do.
``happens: …`` is what happens meanwhile, done here.
"""

import os
import re
import shlex
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import Location, PostgresLocation
from tests.fork_server import line_of_shell
from tests.pages import shows
from tests.postgres_server import PostgresNotFound, find_binaries
from tests.program import KEY, TIMEOUT_S, Program

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = (
    "../README.md",
    "tutorial.md",
    "deploy.md",
    "incident.md",
    "test-calls.md",
    "backup.md",
    "upgrades.md",
    "uninstall.md",
    "security.md",
    "integrity.md",
    "export.md",
    "watch.md",
    "web.md",
    "large-fleets.md",
)
STEP = re.compile(
    r"^<!-- (?P<comment>.*?) -->\n|^```(?P<language>\w+)\n(?P<content>.*?)^```\n",
    re.MULTILINE | re.DOTALL,
)
RUN = re.compile(r"run(?: on (?P<database>sqlite|postgres))?(?:, exits (?P<code>\d+))?")
SIMPLE = re.compile(r"changelog [^|&;<>$`(){}*?~!\\]*")
INLINE = re.compile(r"`(changelog [^`]+)`")
BASH = shutil.which("bash") or "/bin/bash"
PORT = "8900"
"""Of the sandbox in the tutorial."""
PORTS = re.compile(r"\b(8900|8788)\b")
SCRIPTS = {"sh", "yaml", "crontab"}


@dataclass
class Reader:
    """Somebody who follows a guide to the letter."""

    program: Program
    sandbox: Sandbox
    location: Location
    said: str = ""
    removed: list[str] = field(default_factory=list)

    @property
    def database(self) -> str:
        return "postgres" if isinstance(self.location, PostgresLocation) else "sqlite"

    def follow(self, guide: str) -> None:
        wanted = ""
        for step in STEP.finditer(guide):
            if comment := step["comment"]:
                if comment.startswith("happens: "):
                    HAPPENS[comment.removeprefix("happens: ")](self)
                else:
                    wanted = comment
                continue
            self._use(wanted, step["language"], step["content"])
            wanted = ""

    def _use(self, wanted: str, language: str, content: str) -> None:
        if wanted.startswith("file: "):
            (self.program.home / wanted.removeprefix("file: ")).write_text(content)
        elif wanted == "said":
            assert shows(content, self.said), self.said
        elif wanted.startswith("run until it says "):
            self._start(content, wanted.removeprefix("run until it says "))
        elif wanted.startswith("not run: ") or wanted == "test command":
            pass
        else:
            how = RUN.fullmatch(wanted)
            assert how, f"no command stands in a guide without being run: {wanted}\n{content}"
            if how["database"] in (None, self.database):
                self._run(script_in(language, content), int(how["code"] or 0))

    def _start(self, content: str, wanted: str) -> None:
        """On a free port. The reader's own sandbox answers what follows."""
        words = shlex.split(PORTS.sub("0", content))[1:]
        process = self.program.start(*words)
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stderr if words[0] == "watch" else process.stdout
        ready = said.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT_S)
        assert wanted in ready

    def _run(self, script: str, code: int) -> None:
        """In this process what needs no shell; its lines end with 0 but for the last."""
        script = script.replace(f"http://127.0.0.1:{PORT}", self.sandbox.origin)
        lines = script.splitlines()
        if not all(SIMPLE.fullmatch(line) for line in lines):
            self._run_in_shell(script, code)
            return
        self.said = ""
        for line in lines:
            ran = self.program.run(*shlex.split(line, comments=True)[1:])
            self.said += ran.ended(code if line is lines[-1] else 0).stdout

    def _run_in_shell(self, script: str, code: int) -> None:
        ran = self.program.run_through([BASH, "-eu", "-o", "pipefail", "-c", script])
        assert ran.exit_code == code, (script, ran)
        self.said = ran.stdout

    def record(self, *words: str) -> None:
        self.program.run("record", *words).ended(0)

    def move(self, did: str, application: str) -> None:
        self.sandbox.move(did, application_id=application)


def script_in(language: str, content: str) -> str:
    """The commands of a block, as bash takes them."""
    if language == "yaml":
        return "\n".join(re.findall(r"^ +- (.*)$", content, re.MULTILINE))
    if language == "crontab":
        return "\n".join(re.findall(r"^(?:\S+ +){5}(.*)$", content, re.MULTILINE))
    assert language in SCRIPTS, f"nobody runs a block of {language}"
    return content


# What happens meanwhile


def first_record(reader: Reader) -> None:
    reader.record("did_101", "did_102", "did_103", "did_104")


def the_routing_of_that_day(reader: Reader) -> None:
    saved = reader.program.home / "saved.json"
    saved.write_text(
        '{"id": "did_101", "number_e164": "+15551230001",'
        ' "application_id": "app_support", "route_mode": "webhook"}'
    )
    reader.program.run("import", "saved.json", "--at", "2026-05-29T12:00Z").ended(0)
    saved.unlink()


def an_address_for_slack(reader: Reader) -> None:
    path = reader.program.home / "slack-url.txt"
    path.write_text(f"{reader.sandbox.origin}/hook\n")
    path.chmod(0o600)


def the_script_deploys(reader: Reader) -> None:
    """The script talks to the provider, as a real one would."""
    moves = (
        ("PATCH", "did_101", '{"application_id": "app_sales"}'),
        ("PATCH", "did_102", '{"route_mode": "reject"}'),
        ("DELETE", "did_103", ""),
    )
    calls = "\n".join(
        f"call({method!r}, {reader.sandbox.origin + '/sandbox/dids/' + did!r}, {body!r})"
        for method, did, body in moves
    )
    executable(
        reader.program.home / "deploy.sh",
        f"#!{sys.executable}\nfrom urllib.request import Request, urlopen\n"
        "def call(method, url, body):\n"
        f"    urlopen(Request(url, body.encode(), method=method)).read()\n{calls}\n",
    )


def the_routes_are_put_back(reader: Reader) -> None:
    reader.sandbox.restore("did_103")
    reader.move("did_101", "app_support")
    reader.sandbox.move("did_102", route_mode="webhook")
    # From here on the script has nothing more to do.
    executable(reader.program.home / "deploy.sh", "#!/bin/sh\n")


def the_second_try(reader: Reader) -> None:
    reader.move("did_101", "app_sales")
    reader.move("did_104", "app_maintenance")


def the_night_begins(reader: Reader) -> None:
    first_record(reader)
    reader.record("did_101", "did_102", "did_104", "--tag", "release-7")
    reader.program.run("deploy", "--all", "--tag", "release-7", "--", "true").ended(0)
    reader.move("did_101", "app_maintenance")


def two_more_are_moved(reader: Reader) -> None:
    reader.move("did_102", "app_maintenance")
    reader.sandbox.move("did_104", route_mode="reject")
    reader.record("--all")


def two_are_put_back(reader: Reader) -> None:
    reader.move("did_102", "app_support")
    reader.sandbox.move("did_104", route_mode="webhook")


def the_network_is_gone(reader: Reader) -> None:
    reader.move("did_103", "app_maintenance")
    reader.record("--all")
    reader.sandbox.stop()


def a_body_was_kept(reader: Reader) -> None:
    (reader.program.home / "saved.json").write_text(
        '{"id": "did_105", "application_id": "app_old", "route_mode": "webhook"}'
    )


def a_copy_that_cannot_be_written(reader: Reader) -> None:
    folder = reader.program.home / "backup"
    folder.mkdir()
    if reader.database == "sqlite":
        shutil.copy(default_database(reader.program), folder / "changelog.db")
    else:
        for application in ("app_support", "app_maintenance"):
            reader.move("did_103", application)
            reader.record("did_103", "--db", "backup/changelog.db")
    (folder / "changelog.db").chmod(stat.S_IRUSR)
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)


HAPPENS: Mapping[str, Callable[[Reader], object]] = {
    "the numbers are recorded for the first time": first_record,
    "the routing of that day is in the log": the_routing_of_that_day,
    "slack-url.txt holds the address of a webhook": an_address_for_slack,
    "deploy.sh moves did_101, lets did_102 reject and hides did_103": the_script_deploys,
    "the routes are put back": the_routes_are_put_back,
    "somebody moves did_101 and did_104": the_second_try,
    "yesterday the numbers were recorded, today did_101 is moved": the_night_begins,
    "did_101 is put back": lambda reader: reader.move("did_101", "app_support"),
    "did_102 and did_104 are moved too, and cron records it": two_more_are_moved,
    "did_102 and did_104 are put back": two_are_put_back,
    "did_103 is moved too, and cron records it; the network is gone": the_network_is_gone,
    "the network is back": lambda reader: reader.sandbox.start(),
    "did_105 was never recorded, but saved.json was kept": a_body_was_kept,
    "backup/changelog.db is a copy on a disk that cannot be written": a_copy_that_cannot_be_written,
}


# The reader's machine


def executable(path: Path, content: str) -> None:
    path.write_text(content)
    path.chmod(0o755)


def default_database(program: Program) -> Path:
    return program.home / ".local/share/changelog/changelog.db"


@pytest.fixture
def reader(tmp_path: Path, location: Location) -> Iterator[Reader]:
    tools = tmp_path / "bin"
    tools.mkdir()
    executable(tools / "changelog", f"#!/bin/sh\n{line_of_shell()}\n")
    on_postgres = isinstance(location, PostgresLocation)
    with Sandbox(key=KEY) as sandbox:
        program = Program(
            tmp_path / "home",
            api=sandbox,
            database=location if on_postgres else "",
            PATH=os.pathsep.join([str(tools), os.environ["PATH"], *postgres_tools()]),
            CI_JOB_ID="4711",
        )
        executable(program.home / "deploy.sh", "#!/bin/sh\n")
        yield Reader(program, sandbox, location)


def postgres_tools() -> list[str]:
    try:
        return [str(find_binaries())]
    except PostgresNotFound:
        return []


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_leads_where_it_says(reader: Reader, guide: str) -> None:
    text = (DOCS / guide).read_text()
    for tool in ("sqlite3", "psql", "curl"):
        if tool in text and not shutil.which(tool, path=reader.program.environment["PATH"]):
            pytest.skip(f"{guide} needs {tool}")
    reader.follow(text)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_command_in_the_middle_of_a_sentence_is_one_that_is_run(guide: str) -> None:
    texts = "".join((DOCS / each).read_text() for each in GUIDES)
    run = "\n".join(step["content"] or "" for step in STEP.finditer(texts))
    for command in INLINE.findall((DOCS / guide).read_text()):
        assert command in run, command


@pytest.mark.parametrize("guide", GUIDES)
def test_no_block_and_no_comment_of_a_guide_is_overlooked(guide: str) -> None:
    text = (DOCS / guide).read_text()
    steps = list(STEP.finditer(text))
    assert text.count("```") == 2 * sum(step["language"] is not None for step in steps)
    assert text.count("<!--") == sum(step["comment"] is not None for step in steps)


def test_everything_that_can_happen_happens_in_a_guide() -> None:
    texts = "".join((DOCS / guide).read_text() for guide in GUIDES)
    assert set(re.findall(r"<!-- happens: (.*?) -->", texts)) == HAPPENS.keys()
