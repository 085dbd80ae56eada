"""What ``watch`` has told, and what it has still to tell."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = {
    "watch_round": ("watch", "at"),
    "alert": ("id",),
    "alert_delivery": ("alert", "channel"),
    "trouble": ("watch", "did", "alert"),
}


def upgrade() -> None:
    create_tables()
    dialect = op.get_bind().dialect.name
    for table, key in TABLES.items():
        append_only(dialect, table, key)
    for name, sql in views(dialect).items():
        execute(f"CREATE VIEW {name} AS {sql}")


def downgrade() -> None:
    raise NotImplementedError("a log is never downgraded: restore the backup instead")


def create_tables() -> None:
    op.create_table(
        "watch_round",
        sa.Column("watch", sa.String(), primary_key=True, nullable=False),
        sa.Column("at", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("capture", sa.Integer(), nullable=True),
        sa.Column("requested", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.String(), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["capture"], ["capture.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=True),
        sa.Column("did", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("capture", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("dids", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("in_a_row", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("channels", sa.String(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["capture"], ["capture.id"]),
    )
    op.create_index("alert_at", "alert", ["watch", "at"])
    op.create_table(
        "alert_delivery",
        sa.Column("alert", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(), primary_key=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trouble",
        sa.Column("watch", sa.String(), primary_key=True, nullable=False),
        sa.Column("did", sa.String(), primary_key=True, nullable=False),
        sa.Column("alert", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"]),
        sqlite_with_rowid=False,
    )


def append_only(dialect: str, table: str, key: tuple[str, ...]) -> None:
    if dialect != "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION changelog_refuse()"
        )
        return
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    refuse = f"SELECT RAISE(ABORT, 'changelog: {table} is append-only')"
    for name, when in (
        ("update", "UPDATE"),
        ("delete", "DELETE"),
        # INSERT OR REPLACE removes the old row without asking the trigger on DELETE.
        ("replace", "INSERT"),
    ):
        only = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})" if when == "INSERT" else ""
        execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {when} ON {table} {only} BEGIN {refuse}; END"
        )


def views(dialect: str) -> dict[str, str]:
    return {"alert_log": alert_log(dialect)}


def alert_log(dialect: str) -> str:
    """Each alert with where it was to be told, and where it was."""
    if dialect == "sqlite":
        at = "strftime('%Y-%m-%dT%H:%M:%SZ', a.at / 1000000, 'unixepoch')"
        delivered = "group_concat(d.channel || ' ' || d.outcome, ', ')"
    else:
        at = (
            "to_char(to_timestamp(a.at / 1000000) AT TIME ZONE 'UTC',"
            """ 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        )
        delivered = "string_agg(d.channel || ' ' || d.outcome, ', ')"
    return f"""
        SELECT a.id, {at} AS at, a.watch, a.kind, a.what, a.did, a.number, a.revision, a.count,
               a.code, a.capture, a.channels AS due,
               (SELECT {delivered} FROM alert_delivery d WHERE d.alert = a.id) AS delivered
        FROM alert a
    """


def execute(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", r"\:")))
