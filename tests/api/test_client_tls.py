"""A server that cannot prove who it is gets no key and no alert, and the reason has a name."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog.cli.recording.receivers import at_address, post_alert
from tests.api.test_client_wire import (
    DID,
    GOOD,
    KEY,
    UNHURRIED,
    client_of,
    problem_of,
    problem_with_https,
)
from tests.cli.test_hostile_values import alert
from tests.program import Program
from tests.wire import Wire, https, keeps_answering, over_tls, request_from, stays_silent

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test"]
LEAVES = {
    # Name: (days, the host that it is for).
    "good": (2, "IP:127.0.0.1"),
    "expired": (-1, "IP:127.0.0.1"),
    "other": (2, "DNS:another.example"),
}
OWN = " (authorities of your own: SSL_CERT_FILE, SSL_CERT_DIR)"
EXPIRED = f"TLS: the certificate of 127.0.0.1 has expired{OWN}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with two authorities and, each with its key in one file, the leaves of one."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make certificates")
    folder = tmp_path_factory.mktemp("tls")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "stranger", "self_signed"):
        names = ["-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
        run("req", "-x509", *NEW_KEY, "-days", "2", *names, *files)
    for name, (days, host) in LEAVES.items():
        (folder / "names").write_text(f"subjectAltName={host}")
        run("req", *NEW_KEY, "-keyout", f"{name}.key", "-out", "request")
        signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"]
        run("x509", "-req", "-in", "request", *signing, "-days", str(days), "-out", f"{name}.pem")
    for name in (*LEAVES, "self_signed"):
        with (folder / f"{name}.pem").open("a") as both:
            both.write((folder / f"{name}.key").read_text())
    (folder / "trusted").mkdir()
    shutil.copy(folder / "ca.pem", folder / "trusted")
    run("rehash", "trusted")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("leaf", "trusted", "reason"),
    [
        ("expired", "ca.pem", "has expired"),
        ("other", "ca.pem", "is for another host"),
        ("good", "stranger.pem", "is signed by an authority that is not trusted"),
        ("self_signed", "ca.pem", "is self-signed"),
    ],
)
def test_the_key_is_not_sent_where_a_certificate_is_not_trusted_and_the_reason_is_said(
    made: Path, monkeypatch: pytest.MonkeyPatch, leaf: str, trusted: str, reason: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(made / trusted))
    seen: list[bytes] = []
    behave = over_tls(made / f"{leaf}.pem", lambda one: seen.append(one.recv(65536)))
    with Wire(behave) as wire:
        found = problem_of(client_of(https(wire), UNHURRIED))
    assert (found.code, found.status, found.no_answer) == ("tls_failed", None, True)
    assert found.message == f"TLS: the certificate of 127.0.0.1 {reason}{OWN}"
    assert not any(seen)


@pytest.mark.parametrize(("leaf", "warning"), [("good", ""), ("expired", EXPIRED)])
def test_an_alert_is_sent_to_a_server_that_is_trusted_only(
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    leaf: str,
    warning: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(made / "ca.pem"))
    with Wire(over_tls(made / f"{leaf}.pem", keeps_answering(GOOD))) as wire:
        assert post_alert(at_address(https(wire)), alert()) is (not warning)
    told = capsys.readouterr().err
    assert warning in told if warning else told == ""


def test_the_program_says_what_is_wrong_with_the_certificate(made: Path, tmp_path: Path) -> None:
    with Wire(over_tls(made / "expired.pem", keeps_answering(GOOD))) as wire:
        program = Program(tmp_path / "home", api=https(wire), SSL_CERT_FILE=str(made / "ca.pem"))
        ran = program.run("record", "did_1").ended(6)
    assert EXPIRED in ran.stdout
    assert "certificates" in ran.stderr


@pytest.mark.parametrize(
    ("name", "place"), [("SSL_CERT_FILE", "ca.pem"), ("SSL_CERT_DIR", "trusted")]
)
def test_dids_are_read_over_one_connection_to_a_server_that_a_file_or_a_folder_vouches_for(
    made: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv(name, str(made / place))
    with Wire(over_tls(made / "good.pem", keeps_answering(GOOD))) as wire:
        api = client_of(https(wire), UNHURRIED, concurrency=1)
        answers = [answer for batch in api.fetch([DID] * 20) for answer in batch]
        assert len(wire.connections) == 1
    assert [(answer.did, answer.problem) for answer in answers] == [("did_1", None)] * 20


def test_what_comes_after_an_answer_over_tls_is_never_taken_for_the_next_one(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behave(connection: socket.socket) -> None:
        while request_from(connection):
            connection.sendall(GOOD + GOOD.replace(b"did_1", b"did_2"))

    monkeypatch.setenv("SSL_CERT_FILE", str(made / "ca.pem"))
    with Wire(over_tls(made / "good.pem", behave)) as wire:
        api = client_of(https(wire), UNHURRIED, concurrency=1)
        found = [answer for batch in api.fetch([DID] * 4) for answer in batch]
    assert [(one.did, one.problem) for one in found] == [("did_1", None)] * 4


def test_a_server_without_tls_gets_no_key_and_is_called_so() -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    found = problem_with_https(behave)
    assert found.code == "tls_failed"
    assert found.message.startswith("TLS: no secure connection to 127.0.0.1 could be made")
    assert KEY.encode() not in seen[0]


def test_a_handshake_that_hangs_runs_into_the_time_limit() -> None:
    found = problem_with_https(stays_silent)
    expected = "no connection was made within the time limit"
    assert (found.code, found.message) == ("timeout", expected)
