"""Times whole processes, the program and its peer in turns, and prints what came of it."""

import argparse
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

PROGRAM = (sys.executable, "-m", "changelog")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """For the program and its peers alike: no settings of the user's, and compiled modules kept,
    as an installed program has them. Without, each start would compile the program anew."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "CHANGELOG_CONFIG": "", **(more or {})}


class Options(argparse.ArgumentParser):
    """The command line of a benchmark; `small`: only to see that it runs."""

    def __init__(self, doc: str | None) -> None:
        super().__init__(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.add_argument("--small", action="store_true", help="only to see that it runs")


def main(
    doc: str | None, measure: Callable[..., None], *, small: Sequence[int], whole: Sequence[int]
) -> None:
    """Run `measure` with a folder of its own and the numbers of a small or a whole run."""
    chosen = Options(doc).parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        try:
            measure(Path(folder), *(small if chosen.small else whole))
        except Missing as missing:
            raise SystemExit(str(missing)) from missing


def end_cleanly_when_told() -> None:
    """On SIGTERM, leave by the way on which servers are ended and folders removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


class Missing(Exception):
    """Something to measure against is not installed."""

    def __init__(self, what: str, install: str) -> None:
        super().__init__(f"{what} is missing: {install}")


def run(
    command: Sequence[str], *, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> float:
    """Return the seconds that a command took. Raises RuntimeError with its output if it fails."""
    began = time.perf_counter()
    ended = subprocess.run(
        command,
        cwd=cwd,
        env=environment(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    seconds = time.perf_counter() - began
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace")
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}: {said}")
    return seconds


_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_mib(
    command: Sequence[str], *, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> float:
    """Return the most MiB that a command held; the parent is too small to count."""
    watched = [sys.executable, "-I", "-S", "-c", _PEAK, *command]
    said = subprocess.run(
        watched, cwd=cwd, env=environment(environ), capture_output=True, check=True
    )
    return int(said.stdout) / 1024


def in_turns(rounds: int, works: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Return the median seconds of each, run in turns after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            seconds = work()
            if number:
                times[name].append(seconds)
    return {name: statistics.median(found) for name, found in times.items()}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def say_where() -> None:
    """Print the date, the machine and the command: without them a figure is worth nothing."""
    say(
        f"# {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f},"
        f" {platform.python_implementation()} {platform.python_version()}"
    )
    say(f"# python -m {Path(sys.argv[0]).parent.name}.{Path(sys.argv[0]).stem} {_arguments()}")


def _arguments() -> str:
    return " ".join(sys.argv[1:])


def say_ratio(name: str, program_s: float, peer_s: float, bar: float | None = None) -> None:
    against = "" if bar is None else f"  (bar {bar})"
    say(f"{name}: {program_s:.3f} s, peer {peer_s:.3f} s")
    say(f"ratio {name} {program_s / peer_s:.2f}{against}")
