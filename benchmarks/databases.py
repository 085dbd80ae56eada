"""Measures how fast the log can be written on each kind of database.

::

    python -m benchmarks.databases log.db postgresql://…      # each must hold no log yet

Nothing is fetched: the answers are made up, so that only the database is measured.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from changelog.model.answers import Answer
from changelog.model.history import CaptureInfo
from changelog.model.recording import Destinations
from changelog.store.engine import make_engine, upgrade
from changelog.store.location import SqliteLocation, parse_location
from changelog.store.transaction import Transactions
from changelog.store.writer import LogWriter

FLEET = 10_000
A_BATCH = 1000
"""The most answers that wait for the writer."""
ALONE = 500


def now() -> datetime:
    return datetime.now(UTC)


def answers(count: int) -> Iterator[Answer]:
    for place in range(count):
        body = {
            "id": f"did_{place}",
            "customer_id": "cust_123",
            "application_id": f"app_{place % 40}",
            "number_e164": f"+1555{place:07}",
            "provider": "didww",
            "status": "active",
            "route_mode": "webhook",
            "created_at": "2026-05-29T12:00:00Z",
            "updated_at": "2026-05-29T12:00:00Z",
        }
        did = str(body["id"])
        yield Answer(requested=did, did=did, body=json.dumps(body), fields=body, received_at=now())


def measure_writing(url: str) -> None:
    location = parse_location(url)
    if isinstance(location, SqliteLocation):
        location.prepare()
    engine = make_engine(location)
    upgrade(engine, location)
    writer = LogWriter(Transactions(engine, location, now))
    say(str(location))
    for what, count, batch in (
        ("new", FLEET, A_BATCH),
        ("unchanged", FLEET, A_BATCH),
        ("unchanged, one a commit", ALONE, 1),
    ):
        seconds, commits = _write(writer, count, batch)
        say(
            f"  {what:<24} {count / seconds:8.0f} snapshots/s"
            f" {1000 * seconds / commits:8.2f} ms a commit of {batch}"
        )
    engine.dispose()


def _write(writer: LogWriter, count: int, batch: int) -> tuple[float, int]:
    info = CaptureInfo(id=0, started_at=now(), recorded_by="benchmark", command="record")
    capture = writer.start(info, key="benchmark", by_name=True)
    waiting: list[Answer] = []
    began, commits = time.perf_counter(), 0
    for answer in answers(count):
        waiting.append(answer)
        if len(waiting) == batch:
            capture, _ = writer.store(capture, waiting, Destinations())
            waiting, commits = [], commits + 1
    writer.store(capture, waiting, Destinations())
    return time.perf_counter() - began, commits + bool(waiting)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


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
