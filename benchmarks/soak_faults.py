"""What goes wrong during a soak: the API, the provider's server, and the database."""

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from changelog.store.location import Location, SqliteLocation
from tests.sandbox_faults import Fault, Sandbox

_PAUSE_S = (0.2, 2.0)
_AWAY_S = (0.5, 4.0)
_LOCKED_S = (0.2, 2.0)
_MOST_TIMES = 25


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
