"""Runs the migrations on the connection that the program hands over, or on the one it would open.

From a checkout ``alembic upgrade head`` uses CHANGELOG_DATABASE_URL, or the default database.
"""

import os

from alembic import context
from sqlalchemy import Connection

from changelog.store.engine import make_engine
from changelog.store.location import default_location, parse_location
from changelog.store.schema import tables
from changelog.store.schema.triggers import make_definitions


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=tables.SQLModel.metadata)
    try:
        context.run_migrations()
    except NotImplementedError as error:
        # No traceback: somebody that types `alembic downgrade` is in trouble already.
        raise SystemExit(f"{error} (docs/upgrades.md says how)") from None
    make_definitions(connection)


def migrate_from_a_checkout() -> None:
    url = os.environ.get("CHANGELOG_DATABASE_URL")
    location = parse_location(url) if url else default_location(os.environ)
    location.prepare()
    engine = make_engine(location, foreign_keys=False)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("These migrations look at the database: run them without --sql.")
handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    migrate(handed_over)
else:
    migrate_from_a_checkout()
