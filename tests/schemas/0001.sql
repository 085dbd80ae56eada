-- A log of schema 0001, as the program of that time wrote it.
-- Bytes are X'..', which PostgreSQL spells '\x..'.
-- The schema, as SQLite keeps it. PostgreSQL's is made by the migrations up to this one.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE journal (
	n INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	previous BLOB NOT NULL, 
	rows BLOB NOT NULL, 
	snapshots BLOB NOT NULL, 
	digest BLOB NOT NULL, 
	PRIMARY KEY (n)
);
CREATE TABLE capture (
	id INTEGER NOT NULL, 
	command VARCHAR NOT NULL, 
	started_at BIGINT NOT NULL, 
	reads_from BIGINT NOT NULL, 
	recorded_by VARCHAR NOT NULL, 
	changed_by VARCHAR, 
	note TEXT, 
	ticket VARCHAR, 
	api_url VARCHAR, 
	"key" VARCHAR, 
	tool_version VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE capture_end (
	capture INTEGER NOT NULL, 
	finished_at BIGINT NOT NULL, 
	remarks TEXT NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (capture), 
	FOREIGN KEY(capture) REFERENCES capture (id)
);
CREATE TABLE did (
	did VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (did)
)
 WITHOUT ROWID

;
CREATE TABLE did_number (
	number VARCHAR NOT NULL, 
	did VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (number, did), 
	FOREIGN KEY(did) REFERENCES did (did)
)
 WITHOUT ROWID

;
CREATE TABLE revision (
	did VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	routing INTEGER NOT NULL, 
	number VARCHAR, 
	application_id VARCHAR, 
	route_mode VARCHAR, 
	destination TEXT, 
	destination_source VARCHAR, 
	status VARCHAR, 
	first_seen_at BIGINT NOT NULL, 
	capture INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (did, revision), 
	FOREIGN KEY(did) REFERENCES did (did), 
	FOREIGN KEY(capture) REFERENCES capture (id)
)
 WITHOUT ROWID

;
CREATE INDEX revision_routing ON revision (did, routing, revision);
CREATE INDEX revision_first_seen ON revision (first_seen_at);
CREATE TABLE problem (
	digest BLOB NOT NULL, 
	status INTEGER, 
	code VARCHAR NOT NULL, 
	message TEXT NOT NULL, 
	body BLOB NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE snapshot (
	did VARCHAR NOT NULL, 
	received_at BIGINT NOT NULL, 
	capture INTEGER NOT NULL, 
	revision INTEGER, 
	problem BLOB, 
	hidden INTEGER, 
	"key" VARCHAR, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (did, received_at), 
	FOREIGN KEY(capture) REFERENCES capture (id)
)
 WITHOUT ROWID

;
CREATE TABLE note (
	did VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	revision INTEGER NOT NULL, 
	author VARCHAR NOT NULL, 
	text TEXT NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (did, at), 
	FOREIGN KEY(did, revision) REFERENCES revision (did, revision)
)
 WITHOUT ROWID

;
CREATE TABLE verdict (
	did VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	revision INTEGER NOT NULL, 
	routing INTEGER NOT NULL, 
	verdict VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	author VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (did, at), 
	FOREIGN KEY(did, revision) REFERENCES revision (did, revision)
)
 WITHOUT ROWID

;
CREATE TABLE confirmation (
	did VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	returned INTEGER NOT NULL, 
	routing INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	capture INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (did, revision, returned), 
	FOREIGN KEY(did, revision) REFERENCES revision (did, revision), 
	FOREIGN KEY(capture) REFERENCES capture (id)
)
 WITHOUT ROWID

;
CREATE TABLE evidence (
	call VARCHAR NOT NULL, 
	event VARCHAR NOT NULL, 
	did VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	revision INTEGER NOT NULL, 
	routing INTEGER NOT NULL, 
	result VARCHAR NOT NULL, 
	reason TEXT NOT NULL, 
	body TEXT NOT NULL, 
	author VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (call, event), 
	FOREIGN KEY(did, revision) REFERENCES revision (did, revision)
);
CREATE INDEX evidence_did ON evidence (did, at);
CREATE TABLE tag (
	name VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	capture INTEGER, 
	author VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (name), 
	FOREIGN KEY(capture) REFERENCES capture (id)
);
CREATE TABLE application (
	application_id VARCHAR NOT NULL, 
	seen_at BIGINT NOT NULL, 
	answer_url TEXT, 
	capture INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (application_id, seen_at), 
	FOREIGN KEY(capture) REFERENCES capture (id)
)
 WITHOUT ROWID

;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'changelog: journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'changelog: journal is append-only'); END;
CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal WHEN EXISTS (SELECT 1 FROM journal WHERE n = NEW.n) BEGIN SELECT RAISE(ABORT, 'changelog: journal is append-only'); END;
CREATE TRIGGER capture_no_update BEFORE UPDATE ON capture BEGIN SELECT RAISE(ABORT, 'changelog: capture is append-only'); END;
CREATE TRIGGER capture_no_delete BEFORE DELETE ON capture BEGIN SELECT RAISE(ABORT, 'changelog: capture is append-only'); END;
CREATE TRIGGER capture_no_replace BEFORE INSERT ON capture WHEN EXISTS (SELECT 1 FROM capture WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'changelog: capture is append-only'); END;
CREATE TRIGGER capture_end_no_update BEFORE UPDATE ON capture_end BEGIN SELECT RAISE(ABORT, 'changelog: capture_end is append-only'); END;
CREATE TRIGGER capture_end_no_delete BEFORE DELETE ON capture_end BEGIN SELECT RAISE(ABORT, 'changelog: capture_end is append-only'); END;
CREATE TRIGGER capture_end_no_replace BEFORE INSERT ON capture_end WHEN EXISTS (SELECT 1 FROM capture_end WHERE capture = NEW.capture) BEGIN SELECT RAISE(ABORT, 'changelog: capture_end is append-only'); END;
CREATE TRIGGER did_no_update BEFORE UPDATE ON did BEGIN SELECT RAISE(ABORT, 'changelog: did is append-only'); END;
CREATE TRIGGER did_no_delete BEFORE DELETE ON did BEGIN SELECT RAISE(ABORT, 'changelog: did is append-only'); END;
CREATE TRIGGER did_no_replace BEFORE INSERT ON did WHEN EXISTS (SELECT 1 FROM did WHERE did = NEW.did) BEGIN SELECT RAISE(ABORT, 'changelog: did is append-only'); END;
CREATE TRIGGER did_number_no_update BEFORE UPDATE ON did_number BEGIN SELECT RAISE(ABORT, 'changelog: did_number is append-only'); END;
CREATE TRIGGER did_number_no_delete BEFORE DELETE ON did_number BEGIN SELECT RAISE(ABORT, 'changelog: did_number is append-only'); END;
CREATE TRIGGER did_number_no_replace BEFORE INSERT ON did_number WHEN EXISTS (SELECT 1 FROM did_number WHERE number = NEW.number AND did = NEW.did) BEGIN SELECT RAISE(ABORT, 'changelog: did_number is append-only'); END;
CREATE TRIGGER revision_no_update BEFORE UPDATE ON revision BEGIN SELECT RAISE(ABORT, 'changelog: revision is append-only'); END;
CREATE TRIGGER revision_no_delete BEFORE DELETE ON revision BEGIN SELECT RAISE(ABORT, 'changelog: revision is append-only'); END;
CREATE TRIGGER revision_no_replace BEFORE INSERT ON revision WHEN EXISTS (SELECT 1 FROM revision WHERE did = NEW.did AND revision = NEW.revision) BEGIN SELECT RAISE(ABORT, 'changelog: revision is append-only'); END;
CREATE TRIGGER problem_no_update BEFORE UPDATE ON problem BEGIN SELECT RAISE(ABORT, 'changelog: problem is append-only'); END;
CREATE TRIGGER problem_no_delete BEFORE DELETE ON problem BEGIN SELECT RAISE(ABORT, 'changelog: problem is append-only'); END;
CREATE TRIGGER problem_no_replace BEFORE INSERT ON problem WHEN EXISTS (SELECT 1 FROM problem WHERE digest = NEW.digest) BEGIN SELECT RAISE(ABORT, 'changelog: problem is append-only'); END;
CREATE TRIGGER snapshot_no_update BEFORE UPDATE ON snapshot BEGIN SELECT RAISE(ABORT, 'changelog: snapshot is append-only'); END;
CREATE TRIGGER snapshot_no_delete BEFORE DELETE ON snapshot BEGIN SELECT RAISE(ABORT, 'changelog: snapshot is append-only'); END;
CREATE TRIGGER snapshot_no_replace BEFORE INSERT ON snapshot WHEN EXISTS (SELECT 1 FROM snapshot WHERE did = NEW.did AND received_at = NEW.received_at) BEGIN SELECT RAISE(ABORT, 'changelog: snapshot is append-only'); END;
CREATE TRIGGER note_no_update BEFORE UPDATE ON note BEGIN SELECT RAISE(ABORT, 'changelog: note is append-only'); END;
CREATE TRIGGER note_no_delete BEFORE DELETE ON note BEGIN SELECT RAISE(ABORT, 'changelog: note is append-only'); END;
CREATE TRIGGER note_no_replace BEFORE INSERT ON note WHEN EXISTS (SELECT 1 FROM note WHERE did = NEW.did AND at = NEW.at) BEGIN SELECT RAISE(ABORT, 'changelog: note is append-only'); END;
CREATE TRIGGER verdict_no_update BEFORE UPDATE ON verdict BEGIN SELECT RAISE(ABORT, 'changelog: verdict is append-only'); END;
CREATE TRIGGER verdict_no_delete BEFORE DELETE ON verdict BEGIN SELECT RAISE(ABORT, 'changelog: verdict is append-only'); END;
CREATE TRIGGER verdict_no_replace BEFORE INSERT ON verdict WHEN EXISTS (SELECT 1 FROM verdict WHERE did = NEW.did AND at = NEW.at) BEGIN SELECT RAISE(ABORT, 'changelog: verdict is append-only'); END;
CREATE TRIGGER confirmation_no_update BEFORE UPDATE ON confirmation BEGIN SELECT RAISE(ABORT, 'changelog: confirmation is append-only'); END;
CREATE TRIGGER confirmation_no_delete BEFORE DELETE ON confirmation BEGIN SELECT RAISE(ABORT, 'changelog: confirmation is append-only'); END;
CREATE TRIGGER confirmation_no_replace BEFORE INSERT ON confirmation WHEN EXISTS (SELECT 1 FROM confirmation WHERE did = NEW.did AND revision = NEW.revision AND returned = NEW.returned) BEGIN SELECT RAISE(ABORT, 'changelog: confirmation is append-only'); END;
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'changelog: evidence is append-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'changelog: evidence is append-only'); END;
CREATE TRIGGER evidence_no_replace BEFORE INSERT ON evidence WHEN EXISTS (SELECT 1 FROM evidence WHERE call = NEW.call AND event = NEW.event) BEGIN SELECT RAISE(ABORT, 'changelog: evidence is append-only'); END;
CREATE TRIGGER tag_no_update BEFORE UPDATE ON tag BEGIN SELECT RAISE(ABORT, 'changelog: tag is append-only'); END;
CREATE TRIGGER tag_no_delete BEFORE DELETE ON tag BEGIN SELECT RAISE(ABORT, 'changelog: tag is append-only'); END;
CREATE TRIGGER tag_no_replace BEFORE INSERT ON tag WHEN EXISTS (SELECT 1 FROM tag WHERE name = NEW.name) BEGIN SELECT RAISE(ABORT, 'changelog: tag is append-only'); END;
CREATE TRIGGER application_no_update BEFORE UPDATE ON application BEGIN SELECT RAISE(ABORT, 'changelog: application is append-only'); END;
CREATE TRIGGER application_no_delete BEFORE DELETE ON application BEGIN SELECT RAISE(ABORT, 'changelog: application is append-only'); END;
CREATE TRIGGER application_no_replace BEFORE INSERT ON application WHEN EXISTS (SELECT 1 FROM application WHERE application_id = NEW.application_id AND seen_at = NEW.seen_at) BEGIN SELECT RAISE(ABORT, 'changelog: application is append-only'); END;
CREATE VIEW routing_history AS 
            SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode,
                   r.destination, r.status, strftime('%Y-%m-%dT%H:%M:%SZ', (r.first_seen_at) / 1000000, 'unixepoch') AS first_seen_at,
                   strftime('%Y-%m-%dT%H:%M:%SZ', ((SELECT s.received_at 
        FROM snapshot s
        WHERE s.did = r.did AND s.revision = r.revision AND s.received_at >= r.first_seen_at
          AND s.received_at < coalesce(
            (SELECT n.first_seen_at FROM revision n
             WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
     ORDER BY s.received_at DESC LIMIT 1)) / 1000000, 'unixepoch') AS last_seen_at,
                   (SELECT count(*) 
        FROM snapshot s
        WHERE s.did = r.did AND s.revision = r.revision AND s.received_at >= r.first_seen_at
          AND s.received_at < coalesce(
            (SELECT n.first_seen_at FROM revision n
             WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
    ) AS snapshots,
                   c.recorded_by, c.changed_by, c.ticket, c.note,
                   r.body, r.destination_source, r.first_seen_at AS first_seen_us,
                   (SELECT s.received_at 
        FROM snapshot s
        WHERE s.did = r.did AND s.revision = r.revision AND s.received_at >= r.first_seen_at
          AND s.received_at < coalesce(
            (SELECT n.first_seen_at FROM revision n
             WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
     ORDER BY s.received_at DESC LIMIT 1) AS last_seen_us, r.capture, c.command, c.api_url,
                   c.started_at AS started_us
            FROM revision r JOIN capture c ON c.id = r.capture;
CREATE VIEW current_routing AS 
            SELECT d.did, r.number, r.revision, r.routing, r.application_id, r.route_mode,
                   r.destination, r.status,
                   strftime('%Y-%m-%dT%H:%M:%SZ', (
        (SELECT CASE WHEN s.hidden = 1 THEN s.received_at END FROM snapshot s
         WHERE s.did = d.did AND (s.revision IS NOT NULL OR s.hidden = 1)
         ORDER BY s.received_at DESC LIMIT 1)
    ) / 1000000, 'unixepoch') AS hidden_since,
                   strftime('%Y-%m-%dT%H:%M:%SZ', ((SELECT s.received_at 
        FROM snapshot s
        WHERE s.did = r.did AND s.revision = r.revision AND s.received_at >= r.first_seen_at
          AND s.received_at < coalesce(
            (SELECT n.first_seen_at FROM revision n
             WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
     ORDER BY s.received_at DESC LIMIT 1)) / 1000000, 'unixepoch') AS last_seen_at,
                   CASE WHEN (SELECT v.verdict FROM verdict v
                              WHERE v.did = d.did AND v.verdict IN ('retired', 'returned')
                              ORDER BY v.at DESC LIMIT 1) = 'retired' THEN 1 ELSE 0 END AS retired,
                   
        (SELECT CASE WHEN s.hidden = 1 THEN s.received_at END FROM snapshot s
         WHERE s.did = d.did AND (s.revision IS NOT NULL OR s.hidden = 1)
         ORDER BY s.received_at DESC LIMIT 1)
     AS hidden_us,
                   (SELECT s.received_at 
        FROM snapshot s
        WHERE s.did = r.did AND s.revision = r.revision AND s.received_at >= r.first_seen_at
          AND s.received_at < coalesce(
            (SELECT n.first_seen_at FROM revision n
             WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
     ORDER BY s.received_at DESC LIMIT 1) AS last_seen_us,
                   (SELECT min(x.first_seen_at) FROM revision x
                    WHERE x.did = d.did AND x.revision > coalesce(
                      (SELECT max(y.revision) FROM revision y
                       WHERE y.did = d.did AND y.routing <> r.routing), 0)) AS since_us
            FROM 
        did d JOIN revision r ON r.did = d.did
          AND r.revision = (SELECT max(m.revision) FROM revision m WHERE m.did = d.did);
CREATE VIEW rolled_back_routing AS 
            SELECT k.did, x.routing, k.at, k.returned
            FROM confirmation k
            JOIN revision x ON x.did = k.did AND x.revision > k.revision
              AND x.revision < k.returned AND x.routing <> k.routing;
CREATE VIEW routing_standing AS 
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
                              AND n.routing = r.routing AND n.revision > r.revision);
CREATE VIEW restore_candidate AS 
            SELECT d.did, t.revision, t.routing, t.left_at,
                   CASE WHEN t.routing = r.routing THEN -1
                        WHEN t.reaches_nobody = 1 THEN 2
                        WHEN t.call_result = 'fail' AND t.call_at >= coalesce(t.good_at, t.call_at)
                        THEN 1 ELSE 0 END AS last_resort,
                   CASE WHEN t.call_at >= coalesce(t.good_at, t.call_at)
                        THEN CASE WHEN t.call_result = 'pass' THEN t.call_at END
                        ELSE t.good_at END AS good_since
            FROM 
        did d JOIN revision r ON r.did = d.did
          AND r.revision = (SELECT max(m.revision) FROM revision m WHERE m.did = d.did)
    
            JOIN routing_standing t ON t.did = d.did
            WHERE coalesce(t.verdict, '') <> 'bad'
              AND (t.rolled_back_at IS NULL OR t.good_at > t.rolled_back_at)
              AND (t.routing <> r.routing
                   OR (t.reaches_nobody = 0 AND 
        (SELECT CASE WHEN s.hidden = 1 THEN s.received_at END FROM snapshot s
         WHERE s.did = d.did AND (s.revision IS NOT NULL OR s.hidden = 1)
         ORDER BY s.received_at DESC LIMIT 1)
     IS NOT NULL));
CREATE VIEW routing_left AS 
            SELECT d.did, b.routing
            FROM 
        did d JOIN revision r ON r.did = d.did
          AND r.revision = (SELECT max(m.revision) FROM revision m WHERE m.did = d.did)
    
            JOIN revision b ON b.did = d.did AND b.revision =
              (SELECT max(y.revision) FROM revision y
               WHERE y.did = d.did AND y.routing <> r.routing)
            WHERE EXISTS (SELECT 1 FROM revision o WHERE o.did = d.did AND o.routing = r.routing
                          AND o.revision < b.revision)
              AND NOT EXISTS (SELECT 1 FROM confirmation k WHERE k.did = d.did
                              AND k.routing = r.routing AND k.returned = b.revision + 1);
CREATE VIEW restore_target AS 
            SELECT d.did, r.number, r.revision AS current_revision,
                   CASE WHEN 
        (SELECT CASE WHEN s.hidden = 1 THEN s.received_at END FROM snapshot s
         WHERE s.did = d.did AND (s.revision IS NOT NULL OR s.hidden = 1)
         ORDER BY s.received_at DESC LIMIT 1)
     IS NULL THEN 1 ELSE 0 END AS visible,
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
                   strftime('%Y-%m-%dT%H:%M:%SZ', (t.first_seen_at) / 1000000, 'unixepoch') AS first_seen_at
            FROM 
        did d JOIN revision r ON r.did = d.did
          AND r.revision = (SELECT max(m.revision) FROM revision m WHERE m.did = d.did)
    
            LEFT JOIN revision t ON t.did = d.did AND t.revision =
              (SELECT c.revision FROM restore_candidate c WHERE c.did = d.did
               ORDER BY c.last_resort, c.revision DESC LIMIT 1);
CREATE VIEW schema_version AS SELECT version_num FROM alembic_version;
CREATE VIEW number_log AS SELECT number, did FROM did_number;
CREATE VIEW verdict_log AS 
            SELECT did, revision, routing, verdict, reason, author, at AS at_us FROM verdict;
CREATE VIEW confirmation_log AS 
            SELECT did, revision, returned, routing, at AS at_us FROM confirmation;
CREATE VIEW evidence_log AS 
            SELECT did, call, event, at AS at_us, revision, routing, result, reason, entry
            FROM evidence;
CREATE VIEW note_log AS SELECT did, revision, at AS at_us, author, text FROM note;
CREATE VIEW tag_log AS SELECT name, at AS at_us, author, capture FROM tag;
CREATE VIEW application_log AS 
            SELECT application_id, answer_url, seen_at AS seen_us FROM application;
CREATE VIEW snapshot_log AS 
            SELECT s.did, s.received_at AS received_us, s.capture, s.revision,
                   coalesce(s.key, c.key) AS key, p.status, p.code, p.message, p.body
            FROM snapshot s JOIN capture c ON c.id = s.capture
            LEFT JOIN problem p ON p.digest = s.problem;
CREATE VIEW capture_reading AS 
            SELECT c.id AS capture, d.did, s.revision
            FROM capture c CROSS JOIN did d CROSS JOIN snapshot s
            WHERE 
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT e.finished_at FROM capture_end e WHERE e.capture = c.id), 9223372036854775807)
     AND s.did = d.did AND s.revision IS NOT NULL;
CREATE VIEW capture_note AS 
            SELECT s.did, s.revision, c.started_at AS at_us, c.recorded_by AS author,
                   c.note AS text
            FROM capture c CROSS JOIN snapshot s
            WHERE c.note IS NOT NULL AND 
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT e.finished_at FROM capture_end e WHERE e.capture = c.id), 9223372036854775807)
     AND s.revision IS NOT NULL;
CREATE VIEW tagged_revision AS 
            SELECT s.did, t.name, s.revision
            FROM tag t CROSS JOIN capture c CROSS JOIN snapshot s
            WHERE c.id = t.capture AND 
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT e.finished_at FROM capture_end e WHERE e.capture = c.id), 9223372036854775807)
     AND s.revision IS NOT NULL
            UNION ALL
            SELECT d.did, t.name,
                   (SELECT max(r.revision) FROM revision r
                    WHERE r.did = d.did AND r.first_seen_at <= t.at)
            FROM tag t CROSS JOIN did d
            WHERE t.capture IS NULL AND EXISTS (SELECT 1 FROM revision r
              WHERE r.did = d.did AND r.first_seen_at <= t.at);
INSERT INTO alembic_version ("version_num") VALUES ('0001');
-- Rows, as both databases have them.
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (1, 'record', 1793534460000000, 1793534460000000, 'olga', 'ana', 'Zürich, vor dem Umzug; ''so'' % :it was', 'NET-1', 'https://api.example/v1', 'key-1', '0.1.0', 1);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (2, 'record', 1793535240000000, 1793535240000000, 'olga', NULL, 'the move', NULL, 'https://api.example/v1', 'key-1', '0.1.0', 4);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (3, 'record', 1793535000000000, 1793535000000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', 'key-1', '0.1.0', 6);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (4, 'record', 1793535120000000, 1793535120000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', 'key-1', '0.1.0', 8);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (5, 'record', 1793536020000000, 1793536020000000, 'olga', NULL, NULL, NULL, NULL, 'key-1', '0.1.0', 10);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (6, 'record', 1793536320000000, 1793536320000000, 'olga', NULL, NULL, NULL, NULL, 'key-1', '0.1.0', 12);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (7, 'record', 1793536560000000, 1793536560000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', 'key-1', '0.1.0', 14);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (8, 'record', 1793536860000000, 1793536860000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', 'key-1', '0.1.0', 16);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (9, 'record', 1793537880000000, 1793537880000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', 'key-1', '0.1.0', 26);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (10, 'record', 1793538180000000, 1793538180000000, 'olga', NULL, NULL, NULL, NULL, 'key-1', '0.1.0', 28);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (11, 'record', 1793538720000000, 1793538720000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', 'key-1', '0.1.0', 33);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (12, 'record', 1793539080000000, 1790942400000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', NULL, '0.1.0', 36);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (13, 'record', 1793539320000000, 1793539320000000, 'olga', NULL, NULL, NULL, 'https://api.example/v1', 'key-1', '0.1.0', 38);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry") VALUES (14, 'record', 1793539620000000, 1793539620000000, 'olga', NULL, 'killed', NULL, 'https://api.example/v1', 'key-1', '0.1.0', 40);
INSERT INTO did ("did", "entry") VALUES ('did_1', 1);
INSERT INTO did ("did", "entry") VALUES ('did_2', 1);
INSERT INTO did ("did", "entry") VALUES ('did_3', 1);
INSERT INTO did ("did", "entry") VALUES ('did_4', 2);
INSERT INTO did ("did", "entry") VALUES ('did_5', 36);
INSERT INTO did ("did", "entry") VALUES ('did_6', 38);
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (1, 1793534700000000, X'0000000000000000000000000000000000000000000000000000000000000000', X'c5fe3447e4769673e3d53761399ea344c7d510d38cfc6fc7557445bc07ae3b8f', X'745a49f66f05de8b76f885a6b4e37c0196a57687c43a9eda413378f0478fc501', X'05f8fd705c6a1656de6c89c45d4fcfffd2209b7a0449bc2a30cc37f078cac3c9');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (2, 1793534820000000, X'05f8fd705c6a1656de6c89c45d4fcfffd2209b7a0449bc2a30cc37f078cac3c9', X'3fde4741049b8bad2f4f1ca4df31ae1d2ac0c42665a98ac986ac88de9c988c9d', X'd4067d0eee3b9376f6e08ca33750915f75c81221028ba3fcf6058dc9b93ec1fe', X'c55ce51a283efc15b48299fc548ef4ab9d3b2468dc0a834ef01bf3eeb3d719e1');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (3, 1793534940000000, X'c55ce51a283efc15b48299fc548ef4ab9d3b2468dc0a834ef01bf3eeb3d719e1', X'38d4d8143e7201f2040b1b5f0d6d0fd4e0cd8b38a2427079a1913b20e786e2a1', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'5978b332cac3ea9298aa880c85c7081fb5fff969f3bfbf7b27dc38c4427d9b1c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (4, 1793535420000000, X'5978b332cac3ea9298aa880c85c7081fb5fff969f3bfbf7b27dc38c4427d9b1c', X'a0b46502b08b7ee1b18b3d5b166a3e47c07bdb91b292fa853bdf533887c81205', X'04b161a6215fd80d4bd6be8f3d6f51f8975ef0ed31916da05fc77b337506f0d7', X'8ab6e5ac2f0d89cf56e53429cf23a0f0b38da171fe1d0a5e6818fc0d3a039663');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (5, 1793535540000000, X'8ab6e5ac2f0d89cf56e53429cf23a0f0b38da171fe1d0a5e6818fc0d3a039663', X'7d1f9705d7061c876dd42a15c812b81c30b4c02985315ad4bfd09e6d2787ab56', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'4f5bfa5a08a08f3006e920846a61002289ea53dea696cf962e7a4af49f08b537');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (6, 1793535600000000, X'4f5bfa5a08a08f3006e920846a61002289ea53dea696cf962e7a4af49f08b537', X'f3c65b0585b1bfbf5393d1a45cb4456d43f4c76862e3204821885f76d1ca2c5f', X'aeb040db968246a040774533ca8060cab33c98a222d821ae0278d9bb5bede2bd', X'089795a1146f287a20d053b959053092117723f3c30551c126917671b012b113');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (7, 1793535720000000, X'089795a1146f287a20d053b959053092117723f3c30551c126917671b012b113', X'e465f9327c5a0889338383f91ff8f1fddb9757291a9e7e0ead5926f302b76e6e', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'1abe6ae52cf11190b52b01dfd03919e8f5dd9b9ffe49ba1a2bcfad94c761c372');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (8, 1793535780000000, X'1abe6ae52cf11190b52b01dfd03919e8f5dd9b9ffe49ba1a2bcfad94c761c372', X'5774b6ad6d47947cdc838b2b7b80e730eef49f3f9e580f34e3d5f1bcc7e8f5cc', X'b08a2770e81d4bdfbdf13d656c913991bec825a94dab48535443df59d477c0ac', X'0ea5de1f822731d161890bd42e83e9d818f1d24ba5651170c05cde9c303a2c0c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (9, 1793535900000000, X'0ea5de1f822731d161890bd42e83e9d818f1d24ba5651170c05cde9c303a2c0c', X'8f7cfbd856d80e0dfec2acc956bf5ef6667d4e4eb72ce02e8056d34cb694f2c1', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'67c0867351504b6a0fd013a6ab02ab20b22dccb524e10d0885b319b386fbd8f5');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (10, 1793536080000000, X'67c0867351504b6a0fd013a6ab02ab20b22dccb524e10d0885b319b386fbd8f5', X'a38ec7fda7eaa1c5bba98d435f84801c26c687ab5fddc708bd36f15ed09fa924', X'723920d4576aab5ef873f652deb76152b042b9696929d00f7e7ac4b1e16927e7', X'6f4754fbe955672ce7f8dbaba52c2d208015f15063377be6af08800b2ff6987a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (11, 1793536200000000, X'6f4754fbe955672ce7f8dbaba52c2d208015f15063377be6af08800b2ff6987a', X'41bb92f0001c93265697d20eadaef399ca981b262bdfda4538d72e5a2e350eb5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'1dd0138e789a105688de18aad5f05b8af3fcda1a52113137ce4406e112beef9b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (12, 1793536380000000, X'1dd0138e789a105688de18aad5f05b8af3fcda1a52113137ce4406e112beef9b', X'276d6f763a8f66fbae0e33cc25449b0743ade9fd3b40e8bb32d5aef54d3e87c1', X'da9224badd0b8e6cc487ab1d28a00e4b2421edb58ee21dad91849b15d8fece16', X'f99e948ce512cf4383429a5060ddecbfdc889af9abf5039b0e3605d43e22e09a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (13, 1793536500000000, X'f99e948ce512cf4383429a5060ddecbfdc889af9abf5039b0e3605d43e22e09a', X'963631166c29799b747677451c83f7b7a10c63051f1559da05afe498da7b03e7', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'111e095f689e825eb1b22e4b31ad6765a6c08c4096f353b88351cb0baac8ed61');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (14, 1793536680000000, X'111e095f689e825eb1b22e4b31ad6765a6c08c4096f353b88351cb0baac8ed61', X'c05b7c2c40cfafa43295b132a9c9df3962a4cf9d904d3ae888ed71afbda611ec', X'6ef611e14547385dddd2ef5cecc7d73a4b8cf65f2a749452c138438b5af38312', X'e356ed2998e2bfb917ae258803cfb0cce8c23a463f2992dd1b5e59cebaa69ceb');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (15, 1793536800000000, X'e356ed2998e2bfb917ae258803cfb0cce8c23a463f2992dd1b5e59cebaa69ceb', X'6857953899abea47c1e6942c211577a26d91d0e92593fc7d6390121f3392f0dd', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'a2a049ae4e4cc94903ab6b1c4c304a5442306c9f1ea56cdc6d40aa8c54a9ab08');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (16, 1793537040000000, X'a2a049ae4e4cc94903ab6b1c4c304a5442306c9f1ea56cdc6d40aa8c54a9ab08', X'e16b616647ae0bcde4818bbe2c7c82b08891978629bf919ad447427577445829', X'c1b37c3e42d826c7377a57dba0fafa1c7fc0680a91b9019858269d302baeb546', X'b135dc764178f116cca8c2df6d4d4f7eb5bf42469236c1cba26b01590743cfcc');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (17, 1793537160000000, X'b135dc764178f116cca8c2df6d4d4f7eb5bf42469236c1cba26b01590743cfcc', X'4ba8f7f906ad9891f167e85c93499d63decf42d4773532ae20bcc7afd8c47565', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'eaf8ccfd9d2ce2900e4b586b5ee8f5aa1687effbedaaac746900068c0605c70b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (18, 1793537220000000, X'eaf8ccfd9d2ce2900e4b586b5ee8f5aa1687effbedaaac746900068c0605c70b', X'2d1ae16ce924f44ee88d9d41fcd83489deaa5e58306139fc9cbe219ecc09ca1a', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'06d5cf63bc303514ac641c76c8e2f83f43c39cf2ed5249feab5a9cb45ded75c3');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (19, 1793537280000000, X'06d5cf63bc303514ac641c76c8e2f83f43c39cf2ed5249feab5a9cb45ded75c3', X'744877f9d200926a91f887605a3a139ee188d66a8569c4850fc97c07dc5fdec1', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'5c266ce172a8c826ce37539be153a05ace0da4656f6bb52da9eaeff3e817a6bf');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (20, 1793537340000000, X'5c266ce172a8c826ce37539be153a05ace0da4656f6bb52da9eaeff3e817a6bf', X'7ca525eed8ed5223792edde39ae823bf805624c1d58c9c8528da8618c29f1719', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'54a77bbaea97116428723089daa54aa184f0f271bd545ba6c1116c3f1a01921e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (21, 1793537400000000, X'54a77bbaea97116428723089daa54aa184f0f271bd545ba6c1116c3f1a01921e', X'6d2f611bd44744824d1f3472b272272fb3ab0166403f247af34589856ca6e377', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'fe9fd00d0490f02c0fd308f177785bdf4706b44d870c536713f2df488d522bb4');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (22, 1793537460000000, X'fe9fd00d0490f02c0fd308f177785bdf4706b44d870c536713f2df488d522bb4', X'e8cd1bf2b7dc906937fca4026be92bd34f0ecffdaf8dd3e8d559d66cadec78f4', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'4389d5136cf39a2d2dd88399e35b49ac99ce02945f2495cc2851fcc13027cf07');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (23, 1793537580000000, X'4389d5136cf39a2d2dd88399e35b49ac99ce02945f2495cc2851fcc13027cf07', X'd13f5ec4eecd067fb3af0b19f6aa8043ce09c81eaf1b2b3fedd64e643a11990c', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'c6b6bdff12509785f9d28e3df20804e997b58897bcf296aef9e0f8b04394bf8d');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (24, 1793537700000000, X'c6b6bdff12509785f9d28e3df20804e997b58897bcf296aef9e0f8b04394bf8d', X'a01ffe9156c0dce13494239a6b41c886a28fae94036360994679cedf5fad2448', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'927b61e35242e13246470a1794dc6eec7dfc6c1d28101109e370a126d45d0874');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (25, 1793537820000000, X'927b61e35242e13246470a1794dc6eec7dfc6c1d28101109e370a126d45d0874', X'b0aaa9209d3ef110bfe6518f8049b718a0d40f447517672e0841f8e11b860086', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0f8bfaef3c74f6821b2a09c377117542fb6b341268146a8f1f64dbb49e71f567');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (26, 1793538000000000, X'0f8bfaef3c74f6821b2a09c377117542fb6b341268146a8f1f64dbb49e71f567', X'56ecf094e28e322d82220948c35a7db5dea3adf3af3dc07e7db4c7d84c4fb377', X'dc918730e4230cc446a0dfc1dbbe2d6fadaf354a4a5a6096aa0f85f531729ea2', X'8227293d5f1d79586ee12d88d010cd6fbfb57a9856da4013298296f05dd62307');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (27, 1793538120000000, X'8227293d5f1d79586ee12d88d010cd6fbfb57a9856da4013298296f05dd62307', X'7279e930373fd5a1716175885f2b5649b491d73b6b875f19bb0fdbe3f9872547', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'897d6ed074fcc1058036e679a91d02271ac467fbb98898207de3594bf074d4a1');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (28, 1793538300000000, X'897d6ed074fcc1058036e679a91d02271ac467fbb98898207de3594bf074d4a1', X'8367bd9ef21a8a8a1ab8ee3c825881b015b58f55180cc9a88dce958d371dca9b', X'80a661f913b996f098b20f9422c0d52adfbef40dbc00630304c1e0ddbe5385a5', X'c0afd4424dca8c80c119694b617fda6d2315caebaa57537c421660fde2fa7519');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (29, 1793538360000000, X'c0afd4424dca8c80c119694b617fda6d2315caebaa57537c421660fde2fa7519', X'1a9d8c7c006d90d6e25909b0c516967fec01d4853521bc2f0aedd9924261730f', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'00ac68d7db4a75943111377d8acfd2676450fc822fbd87a7f107869051d99fc1');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (30, 1793538480000000, X'00ac68d7db4a75943111377d8acfd2676450fc822fbd87a7f107869051d99fc1', X'9a795de812fdb54ca797e7411ec3c9eac21d5ec286787b3c6114cf04ff074af5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7e4785a7b32e85c7a9f06f51483bccf70415f9809ac490255d74ea5a114fead6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (31, 1793538600000000, X'7e4785a7b32e85c7a9f06f51483bccf70415f9809ac490255d74ea5a114fead6', X'52b6098fe79daa22ba747458467ac863ca17ad6006a65ad712135d1234166e25', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'175b6b371b07c7efac39f151a13b0fdc5e1d05b689ac98a7a44407c2521a1102');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (32, 1793538660000000, X'175b6b371b07c7efac39f151a13b0fdc5e1d05b689ac98a7a44407c2521a1102', X'77bbd09d567c46548faecdb2f88d67c3e5ab1e92c2bd157c8d61e3bcbe2db65f', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'bedc5b6867e9bbe4c43deb2b764fc0d4ea0e0c0e53919c245a5afeb84aeba6d1');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (33, 1793538840000000, X'bedc5b6867e9bbe4c43deb2b764fc0d4ea0e0c0e53919c245a5afeb84aeba6d1', X'be9da75f73b599f7fb021ad413b70d624d17ecdac0455e32e8375bf8cf55c994', X'a25c153edd5e106f4a11daed932c3b7aca8b6b8640953d1188f749c59ab830f2', X'7725149cb68e6323a08619a83713b7bdd31b9de7c39533bed46dad2dcaae1da0');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (34, 1793538960000000, X'7725149cb68e6323a08619a83713b7bdd31b9de7c39533bed46dad2dcaae1da0', X'35f27e34065cb686586b97baf41d3f42e45b2bc0958d933f1942a9a1700a5d79', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'9be846a2873164c828c49396eb39e8ffc12c1910559705a2aa0fa4b1e7f914a4');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (35, 1793539020000000, X'9be846a2873164c828c49396eb39e8ffc12c1910559705a2aa0fa4b1e7f914a4', X'e3ddb9affb2d4bd9dc51b3bd24518f5cc39975c0c2a0f111df1b0e83369be11f', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'e6c8b760602b693e6417fdb1430f25264426bb923f3f24b0980c437e1306e4b6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (36, 1793539140000000, X'e6c8b760602b693e6417fdb1430f25264426bb923f3f24b0980c437e1306e4b6', X'0ea6080e0e6b2dba045ac811e9603c23c6d2331ab7f5f0fcd2733f0f5dbe9ecd', X'50f532534b899a1a936072926723d5bb3c81f138074febad3ba5d84c26badf32', X'797e0b3f7bd229a42a1cd80850b7ae8cb933ff2671c89ba9f835d9b366c5d55a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (37, 1793539260000000, X'797e0b3f7bd229a42a1cd80850b7ae8cb933ff2671c89ba9f835d9b366c5d55a', X'5a131e88620ceb11b9cbdb01dd9c98b43e9040c02303e2d0deecba05aa5ad30a', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'ccc858a544829d1cf91b8f1db6f40f90135df7c6acd4140bdc7680b23c1d4e0f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (38, 1793539440000000, X'ccc858a544829d1cf91b8f1db6f40f90135df7c6acd4140bdc7680b23c1d4e0f', X'11a05c1c198efb2bb734cfc5d1775028de0a9d8cb534f1507a27ecd44e842a5e', X'1a6701026c7df8ed33e894b46ca9810ad4c620d2d7eeee500b2d90723e40bf25', X'59b23862e5ca5c902c39b87a70dfbef8b348f8dbac16866fa34ea8031b21368c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (39, 1793539560000000, X'59b23862e5ca5c902c39b87a70dfbef8b348f8dbac16866fa34ea8031b21368c', X'3b2df1fa75cc1d6c65c4e5f369c3f0218001f72fb2d8dbcab87bf340e1ed0b06', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'ce9a039b23e36fcc9e951dd7795efe0a1b66a746cbd69d20409f090688857627');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (40, 1793539740000000, X'ce9a039b23e36fcc9e951dd7795efe0a1b66a746cbd69d20409f090688857627', X'a58963588cbfab2c1626cc9fda095e34e8504f8df342cbe9d5de4cd449314d0c', X'11823ae9c4eac41d9431ec877e840a1453577bd252c4eb38e799dc93554e27c9', X'b8103d16d78cb47e13fdd6c478c5a0f6b48ef215ad5f4dfd4dbee1f9bd2ce924');
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'0c145d9f1637ca5f1d07bbc57011615a737f429ddb354935a5922906c6e23820', 404, 'not_found', 'never seen é', X'7b22c3a9223a317d', 16);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'13db5760657b0fd450f91b730f4cfcc4154a49583ca7cfa687bddb805177b851', NULL, 'late', 'received before a newer answer; kept, begins no revision', X'7b226964223a20226469645f31222c20226e756d6265725f65313634223a20222b3135353531323330303031222c20226170706c69636174696f6e5f6964223a20226170705f63222c2022726f7574655f6d6f6465223a2022776562686f6f6b222c2022737461747573223a2022616374697665222c20226c6162656c223a20226c617465227d', 6);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'3eceb9ba6ae5d3d226aac66c367b7ba943650261624d7e5b0fdbbfcf98ba1bdb', 200, 'bad_body', 'nonsense', X'fffe0001275c', 16);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'76d2df70e4f128c8093221cfdcc3e6f19618a99b81e9c390759ab1330b74928b', 404, 'not_found', 'DID not found', X'7b226572726f72223a7b22636f6465223a226e6f745f666f756e64227d7d', 14);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'a52bdab9e8ecf0e5837e125a044046db8702bab3798ee7bc0a6d0a414aa73198', NULL, 'timeout', 'no', X'7b7d', 12);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'eb32f8ec9c8a7b9b9360d403cebdb29161e405635789b8d4ab5e75c1fdf3fa0d', 503, '503', 'no', X'7b7d', 10);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_a', 1793534700000000, 'https://a.example/answer?lang=de', 1, 1);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_b', 1793534700000000, 'https://b.example/answer', 1, 1);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (1, 1793534880000000, '[]', 3);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (2, 1793535480000000, '[]', 5);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (3, 1793535660000000, '[]', 7);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (4, 1793535840000000, '[]', 9);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (5, 1793536140000000, '[]', 11);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (6, 1793536440000000, '[]', 13);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (7, 1793536740000000, '[]', 15);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (8, 1793537100000000, '[]', 17);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (9, 1793538060000000, '[]', 27);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (10, 1793538420000000, '[]', 30);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (11, 1793538900000000, '[]', 34);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (12, 1793539200000000, '[]', 37);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "entry") VALUES (13, 1793539500000000, '[]', 39);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_1', 1793534520000000, 1, 1, NULL, NULL, NULL, 1);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_1', 1793535060000000, 3, NULL, X'13db5760657b0fd450f91b730f4cfcc4154a49583ca7cfa687bddb805177b851', NULL, NULL, 6);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_1', 1793535300000000, 2, 2, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_1', 1793535960000000, 5, NULL, X'eb32f8ec9c8a7b9b9360d403cebdb29161e405635789b8d4ab5e75c1fdf3fa0d', NULL, NULL, 10);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_1', 1793536260000000, 6, NULL, X'a52bdab9e8ecf0e5837e125a044046db8702bab3798ee7bc0a6d0a414aa73198', NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_1', 1793537940000000, 9, 3, NULL, NULL, NULL, 26);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_1', 1793538240000000, 10, 3, NULL, NULL, NULL, 28);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_2', 1793534580000000, 1, 1, NULL, NULL, NULL, 1);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_2', 1793535180000000, 4, 1, NULL, NULL, NULL, 8);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_2', 1793535360000000, 2, 2, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_2', 1793536620000000, 7, NULL, X'76d2df70e4f128c8093221cfdcc3e6f19618a99b81e9c390759ab1330b74928b', 1, NULL, 14);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_3', 1793534640000000, 1, 1, NULL, NULL, NULL, 1);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_3', 1793536980000000, 8, NULL, X'3eceb9ba6ae5d3d226aac66c367b7ba943650261624d7e5b0fdbbfcf98ba1bdb', NULL, NULL, 16);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_4', 1793534760000000, 1, 1, NULL, NULL, NULL, 2);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_4', 1793538780000000, 11, 2, NULL, NULL, NULL, 33);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_5', 1790942400000000, 12, 1, NULL, NULL, NULL, 36);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_5', 1793539680000000, 14, 2, NULL, NULL, NULL, 40);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_6', 1793539380000000, 13, 1, NULL, NULL, NULL, 38);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_9', 1793536920000000, 8, NULL, X'0c145d9f1637ca5f1d07bbc57011615a737f429ddb354935a5922906c6e23820', NULL, NULL, 16);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('noon', 1793538540000000, NULL, 'bob', 1793538600000000, 31);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('post', 1793539320000000, 13, 'olga', 1793539440000000, 38);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('pre', 1793534460000000, 1, 'olga', 1793534700000000, 1);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230001', 'did_1', 1);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230002', 'did_2', 1);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230002', 'did_6', 38);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230003', 'did_3', 1);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230004', 'did_4', 2);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230005', 'did_5', 36);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_1', 1, 1, '+15551230001', 'app_a', 'webhook', 'https://a.example/answer?lang=de', 'fetched', 'active', 1793534520000000, 1, '{"id": "did_1", "number_e164": "+15551230001", "application_id": "app_a", "route_mode": "webhook", "status": "active", "label": "Gr\u00f6\u00dfe \u260e \u202e end", "note": "a\nb\t\"q\" \\ %s :x ''"}', X'249cf0fcadfce6411e8093e5263c6d741a5f15e541943abab9161419e66b2ade', 1);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_1', 2, 2, '+15551230001', 'app_b', 'webhook', 'https://b.example/answer', 'fetched', 'active', 1793535300000000, 2, '{"id": "did_1", "number_e164": "+15551230001", "application_id": "app_b", "route_mode": "webhook", "status": "active", "label": "x"}', X'19e6ea5a2cb899554829f7b7cbe8bd37e3ee978f94cd67505fc8ec25419894b9', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_1', 3, 1, '+15551230001', 'app_a', 'webhook', 'https://a.example/answer?lang=de', 'fetched', 'active', 1793537940000000, 9, '{"id": "did_1", "number_e164": "+15551230001", "application_id": "app_a", "route_mode": "webhook", "status": "active", "label": "back"}', X'77f7865cb5c67e7b75c92b211b2e7f44ca0960bc9ac24521a957fe8733fad876', 26);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_2', 1, 1, '+15551230002', 'app_a', 'webhook', 'https://a.example/answer?lang=de', 'fetched', 'active', 1793534580000000, 1, '{"id": "did_2", "number_e164": "+15551230002", "application_id": "app_a", "route_mode": "webhook", "status": "active", "application": null}', X'2d4a59bf3d57a2ad1a617168fbe38e74240d647c2086c607825a31c31426cab9', 1);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_2', 2, 2, '+15551230002', 'app_b', 'webhook', 'https://b.example/answer', 'fetched', 'active', 1793535360000000, 2, '{"id": "did_2", "number_e164": "+15551230002", "application_id": "app_b", "route_mode": "webhook", "status": "active"}', X'd264cc6d486b9eeb5a4d706603ef3a6602a0e75659fec32f51f6536d6fa993bb', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_3', 1, 1, '+15551230003', NULL, 'reject', NULL, NULL, NULL, 1793534640000000, 1, '{"id": "did_3","number_e164":"+15551230003","route_mode":"reject","application_id":null,"odd":"\u0000 \ud800 \u00e9"}', X'44b7ef65ccc4fa31f00b9c5024975d2bda99d0c8e28149828ca7f11c2afd5fd8', 1);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_4', 1, 1, '+15551230004', 'app_b', 'webhook', 'sip:ünï@pbx.example', 'body', 'active', 1793534760000000, 1, '{"id": "did_4", "number_e164": "+15551230004", "application_id": "app_b", "route_mode": "webhook", "status": "active", "sip_uri": "sip:\u00fcn\u00ef@pbx.example", "tags": ["tag0", "tag1", "tag2", "tag3", "tag4", "tag5", "tag6", "tag7", "tag8", "tag9", "tag10", "tag11", "tag12", "tag13", "tag14", "tag15", "tag16", "tag17", "tag18", "tag19", "tag20", "tag21", "tag22", "tag23", "tag24", "tag25", "tag26", "tag27", "tag28", "tag29", "tag30", "tag31", "tag32", "tag33", "tag34", "tag35", "tag36", "tag37", "tag38", "tag39", "tag40", "tag41", "tag42", "tag43", "tag44", "tag45", "tag46", "tag47", "tag48", "tag49", "tag50", "tag51", "tag52", "tag53", "tag54", "tag55", "tag56", "tag57", "tag58", "tag59", "tag60", "tag61", "tag62", "tag63", "tag64", "tag65", "tag66", "tag67", "tag68", "tag69", "tag70", "tag71", "tag72", "tag73", "tag74", "tag75", "tag76", "tag77", "tag78", "tag79", "tag80", "tag81", "tag82", "tag83", "tag84", "tag85", "tag86", "tag87", "tag88", "tag89", "tag90", "tag91", "tag92", "tag93", "tag94", "tag95", "tag96", "tag97", "tag98", "tag99", "tag100", "tag101", "tag102", "tag103", "tag104", "tag105", "tag106", "tag107", "tag108", "tag109", "tag110", "tag111", "tag112", "tag113", "tag114", "tag115", "tag116", "tag117", "tag118", "tag119", "tag120", "tag121", "tag122", "tag123", "tag124", "tag125", "tag126", "tag127", "tag128", "tag129", "tag130", "tag131", "tag132", "tag133", "tag134", "tag135", "tag136", "tag137", "tag138", "tag139", "tag140", "tag141", "tag142", "tag143", "tag144", "tag145", "tag146", "tag147", "tag148", "tag149", "tag150", "tag151", "tag152", "tag153", "tag154", "tag155", "tag156", "tag157", "tag158", "tag159", "tag160", "tag161", "tag162", "tag163", "tag164", "tag165", "tag166", "tag167", "tag168", "tag169", "tag170", "tag171", "tag172", "tag173", "tag174", "tag175", "tag176", "tag177", "tag178", "tag179", "tag180", "tag181", "tag182", "tag183", "tag184", "tag185", "tag186", "tag187", "tag188", "tag189", "tag190", "tag191", "tag192", "tag193", "tag194", "tag195", "tag196", "tag197", "tag198", "tag199", "tag200", "tag201", "tag202", "tag203", "tag204", "tag205", "tag206", "tag207", "tag208", "tag209", "tag210", "tag211", "tag212", "tag213", "tag214", "tag215", "tag216", "tag217", "tag218", "tag219", "tag220", "tag221", "tag222", "tag223", "tag224", "tag225", "tag226", "tag227", "tag228", "tag229", "tag230", "tag231", "tag232", "tag233", "tag234", "tag235", "tag236", "tag237", "tag238", "tag239", "tag240", "tag241", "tag242", "tag243", "tag244", "tag245", "tag246", "tag247", "tag248", "tag249", "tag250", "tag251", "tag252", "tag253", "tag254", "tag255", "tag256", "tag257", "tag258", "tag259", "tag260", "tag261", "tag262", "tag263", "tag264", "tag265", "tag266", "tag267", "tag268", "tag269", "tag270", "tag271", "tag272", "tag273", "tag274", "tag275", "tag276", "tag277", "tag278", "tag279", "tag280", "tag281", "tag282", "tag283", "tag284", "tag285", "tag286", "tag287", "tag288", "tag289", "tag290", "tag291", "tag292", "tag293", "tag294", "tag295", "tag296", "tag297", "tag298", "tag299", "tag300", "tag301", "tag302", "tag303", "tag304", "tag305", "tag306", "tag307", "tag308", "tag309", "tag310", "tag311", "tag312", "tag313", "tag314", "tag315", "tag316", "tag317", "tag318", "tag319", "tag320", "tag321", "tag322", "tag323", "tag324", "tag325", "tag326", "tag327", "tag328", "tag329", "tag330", "tag331", "tag332", "tag333", "tag334", "tag335", "tag336", "tag337", "tag338", "tag339", "tag340", "tag341", "tag342", "tag343", "tag344", "tag345", "tag346", "tag347", "tag348", "tag349", "tag350", "tag351", "tag352", "tag353", "tag354", "tag355", "tag356", "tag357", "tag358", "tag359", "tag360", "tag361", "tag362", "tag363", "tag364", "tag365", "tag366", "tag367", "tag368", "tag369", "tag370", "tag371", "tag372", "tag373", "tag374", "tag375", "tag376", "tag377", "tag378", "tag379", "tag380", "tag381", "tag382", "tag383", "tag384", "tag385", "tag386", "tag387", "tag388", "tag389", "tag390", "tag391", "tag392", "tag393", "tag394", "tag395", "tag396", "tag397", "tag398", "tag399"]}', X'6456e11c1498e3632e70b3062ed3c6f566f0d674fc437ca86823cd773d1bc86d', 2);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_4', 2, 1, '+15551230004', 'app_b', 'webhook', 'sip:ünï@pbx.example', 'body', 'active', 1793538780000000, 11, '{"id": "did_4", "number_e164": "+15551230004", "application_id": "app_b", "route_mode": "webhook", "status": "active", "sip_uri": "sip:\u00fcn\u00ef@pbx.example"}', X'33c9fae03555506da0072c20d5a887e5fd650afb2f00b71117003c5745b96510', 33);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_5', 1, 1, '+15551230005', 'app_a', 'webhook', NULL, NULL, 'active', 1790942400000000, 12, '{"id": "did_5", "number_e164": "+15551230005", "application_id": "app_a", "route_mode": "webhook", "status": "active"}', X'79021bd81e79aa2c7996095965c86910fdc3d619e679d29ffd25fed8fea2ff8a', 36);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_5', 2, 2, '+15551230005', 'app_b', 'webhook', NULL, NULL, 'active', 1793539680000000, 14, '{"id": "did_5", "number_e164": "+15551230005", "application_id": "app_b", "route_mode": "webhook", "status": "active"}', X'bb0b86487d4997c08ea70e6fc4f1f410c7937bc44a0a60d8d7b872399047826d', 40);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_6', 1, 1, '+15551230002', 'app_a', 'sip', 'sip:desk@pbx.example', 'stated', NULL, 1793539380000000, 13, '{"id": "did_6", "number_e164": "+15551230002", "application_id": "app_a", "route_mode": "sip", "destination": "body"}', X'bf0410cf3f48accdcec2cdc74e1c20b49f1650a83a52ec572f322a0caf3cc15c', 38);
INSERT INTO confirmation ("did", "revision", "returned", "routing", "at", "capture", "entry") VALUES ('did_1', 1, 3, 1, 1793538360000000, 10, 29);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call_2026-11-01T12:52:00+00:00', 'call.completed', 'did_1', 1793537520000000, 1, 1, 'pass', '', '', 'olga', 23);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call_2026-11-01T12:54:00+00:00', 'call.completed', 'did_1', 1793537640000000, 2, 2, 'fail', '', '', 'olga', 24);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call_2026-11-01T12:56:00+00:00', 'call.completed', 'did_4', 1793537760000000, 1, 1, 'reached', '', '', 'olga', 25);
INSERT INTO note ("did", "at", "revision", "author", "text", "entry") VALUES ('did_1', 1793537400000000, 1, 'bob', 'größer: it''s
fine', 21);
INSERT INTO note ("did", "at", "revision", "author", "text", "entry") VALUES ('did_3', 1793537460000000, 1, 'bob', 'n2 :x %', 22);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_1', 1793537220000000, 1, 1, 'good', 'because', 'olga', 18);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_1', 1793537280000000, 2, 2, 'bad', 'because', 'olga', 19);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_3', 1793539020000000, 1, 1, 'retired', 'because', 'olga', 35);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_4', 1793537340000000, 1, 1, 'good', 'because', 'olga', 20);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_4', 1793538660000000, 1, 1, 'retired', 'because', 'olga', 32);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_4', 1793538840000000, 1, 1, 'returned', 'recorded by name and readable again', 'olga', 33);
