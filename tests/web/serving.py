"""``changelog web`` at work, as a process."""

import signal
from pathlib import Path
from typing import Self

from tests.http_client import HttpAnswer, HttpClient
from tests.program import TIMEOUT_S, Program


class Serving:
    """Runs until it is left. `stderr`: its log, once it has ended."""

    def __init__(self, program: Program, *options: str) -> None:
        where = () if "--socket" in options else ("--port", "0")
        self.process = program.start("web", *where, *options)
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first.startswith("showing the log at "), self.process.communicate()
        self.url = first.split("(")[-1].split()[-1].strip(" )\n").removesuffix("/")
        self.stderr = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        _, self.stderr = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode

    def get(self, address: str) -> HttpAnswer:
        with HttpClient(self.url) as client:
            return client.get(address)

    def holds(self, secret: bytes) -> bool:
        """Whether the text stands in what this process was started with, or in its memory."""
        folder = Path(f"/proc/{self.process.pid}")
        if any(secret in (folder / name).read_bytes() for name in ("environ", "cmdline")):
            return True
        with (folder / "mem").open("rb") as memory:
            for line in (folder / "maps").read_text().splitlines():
                place, rights, *_ = line.split()
                if "r" not in rights or "[v" in line:
                    continue
                first, last = (int(part, 16) for part in place.split("-"))
                memory.seek(first)
                if secret in memory.read(last - first):
                    return True
        return False
