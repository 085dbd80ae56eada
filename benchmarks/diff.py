"""``diff`` of two tags over 100,000 DIDs with 1,000 changes, against ``git diff`` of two tags."""

from pathlib import Path

from benchmarks.fleet import FleetDid, Repository
from benchmarks.logs import BenchmarkLog
from benchmarks.measuring import (
    PROGRAM,
    in_turns,
    main,
    peak_mib,
    run,
    say,
    say_ratio,
    say_where,
)
from changelog.store.location import SqliteLocation


def measure(folder: Path, dids: int, changed: int, rounds: int) -> None:
    every = dids // changed
    before = [FleetDid(index) for index in range(dids)]
    after = [FleetDid(index, 1 if index % every == 0 else 0) for index in range(dids)]
    path = folder / "log.db"
    log = BenchmarkLog(SqliteLocation(path))
    repository = Repository(folder / "git")
    for fleet, tag in ((before, "a"), (after, "b")):
        log.capture(fleet, tag)
        repository.commit(fleet, tag)
    log.close()
    repository.finish()
    program = [*PROGRAM, "diff", "--from", "tag:a", "--to", "tag:b", "--db", str(path)]
    peer = ["git", "diff", "a", "b"]
    cost = in_turns(
        rounds,
        {"program": lambda: run(program), "peer": lambda: run(peer, cwd=repository.path)},
    )
    say_where()
    say(f"peak diff {peak_mib(program):.0f} MiB, git {peak_mib(peer, cwd=repository.path):.0f} MiB")
    say_ratio("diff", cost["program"], cost["peer"])


if __name__ == "__main__":
    main(__doc__, measure, small=(50, 5, 1), whole=(100_000, 1_000, 7))
