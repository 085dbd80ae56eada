"""``changelog web`` as a process: where it listens, what it holds, how it ends."""

import signal
import socket
import time
from pathlib import Path

import pytest

from changelog.store.location import SqliteLocation
from tests.logbook import Logbook
from tests.program import KEY, TIMEOUT_S, Program
from tests.web.serving import Serving

OTHER_KEY = "another-key-0815-of-a-variable"
FILED_KEY = "a-third-key-0816-of-a-file"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    place = SqliteLocation(tmp_path / "log.db")
    with Logbook(place) as book:
        book.see("app_a")
        book.see("app_b")
    return Program(tmp_path / "home", database=place)


def test_the_process_holds_no_key_and_sends_none_nor_where_the_log_is(
    program: Program, tmp_path: Path
) -> None:
    (program.home / "key").write_text(FILED_KEY)
    settings = program.home / "changelog.toml"
    settings.write_text('[keys.a]\nenv = "KEY_A"\n[keys.b]\nfile = "key"\n')
    more = {"KEY_A": OTHER_KEY, "CHANGELOG_CONFIG": str(settings)}
    program.environment.update(more)
    with Serving(program) as serving:
        sent = b""
        for address in ("/", "/dids/did_1", "/dids/did_1.json", "/status.json", "/dids/nobody"):
            answer = serving.get(address)
            sent += answer.content + bytes(str(answer.headers), "utf-8")
        for secret in (KEY, OTHER_KEY, FILED_KEY, str(tmp_path)):
            assert secret.encode() not in sent
        for secret in (KEY, OTHER_KEY, FILED_KEY):
            assert not serving.holds(secret.encode())
        assert serving.holds(b"application/json")
        assert serving.end() == 0
    assert KEY not in serving.stderr


def test_a_new_entry_is_seen_by_the_next_request(program: Program, tmp_path: Path) -> None:
    with Serving(program) as serving:
        assert "NOW r2" in serving.get("/dids/did_1").text
        with Logbook(SqliteLocation(tmp_path / "log.db")) as book:
            book.see("app_c")
        assert "NOW r3" in serving.get("/dids/did_1").text
        assert serving.end(signal.SIGINT) == 130
    assert "GET /dids/did_1 200" in serving.stderr


def test_a_socket_is_its_groups_and_goes_with_the_process(program: Program) -> None:
    path = program.home / "web.sock"
    with Serving(program, "--socket", str(path), "--public-url", "https://noc.example/log/") as web:
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /log/dids HTTP/1.0\r\nHost: noc.example\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.0 200 OK")
        assert b'href="/log/dids/did_1"' in answer
        again = program.spawn("web", "--socket", str(path)).ended(2)
        assert "another process answers" in again.stderr
        assert web.end() == 0
    assert not path.exists()


def test_a_socket_that_was_left_behind_is_made_anew(program: Program) -> None:
    path = program.home / "web.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with Serving(program, "--socket", str(path)) as web:
        assert web.end() == 0


def test_what_would_be_open_to_all_is_refused(program: Program) -> None:
    for options, said in (
        (["--host", "0.0.0.0"], "0.0.0.0 is not loopback"),  # noqa: S104 -- refused
        (["--host", "0.0.0.0", "--behind-proxy"], "under which the proxy"),  # noqa: S104 -- refused
        (["--socket", "/nowhere/web.sock"], "cannot be made"),
        (["--public-url", "noc.example"], "public_url must be an address"),
    ):
        assert said in program.spawn("web", *options).ended(2).stderr, options


def test_a_log_that_cannot_be_opened_ends_it_before_anybody_asks(program: Program) -> None:
    (program.home / "no.db").write_bytes(b"no database" * 200)
    program.spawn("web", "--db", "no.db").ended(8)


def test_without_the_extra_it_says_what_to_install(program: Program) -> None:
    code = (
        "import sys\nsys.modules['flask'] = sys.modules['jinja2'] = None\n"
        "from changelog.cli.main import main\nsys.exit(main(sys.argv[1:]))"
    )
    for line in (["web", "--port", "0"], ["list", "--format", "html"]):
        assert "'.[web]'" in program.run_python(code, *line).ended(2).stderr


def test_a_log_that_is_gone_is_a_503_and_not_an_empty_log(program: Program, tmp_path: Path) -> None:
    log = tmp_path / "log.db"
    with Serving(program) as serving:
        assert serving.get("/healthz").status == 200
        log.rename(tmp_path / "aside.db")
        for address in ("/", "/dids", "/dids/did_1.json", "/healthz"):
            assert serving.get(address).status == 503, address
        (tmp_path / "aside.db").rename(log)
        # After a loss that took long, it is not asked for at once.
        until = time.monotonic() + TIMEOUT_S
        while serving.get("/healthz").status != 200:
            assert time.monotonic() < until
    assert f"there is no log at {log}" in serving.stderr


def test_it_does_not_start_without_a_log(program: Program, tmp_path: Path) -> None:
    there_is_none = f"there is no log at {tmp_path / 'none.db'}"
    ran = program.spawn("web", "--port", "0", "--db", str(tmp_path / "none.db"))
    assert there_is_none in ran.ended(8).stderr
    program.environment["CHANGELOG_DATABASE_URL"] = ""
    ran = program.spawn("web", "--port", "0")
    assert "nothing is recorded yet: there is no log at" in ran.ended(5).stderr


def test_readers_say_that_there_is_no_log(program: Program, tmp_path: Path) -> None:
    none = tmp_path / "none.db"
    for command in (("log",), ("show", "did_1"), ("restore", "did_1", "--offline"), ("check",)):
        ran = program.run(*command, "--db", str(none))
        assert f"there is no log at {none}" in ran.ended(5).stderr + ran.stdout, command
    assert f"there is no log at {none}" in program.run("status", "--db", str(none)).ended(5).stderr
    assert not none.exists()
