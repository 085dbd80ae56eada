"""The ways to install that the pages name, each from a clone and from the wheel."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
LEFT_OUT = (".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")
# One that every user of the machine can run.
PYTHON = "/usr/bin/python3"

pytestmark = pytest.mark.slow


def run(*words: str | Path, env: dict[str, str] | None = None, user: int | None = None) -> str:
    ended = subprocess.run(
        words, env=env, user=user, group=user, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone, as far as what is installed goes."""
    folder = tmp_path_factory.mktemp("source") / "changelog"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return folder


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    run(*build, clone)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pipx and uv are."""
    folder = tmp_path_factory.mktemp("installers")
    venv.create(folder, with_pip=True)
    run(folder / "bin" / "pip", "install", "-q", "pipx", "uv")
    return folder / "bin"


@pytest.mark.parametrize("tool", ["pipx", "uv"])
@pytest.mark.parametrize("source", ["clone", "wheel"])
def test_what_the_readme_says_installs_a_command_that_runs(
    tool: str, source: str, installers: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    package: Path = request.getfixturevalue(source)
    commands = tmp_path / "bin"
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "PIPX_HOME": str(tmp_path / "pipx"),
        "PIPX_BIN_DIR": str(commands),
        "PIPX_MAN_DIR": str(tmp_path / "man"),
        "UV_TOOL_DIR": str(tmp_path / "uv"),
        "UV_TOOL_BIN_DIR": str(commands),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
    }
    pins = str(ROOT / "constraints.txt")
    if tool == "pipx":
        install = ["install", f"--pip-args=-c {pins}"]
        run(installers / "pipx", *install, "--python", sys.executable, package, env=env)
        assert (tmp_path / "man" / "man1" / "changelog-restore.1").exists()
    else:
        run(installers / "uv", "tool", "install", "-c", pins, package, env=env)
    assert run(commands / "changelog", "--version", env=env).startswith("changelog ")


def steps(stage: int) -> dict[str, list[str]]:
    """Return what each kind of line of a stage of the Containerfile says."""
    text = (ROOT / "Containerfile").read_text().replace("\\\n", " ")
    said: dict[str, list[str]] = {}
    for word, rest in re.findall(r"(?m)^([A-Z]+) (.*)$", text.split("\nFROM ")[1:][stage]):
        said.setdefault(word, []).append(rest)
    return said


@pytest.fixture
def image() -> Iterator[Path]:
    """A folder that stands for the image's root: another user can only read it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT CHECKED: needs root to run as another user")
def test_the_steps_of_the_container_end_in_a_program_for_a_user_without_rights(
    clone: Path, image: Path
) -> None:
    """The steps are run without a builder."""

    def placed(text: str) -> str:
        return re.sub(r"(?<!\w)/(opt/changelog|data)", rf"{image}/\1", text)

    build, final = steps(0), steps(1)
    for line in [*build["RUN"], *final["RUN"]]:
        run("bash", "-euc", f"cd {clone}; {re.sub('^python ', PYTHON + ' ', placed(line))}")
    env = dict(re.findall(r"(\w+)=(\S+)", placed(final["ENV"][0])))
    (user,) = {int(number) for number in final["USER"][0].split(":")}
    (health,) = re.findall(r'CMD \["changelog", "(\w+)"\]', final["HEALTHCHECK"][0])
    program = image / "opt" / "changelog" / "bin" / "changelog"
    with Sandbox() as sandbox:
        env |= {"MINIVOICE_API_URL": sandbox.url, "MINIVOICE_API_KEY": sandbox.key}
        assert "1 new" in run(program, "record", "did_101", env=env, user=user)
        run(program, health, env=env, user=user)
    written = [path for path in image.rglob("*") if path.stat().st_uid == user]
    assert {path.relative_to(image).parts[0] for path in written} == {"data"}
