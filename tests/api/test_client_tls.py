"""A server that cannot prove who it is gets no key and no alert, and the reason has a name."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from changelog.api.exchange import Connection
from changelog.api.keys import check_key
from changelog.api.limits import Limits
from changelog.api.transport import trusting_context
from changelog.cli.recording.channels import at_address, post_alert
from tests.cli.test_hostile_values import alert
from tests.program import Program
from tests.wire import Wire, https, keeps_answering, over_tls

GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"id": "did_1"}'
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test"]
LEAVES = {
    # Name: (days, the host that it is for).
    "good": (2, "IP:127.0.0.1"),
    "expired": (-1, "IP:127.0.0.1"),
    "other": (2, "DNS:another.example"),
}
OWN = " (authorities of your own: SSL_CERT_FILE, SSL_CERT_DIR)"
REASONS = [
    ("expired", "ca.pem", "has expired"),
    ("other", "ca.pem", "is for another host"),
    ("good", "stranger.pem", "is signed by an authority that is not trusted"),
    ("self_signed", "ca.pem", "is self-signed"),
]


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
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(("leaf", "trusted", "reason"), REASONS)
def test_a_certificate_that_is_not_trusted_is_named_with_its_host_and_the_reason(
    made: Path, monkeypatch: pytest.MonkeyPatch, leaf: str, trusted: str, reason: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(made / trusted))
    key = check_key("mv_sandbox_0123456789")
    with (
        Wire(over_tls(made / f"{leaf}.pem", keeps_answering(GOOD))) as wire,
        closing(Connection(Limits(), trusting_context(), Event())) as connection,
    ):
        failure = connection.get(f"{https(wire)}/dids/did_1", key).failure
    assert failure is not None
    assert failure.code == "tls_failed"
    assert failure.message == f"TLS: the certificate of 127.0.0.1 {reason}{OWN}"


@pytest.mark.parametrize(("leaf", "trusted", "reason"), REASONS)
def test_an_alert_is_not_sent_to_such_a_server_and_the_warning_says_why(
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    leaf: str,
    trusted: str,
    reason: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(made / trusted))
    with Wire(over_tls(made / f"{leaf}.pem", keeps_answering(GOOD))) as wire:
        assert post_alert(at_address(https(wire)), alert()) is False
    warned = capsys.readouterr().err
    assert warned.count(f"TLS: the certificate of 127.0.0.1 {reason}{OWN}") == 1


def test_a_certificate_of_an_authority_that_is_trusted_is_taken(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(made / "ca.pem"))
    with Wire(over_tls(made / "good.pem", keeps_answering(GOOD))) as wire:
        assert post_alert(at_address(https(wire)), alert()) is True
    assert capsys.readouterr().err == ""


def test_the_program_says_what_is_wrong_with_the_certificate(made: Path, tmp_path: Path) -> None:
    with Wire(over_tls(made / "expired.pem", keeps_answering(GOOD))) as wire:
        program = Program(tmp_path / "home", api=https(wire), SSL_CERT_FILE=str(made / "ca.pem"))
        ran = program.run("record", "did_1").ended(6)
    assert f"tls_failed: TLS: the certificate of 127.0.0.1 has expired{OWN}" in ran.stdout
    assert "certificates" in ran.stderr
