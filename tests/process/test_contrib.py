"""The ready-made files: each is read by the tool that it is for, where that is at hand."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from changelog.cli.main import COMMANDS
from changelog.model.history import CaptureInfo
from changelog.model.results.capture import EndedCapture, RecordCounts
from changelog.model.results.watch import WatchRound
from changelog.render.alerts.message import metrics

ROOT = Path(__file__).parents[2]
CONTRIB = ROOT / "contrib"
UNITS = sorted(path for path in CONTRIB.glob("systemd/**/*") if path.is_file())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PROGRAM = re.compile(r"(?<==)\S+/bin/changelog")


def tool(name: str) -> str:
    """Return where a tool is; a skip says which one a machine lacks."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        pytest.skip(f"NOT CHECKED: {name} is not installed")
    return path


def run(*words: str | Path) -> None:
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every command line of the program in a unit or in the crontab, by its file."""
    for path in [*SERVICES, CONTRIB / "cron" / "changelog"]:
        text = path.read_text()
        for line in re.findall(r"(?m)^ExecStart=.*|^\*/5 .*", text):
            yield path.name, shlex.split(re.split(r"\bchangelog (?=[a-z])", line)[-1])


@pytest.mark.parametrize(("file", "words"), list(commands()), ids=lambda value: str(value)[:40])
def test_what_a_unit_or_the_crontab_runs_is_a_command_with_its_options(
    file: str, words: list[str]
) -> None:
    assert words[0] in COMMANDS
    _, _, helped = (ROOT / "docs" / "commands.md").read_text().partition(f"\n## {words[0]}\n")
    helped = helped.partition("\n## ")[0]
    for word in words:
        if word.startswith("--"):
            assert word in helped


def test_systemd_takes_the_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    analyze = tool("systemd-analyze")
    for path in UNITS:
        # What is to be run must be there.
        copy = PROGRAM.sub("/bin/true", path.read_text())
        (tmp_path / path.name).write_text(copy)
    for folder, scope in ((CONTRIB / "systemd", "--system"), (CONTRIB / "systemd/user", "--user")):
        units = [tmp_path / path.name for path in UNITS if path.parent == folder]
        run(analyze, "verify", "--man=no", scope, *units)


@pytest.mark.parametrize(
    "path", [path for path in SERVICES if path.parent.name == "systemd"], ids=lambda path: path.name
)
def test_a_service_is_shut_in(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert {"DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"} <= set(lines)
    # Of 100 points for what it can reach.
    run(tool("systemd-analyze"), "security", "--offline=yes", "--threshold=20", path)


def test_the_folder_of_metrics_is_open_to_other_users() -> None:
    """A preserved one of a dynamic user lies in /run/private, which only root enters."""
    watch = (CONTRIB / "systemd" / "changelog-watch.service").read_text().splitlines()
    assert {"DynamicUser=yes", "RuntimeDirectoryMode=0755", "UMask=0022"} <= set(watch)
    assert not [line for line in watch if line.startswith("RuntimeDirectoryPreserve=")]


def test_nginx_takes_the_site(tmp_path: Path) -> None:
    nginx, openssl = tool("nginx"), tool("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run(openssl, *made, "-subj", "/CN=x", "-keyout", key, "-out", certificate)
    site = (CONTRIB / "nginx" / "changelog.conf").read_text()
    site = re.sub(r"(ssl_certificate +)\S+;", rf"\1{certificate};", site)
    site = re.sub(r"(ssl_certificate_key +)\S+;", rf"\1{key};", site)
    (tmp_path / "site.conf").write_text(site)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{ access_log off; include {tmp_path}/site.conf; }}\n"
    )
    run(nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf")


def test_promtool_takes_the_rules_and_their_test() -> None:
    promtool = tool("promtool")
    rules = CONTRIB / "prometheus"
    run(promtool, "check", "rules", rules / "changelog.rules.yml")
    run(promtool, "test", "rules", rules / "changelog.rules.test.yml")


def test_rules_and_dashboard_ask_for_what_a_watch_writes() -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    capture = EndedCapture(CaptureInfo(id=1, started_at=now, recorded_by="olga"), now)
    ended = WatchRound(at=now, watch="a", alerts=0, capture=capture, counts=RecordCounts())
    written = metrics(ended, last_success=now, duration_s=1.0, undelivered=0)
    names = set(re.findall(r"(?m)^(changelog_watch_\w+)\{watch=", written))
    board = json.loads((CONTRIB / "grafana" / "changelog.json").read_text())
    panels = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = (CONTRIB / "prometheus" / "changelog.rules.yml").read_text()
    for asked in (*panels, rules):
        assert set(re.findall(r"changelog_watch_\w+", asked)) <= names
    assert names <= set(re.findall(r"changelog_watch_\w+", " ".join(panels)))
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
