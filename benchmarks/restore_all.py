"""``restore --all`` of a fleet whose tenth has moved, in turns with ``record --all``.

Both ask one nginx on loopback for the same bodies, and store what they see. In each round the same
tenth has moved once more, so both find as many changes.
"""

from dataclasses import replace
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.measuring import (
    PROGRAM,
    in_turns,
    main,
    run,
    say_ratio,
    say_where,
)
from benchmarks.servers import nginx, write_answers

BAR = 1.3


def measure(folder: Path, dids: int, rounds: int) -> None:
    fleet = [FleetDid(index) for index in range(dids)]
    write_answers(folder, fleet)
    (folder / "fleet").write_text("\n".join(each.did for each in fleet))
    with nginx(folder) as url:
        environ = {"MINIVOICE_API_URL": url, "MINIVOICE_API_KEY": "benchmark"}
        turn = 0

        def move() -> None:
            nonlocal turn
            turn += 1
            write_answers(folder, [replace(each, version=turn) for each in fleet[::10]])

        def work(name: str, *options: str) -> float:
            move()
            return run([*PROGRAM, *options, "--db", str(folder / f"{name}.db")], environ=environ)

        for name in ("restore", "record"):
            first = ["record", "--file", str(folder / "fleet"), "--tag", "then"]
            run([*PROGRAM, *first, "--db", str(folder / f"{name}.db")], environ=environ)
        costs = in_turns(
            rounds,
            {
                "restore": lambda: work("restore", "restore", "--all", "--to", "tag:then"),
                "record": lambda: work("record", "record", "--all"),
            },
        )
    say_where()
    say_ratio("restore_all", costs["restore"], costs["record"], BAR)


if __name__ == "__main__":
    main(__doc__, measure, small=(50, 1), whole=(10_000, 3))
