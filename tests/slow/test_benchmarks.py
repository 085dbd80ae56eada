"""The benchmarks run from end to end and print what a script reads; their figures are no test."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NEEDED = {"record": ("nginx", "curl", "git"), "latency": ("curl",), "restore": ("git",)}
NEEDED |= {
    "diff": ("git",),
    "size": ("git",),
    "check": (),
    "kills": (),
    "soak": (),
    "restore_all": ("nginx",),
}


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_benchmark_runs_and_prints_its_figures(name: str) -> None:
    places = "/usr/bin:/bin:/usr/local/bin:/usr/sbin:/usr/local/sbin"
    for program in NEEDED[name]:
        if shutil.which(program) is None and shutil.which(program, path=places) is None:
            pytest.skip(f"{program} is not installed")
    command = [sys.executable, "-m", f"benchmarks.{name}", "--small"]
    ran = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"^# \d{4}-\d\d-\d\d, \d+ cores", ran.stdout, re.MULTILINE), ran.stdout
    assert re.search(r"^(ratio|share|bytes) \S+ [\d.]+", ran.stdout, re.MULTILINE), ran.stdout
