"""Starts a PostgreSQL cluster of three machines on loopback, loses one on demand, and ends it.

Each machine is a folder with an etcd, a Patroni and the PostgreSQL that Patroni runs. What works in
the folder is the machine. By hand::

    python -m tests.postgres_cluster

Needs no library: only etcd, Patroni and PostgreSQL, as Debian packages them, and Linux's /proc.
"""

import argparse
import ctypes
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

T = TypeVar("T")

NAMES = ("node1", "node2", "node3")
PORTS_A_NODE = 4
DATABASE = "changelog"
WHAT_TO_INSTALL = "apt-get install --no-install-recommends etcd-server patroni postgresql"
READY_WITHIN_S = 90.0
IPC_RMID = 0

# Patroni asks for loop_wait + 2 * retry_timeout <= ttl. The leader's key in etcd lives for `ttl`
# after its last renewal, so that is about what a failover takes. From Patroni 4 on 20 is the least.
TTL_S, LOOP_WAIT_S, RETRY_TIMEOUT_S = 10, 2, 4


class ClusterNotPossible(Exception):
    """Something to run is missing; the message says what to install."""


@dataclass(frozen=True)
class Programs:
    """Where the programs are that make a cluster."""

    etcd: str
    patroni: str
    postgres: Path
    """The folder of PostgreSQL's programs."""


def find_programs() -> Programs:
    """Return the programs of a cluster; raises ClusterNotPossible naming what is missing."""
    if not Path("/proc/self/cwd").exists():
        raise ClusterNotPossible("the cluster of the tests runs on Linux only: it needs /proc")
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/bin", "/usr/local/bin"])
    etcd, patroni = (shutil.which(name, path=path) for name in ("etcd", "patroni"))
    postgres = _postgres_programs()
    if etcd and patroni and postgres:
        return Programs(etcd, patroni, postgres)
    found = {"etcd": etcd, "patroni": patroni, "PostgreSQL's server": postgres}
    missing = ", ".join(name for name, place in found.items() if not place)
    raise ClusterNotPossible(f"no cluster to test with, {missing} missing: {WHAT_TO_INSTALL}")


def _postgres_programs() -> Path | None:
    """The folder that CHANGELOG_TEST_PG_BIN names, else the newest one of Debian's."""
    named = os.environ.get("CHANGELOG_TEST_PG_BIN")
    places = [Path(named)] if named else list(Path("/usr/lib/postgresql").glob("*/bin"))
    complete = [one for one in places if all((one / name).exists() for name in ("initdb", "psql"))]
    return max(complete, key=lambda one: int(re.sub(r"\D", "", one.parent.name) or 0), default=None)


@dataclass(frozen=True)
class Node:
    """One machine: its folder, and its four ports on loopback."""

    name: str
    folder: Path
    first_port: int

    @property
    def postgres(self) -> str:
        return f"127.0.0.1:{self.first_port}"

    @property
    def patroni(self) -> str:
        return f"127.0.0.1:{self.first_port + 1}"

    @property
    def etcd(self) -> str:
        return f"127.0.0.1:{self.first_port + 2}"

    @property
    def etcd_peer(self) -> str:
        return f"127.0.0.1:{self.first_port + 3}"

    def is_(self, role: str) -> bool:
        """Whether its Patroni says so: "primary", "replica", "synchronous" (a replica too)."""
        return _answers(f"http://{self.patroni}/{role}")


