"""``record`` of a fleet, new and again unchanged, against ``curl`` into files and ``git commit``.

Both ask one nginx on loopback for the same bodies.
"""

import shutil
import statistics
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.measuring import (
    PROGRAM,
    Missing,
    main,
    peak_mib,
    run,
    say,
    say_ratio,
    say_where,
)
from benchmarks.servers import nginx, write_answers

AT_ONCE = 32


def measure(folder: Path, dids: int, rounds: int) -> None:
    if shutil.which("curl") is None:
        raise Missing("curl", "apt-get install curl")
    fleet = [FleetDid(index) for index in range(dids)]
    write_answers(folder, fleet)
    (folder / "fleet").write_text("\n".join(each.did for each in fleet))
    with nginx(folder) as url:
        (folder / "curl").write_text(
            "\n".join(f'url = "{url}/dids/{each.did}"\noutput = "{each.did}"' for each in fleet)
        )
        environ = {"MINIVOICE_API_URL": url, "MINIVOICE_API_KEY": "benchmark"}
        costs: list[dict[str, float]] = []
        for number in range(rounds + 1):
            command = _record(folder, number)
            new, again = run(command, environ=environ), run(command, environ=environ)
            cost = {"program new": new, "program unchanged": again}
            costs.append({**cost, **_peer(folder, folder / f"git{number}")})
        peak = peak_mib(_record(folder, 0), environ=environ)
    say_where()
    say(f"peak record {peak:.0f} MiB")
    for case in ("new", "unchanged"):
        program, peer = (
            statistics.median(cost[f"{side} {case}"] for cost in costs[1:])
            for side in ("program", "peer")
        )
        say_ratio(f"record.{case}", program, peer)


def _record(folder: Path, number: int) -> list[str]:
    database = folder / f"log{number}.db"
    return [*PROGRAM, "record", "--file", str(folder / "fleet"), "--db", str(database)]


def _peer(folder: Path, repository: Path) -> dict[str, float]:
    repository.mkdir()
    run(["git", "init", "-q"], cwd=repository)
    fetch = ["curl", "-sS", "-Z", "--parallel-max", str(AT_ONCE), "-K", str(folder / "curl")]
    commit = (
        "git add -A && git -c user.name=b -c user.email=b@example commit -q --allow-empty -m all"
    )

    def work() -> float:
        return run(fetch, cwd=repository) + run(["sh", "-c", commit], cwd=repository)

    new = work()
    return {"peer new": new, "peer unchanged": work()}


if __name__ == "__main__":
    main(__doc__, measure, small=(50, 1), whole=(10_000, 5))
