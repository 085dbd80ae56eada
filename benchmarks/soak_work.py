"""The workers of a soak: each does one thing a step, and keeps what it was told."""

import json
import random
import signal
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import IO

from sqlalchemy import text

from changelog.store.engine import make_engine
from changelog.store.location import Location
from tests.http_client import HttpClient
from tests.program import Program
from tests.webhooks import signed, webhook

_PATIENCE_S = 300.0
"""After which something hangs. On a machine with much else to do, a start alone takes seconds."""
_STORED = ("new", "changed", "unchanged")
_RECORD_ENDS = {0, 3, 6, 8, -signal.SIGKILL}
_READER_ENDS = {0, 4, 5, 8}
_BUG = "a bug in this program"
PATH = "/webhooks/minivoice"


class Recorder:
    """Records the fleet again and again, and is killed at random."""

    def __init__(self, program: Program, chance: random.Random) -> None:
        self._program = program
        self._chance = chance
        self.reported: Counter[str] = Counter()
        self.runs = self.kills = 0

    def step(self) -> None:
        line = ["record", "--file", "fleet", "--concurrency", "4"]
        if self._chance.random() < 0.3:
            line.append("--resume")
        with self._program.start(*line) as process:
            told: list[str] = []
            complaints: list[str] = []
            out = _drained(process.stdout, told)
            err = _drained(process.stderr, complaints)
            if self._chance.random() < 0.5:
                time.sleep(self._chance.uniform(0.2, 4.0))
                process.kill()
            code = process.wait(_PATIENCE_S)
            out.join()
            err.join()
        self._take(told)
        self.runs += 1
        self.kills += code == -signal.SIGKILL
        complaint = "".join(complaints)
        if code not in _RECORD_ENDS or "Traceback" in complaint or _BUG in complaint:
            raise RuntimeError(f"record ended with {code}: {complaint}")

    def _take(self, lines: Sequence[str]) -> None:
        for line in lines:
            words = line.split()
            if line.endswith("\n") and words[:1] and words[0] in _STORED:
                self.reported[words[1]] += 1


class Reader:
    """Asks the log what a person would ask."""

    def __init__(self, program: Program, fleet: Sequence[str], chance: random.Random) -> None:
        self._program = program
        self._fleet = fleet
        self._chance = chance
        self.answers = 0

    def step(self) -> None:
        did = self._chance.choice(self._fleet)
        line = self._chance.choice(
            [
                ["restore", did, "--offline"],
                ["restore", did],
                ["log", did],
                ["log", "-n", "20", "--json"],
                ["list"],
                ["diff", did],
                ["show", did],
            ]
        )
        with self._program.start(*line, environment={"PYTHONFAULTHANDLER": "1"}) as process:
            try:
                _, complaint = process.communicate(timeout=_PATIENCE_S)
            except subprocess.TimeoutExpired:
                # It hangs: make it print where.
                process.send_signal(signal.SIGABRT)
                _, complaint = process.communicate()
        code = process.returncode
        if code not in _READER_ENDS or "Traceback" in complaint or _BUG in complaint:
            raise RuntimeError(f"{' '.join(line)} ended with {code}: {complaint}")
        self.answers += 1
        time.sleep(self._chance.uniform(0.5, 2.0))

    def times_stored(self, location: Location) -> Counter[str]:
        rows = _rows(
            location,
            "SELECT did, count(*) FROM snapshot WHERE revision IS NOT NULL GROUP BY did",
        )
        return Counter({str(did): int(str(times)) for did, times in rows})

    def calls(self, location: Location) -> set[str]:
        return {str(call) for (call,) in _rows(location, "SELECT call FROM evidence")}


def _rows(location: Location, query: str) -> list[tuple[object, ...]]:
    engine = make_engine(location)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Compared:
    """The first third of the samples against the last."""

    what: str
    first: float
    last: float
    most_more: float

    @property
    def is_level(self) -> bool:
        return self.last <= self.first + self.most_more

    def __str__(self) -> str:
        return f"{self.what} {self.first:.1f} → {self.last:.1f}"