class PostgresCluster:
    """Three nodes with synchronous replication; `with` starts and ends them.

    Trusts every connection on loopback as the superuser `postgres`. Started as root the nodes run
    as `nobody`, because PostgreSQL refuses root. Without a `folder` a temporary one is made; it
    goes away with the cluster in either case, also when the process that started it is killed.
    """

    def __init__(self, folder: Path | None = None, first_port: int | None = None) -> None:
        self._programs = find_programs()
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._wanted_folder = folder
        self._first_port = first_port
        self._keeper: subprocess.Popen[bytes] | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self.nodes: list[Node] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start all; returns when one leads, one follows synchronously and the third follows.

        Raises RuntimeError with the end of the nodes' logs if that does not come to pass.
        """
        self.folder = self._make_folder()
        first = self._first_port or free_ports(len(NAMES) * PORTS_A_NODE)
        self.nodes = [
            Node(name, self.folder / name, first + place * PORTS_A_NODE)
            for place, name in enumerate(NAMES)
        ]
        # Before anything else, so that nothing can be left behind.
        self._keeper = _keep(self.folder)
        try:
            self._launch_all()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process and remove the folder."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait(READY_WITHIN_S)
        for child in self._children:
            child.wait(READY_WITHIN_S)

    def url(self, database: str = DATABASE, attributes: str = "read-write") -> str:
        """The URL of a database by all nodes' addresses: the node that takes writes is found."""
        hosts = ",".join(node.postgres for node in self.nodes)
        return f"postgresql://postgres@{hosts}/{database}?target_session_attrs={attributes}"

    def url_of(self, node: Node, database: str = DATABASE) -> str:
        """The URL of a database on one node, whatever that is."""
        return f"postgresql://postgres@{node.postgres}/{database}?target_session_attrs=any"

    def leader(self) -> Node:
        """The node that takes writes, waited for where there is none at the moment."""
        return self._waited_for("a leader", self._writable)

    def replicas(self) -> list[Node]:
        """The nodes that follow, those that have to confirm a commit first."""
        following = [node for node in self.nodes if node.is_("replica")]
        return sorted(following, key=lambda node: not node.is_("synchronous"))

    def lose(self, node: Node) -> None:
        """End all that runs on `node` with SIGKILL: its PostgreSQL, its Patroni, its etcd."""
        end_all_in(node.folder)

    def bring_back(self, node: Node) -> None:
        """Start a lost node again, with the data that it had; returns when it follows."""
        self._launch_etcd(node, "existing")
        self._launch_patroni(node)
        self._waited_for(f"{node.name} as a replica", lambda: node.is_("replica"))

    def wait_until_whole(self) -> None:
        """Wait until one leads, one follows synchronously and the third follows."""
        self._waited_for("a leader and its two replicas", self._is_whole)

    # How it is put together

    def _make_folder(self) -> Path:
        if self._wanted_folder is None:
            # Root's own temporary folder may be closed to `nobody`.
            public = "/tmp" if self._user else None  # noqa: S108 - mkdtemp makes the name
            folder = Path(tempfile.mkdtemp(prefix="changelog-cluster-", dir=public))
        else:
            folder = self._wanted_folder.absolute()
            folder.mkdir(parents=True)
        for path in (folder, *(folder / name for name in NAMES)):
            path.mkdir(exist_ok=True)
            if self._user:
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        return folder

    def _launch_all(self) -> None:
        for node in self.nodes:
            self._launch_etcd(node, "new")
        # A Patroni that finds no etcd sleeps for five seconds.
        for node in self.nodes:
            self._waited_for("etcd", partial(_answers, f"http://{node.etcd}/health"))
        for node in self.nodes:
            self._launch_patroni(node)
        self.wait_until_whole()
        self._sql(f"CREATE DATABASE {DATABASE}", self.url("postgres"))

    def _writable(self) -> Node | None:
        """The leader by its key in etcd, once it has finished to become one."""
        node = next((node for node in self.nodes if node.is_("primary")), None)
        return node if node and self._sql("SELECT", self.url("postgres")) else None

    def _sql(self, statement: str, url: str) -> bool:
        """Whether `statement` could be run."""
        psql = str(self._programs.postgres / "psql")
        return self._spawn(self.nodes[0], psql, url, "-c", statement).wait(READY_WITHIN_S) == 0

    def _is_whole(self) -> bool:
        replicas = self.replicas()
        return (
            any(node.is_("primary") for node in self.nodes)
            and len(replicas) == len(self.nodes) - 1
            and replicas[0].is_("synchronous")
        )

    def _launch_etcd(self, node: Node, state: str) -> None:
        peers = ",".join(f"{one.name}=http://{one.etcd_peer}" for one in self.nodes)
        options = {
            "name": node.name,
            "data-dir": node.folder / "etcd",
            "listen-client-urls": f"http://{node.etcd}",
            "advertise-client-urls": f"http://{node.etcd}",
            "listen-peer-urls": f"http://{node.etcd_peer}",
            "initial-advertise-peer-urls": f"http://{node.etcd_peer}",
            "initial-cluster": peers,
            "initial-cluster-state": state,
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        self._spawn(node, self._programs.etcd, *words)

    def _launch_patroni(self, node: Node) -> None:
        settings = node.folder / "patroni.yml"
        # JSON is YAML.
        settings.write_text(json.dumps(self._patroni_settings(node), indent=2))
        self._spawn(node, self._programs.patroni, str(settings))

    def _patroni_settings(self, node: Node) -> dict[str, Any]:
        return {
            "scope": "changelog",
            "name": node.name,
            "restapi": {"listen": node.patroni, "connect_address": node.patroni},
            "etcd3": {"hosts": [one.etcd for one in self.nodes]},
            "watchdog": {"mode": "off"},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL_S,
                    "loop_wait": LOOP_WAIT_S,
                    "retry_timeout": RETRY_TIMEOUT_S,
                    # A commit is acknowledged when a replica has it on its disk. Strict: when no
                    # replica is left, commits wait. Without that, a leader that is alone
                    # acknowledges alone, and what it acknowledged is lost with it.
                    "synchronous_mode": True,
                    "synchronous_mode_strict": True,
                    "postgresql": {"use_pg_rewind": True},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            },
            "postgresql": {
                "listen": node.postgres,
                "connect_address": node.postgres,
                "data_dir": str(node.folder / "data"),
                "bin_dir": str(self._programs.postgres),
                "pgpass": str(node.folder / "pgpass"),
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "replicator"},
                },
                "pg_hba": [
                    "host all all 127.0.0.1/32 trust",
                    "host replication all 127.0.0.1/32 trust",
                ],
                "basebackup": [{"checkpoint": "fast"}],
                "parameters": {
                    "unix_socket_directories": "",
                    # In the node's folder, not in /dev/shm, where a killed server leaves it.
                    "dynamic_shared_memory_type": "mmap",
                    # Until the last replica follows the new leader, strict commits wait; by default
                    # it looks for it every five seconds only.
                    "wal_retrieve_retry_interval": "1s",
                },
            },
        }

    def _spawn(self, node: Node, *command: str) -> subprocess.Popen[bytes]:
        """Start a program in the folder of `node`, out of reach of the terminal's Ctrl-C."""
        path = os.environ.get("PATH", os.defpath)
        with (node.folder / "log").open("ab") as log:
            child = subprocess.Popen(
                command,
                user=self._user and self._user.pw_uid,
                group=self._user and self._user.pw_gid,
                extra_groups=[] if self._user else None,
                cwd=node.folder,
                env={"PATH": path, "LC_ALL": "C", "HOME": str(node.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._children.append(child)
        return child

    def _waited_for(self, what: str, look: Callable[[], T | None]) -> T:
        """The first true answer of `look`."""
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.1)
        logs = "\n".join(_end_of_log(node) for node in self.nodes)
        raise RuntimeError(f"no {what} within {READY_WITHIN_S:.0f} s:\n{logs}")


def _answers(url: str) -> bool:
    """Whether `url`, on loopback, answers 200; any other answer, and none, is a no."""
    # No proxy of the environment comes between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def _end_of_log(node: Node) -> str:
    log = node.folder / "log"
    return f"--- {node.name}\n{log.read_text(errors='replace')[-3000:] if log.exists() else ''}"


def free_ports(count: int) -> int:
    """The first of `count` free ports, below those that outgoing connections take."""
    start = 12000 + os.getpid() % 8000
    for first in range(start, start + 10000, count):
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"no {count} free ports in a row from {start} on")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do it: what is left of old connections does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


# Ending


def end_all_in(folder: Path) -> None:
    """End every process that works in `folder` with SIGKILL, those of other parents too."""
    while found := list(_processes_in(folder)):
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.02)
    for mark in folder.rglob("postmaster.pid"):
        _forget_shared_memory(mark)


