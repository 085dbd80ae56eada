"""The built wheel, installed in an environment of its own away from the checkout, does the job."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from changelog.cli.main import COMMANDS
from changelog.sandbox.server import Sandbox
from changelog.store.location import schema_head
from tests.program import Program

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # The build's own tools are those of this environment: nothing is fetched for it.
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_the_migrations_inside_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "changelog/_alembic/env.py" in names
    assert "changelog/_alembic/versions/0001_the_log.py" in names
    assert {
        "changelog/render/html/templates/card.html",
        "changelog/render/html/templates/style.css",
    } <= set(names)
    strangers = {name.split("/")[0] for name in names} - {"changelog"}
    assert all(name.endswith((".dist-info", ".data")) for name in strangers), strangers


def test_the_wheel_carries_man_pages_and_completion_where_they_are_looked_for(
    wheel: Path, tmp_path: Path
) -> None:
    archive = zipfile.ZipFile(wheel)
    archive.extractall(tmp_path)
    (share,) = tmp_path.glob("*.data/data/share")
    manual = share / "man" / "man1"
    pages = {"changelog.1", *(f"changelog-{command}.1" for command in COMMANDS)}
    assert {path.name for path in manual.iterdir()} == pages
    restore = (manual / "changelog-restore.1").read_text()
    assert ".B \\-\\-offline" in restore
    assert "changelog restore +15551230001" in restore
    if groff := shutil.which("groff"):
        for page in manual.iterdir():
            read = subprocess.run(
                [groff, "-man", "-Tascii", "-ww", "-z", str(page)],
                check=True,
                capture_output=True,
                text=True,
            )
            assert read.stderr == ""
    for shell, place in (
        ("bash", "bash-completion/completions/changelog"),
        ("zsh", "zsh/site-functions/_changelog"),
        ("fish", "fish/vendor_completions.d/changelog.fish"),
    ):
        wanted = {"_CHANGELOG_COMPLETE": f"source_{shell}"}
        ran = Program(tmp_path / "home").run_as("changelog", environment=wanted).ended(0)
        # zsh loads a file by its first line, so the function that the program prints is its body.
        (asks,) = re.findall(r"_CHANGELOG_COMPLETE=complete_\w+", ran.stdout)[:1]
        assert asks in (share / place).read_text()
    assert (share / "zsh/site-functions/_changelog").read_text().startswith("#compdef changelog\n")


def test_the_installed_program_records_migrates_and_restores(wheel: Path, tmp_path: Path) -> None:
    """Beside the libraries of this environment: slow/test_install.py lets pip fetch them."""
    home = tmp_path / "env"
    venv.create(home)
    python = str(home / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, cwd=tmp_path)
    (installed,) = home.glob("lib/python*/site-packages")
    (installed / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    with Sandbox() as sandbox:
        environ = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "MINIVOICE_API_URL": sandbox.url,
            "MINIVOICE_API_KEY": sandbox.key,
            "HOME": str(tmp_path),
            "XDG_DATA_HOME": str(tmp_path / "data"),
        }

        def changelog(*arguments: str) -> str:
            return subprocess.run(
                [home / "bin" / "changelog", *arguments],
                env=environ,
                cwd=tmp_path,
                check=True,
                capture_output=True,
                text=True,
            ).stdout

        assert "1 new" in changelog("record", "did_101")
        sandbox.move("did_101", application_id="app_sales")
        restored = changelog("restore", "did_101", "--format", "plain")
        assert restored.split("\t")[2] == "app_support"
        assert f"schema {schema_head()}" in changelog("db", "current")
        assert (tmp_path / "data" / "changelog" / "changelog.db").stat().st_mode & 0o777 == 0o600
