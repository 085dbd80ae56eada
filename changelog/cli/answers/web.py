"""``changelog web``."""

import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from changelog import __version__
from changelog.cli import options
from changelog.cli.context import clock, open_reader
from changelog.cli.known_settings import check_setting
from changelog.cli.options import command, flag, option
from changelog.cli.output import say
from changelog.cli.settings import Settings
from changelog.commands.targets import require_there
from changelog.model.errors import DatabaseLost, UsageError
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.text.sanitize import command_line
from changelog.system.shutdown import stop_signals_kept, wait_for_stop

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from changelog.store.reader import LogReader
    from changelog.web.pages.page_context import OpenedLog
    from changelog.web.pages.request_guard import RequestGuard

DEFAULT_PORT = 8788
DEADLINE_S = 5.0
"""Seconds that the reads of one page may take."""
_REST = 2
"""A lost server is left alone for so many times as long as it took to find that out."""
THREADS = 4
"""Requests at work at once: nearly all of their time is this process's own."""
_SWITCH_S = 0.0005
"""Seconds after which Python lets another thread go on. A card beside a comparison waits so long at
each of its queries."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NAMELESS = "this log"
"""Where a log is, is nothing for a page."""

_HOST = option(
    "--host", "H", "Address to listen on: loopback, or any with --behind-proxy.", "127.0.0.1"
)
_SOCKET = option("--socket", "PATH", "Listen on a Unix socket instead; its group may connect.")
_PUBLIC_URL = option(
    "--public-url", "URL", "Where a proxy shows the pages, with its path (default: the settings)."
)
_BEHIND_PROXY = flag(
    "--behind-proxy", "Allow a --host that other machines can reach; needs --public-url."
)


@command("changelog web --port 8788", (0, 2, 5, 8, 130))
def app(
    settings: Settings,
    host: str = _HOST,
    port: int = options.port(DEFAULT_PORT),
    socket_path: Path | None = _SOCKET,
    public_url: str | None = _PUBLIC_URL,
    behind_proxy: bool = _BEHIND_PROXY,
) -> int:
    """Show the log as read-only web pages, until Ctrl-C or SIGTERM.

    Nothing can be changed there, and the API is never asked: this process holds no key. There is no
    login either: put a proxy in front of it that has one.
    """
    _forget_keys(settings)
    # Visitors are on other machines: they do not have what the flags of this one name.
    settings = replace(settings, db_flag=None, config_flag=None)
    settings.name_log()
    public = public_url or settings.public_url
    if public is not None:
        check_setting("public_url", public)
    _check_place(host, public, behind_proxy=behind_proxy, with_socket=socket_path is not None)
    if settings.origins["database"].source == "default":
        _require_begun(settings)
    # Like a shell's: what cannot be opened at all should not wait for the first visitor.
    with LogOpener(settings).opened() as opened:
        opened.log.newest_entry_at()
    _serve(settings, host, port, socket_path, public)
    return 0


def _check_path() -> str:
    begin = command_line("record", ["DID"])
    return f"Check the path, and whether its disk is there. To begin a log: {begin}"


def _require_begun(settings: Settings) -> None:
    """Raise NothingError where nobody has named another place, and the usual one has no log."""
    with open_reader(settings) as log:
        require_there(log)


def _forget_keys(settings: Settings) -> None:
    """Start this process anew without the keys, if any stand in its environment.

    Taking them out of ``os.environ`` would leave them in the memory that the system shows.
    """
    named = {source.place for source in settings.file.keys if source.source == "environment"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MINIVOICE_") and name not in named
    }
    if len(kept) < len(os.environ):
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, sys.orig_argv, kept)  # noqa: S606 -- this program itself


def _check_place(host: str, public: str | None, *, behind_proxy: bool, with_socket: bool) -> None:
    """Raise UsageError for an address that others reach, unless a proxy stands before it."""
    from changelog.web.server import resolves_to_loopback

    if with_socket or resolves_to_loopback(host):
        return
    if not behind_proxy:
        raise UsageError(
            f"{host} is not loopback: there is no login, and everybody could read the log",
            "Listen on 127.0.0.1 or a --socket; with a proxy on another machine: --behind-proxy.",
        )
    if public is None:
        raise UsageError(
            "--behind-proxy needs the address under which the proxy shows the pages",
            "Give it: --public-url https://noc.example/changelog/",
        )


def _serve(settings: Settings, host: str, port: int, path: Path | None, public: str | None) -> None:
    from changelog.web.server import Server, listening, listening_at, not_installed

    try:
        guarded = _guarded(settings, host, public)
    except ImportError as error:
        raise not_installed("web") from error
    sys.setswitchinterval(_SWITCH_S)
    with stop_signals_kept():
        listener: socket.socket = listening(host, port) if path is None else listening_at(path)
        server = Server(guarded, listener, threads=THREADS, command="web")
        try:
            with server:
                where = f"http://{server.address}/" if path is None else server.address
                say(f"showing the log at {public or where}{f' ({where})' if public else ''}")
                wait_for_stop()
        finally:
            if path is not None:
                with suppress(OSError):
                    path.unlink()


def _guarded(settings: Settings, host: str, public: str | None) -> "RequestGuard":
    from changelog.web.application import to_stderr
    from changelog.web.pages.application import Pages
    from changelog.web.pages.page_context import PageSettings
    from changelog.web.pages.request_guard import RequestGuard

    parts = urlsplit(public or "")
    prefix = parts.path.rstrip("/")
    names = {name.lower() for name in (host, parts.hostname) if name}
    shown = PageSettings(
        version=__version__,
        prefix=prefix,
        zone=_zone(settings),
        contact=settings.contact,
        ignored=ALWAYS_VOLATILE | settings.volatile,
    )
    pages = Pages(LogOpener(settings).opened, shown, clock, to_stderr).application()
    return RequestGuard(pages.wsgi_app, _LOOPBACK | names, prefix, to_stderr)


def _zone(settings: Settings) -> "ZoneInfo | None":
    from zoneinfo import ZoneInfo

    return ZoneInfo(settings.timezone) if settings.timezone else None


class LogOpener:
    """Opens the log for each request, or its mirror while it cannot be reached."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lost: DatabaseLost | None = None
        self._asked_again_at = 0.0

    @contextmanager
    def opened(self) -> "Iterator[OpenedLog]":
        from changelog.web.pages.page_context import OpenedLog

        with ExitStack() as stack:
            try:
                found = OpenedLog(stack.enter_context(self._reached()))
            except DatabaseLost:
                mirror = self._settings.mirror
                if mirror is None or not mirror.exists:
                    raise
                copy = replace(self._settings, location=mirror)
                found = OpenedLog(stack.enter_context(_read(copy)), from_mirror=True)
            yield found

    @contextmanager
    def _reached(self) -> "Iterator[LogReader]":
        """Open the log itself. Raises DatabaseLost, at once for a while after a slow loss: else
        each request would wait for a silent server, and soon hold all threads."""
        began = monotonic()
        if self._lost is not None:
            if began < self._asked_again_at:
                raise DatabaseLost(self._lost.message, self._lost.hint)
            # This request looks whether it is back; the others need not wait for that.
            self._asked_again_at = began + DEADLINE_S
        try:
            with _read(self._settings) as log:
                if log.is_missing:
                    # Its disk may be gone: "nothing is recorded" would be a wrong answer.
                    place = self._settings.location
                    raise DatabaseLost(f"there is no log at {place}", _check_path())
                self._lost = None
                yield log
        except DatabaseLost as lost:
            ended = monotonic()
            self._asked_again_at = ended + _REST * (ended - began)
            self._lost = lost
            raise


@contextmanager
def _read(settings: Settings) -> "Iterator[LogReader]":
    """Open a reader for one request: a card and its history are of one state of the log."""
    with open_reader(settings, DEADLINE_S, place=_NAMELESS) as log, log.one_state():
        yield log
