"""Recorders, a watch, a listener with deliveries and readers at work for a long time, under faults.

::

    python -m benchmarks.soak --minutes 30                    # on SQLite
    python -m benchmarks.soak --minutes 10 --database URL     # on a server, a database of its own

The API is slow, broken or away at random; recorders are killed; the database is locked by another
program, or its sessions are ended. Shown at the end: that nothing reported is lost, that the
journal holds, and that descriptors, threads and memory of the two that run all the time stay level,
the first third of the samples against the last. Ends with an error where one of these is not so.
"""

import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from benchmarks.measuring import Options, end_cleanly_when_told, say, say_where
from benchmarks.soak_work import Listener, Reader, Recorder, Watcher
from changelog.store.location import Location, SqliteLocation, parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.program import Program
from tests.sandbox_faults import Fault, Sandbox
from tests.webhooks import SECRET

FLEET = [f"did_{place:03}" for place in range(200)]
RECORDERS = 2
SMALL_S = 8.0
_PAUSE_S = (0.2, 2.0)
_AWAY_S = (0.5, 4.0)
_LOCKED_S = (0.2, 2.0)
_MOST_TIMES = 25
_SAMPLE_S = 1.0
_SAID_EACH_S = 60.0


class Faults:
    """One at a time, at random; `str` says how many of each there were."""

    def __init__(
        self, sandbox: Sandbox, location: Location, fleet: Sequence[str], chance: random.Random
    ) -> None:
        self._sandbox = sandbox
        self._location = location
        self._fleet = fleet
        self._chance = chance
        self._count: Counter[str] = Counter()
        self._kinds: dict[Callable[[], None], int] = {
            self._spoil: 10,
            self._move: 6,
            self._remove: 1,
            self._go_away: 1,
            self._disturb_the_database: 2,
        }

    def __str__(self) -> str:
        return "faults: " + ", ".join(f"{n} {name}" for name, n in sorted(self._count.items()))

    def step(self) -> None:
        (happens,) = self._chance.choices(list(self._kinds), list(self._kinds.values()))
        happens()
        time.sleep(self._chance.uniform(*_PAUSE_S))

    def end(self) -> None:
        self._sandbox.clear_faults()

    def _spoil(self) -> None:
        seconds = self._chance.uniform(0.05, 1.0)
        fault = self._chance.choice(
            [
                Fault("slow", seconds=seconds),
                Fault("drip", seconds=0.01),
                Fault("status", status=self._chance.choice([404, 429, 500, 502, 503])),
                Fault("cut"),
                Fault("html"),
                Fault("list"),
                Fault("huge", size=100_000),
                Fault("other_did"),
                Fault("raw", body=b'{"id":'),
                Fault("reset"),
            ]
        )
        did = self._chance.choice([None, None, self._chance.choice(self._fleet)])
        self._sandbox.fail(fault, did=did, times=self._chance.randint(1, _MOST_TIMES))
        self._count[fault.kind] += 1

    def _move(self) -> None:
        for did in self._chance.sample(self._fleet, 3):
            if self._sandbox.did(did) is not None:
                self._sandbox.move(did, application_id=f"app_{self._chance.randrange(9)}")
        self._count["moves"] += 1

    def _remove(self) -> None:
        did = self._chance.choice(self._fleet)
        self._sandbox.remove(did)
        time.sleep(self._chance.uniform(*_AWAY_S))
        self._sandbox.restore(did)
        self._count["removed for a while"] += 1

    def _go_away(self) -> None:
        self._sandbox.stop()
        time.sleep(self._chance.uniform(*_AWAY_S))
        self._sandbox.start()
        self._count["restarts of the API"] += 1

    def _disturb_the_database(self) -> None:
        if isinstance(self._location, SqliteLocation):
            with closing(sqlite3.connect(self._location.path, isolation_level=None)) as other:
                other.execute("PRAGMA busy_timeout = 30000")
                other.execute("BEGIN EXCLUSIVE")
                time.sleep(self._chance.uniform(*_LOCKED_S))
            self._count["locked databases"] += 1
            return
        import psycopg

        dsn: Any = self._location.dsn
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        self._count["sessions ended"] += 1


