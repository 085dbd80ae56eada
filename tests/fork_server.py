"""Runs ``changelog`` as a process that is forked from one which has imported all of it.

Such a process has descriptors, a folder, an environment, a terminal and signals of its own, and
starts in a tenth of the time. What the interpreter reads when it starts, it does not read again.
"""

import ctypes
import gc
import os
import pkgutil
import resource
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from ast import literal_eval
from atexit import register
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NoReturn

import changelog
from changelog.cli import main

COMMAND = [sys.executable, "-m", "changelog"]
_PR_SET_CHILD_SUBREAPER = 36
_FORKING = threading.Lock()

_CLIENT = """
import os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    call = {"arguments": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ)}
    socket.send_fds(server, [repr(call).encode()], [0, 1, 2])
    server.shutdown(socket.SHUT_WR)
    sys.exit(int(server.recv(3)))
"""


class ForkedProgram(subprocess.Popen[Any]):
    """``changelog`` with these arguments; else as ``Popen``, whose child it is.

    `largest_file`: bytes, as if the disk were full from there on. `new_session`: stdin, if it is a
    terminal, becomes that of the session.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
        text: bool = False,
        new_session: bool = False,
        largest_file: int | None = None,
    ) -> None:
        self._call = {
            "arguments": list(arguments),
            "folder": str(cwd),
            "environment": dict(env),
            "new_session": new_session,
            "largest_file": largest_file,
        }
        super().__init__(
            COMMAND,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=text,
            bufsize=1 if text else -1,
        )

    def _execute_child(self, *given: Any) -> None:
        """Take the place of fork and exec; ``Popen`` has made the pipes."""
        pipes = given[10:16]
        try:
            self.pid = _fork(self._call, [pipes[0], pipes[3], pipes[5]])
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]
        self._child_created = True


def _fork(call: Mapping[str, object], descriptors: Sequence[int]) -> int:
    """Let the server fork; return the id of the process, which is then a child of this one."""
    with _FORKING, _adopting(), socket.socket(socket.AF_UNIX) as client:
        client.connect(_server())
        socket.send_fds(client, [repr({**call, "adopted": True}).encode()], descriptors)
        client.shutdown(socket.SHUT_WR)
        pid = int(client.recv(16))
        while _parent_of(pid) != os.getpid():
            time.sleep(0.0005)
        return pid


@contextmanager
def _adopting() -> Iterator[None]:
    """Let this process, in place of init, get the children of a child that ends."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def line_of_shell() -> str:
    """Return the line of a shell script that calls the program; signals do not reach that."""
    # Without the site packages a client starts in a fiftieth of a second.
    return f'exec {shlex.join([sys.executable, "-IS", "-c", _CLIENT, _server()])} "$@"'


@cache
def _server() -> str:
    """Start the server of this process; return its address."""
    folder = tempfile.TemporaryDirectory(prefix="changelog-")
    address = os.path.join(folder.name, "socket")
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.fork_server", address],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    register(_end, server, folder)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return address


def _end(server: "subprocess.Popen[bytes]", folder: "tempfile.TemporaryDirectory[str]") -> None:
    server.communicate()
    folder.cleanup()


# In the server


def _serve(address: str) -> None:
    """Fork for each client until stdin is closed."""
    for module in pkgutil.walk_packages(changelog.__path__, "changelog."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    # The ended forks go away by themselves.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)  # noqa: T201
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            client, _ = listener.accept()
            if os.fork() == 0:
                # Its number will be that of another file, which must not be closed in its place.
                listener.detach()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(client)
            client.close()


def _answer(client: socket.socket) -> NoReturn:
    """Run what the client was called with; send it the process's id, or in the end its code."""
    call, descriptors, *_ = socket.recv_fds(client, 1 << 16, 3)
    while more := client.recv(1 << 16):
        call += more
    given = literal_eval(call.decode())
    child = os.fork()
    if child == 0:
        client.detach()
        _run(descriptors, **given)
    if given.get("adopted"):
        client.send(str(child).encode())
    else:
        _, status = os.waitpid(child, 0)
        client.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(
    descriptors: Sequence[int],
    *,
    arguments: Sequence[str],
    folder: str,
    environment: Mapping[str, str],
    adopted: bool = False,
    new_session: bool = False,
    largest_file: int | None = None,
) -> NoReturn:
    """Run as a process does that has just started, and end as it does."""
    del adopted
    if new_session:
        os.login_tty(os.dup(descriptors[0])) if os.isatty(descriptors[0]) else os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["changelog", *arguments]
    sys.orig_argv = [*COMMAND, *arguments]
    # The parser names the program by it.
    sys.modules["__main__"].__package__ = None
    sys.stdin = _stream(0, "r", "surrogateescape")
    sys.stdout = _stream(1, "w", "strict")
    sys.stderr = _stream(2, "w", "backslashreplace", buffering=1)
    main.run()
    raise AssertionError("the program did not exit")


def _stream(number: int, mode: str, errors: str, buffering: int = -1) -> IO[str]:
    """Return a standard stream as it is when a process starts."""
    return open(number, mode, buffering, encoding="utf-8", errors=errors, closefd=False)


if __name__ == "__main__":
    _serve(sys.argv[1])