def _processes_in(folder: Path) -> Iterator[int]:
    """Those that can still run. PostgreSQL's processes work in their data folder."""
    for process in Path("/proc").glob("[0-9]*"):
        # Gone meanwhile, or somebody else's.
        with suppress(OSError):
            place = Path(os.readlink(process / "cwd").removesuffix(" (deleted)"))
            if place.is_relative_to(folder):
                yield int(process.name)


def _forget_shared_memory(mark: Path) -> None:
    """Remove the few bytes of System V memory that a killed PostgreSQL leaves in the system."""
    lines = mark.read_text().splitlines()
    # The seventh line holds the key and the id of the segment.
    for number in re.findall(r"\d+\s+(\d+)", "".join(lines[6:7])):
        ctypes.CDLL(None).shmctl(int(number), IPC_RMID, None)
    mark.unlink()


def _keep(folder: Path) -> subprocess.Popen[bytes]:
    """A process that outlives this one by the time it takes to clean up after it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.postgres_cluster", "--keep", str(folder)],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def keep(folder: Path) -> None:
    """End and remove all in `folder` when the pipe to the process that started it closes."""
    sys.stdin.buffer.read()
    end_all_in(folder)
    # A child that was about to begin its work is seen by now.
    time.sleep(0.2)
    end_all_in(folder)
    shutil.rmtree(folder, ignore_errors=True)


# By hand


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.postgres_cluster", description=__doc__)
    parser.add_argument("--folder", type=Path, help="made, and removed at the end")
    parser.add_argument("--port", type=int, help="the first of twelve in a row; default: free ones")
    parser.add_argument("--lose", type=Path, metavar="NODE", help="SIGKILL all in a node's folder")
    parser.add_argument("--keep", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.keep:
        keep(chosen.keep)
        return 0
    if chosen.lose:
        if not (chosen.lose / "patroni.yml").exists():
            parser.error(f"{chosen.lose} is not the folder of a node")
        end_all_in(chosen.lose.resolve())
        return 0
    try:
        cluster = PostgresCluster(chosen.folder, chosen.port)
    except ClusterNotPossible as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    return _run(cluster)


def _run(cluster: PostgresCluster) -> int:
    """Until Ctrl-C, SIGTERM, or the end of the process that started this one."""
    parent = os.getppid()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with cluster:
            sys.stdout.write(_instructions(cluster))
            sys.stdout.flush()
            while os.getppid() == parent:
                time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    return 0


def _instructions(cluster: PostgresCluster) -> str:
    leader = cluster.leader()
    replica = cluster.replicas()[0]
    return f"""\
Three nodes answer until Ctrl-C; {leader.name} leads. In another terminal:

  export CHANGELOG_DATABASE_URL='{cluster.url()}'
  changelog db upgrade

Show which node leads and which follow:
  curl http://{replica.patroni}/cluster

Lose the leader with SIGKILL; another one leads after some {TTL_S} to {2 * TTL_S} seconds:
  python -m tests.postgres_cluster --lose {leader.folder}

Read on a replica only:
  changelog list --db '{cluster.url_of(replica)}'
"""


if __name__ == "__main__":
    sys.exit(main())
