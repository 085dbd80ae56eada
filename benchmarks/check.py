"""``check`` of a million revisions with a snapshot each: its time, and the most memory it held.

The log of 100,000 DIDs is written by the program's own writer, so each digest is there. Bars: a
minute, 100 MiB. What it keeps in a temporary file meanwhile is the scratch.
"""

import statistics
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import PROGRAM, main, peak_mib, run, say, say_where
from changelog.store.location import SqliteLocation

BAR_S = 60.0
BAR_MIB = 100.0


def measure(folder: Path, dids: int, revisions: int, rounds: int) -> None:
    path = folder / "log.db"
    log = BenchmarkLog(SqliteLocation(path))
    for version in range(1, revisions + 1):
        log.capture([FleetDid(index, version) for index in range(dids)])
    log.close()
    check = [*PROGRAM, "check", "--db", str(path)]
    seconds = statistics.median(run(check) for _ in range(rounds))
    peak = peak_mib(check)
    say_where()
    say(f"check {dids * revisions} revisions: {seconds:.1f} s, {peak:.0f} MiB")
    say(f"share check {seconds / BAR_S:.2f}  (of the bar of {BAR_S:.0f} s)")
    say(f"share check-memory {peak / BAR_MIB:.2f}  (of the bar of {BAR_MIB:.0f} MiB)")


if __name__ == "__main__":
    main(__doc__, measure, small=(20, 10, 1), whole=(100_000, 10, 3))