class LongLived:
    """A process that is looked at while it works."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._samples: list[tuple[int, int, float]] = []
        self.complaints: list[str] = []
        self._err = _drained(process.stderr, self.complaints)

    def sample(self) -> None:
        if self._process.poll() is not None:
            raise RuntimeError(f"ended with {self._process.returncode}: {self.complaints[-3:]}")
        place = Path(f"/proc/{self._process.pid}")
        status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
        descriptors = sum(1 for _ in (place / "fd").iterdir())
        memory = int(status["VmRSS"].split()[0]) / 1024
        self._samples.append((descriptors, int(status["Threads"]), memory))

    def compared(self) -> Iterator[Compared]:
        third = max(1, len(self._samples) // 3)
        for place, what, of, most_more in (
            # Between the rounds there are few of both: what counts is the most of them.
            (0, "descriptors (most)", max, 3.0),
            (1, "threads (most)", max, 3.0),
            # A batch of another size moves the median a little.
            (2, "MiB (median)", statistics.median, 6.0),
        ):
            values = [sample[place] for sample in self._samples]
            yield Compared(what, of(values[:third]), of(values[-third:]), most_more)

    def end(self, name: str) -> list[str]:
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(_PATIENCE_S)
        self._err.join()
        complaints = "".join(self.complaints)
        wrong = [f"{name} ended with {code}"] if code else []
        if "Traceback" in complaints or _BUG in complaints:
            wrong.append(f"{name}: {complaints[-2000:]}")
        return wrong

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Watcher:
    """``watch`` over the whole fleet."""

    def __init__(self, program: Program) -> None:
        process = program.start(
            *["watch", "--all", "--interval", "2s", "--json", "--metrics", "changelog.prom"]
        )
        self.rounds = self.alerts = 0
        self._reader = threading.Thread(target=self._read, args=(process.stdout,))
        self._reader.start()
        self.process = LongLived(process)

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            is_round = json.loads(line)["event"] == "round"
            self.rounds += is_round
            self.alerts += not is_round

    def end(self) -> list[str]:
        wrong = self.process.end("watch")
        self._reader.join()
        return wrong


class Listener:
    """``listen``, and the provider that delivers to it. `kept`: the calls answered with 200."""

    def __init__(self, program: Program, chance: random.Random, numbers: int) -> None:
        started = program.start("listen", "--port", "0")
        first = started.stdout.readline() if started.stdout else ""
        self._url = first.split()[2].rstrip(",").removesuffix(PATH)
        self._chance = chance
        self._numbers = numbers
        self._delivered = 0
        self.kept: set[str] = set()
        self.refused = 0
        self.process = LongLived(started)

    def step(self) -> None:
        self._delivered += 1
        call, now = f"call_{self._delivered}", datetime.now(UTC)
        number = f"+1555000{self._chance.randrange(self._numbers):04}"
        body = webhook(call, number, f"app_{self._chance.randrange(9)}", now)
        headers = signed(body, str(int(now.timestamp())))
        if forged := self._chance.random() < 0.1:
            headers = signed(body, str(int(now.timestamp())), secret="another")  # noqa: S106
        try:
            with HttpClient(self._url, headers) as client:
                status = client.request("POST", PATH, body).status
                client.get("/healthz")
        except (OSError, HTTPException):
            # It may have been stored: an answer that did not come promises nothing.
            status = 0
        if status == 200 and forged:
            raise RuntimeError("a forged delivery was taken")
        if status == 200:
            self.kept.add(call)
        else:
            self.refused += 1
        time.sleep(self._chance.uniform(0.02, 0.3))

    def end(self) -> list[str]:
        return self.process.end("listen")


def _drained(stream: IO[str] | None, into: list[str]) -> threading.Thread:
    reader = threading.Thread(target=lambda: into.extend(stream or ()), daemon=True)
    reader.start()
    return reader