class Soak:
    """All workers on one log. `failed`: what went wrong, and in which worker."""

    def __init__(self, folder: Path, location: Location, seed: int) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failed: list[str] = []
        self.location = location
        self.sandbox = Sandbox()
        self.sandbox.start()
        for place, did in enumerate(FLEET):
            number = f"+1555000{place:04}"
            self.sandbox.add_did({"id": did, "number_e164": number, "application_id": "app_0"})
        self.program = Program(
            folder / "home",
            api=self.sandbox,
            key=self.sandbox.key,
            database=location,
            MINIVOICE_WEBHOOK_SECRET=SECRET,
        )
        (self.program.home / "fleet").write_text("\n".join(FLEET))
        self.program.run("record", "--file", "fleet").ended(0)
        seeds = random.Random(seed)  # noqa: S311
        chances = (random.Random(seeds.random()) for _ in iter(int, 1))  # noqa: S311
        self.faults = Faults(self.sandbox, location, FLEET, next(chances))
        self.recorders = [Recorder(self.program, next(chances)) for _ in range(RECORDERS)]
        self.reader = Reader(self.program, FLEET, next(chances))
        self.watcher = Watcher(self.program)
        self.listener = Listener(self.program, next(chances), len(FLEET))

    def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for number, recorder in enumerate(self.recorders, start=1):
            self._keep_at(recorder.step, f"recorder {number}")
        self._keep_at(self.reader.step, "reader")
        self._keep_at(self.faults.step, "faults")
        self._keep_at(self.listener.step, "deliveries")
        self._keep_at(self._sample, "samples")
        said = time.monotonic()
        while (left := until - time.monotonic()) > 0 and not self.failed:
            time.sleep(min(left, 1.0))
            if time.monotonic() - said >= _SAID_EACH_S:
                said = time.monotonic()
                say(f"{left / 60:.0f} min left: {self.figures()}")
        self._stop.set()
        self.faults.end()
        for thread in self._threads:
            thread.join()

    def _keep_at(self, step: Callable[[], None], name: str) -> None:
        def work() -> None:
            while not self._stop.is_set():
                try:
                    step()
                except Exception as error:
                    self.failed.append(f"{name}: {type(error).__name__}: {error}")
                    return

        self._threads.append(threading.Thread(target=work, name=name))
        self._threads[-1].start()

    def _sample(self) -> None:
        for one in (self.watcher, self.listener):
            one.process.sample()
        time.sleep(_SAMPLE_S)

    def figures(self) -> str:
        runs = sum(one.runs for one in self.recorders)
        kills = sum(one.kills for one in self.recorders)
        return (
            f"{runs} runs of record, {kills} of them killed; {self.watcher.rounds} rounds and"
            f" {self.watcher.alerts} alerts of watch; {len(self.listener.kept)} deliveries stored,"
            f" {self.listener.refused} refused; {self.reader.answers} answers; {self.faults}"
        )

    def end(self) -> None:
        """Stop the two that run all the time; `failed` then holds what went wrong."""
        self.failed += [*self.watcher.end(), *self.listener.end()]
        self.sandbox.stop()
        self._find_losses()
        try:
            assert_journal_is_whole(self.location)
        except AssertionError as error:
            self.failed.append(f"the journal: {error}")
        checked = self.program.run("check")
        if checked.exit_code:
            self.failed.append(f"check: {checked}")

    def _find_losses(self) -> None:
        reported = Counter[str]()
        for one in self.recorders:
            reported += one.reported
        stored = self.reader.times_stored(self.location)
        lost = sum(max(0, times - stored[did]) for did, times in reported.items())
        calls = self.reader.calls(self.location)
        missing = self.listener.kept - calls
        say(f"reported {reported.total()}, stored {stored.total()}, lost {lost}")
        say(f"deliveries answered with 200: {len(self.listener.kept)}, lost {len(missing)}")
        if lost or missing:
            self.failed.append(f"{lost} snapshots and {len(missing)} deliveries are lost")


def measure(folder: Path, seconds: float, database: str | None, seed: int) -> bool:
    location = parse_location(database) if database else SqliteLocation(folder / "log.db")
    soak = Soak(folder, location, seed)
    with ExitStack() as ended:
        ended.callback(soak.listener.process.kill)
        ended.callback(soak.watcher.process.kill)
        soak.run(seconds)
        say_where()
        say(f"seed {seed}, {len(FLEET)} DIDs, {type(location).__name__.removesuffix('Location')}")
        say(soak.figures())
        soak.end()
    for name, process in (("watch", soak.watcher.process), ("listen", soak.listener.process)):
        for what in process.compared():
            say(f"{name}: {what}")
            # In a few seconds nothing has come to its level yet.
            if not what.is_level and seconds > SMALL_S:
                soak.failed.append(f"{name}: {what} is not level")
    for problem in soak.failed:
        say(f"FAILED {problem}")
    say(f"share soak.held {0 if soak.failed else 1:.2f}")
    return not soak.failed


def main() -> None:
    parser = Options(__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--database", metavar="URL", help="postgresql://…, without a log")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        seconds = SMALL_S if chosen.small else 60 * chosen.minutes
        held = measure(Path(folder), seconds, chosen.database, chosen.seed)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
