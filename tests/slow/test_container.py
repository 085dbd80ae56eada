"""The image is built from the Containerfile, and run as contrib/README.md says."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
TOOL = shutil.which("podman") or "podman"
PAGE = (ROOT / "contrib" / "README.md").read_text()
IMAGE = "changelog-under-test"
# So it works inside another container, too: no cgroup is made, and no limit is raised.
MODEST = ("--cgroups=disabled", "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096")

pytestmark = pytest.mark.slow
Ended = subprocess.CompletedProcess[str]


def podman(*words: str | Path, stdin: str = "") -> Ended:
    return subprocess.run([TOOL, *words], input=stdin, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def image() -> Iterator[None]:
    if shutil.which(TOOL) is None:
        pytest.skip("NOT CHECKED: podman is not installed")
    (base,) = set(re.findall(r"(?m)^FROM (\S+)", (ROOT / "Containerfile").read_text()))
    if podman("image", "exists", base).returncode and podman("pull", "-q", base).returncode:
        pytest.skip(f"NOT CHECKED: the image {base} cannot be fetched")
    (options,) = re.findall(r"(?m)^podman build (.*) -t changelog \.$", PAGE)
    how = ("--isolation", "chroot", "--pull=false")
    built = podman("build", *how, *options.split(), "-t", IMAGE, ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    yield
    podman("rmi", "-f", IMAGE)


@pytest.fixture
def run(image: None, tmp_path: Path) -> Iterator[Callable[..., Ended]]:
    """Run a command in the image, as the page says, with the sandbox as its API."""
    name = f"{IMAGE}-{os.getpid()}"
    (options,) = re.findall(r"podman run --rm (.*?)\\\n  changelog record", PAGE, re.DOTALL)
    words = options.replace("changelog-log", name).replace("\\\n", " ").split()
    words[words.index("--secret") + 1] = f"{name},target=minivoice"
    with Sandbox() as sandbox:
        created = podman("secret", "create", name, "-", stdin=sandbox.key)
        assert created.returncode == 0, created.stderr
        api = ("--network=host", "-e", f"MINIVOICE_API_URL={sandbox.url}")
        yield lambda *command: podman("run", *MODEST, *api, *words, *command)
    podman("rm", "-f", name)
    podman("volume", "rm", "-f", name)
    podman("secret", "rm", name)


def test_the_image_records_as_a_user_without_rights_on_a_read_only_disk(
    run: Callable[..., Ended],
) -> None:
    recorded = run("--rm", IMAGE, "record", "+15551230001")
    assert "1 new" in recorded.stdout, recorded.stderr
    tried = run("--rm", "--entrypoint", "sh", IMAGE, "-c", "id -u; touch /opt/changelog/x")
    assert tried.stdout == "10001\n"
    assert "Read-only file system" in tried.stderr


def test_the_health_check_passes_once_there_is_a_log(run: Callable[..., Ended]) -> None:
    name = f"{IMAGE}-{os.getpid()}"
    run("--rm", IMAGE, "record", "+15551230001")
    started = run("-d", "--name", name, IMAGE, "watch", "--all")
    assert started.returncode == 0, started.stderr
    checked = podman("healthcheck", "run", name)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    podman("stop", name)
    assert podman("inspect", name, "--format", "{{.State.ExitCode}}").stdout == "0\n"
