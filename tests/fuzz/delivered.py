"""Bytes sent to a real ``listen``: it goes on answering, and says nothing that it should not."""

import atexit
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from changelog.model.text.webhook import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    NotAWebhook,
    parse_webhook,
    sign,
)
from changelog.store.location import parse_location
from tests.fuzz.body import spelled_out
from tests.fuzz.draw import KEY, Draw
from tests.fuzz.scene import DATABASE
from tests.http_client import HttpClient
from tests.program import Program, invisible_in

WITHIN_S = 20.0


class _Listener:
    """One process for all inputs; its stderr goes to a file, which cannot fill up."""

    def __init__(self, database: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="changelog-fuzz-")
        home = Path(self._folder.name)
        program = Program(
            home,
            database=parse_location(database or str(home / "log.db")),
            MINIVOICE_WEBHOOK_SECRET=KEY,
        )
        (home / "a.json").write_text(
            '{"id":"did_1","number_e164":"+15551230001","application_id":"app_a"}'
        )
        program.run("import", "a.json", "--at", "2020-01-01T00:00Z").ended(0)
        self._said = home / "said"
        self._read = 0
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "changelog", "listen", "--port", "0"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                cwd=Path(__file__).parents[2],
                env=program.environment,
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[2].rpartition("/webhooks")[0]
        self.port = int(self.url.rpartition(":")[2])

    def said(self) -> str:
        """What was said since this was asked last."""
        content = self._said.read_bytes()[self._read :]
        self._read += len(content)
        return content.decode()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._folder.cleanup()


_listener: _Listener | None = None


def listener() -> _Listener:
    global _listener
    if _listener is None:
        _listener = _Listener(os.environ.get(DATABASE, ""))
        atexit.register(close)
    return _listener


def close() -> None:
    global _listener
    if _listener is not None:
        _listener.close()
    _listener = None


def run(data: bytes) -> None:
    draw = Draw(data)
    server = listener()
    kind = draw.byte() % 4
    content = spelled_out(draw.rest())
    with suppress(NotAWebhook):
        # The listener is a process of its own: only this shows the fuzzer what leads further.
        parse_webhook(content)
    answer = _sent(server.port, content if kind == 0 else _delivery(content))
    if kind:
        assert answer.split(b" ")[1][:3] in (b"200", b"400", b"413"), answer
    with HttpClient(server.url) as client:
        assert client.request("GET", "/healthz").status == 200
    assert server.process.poll() is None
    said = server.said()
    assert "Traceback" not in said, said
    assert invisible_in(said) == [], said
    assert KEY not in said, said


def _delivery(body: bytes) -> bytes:
    stamp = b"%d" % time.time()
    head = (
        b"POST /webhooks/minivoice HTTP/1.1",
        b"Host: x",
        b"Connection: close",
        b"Content-Length: %d" % len(body),
        TIMESTAMP_HEADER.encode() + b": " + stamp,
        SIGNATURE_HEADER.encode() + b": " + sign(KEY.encode(), stamp, body),
    )
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def _sent(port: int, content: bytes) -> bytes:
    received = b""
    with (
        socket.create_connection(("127.0.0.1", port), WITHIN_S) as connection,
        suppress(ConnectionError),
    ):
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received
