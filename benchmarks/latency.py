"""``record`` with 50 ms an answer and 64 at once: the share of what these allow (bar 0.9).

``curl`` with as many at once stands beside the program.
"""

from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.measuring import PROGRAM, in_turns, main, run, say, say_where
from benchmarks.servers import slow_api

BAR = 0.9
LATENCY_S, AT_ONCE = 0.05, 64


def measure(folder: Path, dids: int, rounds: int) -> None:
    names = [FleetDid(index).did for index in range(dids)]
    (folder / "fleet").write_text("\n".join(names))
    with slow_api(LATENCY_S) as url:
        (folder / "curl").write_text(
            "\n".join(f'url = "{url}/dids/{name}"\noutput = "{name}"' for name in names)
        )
        environ = {"MINIVOICE_API_URL": url, "MINIVOICE_API_KEY": "benchmark"}
        record = ["record", "--file", str(folder / "fleet"), "--concurrency", str(AT_ONCE)]
        record += ["--db", str(folder / "log.db")]
        curl = ["curl", "-sS", "-Z", "--parallel-max", str(AT_ONCE), "-K", str(folder / "curl")]
        cost = in_turns(
            rounds,
            {
                "program": lambda: run([*PROGRAM, *record], environ=environ),
                "peer": lambda: run(curl, cwd=folder),
            },
        )
    bound_s = dids * LATENCY_S / AT_ONCE
    say_where()
    say(f"latency: {dids} DIDs, bound {bound_s:.2f} s, program {cost['program']:.2f} s")
    say(f"share latency.curl {bound_s / cost['peer']:.2f}")
    say(f"share latency.record {bound_s / cost['program']:.2f}  (bar {BAR})")


if __name__ == "__main__":
    main(__doc__, measure, small=(100, 1), whole=(10_000, 5))
