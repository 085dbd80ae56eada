"""The log: tables, the triggers that keep them append-only, and the views that answer from them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Each append-only table with the columns of its key.
TABLES = {
    "journal": ("n",),
    "capture": ("id",),
    "capture_end": ("capture",),
    "did": ("did",),
    "did_number": ("number", "did"),
    "revision": ("did", "revision"),
    "problem": ("digest",),
    "snapshot": ("did", "received_at"),
    "note": ("did", "at"),
    "verdict": ("did", "at"),
    "confirmation": ("did", "revision", "returned"),
    "evidence": ("call", "event"),
    "tag": ("name",),
    "application": ("application_id", "seen_at"),
}


def upgrade() -> None:
    create_tables()
    dialect = op.get_bind().dialect.name
    for statement in append_only(dialect):
        op.execute(sa.text(statement))
    for name, body in views(dialect).items():
        op.execute(sa.text(f"CREATE VIEW {name} AS {body}".replace(":", r"\:")))


def downgrade() -> None:
    raise NotImplementedError("a log is never downgraded: restore the backup instead")


def text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null, primary_key=key)


def long_text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def integer(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null, primary_key=key, autoincrement=False)


def micros(name: str, *, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, primary_key=key, autoincrement=False)


def binary(name: str, *, null: bool = False, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null, primary_key=key)


def capture_reference(name: str = "capture") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["capture.id"])


def did_reference() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["did"], ["did.did"])


def revision_reference() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["did", "revision"], ["revision.did", "revision.revision"])


def create_tables() -> None:
    op.create_table(
        "journal",
        integer("n", key=True),
        micros("at"),
        binary("previous"),
        binary("rows"),
        binary("snapshots"),
        binary("digest"),
    )
    op.create_table(
        "capture",
        integer("id", key=True),
        text("command"),
        micros("started_at"),
        micros("reads_from"),
        text("recorded_by"),
        text("changed_by", null=True),
        long_text("note", null=True),
        text("ticket", null=True),
        text("api_url", null=True),
        text("key", null=True),
        text("tool_version"),
        integer("entry"),
    )
    op.create_table(
        "capture_end",
        integer("capture", key=True),
        micros("finished_at"),
        long_text("remarks"),
        integer("entry"),
        capture_reference(),
    )
    op.create_table("did", text("did", key=True), integer("entry"), sqlite_with_rowid=False)
    op.create_table(
        "did_number",
        text("number", key=True),
        text("did", key=True),
        integer("entry"),
        did_reference(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revision",
        text("did", key=True),
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
        long_text("body"),
        binary("digest"),
        integer("entry"),
        did_reference(),
        capture_reference(),
        sqlite_with_rowid=False,
    )
    op.create_index("revision_routing", "revision", ["did", "routing", "revision"])
    op.create_index("revision_first_seen", "revision", ["first_seen_at"])
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
        text("did", key=True),
        micros("received_at", key=True),
        integer("capture"),
        integer("revision", null=True),
        binary("problem", null=True),
        integer("hidden", null=True),
        text("key", null=True),
        integer("entry"),
        capture_reference(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "note",
        text("did", key=True),
        micros("at", key=True),
        integer("revision"),
        text("author"),
        long_text("text"),
        integer("entry"),
        revision_reference(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verdict",
        text("did", key=True),
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
        text("did", key=True),
        integer("revision", key=True),
        integer("returned", key=True),
        integer("routing"),
        micros("at"),
        integer("capture"),
        integer("entry"),
        revision_reference(),
        capture_reference(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evidence",
        text("call", key=True),
        text("event", key=True),
        text("did"),
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
        text("name", key=True),
        micros("at"),
        integer("capture", null=True),
        text("author"),
        micros("created_at"),
        integer("entry"),
        capture_reference(),
    )
    op.create_table(
        "application",
        text("application_id", key=True),
        micros("seen_at", key=True),
        long_text("answer_url", null=True),
        integer("capture"),
        integer("entry"),
        capture_reference(),
        sqlite_with_rowid=False,
    )


def append_only(dialect: str) -> list[str]:
    """What makes the database itself refuse to change or remove a row."""
    if dialect == "sqlite":
        return [statement for table in TABLES for statement in sqlite_triggers(table)]
    refuse = """
        CREATE FUNCTION changelog_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'changelog: % is append-only', TG_TABLE_NAME; END $$
    """
    return [refuse.replace(":", r"\:")] + [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION changelog_refuse()"
        for table in TABLES
    ]


def sqlite_triggers(table: str) -> list[str]:
    same = " AND ".join(f"{column} = NEW.{column}" for column in TABLES[table])
    refuse = rf"SELECT RAISE(ABORT, 'changelog\: {table} is append-only')"
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        # INSERT OR REPLACE removes the old row without asking the trigger on DELETE.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {exists}"
        f" BEGIN {refuse}; END",
    ]


def views(dialect: str) -> dict[str, str]:
    """The views, in the order in which they build on one another."""

    def utc(expression: str) -> str:
        """Microseconds as RFC 3339 text, to the second."""
        if dialect == "sqlite":
            return f"strftime('%Y-%m-%dT%H:%M:%SZ', ({expression}) / 1000000, 'unixepoch')"
        return (
            f"to_char(to_timestamp(({expression}) / 1000000) AT TIME ZONE 'UTC',"
            """ 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        )

    # A revision's snapshots lie between its first one and the next revision's.
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
    # The newest snapshot that says whether the DID is visible: readable, or a 404 that counts.
    hidden_since = """
        (SELECT CASE WHEN s.hidden = 1 THEN s.received_at END FROM snapshot s
         WHERE s.did = d.did AND (s.revision IS NOT NULL OR s.hidden = 1)
         ORDER BY s.received_at DESC LIMIT 1)
    """
    in_capture = """
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT e.finished_at FROM capture_end e WHERE e.capture = c.id), 9223372036854775807)
    """
    return {
        "routing_history": f"""
            SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode,
                   r.destination, r.status, {utc("r.first_seen_at")} AS first_seen_at,
                   {utc(last_seen)} AS last_seen_at,
                   (SELECT count(*) {its_snapshots}) AS snapshots,
                   c.recorded_by, c.changed_by, c.ticket, c.note,
                   r.body, r.destination_source, r.first_seen_at AS first_seen_us,
                   {last_seen} AS last_seen_us, r.capture, c.command, c.api_url,
                   c.started_at AS started_us
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
                   (SELECT min(x.first_seen_at) FROM revision x
                    WHERE x.did = d.did AND x.revision > coalesce(
                      (SELECT max(y.revision) FROM revision y
                       WHERE y.did = d.did AND y.routing <> r.routing), 0)) AS since_us
            FROM {latest}
        """,
        # The routings that a confirmed return left behind.
        "rolled_back_routing": """
            SELECT k.did, x.routing, k.at, k.returned
            FROM confirmation k
            JOIN revision x ON x.did = k.did AND x.revision > k.revision
              AND x.revision < k.returned AND x.routing <> k.routing
        """,
        # One row a DID and routing, at its newest revision, with what the restore rule asks of it.
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
                              AND n.routing = r.routing AND n.revision > r.revision)
        """,
        # Every routing that the rule may offer, with its place in the order: -1 the current one,
        # where it is lost from sight; 1 its last call failed; 2 it reaches nobody. `good_since`:
        # judged so, or heard to work, whichever of these and a failed call came last.
        "restore_candidate": f"""
            SELECT d.did, t.revision, t.routing, t.left_at,
                   CASE WHEN t.routing = r.routing THEN -1
                        WHEN t.reaches_nobody = 1 THEN 2
                        WHEN t.call_result = 'fail' AND t.call_at >= coalesce(t.good_at, t.call_at)
                        THEN 1 ELSE 0 END AS last_resort,
                   CASE WHEN t.call_at >= coalesce(t.good_at, t.call_at)
                        THEN CASE WHEN t.call_result = 'pass' THEN t.call_at END
                        ELSE t.good_at END AS good_since
            FROM {latest}
            JOIN routing_standing t ON t.did = d.did
            WHERE coalesce(t.verdict, '') <> 'bad'
              AND (t.rolled_back_at IS NULL OR t.good_at > t.rolled_back_at)
              AND (t.routing <> r.routing
                   OR (t.reaches_nobody = 0 AND {hidden_since} IS NOT NULL))
        """,
        # What was left for the current routing, where that is an older one's unconfirmed return.
        "routing_left": f"""
            SELECT d.did, b.routing
            FROM {latest}
            JOIN revision b ON b.did = d.did AND b.revision =
              (SELECT max(y.revision) FROM revision y
               WHERE y.did = d.did AND y.routing <> r.routing)
            WHERE EXISTS (SELECT 1 FROM revision o WHERE o.did = d.did AND o.routing = r.routing
                          AND o.revision < b.revision)
              AND NOT EXISTS (SELECT 1 FROM confirmation k WHERE k.did = d.did
                              AND k.routing = r.routing AND k.returned = b.revision + 1)
        """,
        "restore_target": f"""
            SELECT d.did, r.number, r.revision AS current_revision,
                   CASE WHEN {hidden_since} IS NULL THEN 1 ELSE 0 END AS visible,
                   t.revision AS target_revision, t.application_id, t.route_mode, t.destination,
                   CASE WHEN t.revision IS NULL THEN NULL
                        WHEN t.routing = r.routing THEN 'unconfirmed'
                        WHEN EXISTS (SELECT 1 FROM restore_candidate c
                                     WHERE c.did = d.did AND c.revision = t.revision
                                       AND c.good_since > coalesce(c.left_at, c.good_since - 1))
                        THEN 'good'
                        WHEN EXISTS (SELECT 1 FROM routing_left l
                                     WHERE l.did = d.did AND l.routing = t.routing) THEN 'left'
                        ELSE 'unconfirmed' END AS confidence,
                   {utc("t.first_seen_at")} AS first_seen_at
            FROM {latest}
            LEFT JOIN revision t ON t.did = d.did AND t.revision =
              (SELECT c.revision FROM restore_candidate c WHERE c.did = d.did
               ORDER BY c.last_resort, c.revision DESC LIMIT 1)
        """,
        # What the reading commands ask for besides, so that a reader needs no table at all.
        "schema_version": "SELECT version_num FROM alembic_version",
        "number_log": "SELECT number, did FROM did_number",
        "verdict_log": """
            SELECT did, revision, routing, verdict, reason, author, at AS at_us FROM verdict
        """,
        "confirmation_log": """
            SELECT did, revision, returned, routing, at AS at_us FROM confirmation
        """,
        "evidence_log": """
            SELECT did, call, event, at AS at_us, revision, routing, result, reason, entry
            FROM evidence
        """,
        "note_log": "SELECT did, revision, at AS at_us, author, text FROM note",
        "tag_log": "SELECT name, at AS at_us, author, capture FROM tag",
        "application_log": """
            SELECT application_id, answer_url, seen_at AS seen_us FROM application
        """,
        "snapshot_log": """
            SELECT s.did, s.received_at AS received_us, s.capture, s.revision,
                   coalesce(s.key, c.key) AS key, p.status, p.code, p.message, p.body
            FROM snapshot s JOIN capture c ON c.id = s.capture
            LEFT JOIN problem p ON p.digest = s.problem
        """,
        # Which revision of a DID a capture read. A capture's snapshots lie between its start and
        # its end, so each DID is one step into the primary key; CROSS JOIN keeps SQLite to it.
        "capture_reading": f"""
            SELECT c.id AS capture, d.did, s.revision
            FROM capture c CROSS JOIN did d CROSS JOIN snapshot s
            WHERE {in_capture} AND s.did = d.did AND s.revision IS NOT NULL
        """,
        # A capture's note speaks for every revision that it read.
        "capture_note": f"""
            SELECT s.did, s.revision, c.started_at AS at_us, c.recorded_by AS author,
                   c.note AS text
            FROM capture c CROSS JOIN snapshot s
            WHERE c.note IS NOT NULL AND {in_capture} AND s.revision IS NOT NULL
        """,
        # A tag on a capture is one of the revisions read; on a moment, of those current then.
        "tagged_revision": f"""
            SELECT s.did, t.name, s.revision
            FROM tag t CROSS JOIN capture c CROSS JOIN snapshot s
            WHERE c.id = t.capture AND {in_capture} AND s.revision IS NOT NULL
            UNION ALL
            SELECT d.did, t.name,
                   (SELECT max(r.revision) FROM revision r
                    WHERE r.did = d.did AND r.first_seen_at <= t.at)
            FROM tag t CROSS JOIN did d
            WHERE t.capture IS NULL AND EXISTS (SELECT 1 FROM revision r
              WHERE r.did = d.did AND r.first_seen_at <= t.at)
        """,
    }
