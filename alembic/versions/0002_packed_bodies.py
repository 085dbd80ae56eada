"""Bodies are packed, a capture can be gone on with, and one DID costs the same in a large fleet.

What the journal vouches for stays as it is: it covers a body as it was received, not as it is kept.
"""

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHUNK = 1000

REVISION_COLUMNS = (
    "did",
    "revision",
    "routing",
    "number",
    "application_id",
    "route_mode",
    "destination",
    "destination_source",
    "status",
    "first_seen_at",
    "capture",
    "body",
    "digest",
    "entry",
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    kept = drop_views(dialect)
    if dialect == "sqlite":
        rebuild_on_sqlite()
    else:
        alter_on_postgresql()
    op.create_index(
        "revision_routing",
        "revision",
        ["did", "routing", "revision"],
        sqlite_where=sa.text("routing < revision"),
        postgresql_where=sa.text("routing < revision"),
    )
    op.create_table(
        "selection",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("shard", sa.String(), nullable=True),
        sa.Column("names", sa.LargeBinary(), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=False),
    )
    op.add_column("capture", sa.Column("selection", sa.LargeBinary(), nullable=True))
    append_only(dialect, "selection", ("digest",))
    op.create_index(
        "snapshot_problem",
        "snapshot",
        ["did", "received_at"],
        sqlite_where=sa.text("problem IS NOT NULL"),
        postgresql_where=sa.text("problem IS NOT NULL"),
    )
    changed = changed_views(dialect)
    create_views(
        {**kept, **{name: f"CREATE VIEW {name} AS {sql}" for name, sql in changed.items()}}
    )


def downgrade() -> None:
    raise NotImplementedError("a log is never downgraded: restore the backup instead")


# Tables


def rebuild_on_sqlite() -> None:
    """SQLite cannot change a column, so both tables are made anew, with foreign keys off."""
    connection = op.get_bind()
    op.create_table(
        "revision_new",
        sa.Column("did", sa.String(), primary_key=True, nullable=False),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("routing", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("application_id", sa.String(), nullable=True),
        sa.Column("route_mode", sa.String(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("destination_source", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("capture", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["did"], ["did.did"]),
        sa.ForeignKeyConstraint(["capture"], ["capture.id"]),
        sqlite_with_rowid=False,
    )
    before = connection.execute(sa.text(f"SELECT {', '.join(REVISION_COLUMNS)} FROM revision"))
    insert = sa.text(
        f"INSERT INTO revision_new ({', '.join(REVISION_COLUMNS)})"
        f" VALUES ({', '.join(f':{name}' for name in REVISION_COLUMNS)})"
    )
    for rows in chunks(before.mappings()):
        connection.execute(insert, [packed(row) for row in rows])
    op.drop_table("revision")
    op.rename_table("revision_new", "revision")
    op.create_index("revision_first_seen", "revision", ["first_seen_at"])
    append_only("sqlite", "revision", ("did", "revision"))

    op.create_table(
        "capture_end_new",
        sa.Column("capture", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column(
            "finished_at", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False
        ),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["capture"], ["capture.id"]),
    )
    op.execute(
        "INSERT INTO capture_end_new (capture, finished_at, remarks, entry)"
        " SELECT capture, finished_at, remarks, entry FROM capture_end"
    )
    op.drop_table("capture_end")
    op.rename_table("capture_end_new", "capture_end")
    append_only("sqlite", "capture_end", ("capture", "finished_at"))
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if dangling:
        raise RuntimeError(f"the log refers to rows that it does not have: {tuple(dangling)}")


def alter_on_postgresql() -> None:
    connection = op.get_bind()
    op.drop_index("revision_routing", "revision")
    op.execute("ALTER TABLE revision DISABLE TRIGGER USER")
    op.execute("ALTER TABLE revision ALTER COLUMN body TYPE bytea USING convert_to(body, 'UTF8')")
    before = connection.execute(sa.text(f"SELECT {', '.join(REVISION_COLUMNS)} FROM revision"))
    update = sa.text(
        "UPDATE revision SET body = :body, digest = :digest"
        " WHERE did = :did AND revision = :revision"
    )
    for rows in chunks(before.mappings()):
        connection.execute(update, [packed(row) for row in rows])
    op.execute("ALTER TABLE revision ENABLE TRIGGER USER")
    op.add_column("capture_end", sa.Column("unread", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE capture_end DROP CONSTRAINT capture_end_pkey,"
        " ADD PRIMARY KEY (capture, finished_at)"
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


# Rows


def chunks(rows: Any) -> Iterator[list[Mapping[str, Any]]]:
    following = iter(rows)
    while chunk := list(islice(following, CHUNK)):
        yield chunk


def packed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its body packed and its digest shortened to what names a broken row."""
    values = dict(row)
    body = values["body"]
    raw = body.encode() if isinstance(body, str) else bytes(body)
    deflate = zlib.compressobj(
        6, zlib.DEFLATED, -12 if len(raw) < 2048 else -15, 4, 0, dictionary(values)
    )
    short = deflate.compress(raw) + deflate.flush()
    values["body"] = b"\1" + short if len(short) < len(raw) else b"\0" + raw
    values["digest"] = hashlib.sha256(bytes(values["digest"]) + values["body"]).digest()[:8]
    return values


def dictionary(row: Mapping[str, Any]) -> bytes:
    common = (
        '"expires_at":null,"trunk_id":null,"name":"","description":"","metadata":{},"tags":[],'
        '"type":"local","country":"US","capabilities":["voice","sms"],"monthly_price":"sip:https://'
        '"reject""suspended""inactive"false,true,'
    )
    fields = (
        ('"id"', row["did"]),
        ('"customer_id"', "cust_"),
        ('"application_id"', row["application_id"] or ""),
        ('"number_e164"', row["number"] or ""),
        ('"provider"', "didww"),
        ('"status"', row["status"] or ""),
        ('"route_mode"', row["route_mode"] or ""),
        ('"created_at"', "2026-05-29T12:00:00Z"),
        ('"updated_at"', "2026-11-2"),
    )
    spaced = ", ".join(f'{name}: "{value}"' for name, value in fields)
    dense = ",".join(f'{name}:"{value}"' for name, value in fields)
    return f"{common}{row['destination'] or ''}{{{spaced}{{{dense}".encode()


# Views


def changed_views(dialect: str) -> dict[str, str]:
    """What answers differently from now on, or faster; the order of 0001, then the new ones."""

    def utc(expression: str) -> str:
        """Microseconds as RFC 3339 text, to the second."""
        if dialect == "sqlite":
            return f"strftime('%Y-%m-%dT%H:%M:%SZ', ({expression}) / 1000000, 'unixepoch')"
        return (
            f"to_char(to_timestamp(({expression}) / 1000000) AT TIME ZONE 'UTC',"
            """ 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        )

    its_snapshots = """
        FROM snapshot s
        WHERE s.did = r.did AND s.revision = r.revision AND s.received_at >= r.first_seen_at
          AND s.received_at < coalesce(
            (SELECT n.first_seen_at FROM revision n
             WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
    """
    last_seen = f"(SELECT s.received_at {its_snapshots} ORDER BY s.received_at DESC LIMIT 1)"
    latest = """
        did d JOIN revision r ON r.did = d.did
          AND r.revision = (SELECT max(m.revision) FROM revision m WHERE m.did = d.did)
    """
    hidden_since = """
        (SELECT CASE WHEN s.hidden = 1 THEN s.received_at END FROM snapshot s
         WHERE s.did = d.did AND (s.revision IS NOT NULL OR s.hidden = 1)
         ORDER BY s.received_at DESC LIMIT 1)
    """
    # The newest revision with another routing than the latest's: sought from the end.
    before_it = """
        (SELECT y.revision FROM revision y WHERE y.did = d.did AND y.routing <> r.routing
         ORDER BY y.revision DESC LIMIT 1)
    """
    # A capture that was gone on with has several ends. One that is under way, killed or
    # interrupted may still be gone on with: it has none yet.
    in_capture = """
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT CASE WHEN e.unread IS NULL THEN e.finished_at END FROM capture_end e
           WHERE e.capture = c.id ORDER BY e.finished_at DESC LIMIT 1),
          9223372036854775807)
    """
    return {
        "routing_history": f"""
            SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode,
                   r.destination, r.status, {utc("r.first_seen_at")} AS first_seen_at,
                   {utc(last_seen)} AS last_seen_at,
                   (SELECT count(*) {its_snapshots}) AS snapshots,
                   c.recorded_by, c.changed_by, c.ticket, c.note, r.capture
            FROM revision r JOIN capture c ON c.id = r.capture
        """,
        "current_routing": f"""
            SELECT d.did, r.number, r.revision, r.routing, r.application_id, r.route_mode,
                   r.destination, r.status,
                   {utc(hidden_since)} AS hidden_since,
                   {utc(last_seen)} AS last_seen_at,
                   CASE WHEN (SELECT v.verdict FROM verdict v
                              WHERE v.did = d.did AND v.verdict IN ('retired', 'returned')
                              ORDER BY v.at DESC LIMIT 1) = 'retired' THEN 1 ELSE 0 END AS retired,
                   {hidden_since} AS hidden_us,
                   {last_seen} AS last_seen_us,
                   (SELECT x.first_seen_at FROM revision x
                    WHERE x.did = d.did AND x.revision = 1 + coalesce({before_it}, 0)) AS since_us,
                   (SELECT coalesce(s.key, c.key) FROM snapshot s
                    JOIN capture c ON c.id = s.capture
                    WHERE s.did = d.did AND s.revision IS NOT NULL
                    ORDER BY s.received_at DESC LIMIT 1) AS key
            FROM {latest}
        """,
        # A routing's later revisions have a higher number than it: that is what the index holds.
        "routing_standing": """
            SELECT r.did, r.routing, r.revision,
                   (SELECT v.verdict FROM verdict v WHERE v.did = r.did AND v.routing = r.routing
                     AND v.verdict IN ('good', 'bad') ORDER BY v.at DESC LIMIT 1) AS verdict,
                   (SELECT max(v.at) FROM verdict v WHERE v.did = r.did AND v.routing = r.routing
                     AND v.verdict = 'good') AS good_at,
                   (SELECT e.result FROM evidence e WHERE e.did = r.did AND e.routing = r.routing
                     AND e.result IN ('pass', 'fail')
                     ORDER BY e.at DESC, e.entry DESC LIMIT 1) AS call_result,
                   (SELECT max(e.at) FROM evidence e WHERE e.did = r.did AND e.routing = r.routing
                     AND e.result IN ('pass', 'fail')) AS call_at,
                   (SELECT max(b.at) FROM rolled_back_routing b
                     WHERE b.did = r.did AND b.routing = r.routing) AS left_at,
                   (SELECT max(b.at) FROM rolled_back_routing b
                     WHERE b.did = r.did AND b.routing = r.routing
                       AND b.returned >= r.revision) AS rolled_back_at,
                   CASE WHEN r.route_mode = 'reject'
                     OR (r.application_id IS NULL AND r.destination IS NULL)
                     THEN 1 ELSE 0 END AS reaches_nobody
            FROM revision r
            WHERE NOT EXISTS (SELECT 1 FROM revision n WHERE n.did = r.did
                              AND n.routing = r.routing AND n.revision > r.revision
                              AND n.routing < n.revision)
        """,
        "routing_left": f"""
            SELECT d.did, b.routing
            FROM {latest}
            JOIN revision b ON b.did = d.did AND b.revision = {before_it}
            WHERE r.routing < b.revision
              AND NOT EXISTS (SELECT 1 FROM confirmation k WHERE k.did = d.did
                              AND k.routing = r.routing AND k.returned = b.revision + 1)
        """,
        "capture_reading": f"""
            SELECT c.id AS capture, d.did, s.revision
            FROM capture c CROSS JOIN did d CROSS JOIN snapshot s
            WHERE {in_capture} AND s.did = d.did AND s.revision IS NOT NULL
        """,
        "capture_note": f"""
            SELECT s.did, s.revision, c.started_at AS at_us, c.recorded_by AS author,
                   c.note AS text
            FROM capture c CROSS JOIN snapshot s
            WHERE c.note IS NOT NULL AND {in_capture} AND s.revision IS NOT NULL
        """,
        "tagged_revision": f"""
            SELECT s.did, t.name, s.revision
            FROM tag t CROSS JOIN capture c CROSS JOIN snapshot s
            WHERE c.id = t.capture AND {in_capture} AND s.revision IS NOT NULL
            UNION ALL
            SELECT d.did, t.name,
                   (SELECT r.revision FROM revision r
                    WHERE r.did = d.did AND r.first_seen_at <= t.at
                    ORDER BY r.revision DESC LIMIT 1)
            FROM tag t CROSS JOIN did d
            WHERE t.capture IS NULL AND EXISTS (SELECT 1 FROM revision r
              WHERE r.did = d.did AND r.first_seen_at <= t.at)
        """,
        "did_log": "SELECT did FROM did",
        # A revision by itself: without its snapshots and its capture it is one step into the key.
        "revision_log": """
            SELECT did, revision, routing, number, application_id, route_mode, destination,
                   destination_source, status, first_seen_at AS first_seen_us, capture, body
            FROM revision
        """,
        # One walk over a DID's snapshots, however many revisions it has.
        "snapshot_seen": """
            SELECT did, revision, count(*) AS snapshots, max(received_at) AS last_seen_us
            FROM snapshot WHERE revision IS NOT NULL GROUP BY did, revision
        """,
        "capture_log": """
            SELECT c.id, c.command, c.started_at AS started_us, c.recorded_by, c.changed_by,
                   c.note, c.ticket, c.api_url, c.key, c.selection,
                   e.finished_at AS finished_us, e.unread
            FROM capture c LEFT JOIN capture_end e ON e.capture = c.id AND e.finished_at =
              (SELECT max(m.finished_at) FROM capture_end m WHERE m.capture = c.id)
        """,
        "selection_log": "SELECT digest, every, shard, names FROM selection",
        # What a capture has an answer to: a body, a 404, or one that came late.
        "capture_answer": f"""
            SELECT c.id AS capture, s.did
            FROM capture c CROSS JOIN snapshot s
            WHERE {in_capture} AND (s.revision IS NOT NULL OR s.problem IN
              (SELECT p.digest FROM problem p
               WHERE p.status = 404 OR (p.code = 'late' AND p.status IS NULL)))
        """,
    }


def drop_views(dialect: str) -> dict[str, str]:
    """Take all views away. Returns the statements that make them again, in their order."""
    connection = op.get_bind()
    if dialect == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid"
        )
        statements = {row.name: row.sql for row in found}
    else:
        found = connection.exec_driver_sql(
            "SELECT v.viewname, v.definition FROM pg_views v JOIN pg_class c"
            " ON c.relname = v.viewname AND c.relnamespace = v.schemaname::regnamespace"
            " WHERE v.schemaname = current_schema() ORDER BY c.oid"
        )
        statements = {name: f"CREATE VIEW {name} AS {sql}" for name, sql in found}
    for name in reversed(statements):
        op.execute(f"DROP VIEW {name}")
    return statements


def create_views(statements: Mapping[str, str]) -> None:
    for statement in statements.values():
        execute(statement)


def execute(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", r"\:")))
