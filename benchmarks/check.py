"""``check`` of a million revisions with a snapshot each: its time, and the most memory it held.

::

    python -m benchmarks.check                 # 100,000 DIDs of ten revisions
    python -m benchmarks.check --revisions 1   # a million DIDs of one

The log is written by the program's own writer, so each digest is there. Bars: a minute, 100 MiB,
one process. What it keeps in a temporary file meanwhile is the scratch.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import PROGRAM, end_cleanly_when_told, environment, say, say_where

TOTAL = 1_000_000
BAR_S = 60.0
BAR_MIB = 100.0
_LOOK_S = 0.2


def measure(folder: Path, dids: int, revisions: int, rounds: int) -> None:
    log = BenchmarkLog(folder / "log.db")
    for version in range(1, revisions + 1):
        log.capture([FleetDid(index, version) for index in range(dids)])
    log.close()
    say_where()
    found = [timed(["check", "--db", str(log.path)]) for _ in range(rounds)]
    seconds = sorted(one for one, _ in found)[len(found) // 2]
    peak = max(one for _, one in found)
    say(f"check {dids * revisions} revisions: {seconds:.1f} s, {peak:.0f} MiB")
    say(f"share check {seconds / BAR_S:.2f}  (of the bar of {BAR_S:.0f} s)")
    say(f"share check-memory {peak / BAR_MIB:.2f}  (of the bar of {BAR_MIB:.0f} MiB)")


def timed(arguments: list[str]) -> tuple[float, float]:
    """Return the seconds that the program took, and the most MiB that it and its workers held."""
    began, peak = time.perf_counter(), 0.0
    with subprocess.Popen(
        [*PROGRAM, *arguments], env=environment(), stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(_LOOK_S)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    return time.perf_counter() - began, peak


def resident(pid: int) -> float:
    """Return the MiB that a process and its children hold now (Linux)."""
    pages = 0
    for one in (pid, *children(pid)):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text("ascii").split()[1])
        except OSError:
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    parser.add_argument("--revisions", type=int, default=10, help="of each DID")
    chosen = parser.parse_args()
    end_cleanly_when_told()
    total = 200 if chosen.small else TOTAL
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        rounds = 1 if chosen.small else 3
        measure(Path(folder), total // chosen.revisions, chosen.revisions, rounds)


if __name__ == "__main__":
    main()
