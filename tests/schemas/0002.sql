-- A log of schema 0002, as the program of that time wrote it: python -m tests.schemas.save
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
	entry INTEGER NOT NULL, selection BLOB, 
	PRIMARY KEY (id)
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
CREATE TRIGGER did_no_update BEFORE UPDATE ON did BEGIN SELECT RAISE(ABORT, 'changelog: did is append-only'); END;
CREATE TRIGGER did_no_delete BEFORE DELETE ON did BEGIN SELECT RAISE(ABORT, 'changelog: did is append-only'); END;
CREATE TRIGGER did_no_replace BEFORE INSERT ON did WHEN EXISTS (SELECT 1 FROM did WHERE did = NEW.did) BEGIN SELECT RAISE(ABORT, 'changelog: did is append-only'); END;
CREATE TRIGGER did_number_no_update BEFORE UPDATE ON did_number BEGIN SELECT RAISE(ABORT, 'changelog: did_number is append-only'); END;
CREATE TRIGGER did_number_no_delete BEFORE DELETE ON did_number BEGIN SELECT RAISE(ABORT, 'changelog: did_number is append-only'); END;
CREATE TRIGGER did_number_no_replace BEFORE INSERT ON did_number WHEN EXISTS (SELECT 1 FROM did_number WHERE number = NEW.number AND did = NEW.did) BEGIN SELECT RAISE(ABORT, 'changelog: did_number is append-only'); END;
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
CREATE TABLE "revision" (
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
	body BLOB NOT NULL, 
	digest BLOB NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (did, revision), 
	FOREIGN KEY(did) REFERENCES did (did), 
	FOREIGN KEY(capture) REFERENCES capture (id)
)
 WITHOUT ROWID

;
CREATE INDEX revision_first_seen ON revision (first_seen_at);
CREATE TRIGGER revision_no_update BEFORE UPDATE ON revision  BEGIN SELECT RAISE(ABORT, 'changelog: revision is append-only'); END;
CREATE TRIGGER revision_no_delete BEFORE DELETE ON revision  BEGIN SELECT RAISE(ABORT, 'changelog: revision is append-only'); END;
CREATE TRIGGER revision_no_replace BEFORE INSERT ON revision WHEN EXISTS (SELECT 1 FROM revision WHERE did = NEW.did AND revision = NEW.revision) BEGIN SELECT RAISE(ABORT, 'changelog: revision is append-only'); END;
CREATE TABLE "capture_end" (
	capture INTEGER NOT NULL, 
	finished_at BIGINT NOT NULL, 
	remarks TEXT NOT NULL, 
	unread INTEGER, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (capture, finished_at), 
	FOREIGN KEY(capture) REFERENCES capture (id)
);
CREATE TRIGGER capture_end_no_update BEFORE UPDATE ON capture_end  BEGIN SELECT RAISE(ABORT, 'changelog: capture_end is append-only'); END;
CREATE TRIGGER capture_end_no_delete BEFORE DELETE ON capture_end  BEGIN SELECT RAISE(ABORT, 'changelog: capture_end is append-only'); END;
CREATE TRIGGER capture_end_no_replace BEFORE INSERT ON capture_end WHEN EXISTS (SELECT 1 FROM capture_end WHERE capture = NEW.capture AND finished_at = NEW.finished_at) BEGIN SELECT RAISE(ABORT, 'changelog: capture_end is append-only'); END;
CREATE INDEX revision_routing ON revision (did, routing, revision) WHERE routing < revision;
CREATE TABLE selection (
	digest BLOB NOT NULL, 
	every INTEGER NOT NULL, 
	shard VARCHAR, 
	names BLOB, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TRIGGER selection_no_update BEFORE UPDATE ON selection  BEGIN SELECT RAISE(ABORT, 'changelog: selection is append-only'); END;
CREATE TRIGGER selection_no_delete BEFORE DELETE ON selection  BEGIN SELECT RAISE(ABORT, 'changelog: selection is append-only'); END;
CREATE TRIGGER selection_no_replace BEFORE INSERT ON selection WHEN EXISTS (SELECT 1 FROM selection WHERE digest = NEW.digest) BEGIN SELECT RAISE(ABORT, 'changelog: selection is append-only'); END;
CREATE INDEX snapshot_problem ON snapshot (did, received_at) WHERE problem IS NOT NULL;
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
                   c.recorded_by, c.changed_by, c.ticket, c.note, r.capture
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
                   (SELECT x.first_seen_at FROM revision x
                    WHERE x.did = d.did AND x.revision = 1 + coalesce(
        (SELECT y.revision FROM revision y WHERE y.did = d.did AND y.routing <> r.routing
         ORDER BY y.revision DESC LIMIT 1)
    , 0)) AS since_us,
                   (SELECT coalesce(s.key, c.key) FROM snapshot s
                    JOIN capture c ON c.id = s.capture
                    WHERE s.did = d.did AND s.revision IS NOT NULL
                    ORDER BY s.received_at DESC LIMIT 1) AS key
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
                              AND n.routing = r.routing AND n.revision > r.revision
                              AND n.routing < n.revision);
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
        (SELECT y.revision FROM revision y WHERE y.did = d.did AND y.routing <> r.routing
         ORDER BY y.revision DESC LIMIT 1)
    
            WHERE r.routing < b.revision
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
          (SELECT CASE WHEN e.unread IS NULL THEN e.finished_at END FROM capture_end e
           WHERE e.capture = c.id ORDER BY e.finished_at DESC LIMIT 1),
          9223372036854775807)
     AND s.did = d.did AND s.revision IS NOT NULL;
CREATE VIEW capture_note AS 
            SELECT s.did, s.revision, c.started_at AS at_us, c.recorded_by AS author,
                   c.note AS text
            FROM capture c CROSS JOIN snapshot s
            WHERE c.note IS NOT NULL AND 
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT CASE WHEN e.unread IS NULL THEN e.finished_at END FROM capture_end e
           WHERE e.capture = c.id ORDER BY e.finished_at DESC LIMIT 1),
          9223372036854775807)
     AND s.revision IS NOT NULL;
CREATE VIEW tagged_revision AS 
            SELECT s.did, t.name, s.revision
            FROM tag t CROSS JOIN capture c CROSS JOIN snapshot s
            WHERE c.id = t.capture AND 
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT CASE WHEN e.unread IS NULL THEN e.finished_at END FROM capture_end e
           WHERE e.capture = c.id ORDER BY e.finished_at DESC LIMIT 1),
          9223372036854775807)
     AND s.revision IS NOT NULL
            UNION ALL
            SELECT d.did, t.name,
                   (SELECT r.revision FROM revision r
                    WHERE r.did = d.did AND r.first_seen_at <= t.at
                    ORDER BY r.revision DESC LIMIT 1)
            FROM tag t CROSS JOIN did d
            WHERE t.capture IS NULL AND EXISTS (SELECT 1 FROM revision r
              WHERE r.did = d.did AND r.first_seen_at <= t.at);
CREATE VIEW did_log AS SELECT did FROM did;
CREATE VIEW revision_log AS 
            SELECT did, revision, routing, number, application_id, route_mode, destination,
                   destination_source, status, first_seen_at AS first_seen_us, capture, body
            FROM revision;
