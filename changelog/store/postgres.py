"""How a connection to PostgreSQL is opened: in UTF-8, and without state of its own.

A pooler gives each transaction any session, and each session to other programs next. So nothing
here changes a session: a transaction sets what it needs for itself, with ``SET LOCAL``.
"""

from collections.abc import Callable, Generator
from time import monotonic
from typing import Any

from changelog.store.db_errors import no_driver
from changelog.store.location import PostgresLocation

try:
    import psycopg
    from psycopg.rows import dict_row
except ImportError as error:
    raise no_driver() from error

_OPTIONS = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""For libpq, where the address does not say them: no server is waited for endlessly, one that has
vanished without a word neither (postgresql.org, "Parameter Key Words"). In seconds; the last in
milliseconds."""


class HurriedConnection(psycopg.Connection[Any]):
    """A connection that is closed once its server has not answered a message for `seconds_left`.

    A commit that waits for a standby, and a server that is frozen, end by no timeout of a server's.
    """

    seconds_left: Callable[[], float]

    def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
        return super().wait(self._limited(gen), *arguments, **options)

    def _limited(self, messages: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Pass on what `messages` wait for; the driver looks at it ten times a second at least."""
        ends_at = monotonic() + self.seconds_left()
        try:
            awaited = next(messages)
            while True:
                ready = yield awaited
                if monotonic() > ends_at:
                    self.close()
                    raise psycopg.OperationalError("no answer from the database in time")
                awaited = messages.send(ready)
        except StopIteration as end:
            return end.value


def connect(location: PostgresLocation, limit_s: float | None = None) -> "psycopg.Connection[Any]":
    """Open a connection for SQLAlchemy, which knows the driver's own errors.

    `limit_s`: how long an answer is waited for; libpq waits two seconds for a connection at least.
    """
    if limit_s is None:
        return psycopg.Connection.connect(location.dsn, **_options(location))
    return _hurried(location, lambda: limit_s)


def _hurried(location: PostgresLocation, seconds_left: Callable[[], float]) -> HurriedConnection:
    options = {**_options(location), "connect_timeout": max(2, round(seconds_left()))}
    connection = HurriedConnection.connect(location.dsn, **options)
    connection.seconds_left = seconds_left
    return connection


def connect_for_queries(
    location: PostgresLocation, seconds_left: Callable[[], float] | None = None
) -> "psycopg.Connection[Any]":
    """Open a connection on which each message is a transaction; its rows are dictionaries.

    `seconds_left`: how long its server may be silent from now on; None for no end.
    """
    if seconds_left is None:
        connection = psycopg.Connection.connect(location.dsn, **_options(location))
    else:
        connection = _hurried(location, seconds_left)
    connection.autocommit = True
    # Values are put into the text on this side: a bare NULL has no type for the server.
    connection.cursor_factory = psycopg.ClientCursor
    connection.row_factory = dict_row
    return connection


def connect_for_snapshot(location: PostgresLocation) -> "psycopg.Connection[Any]":
    """Open a connection whose transaction sees the database as it is when it begins."""
    connection = psycopg.Connection.connect(location.dsn, **_options(location))
    connection.read_only = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection


def _options(location: PostgresLocation) -> dict[str, Any]:
    return {
        **{name: value for name, value in _OPTIONS.items() if f"{name}=" not in location.dsn},
        # At the start of the connection it goes before PGCLIENTENCODING and the role's own setting.
        # Spelled as the server does: a pooler compares the two.
        "client_encoding": "UTF8",
        # A prepared statement belongs to a session, and the next transaction may have another.
        "prepare_threshold": None,
    }
