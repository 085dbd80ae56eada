"""The built wheel, installed in an environment of its own away from the checkout, does the job."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.schema.versions import head

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
    assert all(name.endswith(".dist-info") for name in strangers), strangers


def test_the_installed_program_records_migrates_and_restores(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "env"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q"]
    subprocess.run(
        [*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], check=True, cwd=tmp_path
    )
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
        assert f"schema {head()}" in changelog("db", "current")
        assert (tmp_path / "data" / "changelog" / "changelog.db").stat().st_mode & 0o777 == 0o600
