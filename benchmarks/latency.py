"""``record`` with 50 ms an answer and 64 at once: the share of what these allow (bar 0.9).

That the server itself holds nobody back is shown in the same run: four times as many connections
get clearly more out of it. ``curl`` with as many at once stands beside the program, and with
``--against FOLDER`` another checkout, with an environment of its own in ``.venv``.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.flood import flood
from benchmarks.measuring import PROGRAM, end_cleanly_when_told, in_turns, run, say, say_where

BAR = 0.9
FLOOD = 4
"""How many times as many connections show what the server can do."""


@contextmanager
def slow_api(latency_s: float) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.slow_api", str(latency_s)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield (server.stdout.readline() if server.stdout else "").strip()
    finally:
        server.terminate()
        server.wait()


def measure(folder: Path, dids: int, rounds: int, chosen: argparse.Namespace) -> None:
    fleet = [FleetDid(index) for index in range(dids)]
    (folder / "fleet").write_text("\n".join(one.did for one in fleet))
    latency_s, at_once = chosen.milliseconds / 1000, chosen.at_once
    with slow_api(latency_s) as url:
        (folder / "curl").write_text(
            "\n".join(f'url = "{url}/dids/{one.did}"\noutput = "{one.did}"' for one in fleet)
        )
        environ = {"MINIVOICE_API_URL": url, "MINIVOICE_API_KEY": "benchmark"}
        record = ["record", "--file", str(folder / "fleet"), "--concurrency", str(at_once), "--db"]
        curl = ["curl", "-sS", "-Z", "--parallel-max", str(at_once), "-K", str(folder / "curl")]

        names = [one.did for one in fleet]
        runs: dict[str, list[float]] = {"program": [], "other": []}

        def work(name: str, command: list[str], cwd: Path | None = None) -> float:
            runs[name].append(run(command, cwd=cwd, environ=environ))
            return runs[name][-1]

        works = {
            "program": lambda: work("program", [*PROGRAM, *record, str(folder / "log.db")]),
            "peer": lambda: run(curl, cwd=folder),
            "server": lambda: flood(url, names, FLOOD * at_once),
        }
        other = chosen.against
        if other is not None:
            program = [str(other / ".venv" / "bin" / "python"), "-m", "changelog", *record]
            works["other"] = lambda: work("other", [*program, str(folder / "other.db")], other)
        cost = in_turns(rounds, works)
    bound_s = dids * latency_s / at_once
    say_where()
    say(f"latency: {dids} DIDs, bound {bound_s:.2f} s, program {cost['program']:.2f} s")
    say(f"share latency.server {bound_s / cost['server']:.2f}  ({FLOOD * at_once} connections)")
    say(f"share latency.curl {bound_s / cost['peer']:.2f}")
    if other is not None:
        say(f"share latency.other {bound_s / cost['other']:.2f}")
        pairs = zip(runs["program"][1:], runs["other"][1:], strict=True)
        throughput = statistics.median(theirs / ours for ours, theirs in pairs)
        say(f"ratio latency.against {throughput:.2f}  (throughput, median of pairs)")
    say(f"share latency.record {bound_s / cost['program']:.2f}  (bar {BAR})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout")
    parser.add_argument("--milliseconds", type=float, default=50)
    parser.add_argument("--at-once", type=int, default=64)
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        measure(Path(folder), *((100, 1) if chosen.small else (10_000, 5)), chosen)


if __name__ == "__main__":
    main()