CREATE VIEW snapshot_seen AS 
            SELECT did, revision, count(*) AS snapshots, max(received_at) AS last_seen_us
            FROM snapshot WHERE revision IS NOT NULL GROUP BY did, revision;
CREATE VIEW capture_log AS 
            SELECT c.id, c.command, c.started_at AS started_us, c.recorded_by, c.changed_by,
                   c.note, c.ticket, c.api_url, c.key, c.selection,
                   e.finished_at AS finished_us, e.unread
            FROM capture c LEFT JOIN capture_end e ON e.capture = c.id AND e.finished_at =
              (SELECT max(m.finished_at) FROM capture_end m WHERE m.capture = c.id);
CREATE VIEW selection_log AS SELECT digest, every, shard, names FROM selection;
CREATE VIEW capture_answer AS 
            SELECT c.id AS capture, s.did
            FROM capture c CROSS JOIN snapshot s
            WHERE 
        s.capture = c.id AND s.received_at >= c.reads_from AND s.received_at <= coalesce(
          (SELECT CASE WHEN e.unread IS NULL THEN e.finished_at END FROM capture_end e
           WHERE e.capture = c.id ORDER BY e.finished_at DESC LIMIT 1),
          9223372036854775807)
     AND (s.revision IS NOT NULL OR s.problem IN
              (SELECT p.digest FROM problem p
               WHERE p.status = 404 OR (p.code = 'late' AND p.status IS NULL)));
