"""The log: the journal, and the tables that are its index.

Views and triggers are made after every migration by ``changelog/store/schema/views.py`` and
``triggers.py``: they hold no rows, so they have no history, and there is one text of each.
"""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_journal()
    create_captures()
    create_fleet()
    create_annotations()
    create_watches()
    create_upkeep()


def downgrade() -> None:
    raise NotImplementedError("a log is never downgraded: restore the backup instead")


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null)


def opaque(name: str, *, key: bool = False) -> sa.Column[str]:
    """An id: sorted by its bytes, whatever the language of the database is."""
    kind = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False, primary_key=key)


def long_text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def verbatim_json(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text().with_variant(sa.JSON(), "postgresql"), nullable=False)


def integer(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null, primary_key=key, autoincrement=False)


def micros(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null, primary_key=key, autoincrement=False)


def binary(name: str, *, null: bool = False, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null, primary_key=key)


def refers(column: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [key])


def revision_reference() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"])


def create_journal() -> None:
    op.create_table(
        "journal",
        integer("n", key=True),
        micros("at"),
        binary("previous"),
        binary("facts"),
        binary("looks_digest"),
        binary("digest"),
    )
    looks = (integer("n", key=True), binary("looks"), refers("n", "journal.n"))
    op.create_table("journal_looks", *looks)


def create_captures() -> None:
    op.create_table(
        "selection",
        binary("digest", key=True),
        integer("every"),
        binary("names", null=True),
        integer("entry"),
    )
    op.create_table(
        "capture",
        integer("id", key=True),
        text("command"),
        micros("started_at"),
        micros("reads_from", null=True),
        text("recorded_by"),
        text("changed_by", null=True),
        long_text("note", null=True),
        text("ticket", null=True),
        text("api_url", null=True),
        text("key", null=True),
        text("tool_version"),
        binary("selection", null=True),
        integer("entry"),
    )
    op.create_table(
        "capture_end",
        integer("capture", key=True),
        micros("finished_at", key=True),
        long_text("remarks", null=True),
        integer("unread", null=True),
        integer("entry"),
        refers("capture", "capture.id"),
        sqlite_with_rowid=False,
    )


