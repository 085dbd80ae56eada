"""Bytes on disk of an unchanged look (bar 50), of a revision in batches of a thousand (bar 600) and
of one recorded alone (bar 1,300), beside git's packs."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import end_cleanly_when_told, say, say_where
from benchmarks.repositories import Repository

BAR_LOOK, BAR_REVISION, BAR_ALONE = 50, 600, 1300


def measure(folder: Path, dids: int, captures: int) -> None:
    log = BenchmarkLog(folder / "log.db")
    repository = Repository(folder / "git")
    empty = log.size
    fleet = [FleetDid(index) for index in range(dids)]
    log.capture(fleet)
    repository.commit(fleet)
    first = log.size
    for _ in range(captures):
        log.capture(fleet)
    unchanged = log.size
    for version in range(1, captures + 1):
        moved = [FleetDid(index, version) for index in range(dids)]
        log.capture(moved)
        repository.commit(moved)
    changed = log.size
    alone = min(dids, 500)
    for index in range(alone):
        log.capture([FleetDid(index, captures + 1)])
    single = log.size
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        measure(Path(folder), *((50, 2) if chosen.small else (10_000, 10)))


if __name__ == "__main__":
    main()
