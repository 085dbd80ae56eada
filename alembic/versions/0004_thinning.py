"""What ``prune`` has removed, and what vouches for the snapshots that stay."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = {"pruning": ("id",), "thinned": ("journal", "pruning")}


def upgrade() -> None:
    create_tables()
    dialect = op.get_bind().dialect.name
    for table, key in TABLES.items():
        append_only(dialect, table, key)


def downgrade() -> None:
    raise NotImplementedError("a log is never downgraded: restore the backup instead")


def create_tables() -> None:
    op.create_table(
        "pruning",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("older_than", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
    )
    op.create_table(
        "thinned",
        sa.Column("journal", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("pruning", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("snapshots", sa.LargeBinary(), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["journal"], ["journal.n"]),
        sa.ForeignKeyConstraint(["pruning"], ["pruning.id"]),
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


def execute(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", r"\:")))
