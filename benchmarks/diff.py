"""``diff`` of two tags over 100,000 DIDs with 1,000 changes, against ``git diff`` of two tags."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import (
    PROGRAM,
    end_cleanly_when_told,
    in_turns,
    peak_mib,
    run,
    say,
    say_ratio,
    say_where,
)
from benchmarks.repositories import Repository


def measure(folder: Path, dids: int, changed: int, rounds: int) -> None:
    every = dids // changed
    before = [FleetDid(index) for index in range(dids)]
    after = [FleetDid(index, 1 if index % every == 0 else 0) for index in range(dids)]
    log = BenchmarkLog(folder / "log.db")
    repository = Repository(folder / "git")
    for fleet, tag in ((before, "a"), (after, "b")):
        log.capture(fleet, tag)
        repository.commit(fleet, tag)
    log.close()
    repository.finish()
    program = [*PROGRAM, "diff", "--from", "tag:a", "--to", "tag:b", "--db", str(log.path)]
    peer = ["git", "diff", "a", "b"]
    cost = in_turns(
        rounds,
        {"program": lambda: run(program), "peer": lambda: run(peer, cwd=repository.path)},
    )
    say_where()
    say(f"peak diff {peak_mib(program):.0f} MiB, git {peak_mib(peer, cwd=repository.path):.0f} MiB")
    say_ratio("diff", cost["program"], cost["peer"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        measure(Path(folder), *((50, 5, 1) if chosen.small else (100_000, 1_000, 7)))


if __name__ == "__main__":
    main()
