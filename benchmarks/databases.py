"""Measures how fast the log can be written on each kind of database.

::

    python -m benchmarks.databases log.db postgresql://…      # each must hold no log yet

Nothing is fetched: the answers are made up, so that only the database is measured.
"""

import argparse
import time

from benchmarks.fleet import FleetDid
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import say
from changelog.store.location import parse_location

FLEET = 10_000
ALONE = 500


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.databases")
    parser.add_argument(
        "urls", nargs="*", metavar="URL", help="a path or postgresql://…, no log yet"
    )
    chosen = parser.parse_args()
    for url in chosen.urls:
        measure_writing(url)


if __name__ == "__main__":
    main()
