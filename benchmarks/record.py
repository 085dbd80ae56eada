"""``record`` of a fleet, new and again unchanged, against ``curl`` into files and ``git commit``.

Both ask one nginx on loopback for the same bodies. ``--against FOLDER`` measures another checkout
of this program, with an environment of its own in ``.venv``, in turns with this one.
"""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.measuring import (
    PROGRAM,
    Missing,
    end_cleanly_when_told,
    peak_mib,
    run,
    say,
    say_ratio,
    say_where,
)
from benchmarks.nginx import nginx, write_answers

AT_ONCE = 32


def measure(folder: Path, dids: int, rounds: int, against: Path | None) -> None:
    if shutil.which("curl") is None:
        raise Missing("curl", "apt-get install curl")
    fleet = [FleetDid(index) for index in range(dids)]
    write_answers(folder, fleet)
    (folder / "fleet").write_text("\n".join(one.did for one in fleet))
    with nginx(folder) as url:
        (folder / "curl").write_text(
            "\n".join(f'url = "{url}/dids/{one.did}"\noutput = "{one.did}"' for one in fleet)
        )
        costs: list[dict[str, float]] = []
        for number in range(rounds + 1):
            cost = _program(folder, url, folder / f"log{number}.db")
            if against is not None:
                cost |= _other(against, folder, url, folder / f"other{number}.db")
            costs.append({**cost, **_peer(folder, folder / f"git{number}")})
        again = _program_command(folder, folder / "log0.db")
        peak = peak_mib(again, environ=_environ(url))
    say_where()
    say(f"peak record {peak:.0f} MiB")
    for case in ("new", "unchanged"):
        program, peer = (_median(costs[1:], f"{side} {case}") for side in ("program", "peer"))
        say_ratio(f"record.{case}", program, peer)
        if against is not None:
            ratios = [cost[f"program {case}"] / cost[f"other {case}"] for cost in costs[1:]]
            say(f"ratio record.{case}.against {statistics.median(ratios):.2f}  (median of pairs)")


def _program(folder: Path, url: str, database: Path) -> dict[str, float]:
    command, environ = _program_command(folder, database), _environ(url)
    new = run(command, environ=environ)
    return {"program new": new, "program unchanged": run(command, environ=environ)}


def _other(checkout: Path, folder: Path, url: str, database: Path) -> dict[str, float]:
    command = [str(checkout / ".venv" / "bin" / "python"), "-m", "changelog"]
    command += _program_command(folder, database)[len(PROGRAM) :]
    new = run(command, cwd=checkout, environ=_environ(url))
    return {"other new": new, "other unchanged": run(command, cwd=checkout, environ=_environ(url))}


def _program_command(folder: Path, database: Path) -> list[str]:
    return [*PROGRAM, "record", "--file", str(folder / "fleet"), "--db", str(database)]


def _environ(url: str) -> dict[str, str]:
    return {"MINIVOICE_API_URL": url, "MINIVOICE_API_KEY": "benchmark"}


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


def _median(costs: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in costs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout")
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        try:
            measure(Path(folder), *((50, 1) if chosen.small else (10_000, 5)), chosen.against)
        except Missing as missing:
            raise SystemExit(str(missing)) from missing


if __name__ == "__main__":
    main()