INSERT INTO alembic_version ("version_num") VALUES ('0002');
-- Rows, as both databases have them.
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (1, 'import', 1795438786697144, 1795165200000000, 'olga', NULL, 'what support kept', NULL, NULL, NULL, '0.1.0', 1, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (2, 'record', 1795438787631850, 1795438787631850, 'olga', 'ána', 'Zürich, vor dem Umzug; ''so'' "wie" \n — ☎ ‮ :x %s
-- zweite Zeile', 'NET-1', 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 3, X'17cb54e4e750804b3de12794003a4e1b227f692fd459aab2a90a06a93cc0c48d');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (3, 'record', 1795438788193902, 1795438788193902, 'bob', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 6, X'133ed99a26ffb3b39fb76c41b30dd630f39828727b3119645e1b5020c2f734dd');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (4, 'record', 1795438788734839, 1795438788734839, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 8, X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (5, 'deploy', 1795438789590359, 1795438789590359, 'olga', NULL, 'the move', NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 11, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (6, 'deploy', 1795438789632621, 1795438789632621, 'olga', NULL, 'the move', NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 14, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (7, 'record', 1795438789871727, 1795438789871727, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 17, X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (8, 'record', 1795438790414837, 1795438790414837, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 20, X'79cf4fdd74298e63beb862127a26fece466feb87623758053733d6ba063e7f1e');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (9, 'record', 1795438790984646, 1795438790984646, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 23, X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (10, 'record', 1795438792774783, 1795438792774783, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 27, X'c672aa2c7b85114d44afd143ab69e16bf896b8a5b5c067d03bee028e5825cf0b');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (11, 'import', 1795438793320507, 1795305600000000, 'olga', NULL, NULL, NULL, NULL, NULL, '0.1.0', 30, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (12, 'record', 1795438797854913, 1795438797854913, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 40, X'6ab4ee24a7933dec4c4ada1e2b8860369e06ebe578d15ba604c0889eb600565f');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (13, 'verify', 1795438802864141, 1795438802864141, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 49, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (14, 'record', 1795438803141762, 1795438803141762, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 52, X'9be2292c1178f1645b3024632db586c51a4462b96fe323d23da5efa92ffeddc8');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (15, 'record', 1795438804127031, 1795438804127031, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 54, X'9be2292c1178f1645b3024632db586c51a4462b96fe323d23da5efa92ffeddc8');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (16, 'restore', 1795438804859502, 1795438804859502, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 56, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (17, 'record', 1795438805842598, 1795438805842598, 'olga', NULL, 'killed, gone on with', NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 58, X'a8e01fe0908582072cd14421fb123f22e2026489e6c7c948dec71b3258cb6067');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (18, 'record', 1795438807178241, 1795438807178241, 'olga', NULL, 'killed', NULL, 'http://127.0.0.1:41493/v1', 'key-24f0476d', '0.1.0', 62, X'a8e01fe0908582072cd14421fb123f22e2026489e6c7c948dec71b3258cb6067');
INSERT INTO did ("did", "entry") VALUES ('did_101', 1);
INSERT INTO did ("did", "entry") VALUES ('did_102', 1);
INSERT INTO did ("did", "entry") VALUES ('did_103', 4);
INSERT INTO did ("did", "entry") VALUES ('did_104', 4);
INSERT INTO did ("did", "entry") VALUES ('did_105', 6);
INSERT INTO did ("did", "entry") VALUES ('did_106', 21);
INSERT INTO did ("did", "entry") VALUES ('did_bare', 4);
INSERT INTO did ("did", "entry") VALUES ('did_long', 4);
INSERT INTO did ("did", "entry") VALUES ('did_sip', 4);
INSERT INTO did ("did", "entry") VALUES ('did_ü "half" %2F/one?', 4);
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (1, 1795438787380288, X'0000000000000000000000000000000000000000000000000000000000000000', X'78de26a3c9ac8aecff3fcece06f3714472d9c667f75222f29526e19a2ea2d354', X'51a6a3ed4da861184a3f9ff30553bc33e7da593d5861ccfcf9cd072c07629a0e', X'2f2c18b44aad6a7e07ddd89863fa226969208a55f7ee9f02c2f3d83ebcdbb079');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (2, 1795438787390193, X'2f2c18b44aad6a7e07ddd89863fa226969208a55f7ee9f02c2f3d83ebcdbb079', X'e8e94fe0653c732ef4e009019656faad9e78aa85331bca7d53d7e8ad7398d4e5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7338ad162200f25c7268ae4d6947cadb0d17ae4e53a713bd5352f30c3d6bfaa6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (3, 1795438787948237, X'7338ad162200f25c7268ae4d6947cadb0d17ae4e53a713bd5352f30c3d6bfaa6', X'e438af4ef86e45003b61b225c41bd761833c5e31fed9bfa75c101e5d46d351ae', X'4006794e5e2bbbf0829e0483bf0f018f24977a1e58420e4529102a4831aee669', X'0383322e768cc92e4fbd4a4c8224f5f9b15ab37175f37652980e59b82b522cab');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (4, 1795438787964992, X'0383322e768cc92e4fbd4a4c8224f5f9b15ab37175f37652980e59b82b522cab', X'3c8bac47c634d989e71d5d07538b098d004ba7d2b5fdc89e6616ba5baf524d5c', X'f57652d417f8bab08c5dd28a73e07bcb0e41cce75eb1c66711db00d78a572062', X'74850b146d713f1ad9897f4e5f3ccdd7299616776396a68e41debf80730d3db3');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (5, 1795438787975412, X'74850b146d713f1ad9897f4e5f3ccdd7299616776396a68e41debf80730d3db3', X'b67b239a720703c35c829a8cf3d4c75e639d094186692e0acfc57f7f1ec8961b', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'dbb5d0b5084d8a22d1e0225d64033dede5c90aca943fe3b2cd023434622b53e4');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (6, 1795438788503839, X'dbb5d0b5084d8a22d1e0225d64033dede5c90aca943fe3b2cd023434622b53e4', X'ed8986a04d5577189e48d51c882b244b3bcbacdc61cdb42b737f2009f6b71de9', X'c2b38baef9596cb2e3f4ac42b765f8195ae178f00f2cda39a13b689202b217d4', X'fec8f29d7ebcb584a622be1947ad20831f994e3cd536f22b9fc5a0f74a6fb43b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (7, 1795438788517830, X'fec8f29d7ebcb584a622be1947ad20831f994e3cd536f22b9fc5a0f74a6fb43b', X'fdd9e13ca538f9cc32b182bff3e45b88502304e6eb1c92f5ea3462ab131b35a4', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'98b09c9294f024888ac1542449a16bbcde3b11ce610d2a316c623b4e8bfeff7d');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (8, 1795438789048328, X'98b09c9294f024888ac1542449a16bbcde3b11ce610d2a316c623b4e8bfeff7d', X'32734b8c7f8993cc35c3146620e7d92647f888dbd5fab986f6855acc31352813', X'85bf62ac6f9c577a32ebcd8bac42eedb4a2c07435663a90b0ff2bce0b89c7e95', X'261a7ce465b0d0b56792c724546e7b31bd34d182e2078932532720c7a7b228e0');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (9, 1795438789065233, X'261a7ce465b0d0b56792c724546e7b31bd34d182e2078932532720c7a7b228e0', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'c6b843b3b528b6643d0e552775a02fed6bed0dca19077a06e42e43d0540b29a8', X'96426e4acffb922faa28d12f5db2555094cc4bdbfec8f5e2e38cdf12a24ba7f4');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (10, 1795438789070003, X'96426e4acffb922faa28d12f5db2555094cc4bdbfec8f5e2e38cdf12a24ba7f4', X'5b6adbd499bb54c9598ca16bdf5f88893526df180c401404360dfb997e8bc22e', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7b737bc4a50c508dd0719619c6ab01b0fa718f8b86d6a6375aa3a034a4341d4a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (11, 1795438789604314, X'7b737bc4a50c508dd0719619c6ab01b0fa718f8b86d6a6375aa3a034a4341d4a', X'38bac5a174d967553e23286567bf41aab1a45ad1ce020ceb5e1f9a9537808891', X'e8476580c3f189fd63944cb48f6011b2ef9f7c011ca4134506b3e9c57eb5349d', X'f4512df0f29e4de9a1fde90c3bdfe024c1e405b8bfc440d86f040c90333d2f9c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (12, 1795438789618462, X'f4512df0f29e4de9a1fde90c3bdfe024c1e405b8bfc440d86f040c90333d2f9c', X'2855500fcc843b42c232a42c05db62a079ebdfd9944df1d88681b3e2706d2291', X'd84186b0dcc51c4ab3967f5e78adcdfa25c92d9f5bf0f7ab30a82dce6aabda6f', X'fc76bb7c1d205d76a372f8943fdee1ec34419af794c3b1a2979f61c934f03a5c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (13, 1795438789624439, X'fc76bb7c1d205d76a372f8943fdee1ec34419af794c3b1a2979f61c934f03a5c', X'bf3887b0e8d603311516d429091c9d6fa11e95b4059c85974888802eb4cbf185', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'af8e005026ae25bf1b6e44591708a0ce7f3ac29f7606ac298d2b6f1aa6e5d6a7');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (14, 1795438789646978, X'af8e005026ae25bf1b6e44591708a0ce7f3ac29f7606ac298d2b6f1aa6e5d6a7', X'917d0886ae626137f21645d8872c745ccb318520a4ca0dc0ee9d4807ded93eb5', X'287d83739712858712c52fae42734f9217c4a97ef3bc0962654d395b65cca772', X'755f0e049b70ab9dc73dc96396c1b9b3c98b4a2c3b78a8d2474b0632060b879b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (15, 1795438789655950, X'755f0e049b70ab9dc73dc96396c1b9b3c98b4a2c3b78a8d2474b0632060b879b', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'62512a352d01f1dec28f20f39e7f63c2b7da3a069719040091925633d334dcca', X'5ddc34e22d0427c91aef3612df9c2c938aae35c4e6bc4c5926abbd01c47d64f9');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (16, 1795438789659615, X'5ddc34e22d0427c91aef3612df9c2c938aae35c4e6bc4c5926abbd01c47d64f9', X'1fccc13ac31b98fb9974ab00d623faf944152f9863ef08fa5bf298fa894fc71f', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'ed2b422a1b7fc6816d89bab52100207db58bbf17f93e40d00c820a519eeac39e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (17, 1795438790184446, X'ed2b422a1b7fc6816d89bab52100207db58bbf17f93e40d00c820a519eeac39e', X'd8923aa523d050656f42620d4086c815ca015502e45cf7f51df957bf67f4689a', X'83565e02bf9a0efed418ac536933fff1cd38efa99c3ab6723bf39f53814d58b5', X'9930b0024336f1f1406f4871ada7229d60fd2151d7a4e8d0638f43f607e7fe33');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (18, 1795438790198594, X'9930b0024336f1f1406f4871ada7229d60fd2151d7a4e8d0638f43f607e7fe33', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'a110445cc9d489b9d31171edf97c1975beeb87c68f174f531387afadf5be5126', X'a00cc7b65eab64afa6aed068cbf39e100d78fd91d84dbecf49c5df7aaa0bfc54');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (19, 1795438790203533, X'a00cc7b65eab64afa6aed068cbf39e100d78fd91d84dbecf49c5df7aaa0bfc54', X'14f6eaff1f4080350822447c46f782862a7506a1c545f1719e0fa913274f0fcc', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f0dd4f5780e4d1d71836e8c4e874bfbfa278ea529e42dad4940808252a8fec9b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (20, 1795438790715989, X'f0dd4f5780e4d1d71836e8c4e874bfbfa278ea529e42dad4940808252a8fec9b', X'ae927a0a2d9f07aa69d98c2bf89433aae76b3c2e00cc23982fe050f5fadf240d', X'bceff6091d207900878d54f94887875c721e86acf775a82eac5b8d59843d1c81', X'3bbd76264d707cdf884479a2bc1f1c91bf194c78f573677022d45bfdb8d98f65');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (21, 1795438790726949, X'3bbd76264d707cdf884479a2bc1f1c91bf194c78f573677022d45bfdb8d98f65', X'53ea8b436af5594861b0ad9912b0a24b72bbed4d59b23bcba3418e7917fa03f5', X'e499389df693d9c959d2189c5aa5e0f3b8808f03346369dace81daed169b51ac', X'12dce3c60e98c122d998287138daf86430dfad09be0e082656d945acb69946e3');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (22, 1795438790732022, X'12dce3c60e98c122d998287138daf86430dfad09be0e082656d945acb69946e3', X'434bf9bf50f1cc6f4d0f7853baef20e1b30eebff9fc609f0d027349c54004481', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd938e6b85b7ddecdf9acb85710bc359b97114670ac459cc3bea6475bdcc68093');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (23, 1795438791312954, X'd938e6b85b7ddecdf9acb85710bc359b97114670ac459cc3bea6475bdcc68093', X'130a0d1c2a119c70f2354b7aad026d2279831e49104eae36eaad9d181f9164b4', X'642209f02026d7db73d141fc1fd5498edc3a15e46d7f59612ca01b782e484166', X'2147f62b3bb44db4a258b7834c727d480417fd1f96f10a9ac35c9aca287067db');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (24, 1795438791326488, X'2147f62b3bb44db4a258b7834c727d480417fd1f96f10a9ac35c9aca287067db', X'9a1ac84153031d9a51599296496a69ae7048ac33c0397c7233728682b41d0340', X'afefe364d44b00402d613b5064cdf5efe0a46f32390c4b8487719279276e9cdf', X'54031f8270b7f63f351869d3901af8eba9f64ed3183001bca4f0d2a4f2c6ac36');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (25, 1795438792556066, X'54031f8270b7f63f351869d3901af8eba9f64ed3183001bca4f0d2a4f2c6ac36', X'0ef5f8bef7207468293e2b4d14454f5159885030fde24e8522d8368088478269', X'b6a4bc1ab98a1d5e861545b224b666122773bc9adf3dc554f9886b4bba7a66b7', X'b77fbc2711fab783b2d72030197aa303d95d33e66e7b6cc4f611f08b7f6eb710');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (26, 1795438792561653, X'b77fbc2711fab783b2d72030197aa303d95d33e66e7b6cc4f611f08b7f6eb710', X'9bf5dd8e0e2e2220d5afea637e244c4f8c7cd80415fd1e1b1919b584280e4bac', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0dc2a48b1b2d2d7e10e5ebb94866bc7e0eb5cfcb05d140b3e29e2978dd9fc44f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (27, 1795438793096500, X'0dc2a48b1b2d2d7e10e5ebb94866bc7e0eb5cfcb05d140b3e29e2978dd9fc44f', X'51c2fda535ef93e02a380e89c5bc393007f5f2f224f63db722da2d3f93eb70c3', X'3cbb29638c2c09ffdeba9c1c209316c4e8d68e9150ce537b31bb627d0ee839f9', X'37aae18b96c453a2523fa92d77414279ce3f58a3bfa3a05f17205decc2cfa2e6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (28, 1795438793108058, X'37aae18b96c453a2523fa92d77414279ce3f58a3bfa3a05f17205decc2cfa2e6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'c13d3300b93b86f459f3086bc812b0b67d2b31a217d606d42903318982b92cb6', X'aa4f839f6a73f52f88ffa9375f8b74fc775ea4c2ca3815652e0d71d5f6b5aa71');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (29, 1795438793112880, X'aa4f839f6a73f52f88ffa9375f8b74fc775ea4c2ca3815652e0d71d5f6b5aa71', X'ee36ed22bd054862ba4d4112457adc32392c056fdbcd1375aa6d8b47c65896ba', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'82a51bfa3a44290b5b742ae060aaa465d904c2ad1c71cedbe2f416bb4026cb88');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (30, 1795438793614705, X'82a51bfa3a44290b5b742ae060aaa465d904c2ad1c71cedbe2f416bb4026cb88', X'f39b264d6e0b8fa3682d310fd1ffc09cb529e93bb615652c762fe52584d003d8', X'b9df3c6a7dfd53cfb55f04bd4b26a34fbec5e964adbfafdd7ba2513e01a87bc4', X'ab2b11aaf5650cb33433951c93bf426f7759fa3d2c68514e2464149d848c1dba');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (31, 1795438793624444, X'ab2b11aaf5650cb33433951c93bf426f7759fa3d2c68514e2464149d848c1dba', X'694c3837a015877a614fc517c05a193068de9f157072ab21880d1c697b5ec6b7', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'24c419adc56f5731691169c43b61ffda2ee3718eddc59926b7b0d11783634c3b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (32, 1795438794126773, X'24c419adc56f5731691169c43b61ffda2ee3718eddc59926b7b0d11783634c3b', X'83cbc203fc94dee99b9cbc59bc58509e9c1bf7e89ede4cb2487beee5ec408c48', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0a700f9920ffc0aec7a9206f43fd00522f53447badd9145210fcd4ed1ee3ecbd');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (33, 1795438794632573, X'0a700f9920ffc0aec7a9206f43fd00522f53447badd9145210fcd4ed1ee3ecbd', X'4e885b732aa6d5dfe88cf08cae548357492d94cd0b6b92ea5ea513f7105f05a7', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'4d18fc2006a8bffe784d3fbac6de56390cb98b30f825d2dc6421e664a42cd94e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (34, 1795438795140017, X'4d18fc2006a8bffe784d3fbac6de56390cb98b30f825d2dc6421e664a42cd94e', X'31000d7fcf3b1f2a44910995e360b90bbfcccfcb9d9c3aa9c85c5f9c9050ea05', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'3eb390eb935189717c490e9d710e8ec401fcc83f8c973b731cf1e1c97b504b6e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (35, 1795438795639250, X'3eb390eb935189717c490e9d710e8ec401fcc83f8c973b731cf1e1c97b504b6e', X'8dd8f6a0800646facb667b153ea61a3818a928835dbb1528a211e47072c56af5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'a0821c48d84ce17dbefa27094ed9a10e3db670752671f65d61462ca988f5a363');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (36, 1795438796140364, X'a0821c48d84ce17dbefa27094ed9a10e3db670752671f65d61462ca988f5a363', X'a15f16faf8e11d394c2f0f12f83068fcd2a247296ae0468ec1368cf112b07355', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'743dcb34b2aa093065e0c3070e3ebae7e94040c48ad51ec9715621fa9f0538a1');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (37, 1795438796639264, X'743dcb34b2aa093065e0c3070e3ebae7e94040c48ad51ec9715621fa9f0538a1', X'b365220ba4cf619329845b9f288dc123abdf034dddf236c43d03cd5ef426855c', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'b842d2d263ac96056f5724cda6a8e41cfd1967ad72e1dd338fc1c576a249f51c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (38, 1795438797146670, X'b842d2d263ac96056f5724cda6a8e41cfd1967ad72e1dd338fc1c576a249f51c', X'47f5190d2450d95ebffe08ea413db0286d0a76ee185277440a8fc8cdaf6b45fd', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'c2a776e11bd1221aa430d21f256529a4cfceb0de91c13b770550b7f0beb7fff6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (39, 1795438797644008, X'c2a776e11bd1221aa430d21f256529a4cfceb0de91c13b770550b7f0beb7fff6', X'd21b8908a53670ca121ad771ae6402fbf1d90e19fac6d1baf5c5603f7bcfe6f6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f0c45b82ff39c2e934c48fb806482a547111e74233a81ea4521ab6759aed86df');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (40, 1795438798177176, X'f0c45b82ff39c2e934c48fb806482a547111e74233a81ea4521ab6759aed86df', X'cbaeb9f8b820db62ce0768a444810d09fa1712978b8ffabbf9515ae2c4099366', X'ba55aeac34bc060094fc139d8161e0e2279ccbe22ee1297d195cf5089f155e76', X'bd1f909f03a6591ac5e9171aaeba517a6022c54079ef81cdde991cdcc1fa58ae');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (41, 1795438798192355, X'bd1f909f03a6591ac5e9171aaeba517a6022c54079ef81cdde991cdcc1fa58ae', X'ffe6fd4a03a9c4440c3845186c4bcfa2c7432067870b0eda90998dc30155d7c2', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'ae4ee83bc501cfd63c308d921fdb0cc5487b4b9f61f473abccbfa22547909573');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (42, 1795438798691019, X'ae4ee83bc501cfd63c308d921fdb0cc5487b4b9f61f473abccbfa22547909573', X'd654da46776d37daa23659b92fa227e9ebe232ead869eaf482aa5a1ac5cb587d', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0421d836d4a9f73d1266b592da7c2aeaf7fb58f0b6113d8be36b6b15adec0898');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (43, 1795438799185364, X'0421d836d4a9f73d1266b592da7c2aeaf7fb58f0b6113d8be36b6b15adec0898', X'5b0f44c7ee36491512915dbf3341aee4fbd10701b5eccdbabe71190edf1b74ab', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'3fda57daa7794d4c2a839049d28026561817b831f390d25fbdc15fe99cf2f014');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (44, 1795438799688669, X'3fda57daa7794d4c2a839049d28026561817b831f390d25fbdc15fe99cf2f014', X'ba7f80d7686ff2b5b0aaa590568a6393ced40cc710de125abc318b3e96f606d5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'3fd137da6a8307f780fe8a43693827b6dcb2e200d228e20039ec822d408a5184');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (45, 1795438800189598, X'3fd137da6a8307f780fe8a43693827b6dcb2e200d228e20039ec822d408a5184', X'a3f30975718f8d29f101d62cf3701b5c1e4e4aebddb98d59de46d9e1dcc8dda2', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'497ce8db38d1b72bcf3f67954d94a947c589c72036b13d826676f83500d685e2');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (46, 1795438800697386, X'497ce8db38d1b72bcf3f67954d94a947c589c72036b13d826676f83500d685e2', X'bf4cef81334dacce323d0c6dbeaf2ac538040e61d0b9ff13aede4d53fa91ece0', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f724b9fea578d0d096accdee90def0b2c32972d47753b3aab08d53f9d7542f10');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (47, 1795438801336266, X'f724b9fea578d0d096accdee90def0b2c32972d47753b3aab08d53f9d7542f10', X'b403ceb1d660835a7a219c992bfb0fd91ebd817e3b58d2f7d8499e3f99695a6e', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'277d45ba79e7dbdf257f75d27e0be7a483a1a08c1f1d72032f488c12e21cd40f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (48, 1795438802100206, X'277d45ba79e7dbdf257f75d27e0be7a483a1a08c1f1d72032f488c12e21cd40f', X'cee3d370d1f2cb8215aad8723502a6439c927b840e71811db7736fbbfe56903b', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd9cfb81558538d04f093e6c02137dcbbcbab407e25ba95bbe578edd3b6695335');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (49, 1795438802875204, X'd9cfb81558538d04f093e6c02137dcbbcbab407e25ba95bbe578edd3b6695335', X'31b5f10bb408fa44cc367e1d41f4fc590f789437ff8886e2a5ff6f41b83b32fb', X'c8a7f61d2abecceeb7132412f6c08805f132ff7c4a20b8d42eeb33fc6c64568d', X'6faed4e2c1c064560e64b5569052ad608a5bec4c3960778e8bfdc3411502f70a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (50, 1795438802887678, X'6faed4e2c1c064560e64b5569052ad608a5bec4c3960778e8bfdc3411502f70a', X'6b6107fadcb5e12d0be809e38f3cdae4703243f37e8489aff81ffae78e468cd2', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'b0546295079366a86c2a3b6d5945e161fea987ea099b220fbbecb5ddbd39ae22');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (51, 1795438802895456, X'b0546295079366a86c2a3b6d5945e161fea987ea099b220fbbecb5ddbd39ae22', X'03ea3a660098187ae7a22400981dc0e3544b1fc110ba74d387fa05aa00dab607', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'945a23ffdf3e30fd2419a6bed46bb94f2c9cd36cee447d7ee6ee4639e68c388f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (52, 1795438803694069, X'945a23ffdf3e30fd2419a6bed46bb94f2c9cd36cee447d7ee6ee4639e68c388f', X'24566ec4aa062821318abf4ecff9d2b47363a8554469ce122995634fa49d1a04', X'8185a861bb333c32051a0f5d543a6ba1ea06671e84ce28edf26be483aac70cfa', X'9282ba7190d70afa45f3476287b0565951765016699e9cc51dfa2454e97e1495');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (53, 1795438803736096, X'9282ba7190d70afa45f3476287b0565951765016699e9cc51dfa2454e97e1495', X'c581a272fa1186a4d209655cdac9858f0f1534fd3118e477d6b6e9f21550dc6c', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'1638fda778c3614aba8bcbf2ccb72b33ff2a5363e740a722c061dba43638cfe0');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (54, 1795438804548007, X'1638fda778c3614aba8bcbf2ccb72b33ff2a5363e740a722c061dba43638cfe0', X'd1f635ff2aa65a9cea9424610a444ef4ccc3374aa1024ad51e81eb6b4fbdde81', X'eb1ded892a5faa69d7e001db7ba4d8f4a7362a93bd4c106fd44c56e2d57f7847', X'b242fecd7061f0b14d248b13508e3bb418e568e35f74dd78ba330eaa12e9eac2');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (55, 1795438804575709, X'b242fecd7061f0b14d248b13508e3bb418e568e35f74dd78ba330eaa12e9eac2', X'5268b8b0f5db9a76874ce6a983d2cf416ccdc41c3c0562dfeba7a8118ac4ed26', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f90e22b678a7613c4bd07d717ab91fda6e89271ae285cc903c825374c0b2b2bf');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (56, 1795438805315729, X'f90e22b678a7613c4bd07d717ab91fda6e89271ae285cc903c825374c0b2b2bf', X'd2dd6e0b86b5aa0d3161a4a9ccb0703c40b5c51236c19ebaa779e50e319d04ff', X'8207d71c060429ef8b3cbaaf02853398728d58a0c688829e1ee5ea01a1980ef7', X'9bb92fc731a889b8cfe32579cd20dc8c008b13a03f870f539a5f8affcf1df18d');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (57, 1795438805351397, X'9bb92fc731a889b8cfe32579cd20dc8c008b13a03f870f539a5f8affcf1df18d', X'792dd8fc2a442f52c59bb3406c6a829a69d23373c3808b191c843273f7d00e71', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'6c46104b3c0d597714cca914a55b91b444acdfa870df9987a5482e4f65fa9c12');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (58, 1795438806230757, X'6c46104b3c0d597714cca914a55b91b444acdfa870df9987a5482e4f65fa9c12', X'b39cf88180f8165877f803ba6e443dfe05a961623d1613a1dec562ed586458db', X'99575b5e82f6379c4702ff8614ce2c32db94d39bb2d4e2aac7b255c3444c0fdf', X'2b49a1ffbb3c23165aca7204841ab890e9bcf96442196198057a61dc93e79f68');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (59, 1795438806255944, X'2b49a1ffbb3c23165aca7204841ab890e9bcf96442196198057a61dc93e79f68', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'cd6dd95569e34a4539237ce69fc737745f5b7927f1a573dc0ddcbc26264e3729', X'c099c3eacc509febb0ef35243054d6a88b461bc4824db67352459599634d92f5');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (60, 1795438806873268, X'c099c3eacc509febb0ef35243054d6a88b461bc4824db67352459599634d92f5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'99f27990a9cd473087074dbc63ef9eb377bfc01cb97fbd28387e38a864221c9f', X'4f259dea016d69dcde2870d4f97d09057026173b645d333286bca9c2795c21ce');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (61, 1795438806895564, X'4f259dea016d69dcde2870d4f97d09057026173b645d333286bca9c2795c21ce', X'48d43417d118563caa7894addacd78c4ec5331f9f6a1a7d2db29d952a96bf90c', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'2ad5ed2beef34db7bd7cf586d6ac31f91aa70c0258b2ebfeeba837c06f0ce130');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (62, 1795438807637058, X'2ad5ed2beef34db7bd7cf586d6ac31f91aa70c0258b2ebfeeba837c06f0ce130', X'c7fd5c4992d26ad5ddbb213d9bb0d0a7317af95f4bdb7728ddd20e7f381558d6', X'72de36f7f75942bc89a21dfdbe3a2151f5abc7e797c13d030e3bbbb90d431521', X'dfa5a8bea36f28a44df51372cd9f20cf227319f9bde66e40b5a5ddc361e8c27e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (63, 1795438807659685, X'dfa5a8bea36f28a44df51372cd9f20cf227319f9bde66e40b5a5ddc361e8c27e', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'4d2685aa3cb1a6aa8a878c6249db1ddb8a0377249ab6ab239ffd9924624ba275', X'37273c88beed90a59423a28fbcf52e3525916b9ec264d7b63a62a88465763af1');
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', 404, 'not_found', 'DID not found', X'7b226572726f72223a207b22636f6465223a20226e6f745f666f756e64222c20226d657373616765223a2022444944206e6f7420666f756e64227d7d', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'a1e6cb65deea8ec0d4d4d016522df4a074c7122d5dd22bd63b5759c210ce504d', 200, 'other_did', 'the body is that of another DID', X'7b226964223a20226469645f313031222c2022637573746f6d65725f6964223a2022637573745f313233222c20226170706c69636174696f6e5f6964223a20226170705f6d61696e74656e616e6365222c20226e756d6265725f65313634223a20222b3135353531323330303031222c202270726f7669646572223a20226469647777222c2022737461747573223a2022616374697665222c2022726f7574655f6d6f6465223a2022776562686f6f6b222c2022637265617465645f6174223a2022323032362d30352d32395431323a30303a30305a222c2022757064617465645f6174223a2022323032362d31312d32335431323a35393a34395a227d', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'47674e65018801f2d1365a1c709ad19d29b8af6a1e42c0af4cdf098eb544d7ee', 200, 'not_json', 'the body is not JSON', X'3c21646f63747970652068746d6c3e3c7469746c653e5369676e20696e3c2f7469746c653e3c703e506c65617365207369676e20696e20746f2074686973206e6574776f726b2e3c2f703e0a', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'360f497720b5317d951e6cac36d4e25ae2980037ad45f19a44d7c719858ec87a', 200, 'not_json', 'the body is not JSON', X'fffe207b6e6f74206a736f6e', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'76410d4ac2aaf1dfd44dcea84f3a826af6e3e4b484ca4bc5d257d2854e142501', 503, 'http_503', 'the API answered 503', X'002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078', 25);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'faeff569e9dfe4bc627ccbd91734c739a075f08696435aef396af192e7fb99bc', NULL, 'late', 'received before a newer answer; kept, begins no revision', X'7b226964223a20226469645f313033222c2022637573746f6d65725f6964223a2022637573745f313233222c20226170706c69636174696f6e5f6964223a20226170705f6f6c64222c20226e756d6265725f65313634223a20222b3135353531323330303033222c202270726f7669646572223a20226469647777222c2022737461747573223a2022616374697665222c2022726f7574655f6d6f6465223a2022776562686f6f6b222c2022637265617465645f6174223a2022323032362d30352d32395431323a30303a30305a222c2022757064617465645f6174223a2022323032362d30352d32395431323a30303a30305a227d', 30);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'17cb54e4e750804b3de12794003a4e1b227f692fd459aab2a90a06a93cc0c48d', 0, NULL, X'789c8b564ac94c8937343054d281b28ce02c6338cb04ca8a293530484b568851ca48cc498b5152503572d3cfcf4bb5874a1767164059498945a950664e7e5eba522c00f6211e8f', 3);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'133ed99a26ffb3b39fb76c41b30dd630f39828727b3119645e1b5020c2f734dd', 0, NULL, X'789c8b564ac94c89373430558a050013ff0323', 6);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298', 1, NULL, NULL, 8);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'79cf4fdd74298e63beb862127a26fece466feb87623758053733d6ba063e7f1e', 0, NULL, X'789c8b564ac94c892fce2c50d251d23634353535343236303030528a050063e4069c', 20);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'c672aa2c7b85114d44afd143ab69e16bf896b8a5b5c067d03bee028e5825cf0b', 0, NULL, X'789c8b564ac94c89b7b4b454d251d236343535b58400a5580059340632', 27);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'6ab4ee24a7933dec4c4ada1e2b8860369e06ebe578d15ba604c0889eb600565f', 0, NULL, X'789c8b564ac94c89cfc9cf4b578a05001b59043d', 40);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'9be2292c1178f1645b3024632db586c51a4462b96fe323d23da5efa92ffeddc8', 0, NULL, X'789c8b564ac94c89373430538a050014020324', 52);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'a8e01fe0908582072cd14421fb123f22e2026489e6c7c948dec71b3258cb6067', 0, NULL, X'789c8b564ac94c8937343054d281b2cce02c5338cb48291600e9070adf', 58);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_maintenance', 1795438787948237, 'https://voice.example.com/maintenance/answer', 2, 3);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_sales', 1795438787948237, 'https://voice.example.com/sales/answer', 2, 3);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_support', 1795438787948237, 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 2, 3);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_support', 1795438789604314, 'https://voice.example.com/new', 5, 11);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_support', 1795438802875204, 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 13, 49);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (1, 1795438787388695, '[]', NULL, 2);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (2, 1795438787974098, '[]', NULL, 5);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (3, 1795438788516401, '["a destination was fetched, so the stated one was not used"]', NULL, 7);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (4, 1795438789068645, '[]', NULL, 10);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (5, 1795438789623063, '[]', NULL, 13);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (6, 1795438789658379, '[]', NULL, 16);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (7, 1795438790202298, '[]', NULL, 19);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (8, 1795438790730823, '[]', NULL, 22);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (9, 1795438792560068, '["with the key key-24f0476d, applications could not be read: internal_server_error; with the key sales, applications could not be read: internal_server_error"]', NULL, 26);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (10, 1795438793111647, '["with the key key-24f0476d, applications could not be read: internal_server_error; with the key sales, applications could not be read: internal_server_error"]', NULL, 29);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (11, 1795438793623116, '["1 received before what the log holds, so they begin no revision; restore names them where no target is left"]', NULL, 31);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (12, 1795438798191030, '[]', NULL, 41);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (13, 1795438802892401, '[]', NULL, 51);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (14, 1795438803734485, '[]', NULL, 53);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (15, 1795438804574293, '[]', NULL, 55);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (16, 1795438805349870, '[]', NULL, 57);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (17, 1795438806894124, '[]', NULL, 61);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('+15559999999', 1795438793100413, 10, NULL, X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', NULL, NULL, 28);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795165200000000, 1, 1, NULL, NULL, NULL, 1);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438787945948, 2, 2, NULL, NULL, NULL, 3);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438789045562, 4, 2, NULL, NULL, NULL, 8);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438789601909, 5, 3, NULL, NULL, NULL, 11);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438789640785, 6, 3, NULL, NULL, NULL, 14);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438790182063, 7, 3, NULL, NULL, NULL, 17);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438791306240, 9, 3, NULL, NULL, NULL, 23);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438802872316, 13, 4, NULL, NULL, NULL, 49);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438806227545, 17, 4, NULL, NULL, NULL, 58);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438807631195, 18, 4, NULL, NULL, NULL, 62);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795165200000000, 1, 1, NULL, NULL, NULL, 1);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438787954515, 2, 2, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438789051071, 4, 2, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438789606699, 5, 3, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438789642282, 6, 3, NULL, NULL, NULL, 14);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438790187137, 7, 3, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438791314476, 9, 3, NULL, NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438806870544, 17, 3, NULL, NULL, NULL, 60);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795305600000000, 11, NULL, X'faeff569e9dfe4bc627ccbd91734c739a075f08696435aef396af192e7fb99bc', NULL, NULL, 30);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438787954740, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438789055361, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438789608132, 5, 2, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438789644848, 6, 2, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438790187255, 7, 2, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438791315069, 9, 2, NULL, NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438787955306, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438789050519, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438789606291, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438789644961, 6, 1, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438790194517, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438791314647, 9, NULL, X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', 1, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438804864638, 16, 2, NULL, NULL, NULL, 56);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438788501768, 3, 1, NULL, NULL, NULL, 6);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438789055318, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438789606468, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438789645024, 6, 1, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438790187217, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438791316326, 9, NULL, X'47674e65018801f2d1365a1c709ad19d29b8af6a1e42c0af4cdf098eb544d7ee', NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438806869879, 17, 1, NULL, NULL, NULL, 60);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438790717977, 8, 1, NULL, NULL, NULL, 21);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438791322452, 9, 1, NULL, NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438803691211, 14, 2, NULL, NULL, NULL, 52);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438804545903, 15, 3, NULL, NULL, NULL, 54);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438806228268, 17, 3, NULL, NULL, NULL, 59);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438807631746, 18, 3, NULL, NULL, NULL, 63);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_999', 1795438793094126, 10, NULL, X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', NULL, NULL, 27);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438787959459, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438789051581, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438789606564, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438789642133, 6, 1, NULL, NULL, NULL, 14);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438790195057, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438791316276, 9, NULL, X'a1e6cb65deea8ec0d4d4d016522df4a074c7122d5dd22bd63b5759c210ce504d', NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438787959605, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438789054256, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438789606829, 5, 2, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438789649821, 6, 2, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438790193088, 7, 2, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438791315137, 9, 2, NULL, NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438798173803, 12, 2, NULL, NULL, NULL, 40);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438787958300, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438789059394, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438789609108, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438789645090, 6, 1, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438790194346, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438790713619, 8, 2, NULL, NULL, NULL, 20);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438791322629, 9, NULL, X'360f497720b5317d951e6cac36d4e25ae2980037ad45f19a44d7c719858ec87a', NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438787958634, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438789053824, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438789605845, 5, 2, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438789645716, 6, 2, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438790192724, 7, 2, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438792552573, 9, NULL, X'76410d4ac2aaf1dfd44dcea84f3a826af6e3e4b484ca4bc5d257d2854e142501', NULL, NULL, 25);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('pre', 1795438787631850, 2, 'olga', 1795438787948237, 3);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('ivr-7:before', 1795438789590359, 5, 'olga', 1795438789604314, 11);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('ivr-7:after', 1795438789632621, 6, 'olga', 1795438789646978, 14);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('post', 1795438789871727, 7, 'olga', 1795438790184446, 17);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('noon', 1795262400000000, NULL, 'olga', 1795438798691019, 42);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('now', 1795438799183114, NULL, 'olga', 1795438799185364, 43);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230001', 'did_101', 1);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230002', 'did_102', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230002', 'did_106', 21);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230003', 'did_103', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230004', 'did_104', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230005', 'did_105', 6);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230042', 'did_ü "half" %2F/one?', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230043', 'did_sip', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230044', 'did_long', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230099', 'did_102', 12);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 1, 1, '+15551230001', 'app_support', 'webhook', NULL, NULL, 'active', 1795165200000000, 1, X'0123321281ee1ce2f188aeaa1600', X'917801df43361945', 1);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 2, 1, '+15551230001', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438787945948, 2, X'0123321281ee1ce2f188aeaa1600', X'90e1b88bfe3b2998', 3);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 3, 3, '+15551230001', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438789601909, 5, X'0123323281ee1c26f1690c52656a69656219a5540b00', X'63e3976ab24949e9', 11);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 4, 1, '+15551230001', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438802872316, 13, X'0123321281ee1c06f1681c62680c566514a5540b00', X'7a541f00855356bd', 49);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_102', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1795165200000000, 1, X'01c312f818810c4e5ad8020c35e041ca6a01', X'0b58a8a8e383702e', 1);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_102', 2, 2, '+15551230002', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438787954515, 2, X'0123321281ee1ce2f188aeaa1600', X'9b7e5b62d68e0c03', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_102', 3, 3, '+15551230099', NULL, 'reject', NULL, NULL, 'active', 1795438789606699, 5, X'012332b280cec41a5fe0543ac863cc18a4cad4d2cac4324aa91600', X'70b15b7ae714b99e', 12);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_103', 1, 1, '+15551230003', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438787954740, 2, X'0123321281ee1ce2f188aeaa1600', X'8c0d26914da35eb7', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_103', 2, 2, '+15551230003', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'suspended', 1795438789608132, 5, X'0123321a814e1d0e31690c52656a69656219a5540b00', X'b961e4cc09bfeef2', 12);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_104', 1, 1, '+15551230004', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'active', 1795438787955306, 2, X'0123320281ee1cd27188aeaa1600', X'6d0e0f7b79b00f39', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_104', 2, 2, '+15551230004', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438804864638, 16, X'0123323281ee1c26f1691c62680c566512a5540b00', X'1eeb15667d79d622', 56);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_105', 1, 1, '+15551230005', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'active', 1795438788501768, 3, X'0123320281ee1cd27188aeaa1600', X'f35d7dab05c35d8d', 6);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_106', 1, 1, '+15551230002', 'app_support', 'webhook', 'https://voice.example.com/new', 'fetched', 'active', 1795438790717977, 8, X'0123321281ee1ce2f188aeaa1600', X'fa1eaa34c839e9bf', 21);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_106', 2, 2, '+15551230002', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'active', 1795438803691211, 14, X'0123320281ee1cf271681c62680c56651ca5540b00', X'f47f7a497ba94236', 52);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_106', 3, 3, '+15551230002', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438804545903, 15, X'0123321281ee1c06f1681c62680c56651ca5540b00', X'c113787dcf66fcc7', 54);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_bare', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1795438787959459, 2, X'01c308fe5a00', X'64f322104b71c53b', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_long', 1, 1, '+15551230044', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438787959605, 2, X'01d5d53b4e03311405d0ad44ac00fffdd61251202535525250b177868f8f1b8ab47457a3d13dd63cdbf3e8188f85fef349fef1d6cf113c9dbfc2e9f9f7c929ad9057282bd415da0a7d85b1c25c2114ee6add4979d29ed427fd0990080991189991f7fa199991199991199991199951188551f647621446611446611446615446655446dd93605446655446655446633446633446dbe3663446633446637446677446677446df7b8ad1199dd119833118833118833118636f5cc6600cc6644cc6644cc6644cc664cc7d3a1893118c60042318c10846308211fb08c6f18b3c6e9dd7fbfdfdedf67d5f9d6fd7cb71cd5c2f2f4f1f9f', X'2a476067feeba93c', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_long', 2, 2, '+15551230044', 'app_support', 'webhook', 'https://voice.example.com/new', 'fetched', 'active', 1795438789606829, 5, X'01d5d53b4e03311405d0ad44ac00fffdd61251202535525250b177868f8f1b8ab47457a3d13dd63cdbf3e8188f85fef349fef1d6cf593b9dbfc2e9f9f7c929ad9057282bd415da0a7d85b1c25c2114ee6add4979d29ed427fd0990080991189991f7fa199991199991199991199951188551f647621446611446611446615446655446dd93605446655446655446633446633446dbe3663446633446637446677446677446df7b8ad1199dd119833118833118833118636f5cc6600cc6644cc6644cc6644cc664cc7d3a1893118c60042318c10846308211fb08c6f12f3c6e9dd7fbfdfdedf67d5f9d6fd7cb71cd5c2f2f4f1f9f', X'e4f0e7e248420560', 12);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_sip', 1, 1, '+15551230043', NULL, 'sip', 'ü@x', 'body', NULL, 1795438787958300, 2, X'01c3123504021b6b4802a9f8d2a24c90484ca981415ab24385522d00', X'657a5c619287132a', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_sip', 2, 2, '+15551230043', NULL, 'sip', 'sip:desk@pbx.example', 'body', NULL, 1795438790713619, 8, X'01c3123504021b6b4802a9f8d2a24ca8084602c0138cc620579a5a5a99025d590b00', X'11f185044b893b1d', 20);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_ü "half" %2F/one?', 1, 1, '+15551230042', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438787958634, 2, X'01438eea98520383b4648518b09763084738d0f1c320ceb1a8ca494c4acd0129702f02878919884c494b5588293532330053064620ca00081480990eec80c49c9ce2f892fc944460b65630048aa4a4a6160099d54ac0d240211a5c742818ea99c6d6d60200', X'ec01719d4dc41f09', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_ü "half" %2F/one?', 2, 1, '+15551230042', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438789605845, 5, X'01438eea98520383b4648518b09763084738d0f1c324ce8d41aa4c2dad4c2cc1aa7212935273400adc8bc06162062253d25215624a8dcc0cc0948111883200020560a6033b203127a738be243f251198ad15cc812229a9a9054066b512b034508806171d0a46b1b5b500', X'05c7f64accc48bc8', 12);
INSERT INTO confirmation ("did", "revision", "returned", "routing", "at", "capture", "entry") VALUES ('did_101', 2, 4, 1, 1795438802887678, 13, 50);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c1', 'call.completed', 'did_103', 1795438799302309, 2, 2, 'pass', 'hörte die Ansage', '{"event": "call.completed", "created_at": "2026-11-23T12:59:59.302309Z", "call": {"id": "call \u00fc c1", "customer_id": "cust_1", "application_id": "app_sales", "direction": "inbound", "from": "+15550000000", "to": "+15551230003", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 44);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c2', 'call.completed', 'did_long', 1795438799302309, 2, 2, 'fail', 'silence', '{"event": "call.completed", "created_at": "2026-11-23T12:59:59.302309Z", "call": {"id": "call \u00fc c2", "customer_id": "cust_1", "application_id": "app_support", "direction": "inbound", "from": "+15550000000", "to": "+15551230044", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 45);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c3', 'call.completed', 'did_ü "half" %2F/one?', 1795438799302309, 2, 1, 'reached', '', '{"event": "call.completed", "created_at": "2026-11-23T12:59:59.302309Z", "call": {"id": "call \u00fc c3", "customer_id": "cust_1", "application_id": "app_maintenance", "direction": "inbound", "from": "+15550000000", "to": "+15551230042", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 46);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c4', 'call.completed', 'did_105', 1795438799302309, 1, 1, 'differs', 'application_id is app_maintenance, the log has app_sales', '{"event": "call.completed", "created_at": "2026-11-23T12:59:59.302309Z", "call": {"id": "call \u00fc c4", "customer_id": "cust_1", "application_id": "app_maintenance", "direction": "inbound", "from": "+15550000000", "to": "+15551230005", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 47);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c3', 'heard:call.completed', 'did_ü "half" %2F/one?', 1795438799302309, 2, 1, 'pass', '', '{"event": "call.completed", "created_at": "2026-11-23T12:59:59.302309Z", "call": {"id": "call \u00fc c3", "customer_id": "cust_1", "application_id": "app_maintenance", "direction": "inbound", "from": "+15550000000", "to": "+15551230042", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 48);
INSERT INTO note ("did", "at", "revision", "author", "text", "entry") VALUES ('did_101', 1795438794126773, 1, 'bob', 'größer: it''s
fine', 32);
INSERT INTO note ("did", "at", "revision", "author", "text", "entry") VALUES ('did_101', 1795438794632573, 3, 'olga', 'n2 :x % \x00''', 33);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_101', 1795438795140017, 2, 1, 'good', 'calls went through', 'olga', 34);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_101', 1795438795639250, 3, 3, 'bad', 'silence', 'olga', 35);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_103', 1795438796140364, 2, 2, 'bad', 'first thought', 'olga', 36);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_103', 1795438796639264, 2, 2, 'good', 'on second thought', 'bob', 37);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_bare', 1795438797146670, 1, 1, 'retired', 'given back', 'olga', 38);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_long', 1795438797644008, 2, 2, 'retired', 'by mistake', 'olga', 39);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_long', 1795438798177176, 2, 2, 'returned', 'recorded by name and readable again', 'olga', 40);