def create_fleet() -> None:
    op.create_table("did", opaque("did", key=True), integer("entry"), sqlite_with_rowid=False)
    op.create_table(
        "did_number",
        opaque("number", key=True),
        opaque("did", key=True),
        integer("entry"),
        refers("did", "did.did"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revision",
        opaque("did", key=True),
        integer("revision", key=True),
        integer("routing"),
        text("number", null=True),
        text("application_id", null=True),
        text("route_mode", null=True),
        long_text("destination", null=True),
        text("destination_source", null=True),
        text("status", null=True),
        micros("first_seen_at"),
        integer("capture"),
        verbatim_json("body"),
        integer("entry"),
        refers("did", "did.did"),
        refers("capture", "capture.id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "revision_routing",
        "revision",
        ["did", "routing", "revision"],
        sqlite_where=sa.text("routing < revision"),
        postgresql_where=sa.text("routing < revision"),
    )
    op.create_index("revision_first_seen", "revision", ["first_seen_at"])
    create_search_indexes()
    op.create_table(
        "problem",
        binary("digest", key=True),
        integer("status", null=True),
        text("code"),
        long_text("message"),
        binary("body"),
        integer("entry"),
    )
    op.create_table(
        "snapshot",
        opaque("did", key=True),
        micros("received_at", key=True),
        integer("capture"),
        integer("revision", null=True),
        binary("problem", null=True),
        integer("hidden", null=True),
        text("key", null=True),
        integer("entry"),
        refers("capture", "capture.id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "snapshot_problem",
        "snapshot",
        ["did", "received_at"],
        sqlite_where=sa.text("problem IS NOT NULL"),
        postgresql_where=sa.text("problem IS NOT NULL"),
    )


def create_search_indexes() -> None:
    target = ["application_id", "destination"]
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("revision_target", "revision", ["did", "revision", *target])
        return
    # PostgreSQL refuses a row of an index above 2,704 bytes.
    octets = " + ".join(f"octet_length(coalesce({column}, ''))" for column in ["number", *target])
    newest_first = ["did", sa.text("revision DESC")]
    op.create_index(
        "revision_newest",
        "revision",
        [*newest_first, "number", *target],
        postgresql_where=sa.text(f"{octets} <= 500"),
    )
    op.create_index(
        "revision_long", "revision", newest_first, postgresql_where=sa.text(f"{octets} > 500")
    )


def create_annotations() -> None:
    op.create_table(
        "note",
        opaque("did", key=True),
        micros("at", key=True),
        integer("revision"),
        text("author"),
        long_text("text"),
        integer("entry"),
        revision_reference(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "capture_note",
        integer("capture", key=True),
        micros("at", key=True),
        text("author"),
        long_text("text"),
        integer("entry"),
        refers("capture", "capture.id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verdict",
        opaque("did", key=True),
        micros("at", key=True),
        integer("revision"),
        integer("routing"),
        text("verdict"),
        long_text("reason"),
        text("author"),
        integer("entry"),
        revision_reference(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "confirmation",
        opaque("did", key=True),
        integer("revision", key=True),
        integer("returned", key=True),
        integer("routing"),
        micros("at"),
        integer("capture"),
        integer("entry"),
        revision_reference(),
        refers("capture", "capture.id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evidence",
        opaque("call", key=True),
        opaque("event", key=True),
        opaque("did"),
        micros("at"),
        integer("revision"),
        integer("routing"),
        text("result"),
        long_text("reason"),
        long_text("body"),
        text("author"),
        integer("entry"),
        revision_reference(),
    )
    op.create_index("evidence_did", "evidence", ["did", "at"])
    op.create_table(
        "tag",
        opaque("name", key=True),
        micros("at"),
        integer("capture", null=True),
        text("author"),
        micros("created_at"),
        integer("entry"),
        refers("capture", "capture.id"),
    )
    op.create_table(
        "application",
        opaque("application_id", key=True),
        micros("seen_at", key=True),
        long_text("answer_url", null=True),
        long_text("name", null=True),
        integer("capture"),
        integer("entry"),
        refers("capture", "capture.id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unread_application",
        integer("capture", key=True),
        opaque("application_id", key=True),
        integer("entry"),
        refers("capture", "capture.id"),
        sqlite_with_rowid=False,
    )


def create_watches() -> None:
    op.create_table(
        "watch_state",
        opaque("watch", key=True),
        micros("at"),
        integer("entry"),
        verbatim_json("state"),
    )
    op.create_table(
        "alert",
        integer("id", key=True),
        micros("at"),
        text("watch"),
        text("kind"),
        text("what", null=True),
        text("did", null=True),
        text("number", null=True),
        integer("revision", null=True),
        integer("capture", null=True),
        integer("count"),
        long_text("dids", null=True),
        micros("since", null=True),
        integer("in_a_row", null=True),
        integer("status", null=True),
        text("code", null=True),
        long_text("message", null=True),
        text("channels"),
        integer("entry"),
        refers("capture", "capture.id"),
    )


def create_upkeep() -> None:
    op.create_table(
        "pruning",
        integer("id", key=True),
        micros("at"),
        micros("older_than"),
        text("author"),
        integer("removed"),
        integer("entry"),
    )
    op.create_table(
        "pruned",
        integer("journal", key=True),
        integer("pruning", key=True),
        integer("removed"),
        binary("looks_digest"),
        integer("entry"),
        refers("journal", "journal.n"),
        refers("pruning", "pruning.id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rebuild",
        integer("id", key=True),
        micros("at"),
        text("author"),
        integer("rows"),
        integer("entries"),
        integer("objects"),
        integer("entry"),
    )
