"""``check`` of a million revisions with a snapshot each: its time, and the most memory it held.

The log of 100,000 DIDs is written by the program's own writer, so each digest is there. Bars: a
minute, 100 MiB. What it keeps in a temporary file meanwhile is the scratch.
"""

import statistics
import tempfile
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import PROGRAM, Options, peak_mib, run, say, say_where
from changelog.store.location import parse_location

BAR_S = 60.0
BAR_MIB = 100.0


def measure(database: str, dids: int, revisions: int, rounds: int) -> None:
    log = BenchmarkLog(parse_location(database))
    for version in range(1, revisions + 1):
        log.capture([FleetDid(index, version) for index in range(dids)])
    log.close()
    check = [*PROGRAM, "check", "--db", database]
    seconds = statistics.median(run(check) for _ in range(rounds))
    peak = peak_mib(check)
    say_where()
    say(f"check {dids * revisions} revisions: {seconds:.1f} s, {peak:.0f} MiB")
    say(f"share check {seconds / BAR_S:.2f}  (of the bar of {BAR_S:.0f} s)")
    say(f"share check-memory {peak / BAR_MIB:.2f}  (of the bar of {BAR_MIB:.0f} MiB)")


def main() -> None:
    options = Options(__doc__)
    options.add_argument("--database", metavar="URL", help="postgresql://…, without a log")
    chosen = options.parse_args()
    dids, revisions, rounds = (20, 10, 1) if chosen.small else (100_000, 10, 3)
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        measure(chosen.database or str(Path(folder) / "log.db"), dids, revisions, rounds)


if __name__ == "__main__":
    main()
