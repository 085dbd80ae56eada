"""Runs one target under libFuzzer: ``python -m tests.fuzz TARGET --seconds 60``.

Needs the extra ``fuzz``. It starts from the inputs in ``tests/fuzz/corpus`` and ends with the
inputs that failed, if any, each as a line to be put there once it is mended.
"""

import argparse
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.fuzz.inputs import TARGETS, kept, line_of

MOST_BYTES = 4096
_LONGEST_INPUT_S = 30
_MOST_MEMORY_MB = 4096


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--postgres", action="store_true", help="on a server of its own")
    parser.add_argument("--found", type=Path, help="a folder for the inputs that led further")
    parser.add_argument("--within", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.within:
        fuzz(asked.target, asked.within.split("\n"))
        return 0
    with tempfile.TemporaryDirectory(prefix="changelog-fuzz-") as folder:
        return _campaign(asked, Path(folder))


def fuzz(target: str, options: list[str]) -> None:
    """Does not return: libFuzzer ends the process."""
    import changelog

    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["changelog"], enable_loader_override=False):
        # The program loads what it needs when it needs it: too late to be watched.
        for module in pkgutil.walk_packages(changelog.__path__, "changelog."):
            if not module.name.endswith("__main__") and "._alembic" not in module.name:
                importlib.import_module(module.name)
        entry = importlib.import_module(f"tests.fuzz.{target}").run
    atheris.Setup([sys.argv[0], *options], entry)
    atheris.Fuzz()


def _campaign(asked: argparse.Namespace, folder: Path) -> int:
    found, failed = asked.found or folder / "found", folder / "failed"
    for one in (found, failed):
        one.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(kept(asked.target)):
        (found / f"known-{number:04}").write_bytes(one)
    options = [
        f"-max_total_time={asked.seconds}",
        f"-timeout={_LONGEST_INPUT_S}",
        f"-rss_limit_mb={_MOST_MEMORY_MB}",
        f"-max_len={MOST_BYTES}",
        "-len_control=20",
        f"-artifact_prefix={failed}/",
        "-print_final_stats=1",
        str(found),
    ]
    child = [sys.executable, "-m", "tests.fuzz", asked.target, "--within=" + "\n".join(options)]
    code = _run(child, postgres=asked.postgres)
    for one in sorted(failed.iterdir()):
        sys.stdout.write(f"{one.name}: {line_of(one.read_bytes())}\n")
    return code


def _run(child: list[str], *, postgres: bool) -> int:
    if not postgres:
        return _ended(child, dict(os.environ))
    from tests.fuzz.scene import DATABASE
    from tests.postgres_server import PostgresServer

    with PostgresServer() as server:
        environ = {**os.environ, DATABASE: server.create_database()}
        return _ended(child, environ)


def _ended(child: list[str], environ: dict[str, str]) -> int:
    """The code of the child. What it started goes with it: libFuzzer ends without a word."""
    with subprocess.Popen(child, env=environ, start_new_session=True) as process:
        try:
            return process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
