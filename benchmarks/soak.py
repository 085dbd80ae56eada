"""Recorders, a watch, a listener with deliveries and readers at work for a long time, under faults.

::

    python -m benchmarks.soak --minutes 30                    # on SQLite
    python -m benchmarks.soak --minutes 10 --database URL     # on a server, a database of its own

The API is slow, broken or away at random; recorders are killed; the database is locked by another
program, or its sessions are ended. Shown at the end: that nothing reported is lost, that the
journal holds, and that descriptors, threads and memory of the two that run all the time stay level,
the first third of the samples against the last. Ends with an error where one of these is not so.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.measuring import end_cleanly_when_told, say, say_where
from benchmarks.soak_faults import Faults
from benchmarks.soak_work import Listener, Reader, Recorder, Watcher
from changelog.store.location import Location, SqliteLocation, parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.program import Program
from tests.sandbox_faults import Sandbox
from tests.webhooks import SECRET

FLEET = [f"did_{place:03}" for place in range(200)]
RECORDERS = 2
SMALL_S = 8.0
_SAMPLE_S = 1.0
_SAID_EACH_S = 60.0


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
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--database", metavar="URL", help="postgresql://…, without a log")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        seconds = SMALL_S if chosen.small else 60 * chosen.minutes
        held = measure(Path(folder), seconds, chosen.database, chosen.seed)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
