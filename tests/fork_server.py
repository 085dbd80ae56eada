"""Runs ``changelog`` for the scripts of a shell, in forks of a process that has imported it all.

A fork has the descriptors, the folder and the environment of the script's command, and takes a
tenth of the time of a new process. Signals do not reach it: a test of them starts the program.
"""

import os
import pkgutil
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from ast import literal_eval
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import changelog
from tests.in_process import run_on

_CLIENT = """
import os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    call = repr((sys.argv[2:], os.getcwd(), dict(os.environ)))
    socket.send_fds(server, [call.encode()], [0, 1, 2])
    server.shutdown(socket.SHUT_WR)
    sys.exit(int(server.recv(3)))
"""


@contextmanager
def fork_server() -> Iterator[str]:
    """Start the server; give the line of a shell script that calls the program through it."""
    with tempfile.TemporaryDirectory(prefix="changelog-") as folder:
        address = os.path.join(folder, "socket")
        command = [sys.executable, "-m", "tests.fork_server", address]
        root = Path(__file__).parent.parent
        with subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            # Without the site packages a client starts in a fiftieth of a second.
            client = [sys.executable, "-IS", "-c", _CLIENT, address]
            yield f'exec {shlex.join(client)} "$@"'
            server.stdin.close()


def _serve(address: str) -> None:
    """Fork for each client until stdin is closed."""
    for module in pkgutil.walk_packages(changelog.__path__, "changelog."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    # The ended forks go away by themselves.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)  # noqa: T201
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            client, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(client)
            client.close()


def _answer(client: socket.socket) -> NoReturn:
    """Run what the client was called with, and send it the exit code."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        call, descriptors, *_ = socket.recv_fds(client, 1 << 16, 3)
        while more := client.recv(1 << 16):
            call += more
        arguments, folder, environment = literal_eval(call.decode())
        code = run_on(descriptors, arguments, Path(folder), environment)
    except BaseException:
        traceback.print_exc()
    finally:
        client.send(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
