"""Kills ``record`` over a fleet at random moments, and counts what was lost of what it reported."""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text

from changelog.store.engine import make_engine
from changelog.store.location import Location
from tests.journal_walk import assert_journal_is_whole
from tests.program import Program, rest_of
from tests.sandbox_faults import Fault, Sandbox

FLEET = [f"did_{place:03}" for place in range(150)]
_AN_ANSWER = Fault("slow", seconds=0.004)
"""Spreads a run over enough time to be killed in the middle of it."""
_MOVED_A_RUN = 10
_TIMES_STORED = """
    SELECT did, count(*) AS times FROM snapshot WHERE revision IS NOT NULL GROUP BY did
"""
_LONGEST_PAUSE_S = 0.15


@dataclass
class Toll:
    """What came of so many kills. `lost`: (DID, times reported, times stored), none if all held."""

    killed: int = 0
    ended_before: int = 0
    silent: int = 0
    reported: int = 0
    stored: int = 0
    resumed: int = 0
    lost: list[tuple[str, int, int]] = field(default_factory=list)


class Killing:
    """A fleet in `sandbox`, recorded by `program` into the log at `location`, which is empty."""

    def __init__(
        self, program: Program, sandbox: Sandbox, location: Location, chance: random.Random
    ) -> None:
        self._program = program
        self._sandbox = sandbox
        self._location = location
        self._chance = chance
        self._reported: Counter[str] = Counter()
        self.toll = Toll()
        for place, did in enumerate(FLEET):
            sandbox.add_did(
                {"id": did, "number_e164": f"+1555000{place:04}", "application_id": "app_0"}
            )
        (program.home / "fleet").write_text("\n".join(FLEET))
        sandbox.fail(_AN_ANSWER)
        self._whole_run_s = self._timed()

    def _timed(self) -> float:
        """Return how long a run takes that is not killed."""
        began = time.monotonic()
        ran = self._program.run("record", "--file", "fleet", "--concurrency", "4").ended(0)
        self._take(ran.stdout)
        return time.monotonic() - began

    def run(
        self, kills: int, *, walk_each: int, on_kill: Callable[[Toll], None] = lambda _: None
    ) -> Toll:
        """Do so many runs that are killed, and one to the end.

        Raises AssertionError where something reported is not stored, the journal is broken, or the
        next run does not go on. The whole journal is walked after `walk_each` kills, and at the
        end.
        """
        for number in range(1, kills + 1):
            self._kill()
            self._compare()
            if number % walk_each == 0:
                assert_journal_is_whole(self._location)
            on_kill(self.toll)
        self._go_on()
        self._compare()
        assert_journal_is_whole(self._location)
        return self.toll

    def _kill(self) -> None:
        """Kill at random: half by the clock, start-up included, and half during the work."""
        for did in self._chance.sample(FLEET, _MOVED_A_RUN):
            self._sandbox.move(did, application_id=f"app_{self._chance.randrange(5)}")
        how = ["record", "--file", "fleet", "--concurrency", "4"]
        if self._chance.random() < 0.4:
            how.append("--resume")
        after_lines, after_s = 0, self._chance.uniform(0.05, self._whole_run_s)
        if self._chance.random() < 0.5:
            after_lines = self._chance.randint(1, len(FLEET))
            after_s = self._chance.uniform(0, _LONGEST_PAUSE_S)
        with self._program.start(*how) as process:
            assert process.stdout is not None
            told = "".join(process.stdout.readline() for _ in range(after_lines))
            time.sleep(after_s)
            process.kill()
            rest, complaint = rest_of(process)
        assert "Traceback" not in complaint, complaint
        assert process.returncode in (0, -signal.SIGKILL), complaint
        if process.returncode:
            self.toll.killed += 1
        else:
            self.toll.ended_before += 1
        self.toll.silent += not self._take(told + rest)

    def _take(self, stdout: str) -> int:
        """Count what was printed in whole lines as reported; return the number of DIDs."""
        lines = [line.split() for line in stdout.rpartition("\n")[0].splitlines()]
        told = [words[1] for words in lines if words[:1] in (["new"], ["changed"], ["unchanged"])]
        self._reported.update(told)
        self.toll.reported += len(told)
        return len(told)

    def _compare(self) -> None:
        engine = make_engine(self._location)
        with engine.connect() as connection:
            rows = connection.execute(text(_TIMES_STORED))
            stored = {row.did: row.times for row in rows}
        engine.dispose()
        self.toll.stored = sum(stored.values())
        self.toll.lost = [
            (did, times, stored.get(did, 0))
            for did, times in self._reported.items()
            if stored.get(did, 0) < times
        ]
        assert not self.toll.lost

    def _go_on(self) -> None:
        """Resume: the log can be written, and the run reads what the last one did not."""
        self._sandbox.clear_faults()
        ran = self._program.run("record", "--file", "fleet", "--resume").ended(0)
        self.toll.resumed = self._take(ran.stdout)
        assert self.toll.resumed
        assert self._program.run("record", "--file", "fleet").ended(0).stdout
        self._program.run("check").ended(0)
