"""Measures how fast the log can be written on each kind of database, and how long a failover takes.

::

    python -m benchmarks.databases log.db postgresql://…      # each must hold no log yet
    python -m benchmarks.databases --failover 5                # on the tests' cluster of three

Nothing is fetched: the answers are made up, so that only the database is measured.
"""

import argparse
import time

import psycopg

from benchmarks.fleet import FleetDid
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import say
from changelog.store.location import parse_location
from tests.postgres_cluster import PostgresCluster

FLEET = 10_000
ALONE = 500
LONGEST_FAILOVER_S = 120.0


def measure_writing(url: str) -> None:
    log = BenchmarkLog(parse_location(url))
    say(url)
    for what, count, batch in (
        ("new", FLEET, 1000),
        ("unchanged", FLEET, 1000),
        ("unchanged, one a commit", ALONE, 1),
    ):
        began = time.perf_counter()
        log.capture([FleetDid(index) for index in range(count)], batch=batch)
        seconds = time.perf_counter() - began
        say(
            f"  {what:<24} {count / seconds:8.0f} snapshots/s"
            f" {1000 * seconds * batch / count:8.2f} ms a commit of {batch}"
        )
    log.close()


def measure_failovers(times: int) -> None:
    """Measure from SIGKILL on the leader's machine to the next commit on another one."""
    with PostgresCluster() as cluster:
        with psycopg.connect(cluster.url()) as connection:
            connection.execute("CREATE TABLE beat (n integer PRIMARY KEY)")
        for n in range(times):
            leader = cluster.leader()
            began = time.perf_counter()
            cluster.lose(leader)
            while not _beats(cluster.url(), n):
                if time.perf_counter() - began > LONGEST_FAILOVER_S:
                    raise SystemExit("no failover")
            say(f"  {leader.name} lost: {time.perf_counter() - began:.1f} s to the next commit")
            cluster.bring_back(leader)
            cluster.wait_until_whole()


def _beats(url: str, n: int) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("INSERT INTO beat VALUES (%s) ON CONFLICT DO NOTHING", (n,))
    except psycopg.Error:
        time.sleep(0.05)
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.databases")
    parser.add_argument(
        "urls", nargs="*", metavar="URL", help="a path or postgresql://…, no log yet"
    )
    parser.add_argument("--failover", type=int, metavar="TIMES", default=0)
    chosen = parser.parse_args()
    for url in chosen.urls:
        measure_writing(url)
    if chosen.failover:
        measure_failovers(chosen.failover)


if __name__ == "__main__":
    main()
