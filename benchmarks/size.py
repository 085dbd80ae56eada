"""Bytes on disk of an unchanged look (bar 50), of a revision in batches of a thousand (bar 600) and
of one recorded alone (bar 1,300), beside git's packs."""

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.fleet import FleetDid, Repository
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import main, say, say_where
from changelog.store.location import SqliteLocation

BAR_LOOK, BAR_REVISION, BAR_ALONE = 50, 600, 1300


def _size(path: Path) -> int:
    """Return the bytes of the file, with everything that was committed in it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def measure(folder: Path, dids: int, captures: int) -> None:
    path = folder / "log.db"
    log = BenchmarkLog(SqliteLocation(path))
    repository = Repository(folder / "git")
    empty = _size(path)
    fleet = [FleetDid(index) for index in range(dids)]
    log.capture(fleet)
    repository.commit(fleet)
    first = _size(path)
    for _ in range(captures):
        log.capture(fleet)
    unchanged = _size(path)
    for version in range(1, captures + 1):
        moved = [FleetDid(index, version) for index in range(dids)]
        log.capture(moved)
        repository.commit(moved)
    changed = _size(path)
    alone = min(dids, 500)
    for index in range(alone):
        log.capture([FleetDid(index, captures + 1)])
    single = _size(path)
    log.close()
    repository.finish()
    count = dids * captures
    say_where()
    say(f"bytes first-revision {(first - empty) / dids:.0f}  (with its DID, number and snapshot)")
    say(f"bytes unchanged-look {(unchanged - first) / count:.1f}  (bar {BAR_LOOK})")
    say(f"bytes revision {(changed - unchanged) / count:.0f}  (bar {BAR_REVISION}, with snapshot)")
    each = (single - changed) / alone
    say(f"bytes revision-alone {each:.0f}  (bar {BAR_ALONE}, with its capture)")
    say(f"bytes git-revision {repository.packed / (count + dids):.0f}  (packed, all alike)")


if __name__ == "__main__":
    main(__doc__, measure, small=(50, 2), whole=(10_000, 10))
