-- A log of schema 0003, as the program of that time wrote it: python -m tests.schemas.save
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
CREATE TABLE watch_round (
	watch VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	capture INTEGER, 
	requested INTEGER NOT NULL, 
	read INTEGER NOT NULL, 
	stopped VARCHAR, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (watch, at), 
	FOREIGN KEY(capture) REFERENCES capture (id)
)
 WITHOUT ROWID

;
CREATE TABLE alert (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	watch VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	what VARCHAR, 
	did VARCHAR, 
	number VARCHAR, 
	revision INTEGER, 
	capture INTEGER, 
	count INTEGER NOT NULL, 
	dids TEXT, 
	since BIGINT, 
	in_a_row INTEGER, 
	status INTEGER, 
	code VARCHAR, 
	message TEXT, 
	channels VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(capture) REFERENCES capture (id)
);
CREATE INDEX alert_at ON alert (watch, at);
CREATE TABLE alert_delivery (
	alert INTEGER NOT NULL, 
	channel VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	outcome VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (alert, channel), 
	FOREIGN KEY(alert) REFERENCES alert (id)
)
 WITHOUT ROWID

;
CREATE TABLE trouble (
	watch VARCHAR NOT NULL, 
	did VARCHAR NOT NULL, 
	alert INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	entry INTEGER NOT NULL, 
	PRIMARY KEY (watch, did, alert), 
	FOREIGN KEY(alert) REFERENCES alert (id)
)
 WITHOUT ROWID

;
CREATE TRIGGER watch_round_no_update BEFORE UPDATE ON watch_round  BEGIN SELECT RAISE(ABORT, 'changelog: watch_round is append-only'); END;
CREATE TRIGGER watch_round_no_delete BEFORE DELETE ON watch_round  BEGIN SELECT RAISE(ABORT, 'changelog: watch_round is append-only'); END;
CREATE TRIGGER watch_round_no_replace BEFORE INSERT ON watch_round WHEN EXISTS (SELECT 1 FROM watch_round WHERE watch = NEW.watch AND at = NEW.at) BEGIN SELECT RAISE(ABORT, 'changelog: watch_round is append-only'); END;
CREATE TRIGGER alert_no_update BEFORE UPDATE ON alert  BEGIN SELECT RAISE(ABORT, 'changelog: alert is append-only'); END;
CREATE TRIGGER alert_no_delete BEFORE DELETE ON alert  BEGIN SELECT RAISE(ABORT, 'changelog: alert is append-only'); END;
CREATE TRIGGER alert_no_replace BEFORE INSERT ON alert WHEN EXISTS (SELECT 1 FROM alert WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'changelog: alert is append-only'); END;
CREATE TRIGGER alert_delivery_no_update BEFORE UPDATE ON alert_delivery  BEGIN SELECT RAISE(ABORT, 'changelog: alert_delivery is append-only'); END;
CREATE TRIGGER alert_delivery_no_delete BEFORE DELETE ON alert_delivery  BEGIN SELECT RAISE(ABORT, 'changelog: alert_delivery is append-only'); END;
CREATE TRIGGER alert_delivery_no_replace BEFORE INSERT ON alert_delivery WHEN EXISTS (SELECT 1 FROM alert_delivery WHERE alert = NEW.alert AND channel = NEW.channel) BEGIN SELECT RAISE(ABORT, 'changelog: alert_delivery is append-only'); END;
CREATE TRIGGER trouble_no_update BEFORE UPDATE ON trouble  BEGIN SELECT RAISE(ABORT, 'changelog: trouble is append-only'); END;
CREATE TRIGGER trouble_no_delete BEFORE DELETE ON trouble  BEGIN SELECT RAISE(ABORT, 'changelog: trouble is append-only'); END;
CREATE TRIGGER trouble_no_replace BEFORE INSERT ON trouble WHEN EXISTS (SELECT 1 FROM trouble WHERE watch = NEW.watch AND did = NEW.did AND alert = NEW.alert) BEGIN SELECT RAISE(ABORT, 'changelog: trouble is append-only'); END;
CREATE VIEW alert_log AS 
        SELECT a.id, strftime('%Y-%m-%dT%H:%M:%SZ', a.at / 1000000, 'unixepoch') AS at, a.watch, a.kind, a.what, a.did, a.number, a.revision, a.count,
               a.code, a.capture, a.channels AS due,
               (SELECT group_concat(d.channel || ' ' || d.outcome, ', ') FROM alert_delivery d WHERE d.alert = a.id) AS delivered
        FROM alert a;
INSERT INTO alembic_version ("version_num") VALUES ('0003');
-- Rows, as both databases have them.
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (1, 'import', 1795438816105796, 1795165200000000, 'olga', NULL, 'what support kept', NULL, NULL, NULL, '0.1.0', 1, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (2, 'record', 1795438817329276, 1795438817329276, 'olga', 'ána', 'Zürich, vor dem Umzug; ''so'' "wie" \n — ☎ ‮ :x %s
-- zweite Zeile', 'NET-1', 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 3, X'17cb54e4e750804b3de12794003a4e1b227f692fd459aab2a90a06a93cc0c48d');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (3, 'record', 1795438818196079, 1795438818196079, 'bob', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 6, X'133ed99a26ffb3b39fb76c41b30dd630f39828727b3119645e1b5020c2f734dd');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (4, 'record', 1795438819425151, 1795438819425151, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 8, X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (5, 'deploy', 1795438822093932, 1795438822093932, 'olga', NULL, 'the move', NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 11, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (6, 'deploy', 1795438822196154, 1795438822196154, 'olga', NULL, 'the move', NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 14, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (7, 'record', 1795438823667824, 1795438823667824, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 17, X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (8, 'record', 1795438825485347, 1795438825485347, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 20, X'79cf4fdd74298e63beb862127a26fece466feb87623758053733d6ba063e7f1e');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (9, 'record', 1795438827135793, 1795438827135793, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 23, X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (10, 'record', 1795438830511453, 1795438830511453, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 27, X'c672aa2c7b85114d44afd143ab69e16bf896b8a5b5c067d03bee028e5825cf0b');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (11, 'import', 1795438831444944, 1795305600000000, 'olga', NULL, NULL, NULL, NULL, NULL, '0.1.0', 30, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (12, 'record', 1795438838925247, 1795438838925247, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 40, X'6ab4ee24a7933dec4c4ada1e2b8860369e06ebe578d15ba604c0889eb600565f');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (13, 'verify', 1795438843968059, 1795438843968059, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 49, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (14, 'record', 1795438844283712, 1795438844283712, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 52, X'9be2292c1178f1645b3024632db586c51a4462b96fe323d23da5efa92ffeddc8');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (15, 'record', 1795438844886677, 1795438844886677, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 54, X'9be2292c1178f1645b3024632db586c51a4462b96fe323d23da5efa92ffeddc8');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (16, 'restore', 1795438845480071, 1795438845480071, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 56, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (17, 'record', 1795438846040641, 1795438846040641, 'olga', NULL, 'killed, gone on with', NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 58, X'a8e01fe0908582072cd14421fb123f22e2026489e6c7c948dec71b3258cb6067');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (18, 'record', 1795438847080916, 1795438847080916, 'olga', NULL, 'killed', NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 63, X'a8e01fe0908582072cd14421fb123f22e2026489e6c7c948dec71b3258cb6067');
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (19, 'watch', 1795438848079323, 1795438848079323, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 66, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (20, 'watch', 1795438848814823, 1795438848814823, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 72, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (21, 'watch', 1795438851751177, 1795438851751177, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 81, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (22, 'watch', 1795438852320531, 1795438852320531, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 88, NULL);
INSERT INTO capture ("id", "command", "started_at", "reads_from", "recorded_by", "changed_by", "note", "ticket", "api_url", "key", "tool_version", "entry", "selection") VALUES (23, 'watch', 1795438852877367, 1795438852877367, 'olga', NULL, NULL, NULL, 'http://127.0.0.1:35789/v1', 'key-24f0476d', '0.1.0', 91, NULL);
INSERT INTO did ("did", "entry") VALUES ('did_101', 1);
INSERT INTO did ("did", "entry") VALUES ('did_102', 1);
INSERT INTO did ("did", "entry") VALUES ('did_103', 3);
INSERT INTO did ("did", "entry") VALUES ('did_104', 4);
INSERT INTO did ("did", "entry") VALUES ('did_105', 6);
INSERT INTO did ("did", "entry") VALUES ('did_106', 21);
INSERT INTO did ("did", "entry") VALUES ('did_bare', 4);
INSERT INTO did ("did", "entry") VALUES ('did_long', 4);
INSERT INTO did ("did", "entry") VALUES ('did_sip', 4);
INSERT INTO did ("did", "entry") VALUES ('did_ü "half" %2F/one?', 4);
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (1, 1795438816885046, X'0000000000000000000000000000000000000000000000000000000000000000', X'cb6fbfcf1f6cca4c111694a50c440aadbcb8989b89b381ac097720386b6da062', X'51a6a3ed4da861184a3f9ff30553bc33e7da593d5861ccfcf9cd072c07629a0e', X'de12154622b2276ff0837dcbf44020dc0a3e6a731b9c56bad8d4aac36af6c497');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (2, 1795438816907863, X'de12154622b2276ff0837dcbf44020dc0a3e6a731b9c56bad8d4aac36af6c497', X'69b6e9a15815a5e494e2cf613829a4edecdf3b0f7912361bdebced95bf423dd5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f39e9131626f2238371153ef5ef2bc9646a6ebd4c41845d06fdc5d8e2debde54');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (3, 1795438817890313, X'f39e9131626f2238371153ef5ef2bc9646a6ebd4c41845d06fdc5d8e2debde54', X'1430a75a673f6e1ae5492f5881b6bd6bc9ae1e58b9e4c42564bfa070ca33e752', X'88c8ca1841f6ada4a9f2b0883ab4c2a6ff7e46a60e87306f91223ca08fb60888', X'6f01863b0a001bceb827206b937eb469939dffac4ff038141c3817befc8da6ae');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (4, 1795438817907408, X'6f01863b0a001bceb827206b937eb469939dffac4ff038141c3817befc8da6ae', X'bc2d8f1750155472cbcf3eb5f6089a6caa30eaf926016163fb6a2a0610de1aa6', X'592a1aeb65cfe83ee9bbe8bf6d111ad37e6d17feb594adb5680c8783e9062bd2', X'59a585f62f2c1be3e99f82bac385f0afb45b492583b6dd7bdcc74ba40c127129');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (5, 1795438817919764, X'59a585f62f2c1be3e99f82bac385f0afb45b492583b6dd7bdcc74ba40c127129', X'c12fb3c8141875d28f7c1e3f2f79ef77fc2766ab77c47af86f2c507b3463c756', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'246d34f958bb0267ec0fa50a8425899cd7cc54e8ade618e39d26937882bbcba6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (6, 1795438818720911, X'246d34f958bb0267ec0fa50a8425899cd7cc54e8ade618e39d26937882bbcba6', X'050668feaddc4bbb0496720adf7368fa04222fff2062e635227fae3da7e14829', X'a8767eec6a3def3b6bdc1a6a596dbe15d5a114e873ad0c5b786dce491a693125', X'd6428b4b176c9e8844bf52012a87437f2a030ce3da2667f4faa63bc30a377321');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (7, 1795438818763817, X'd6428b4b176c9e8844bf52012a87437f2a030ce3da2667f4faa63bc30a377321', X'5667eedf18d3f7fa73ee0494e7219adc58d4f6bc60603803966b036d871b3b35', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'58fb9b4705ad0f2ed46ff552a2f9e82a147f451c773f02613f92e360c5efb9b7');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (8, 1795438820271106, X'58fb9b4705ad0f2ed46ff552a2f9e82a147f451c773f02613f92e360c5efb9b7', X'd1f79b10f99517da86014168dc498c6c70092eac64001c394b119cb0157d2ad0', X'b59ff2499414cf8b9054c98eea229a4bef9d234396c9b053559754cfc7cdefb6', X'ce762d8859357d8b36dcc52065c03f69cdd3062a506d9ab21738c80f38e8c6e7');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (9, 1795438820292444, X'ce762d8859357d8b36dcc52065c03f69cdd3062a506d9ab21738c80f38e8c6e7', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'e2abfc9773aed3d0c99d5660a21cab9e703357d312b3781f3013f753363dab2e', X'73a4d5a11fe7f38a058eedfd0abc39c4d71cc6f2f5ba4457120ad6f7ce89f5ea');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (10, 1795438820312608, X'73a4d5a11fe7f38a058eedfd0abc39c4d71cc6f2f5ba4457120ad6f7ce89f5ea', X'52b6802d0938ee1950a9da1f0259fd5422adae416d0ce84263965fd2c0bd8fd0', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'26de663da2dcc675cb0afe11e5bac04d827196633f6c878effaf5c2dd4e30b9a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (11, 1795438822126627, X'26de663da2dcc675cb0afe11e5bac04d827196633f6c878effaf5c2dd4e30b9a', X'bcb6726b449f04e65b8ce95840f2c153bbb9aa93935c265acb6f720231ff48f7', X'3ec53ee6208b684e9aaf188f93e4f911f3b31b5367c6fe319ece45ed4ac544f3', X'b428eaf3c8694099cb28dedb09e88f8d29398b496ae87ee51e6f8c9bcdeec9db');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (12, 1795438822159440, X'b428eaf3c8694099cb28dedb09e88f8d29398b496ae87ee51e6f8c9bcdeec9db', X'25c5feb49e9b445f5a969f0b2f1cfca003a35c18b90b3ac8a422a1d77cd263be', X'5f84e97c3fa9d50ae749a67f9b92879bf3e6436330eae0a15573478be7235ac4', X'8ad245f670767399fea15108b461eae67e07c47e1c433c1a0fb3acbfe98cd256');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (13, 1795438822178296, X'8ad245f670767399fea15108b461eae67e07c47e1c433c1a0fb3acbfe98cd256', X'61cba7172a61f1d7c0afad389a3ec4307f9ee3eb6cf230ce56252df39fc3bb51', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'5d0073718a9833844828a44ddeff23dceae857a64ec8bbd35aa8bd429eb9a005');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (14, 1795438822213215, X'5d0073718a9833844828a44ddeff23dceae857a64ec8bbd35aa8bd429eb9a005', X'18a0e02059f56784f752251bf15558f6cc8f5bcab3e89b52f27813d69230907a', X'01f7867b5a14cc671ece478e81dc890e15c20dd3105929f7988e1417c0fb2078', X'bbac2953060c20e01c00a358d5abb8b8531252c41e4e6d84f26446c1b711c4d6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (15, 1795438822232153, X'bbac2953060c20e01c00a358d5abb8b8531252c41e4e6d84f26446c1b711c4d6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7da5d571011a13652fd0105a980ac6c4e063a45d0b071046489189e7c32c6803', X'35de9d47a95370567252b3f5cbca334784c2dab66a89159866bb5f6d8f5249e6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (16, 1795438822244194, X'35de9d47a95370567252b3f5cbca334784c2dab66a89159866bb5f6d8f5249e6', X'8be36df81151be45407f8b5d06d9e04b4072d894015605a7cf1e046c1de6e0fe', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f70f2646346f373840e96e179292aa671d0dfad70c16895bc472f41c942b508f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (17, 1795438824869195, X'f70f2646346f373840e96e179292aa671d0dfad70c16895bc472f41c942b508f', X'900a05cc1098b4df8b53f91f74ac11c53ca2cd2ac946178cf4a7366306cc83af', X'c5a5cc59a2b72ef89edfb16fc6d96c8bf363042d67c7e920d35fcd839a31cf7d', X'b3827e1b5a883f1e7b73af08528520b1360672cb110d7097e866870700da2ba7');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (18, 1795438824895768, X'b3827e1b5a883f1e7b73af08528520b1360672cb110d7097e866870700da2ba7', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'be25214586992c1fc47a2d43bfbdbc6db09dac4b2d6488ce4fbe7268dc47b7da', X'bbded8ed6801b6b821bc3081eb5e2ae2b6d5111473063e6648eb691dad6dc7f5');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (19, 1795438824931523, X'bbded8ed6801b6b821bc3081eb5e2ae2b6d5111473063e6648eb691dad6dc7f5', X'deea8fa944a0ab71739c498206fc73c422b3f2a20b21aa33d4cf24c0317129e2', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'ea4a0e6cc7811f3d24357d79ebee45a6ad23c017174adf7d8c5202f823fce0b6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (20, 1795438826325390, X'ea4a0e6cc7811f3d24357d79ebee45a6ad23c017174adf7d8c5202f823fce0b6', X'92ed95f2e985ad32749c83fce3ca8a355ef11af431f6b2bd6544a8b882938f14', X'cda38d16297d6640b50981cc75581752cb363a7ec0e460debb30f29ee4a502b2', X'90e711dc9fff25fd6a33558330ae6eaa961ca6e8196653d8bf65835f351446a2');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (21, 1795438826393554, X'90e711dc9fff25fd6a33558330ae6eaa961ca6e8196653d8bf65835f351446a2', X'23e32a180f648e585a2a8752411cfd742b2e39371c82ff859d2e6424c5adb238', X'31d3be927c9818a3a8c7f3c5168952ee30c2d7eecf9641b9d66709f87ab2b14c', X'9f8fca9490a82cbfa451428a9e7d623a134b698528aa74538ae152c78d382c09');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (22, 1795438826426326, X'9f8fca9490a82cbfa451428a9e7d623a134b698528aa74538ae152c78d382c09', X'ec7da9a6cc150627ede002c163730a730fdcb41d5ddbe7ba2fe5249798bac69b', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'8f1a10c0b300f69c99f44aa2c5882f6e987600a4fd125a76ff7da665b2022735');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (23, 1795438827820288, X'8f1a10c0b300f69c99f44aa2c5882f6e987600a4fd125a76ff7da665b2022735', X'ca4cdefb90d5a4bedf47ba44bfb49bddbdb32fd086ba608ee44a86878089638f', X'60b818b099fc42f090e6fdf4296b7ae9af15a5ea44b583ab433244bbca3a72ad', X'f691808287acf360ae4ab7057d81a7018a92710b9a3b0441789863e82dc43746');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (24, 1795438827856255, X'f691808287acf360ae4ab7057d81a7018a92710b9a3b0441789863e82dc43746', X'ff6ff98944fdd9d422563bf716bda3c5c5e3ec98df9f9097b9706764e7072f19', X'3d2254537748afb6a2cbe840c818a3ff62cc647fff7d54caa7b394dfe263e33d', X'acaca644b8abc5bcf858f539c24a5190373af453038975e5d72211964df39bac');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (25, 1795438830183089, X'acaca644b8abc5bcf858f539c24a5190373af453038975e5d72211964df39bac', X'0ef5f8bef7207468293e2b4d14454f5159885030fde24e8522d8368088478269', X'5ab3ac7c654f77eb899d5d0f0e3c0d70a1db22207d7f0fc66e1038047957f174', X'139b44dc2db09c49686d1fd3e8e3e5a193c02c21c9f3c63afa24c1e9de59eba3');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (26, 1795438830204703, X'139b44dc2db09c49686d1fd3e8e3e5a193c02c21c9f3c63afa24c1e9de59eba3', X'435f3da3c523f296774205460ea60506d68e66011cfd8bd6d8eecf7cff0aeba1', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'6611075854976fd0008a8b8e63173edf2f83c8f4fd40c619718f3af762be6532');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (27, 1795438831025283, X'6611075854976fd0008a8b8e63173edf2f83c8f4fd40c619718f3af762be6532', X'060e9dea440fb8d91e0d11dfbb047d9bdb491dbfa599e65d9768e518771f7a86', X'2e99a44137f8217425263e7f9ec322e5c08929c6160e614ed5991f0c2ed7851e', X'9bdf6bceccf399c51e10cd919a570a0d33aa9c1acc07be8cf23fa4480983393e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (28, 1795438831060491, X'9bdf6bceccf399c51e10cd919a570a0d33aa9c1acc07be8cf23fa4480983393e', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'72701b80f0111230b9bb57c030c7bc25d423ee991f36ec7291866cc09446a642', X'342c21f8d006965fc7fe1d9d73a79d783fe1fa428abd021097a795f1e94b71ab');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (29, 1795438831075566, X'342c21f8d006965fc7fe1d9d73a79d783fe1fa428abd021097a795f1e94b71ab', X'8faff9005e4ec3283f004e5c603f85cf9a2ccb9e10a8d78a0399de3f53e19470', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'641fab40e0a98fcd739c9ac8558c66ac4dfa8da45796a967c3d534b3106dfcf4');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (30, 1795438831915456, X'641fab40e0a98fcd739c9ac8558c66ac4dfa8da45796a967c3d534b3106dfcf4', X'e5e9e3545cf0daf4d712e9a3a3eb64d4666e9f1302c1324992a226a1d79361f2', X'b9df3c6a7dfd53cfb55f04bd4b26a34fbec5e964adbfafdd7ba2513e01a87bc4', X'31edf803853bdff8e4a4309b6327534bfc4edf79016e8b5687398660bae9045c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (31, 1795438831952005, X'31edf803853bdff8e4a4309b6327534bfc4edf79016e8b5687398660bae9045c', X'c08b8ee55d7bf3eff8d415e1f4b6ccd9feb2e578b4295edfb95b4f0966158d01', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'84d62597f9618d417fadfd5fff41c1014be0aaa6e86e870bb286c393c3abed31');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (32, 1795438832795474, X'84d62597f9618d417fadfd5fff41c1014be0aaa6e86e870bb286c393c3abed31', X'12da2aa6d5531622c10637678519eb61d02737bbc938ea0b6df6a9036954c51e', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'a565f98ba32100641cf79fdc3ca791b38487ba55426ef3d3fd4bb5f42687921a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (33, 1795438833619866, X'a565f98ba32100641cf79fdc3ca791b38487ba55426ef3d3fd4bb5f42687921a', X'be92cf4807d777e6ac702ff09ff17e74aa493b8e30d87cf23cc9b5e8a3fba5f5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7f42f239d28a646f747492c251b69e6891a945b041b07df3da5b17ed712d57f6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (34, 1795438834286886, X'7f42f239d28a646f747492c251b69e6891a945b041b07df3da5b17ed712d57f6', X'b971697aa643e6e0fae5f2dbc59b20be16e4af9c3900fd6f158a2d83fdae3028', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd556cdfe78352eb8f93d1af1850fe17dbb8416732d1defa2842ba7a4dccb9a24');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (35, 1795438835030023, X'd556cdfe78352eb8f93d1af1850fe17dbb8416732d1defa2842ba7a4dccb9a24', X'e44a4562a58e62070074a87ddeba300aee09ae6553d731c43184ada8b3f92a23', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'bd8fbd09c7331c7fecb9394b832b0a2bfa84a5858e097fe5a85c49c7cf700e49');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (36, 1795438836035547, X'bd8fbd09c7331c7fecb9394b832b0a2bfa84a5858e097fe5a85c49c7cf700e49', X'e9301077b5108130021fc325559c1c5d181638423fe8706313171a200d15fa6f', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'77b45fa1eed37f32904e5e4054058ce69cc520cc5410f2e2e5cb3a0983d98d10');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (37, 1795438836981640, X'77b45fa1eed37f32904e5e4054058ce69cc520cc5410f2e2e5cb3a0983d98d10', X'50740ebfeab7bdb100cea710b8b0682671680751fc1666fb75c56c03ae155636', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'42cea69dc9aab9f62264f7b93e78befd9b2adb08fd6b5204fd3e643a7daa2ece');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (38, 1795438837875589, X'42cea69dc9aab9f62264f7b93e78befd9b2adb08fd6b5204fd3e643a7daa2ece', X'44b25c936e48335b562dda9e613ecb72b1350108f04220585ac6065ed57b040d', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'66f5ae753e06a8b40515186b154577f38adf73bb1ee47ef1d40cf0b990c19347');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (39, 1795438838644915, X'66f5ae753e06a8b40515186b154577f38adf73bb1ee47ef1d40cf0b990c19347', X'4413447f523970c4342042927d875448ef2f859608c45145a89bda3387c23b37', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0c171c3230584b5e620703fb2be150468c102f493638d8e2686b109d22200970');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (40, 1795438839437864, X'0c171c3230584b5e620703fb2be150468c102f493638d8e2686b109d22200970', X'fff35c1a391a4ac362c8b14ef4f12f540b54adba361ddf9484f01ff697be34b0', X'82d8fc4db010c200c1e8a4b2288c3ae9d2e07c514458604c25898bda00349073', X'4804d602952039d14b4968cd3eca71c18fa3858ddbae3c24359f751c29c191ae');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (41, 1795438839486080, X'4804d602952039d14b4968cd3eca71c18fa3858ddbae3c24359f751c29c191ae', X'bd25f3cb5db230819a94fb968e9a3f23b116d19877e77de006a0960a46ebe56e', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'c0a9c3c540423b62e9f63a14fbfca204c208658524dbbbff0423aaa551d69900');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (42, 1795438840035431, X'c0a9c3c540423b62e9f63a14fbfca204c208658524dbbbff0423aaa551d69900', X'036fcf48c43388e09e78f2f61cf55749a134e7205faf0b7cc8afebc0189fafba', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7ea7eb02dcd5d375c2c3a43a08c66f438b4ecd5d44c5b0a6ab3cc7a0cebf6631');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (43, 1795438840556904, X'7ea7eb02dcd5d375c2c3a43a08c66f438b4ecd5d44c5b0a6ab3cc7a0cebf6631', X'def0a25535633c07b6d174a790cae787d6f302d29d1a073486bf0442539ead12', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0b131cdf33ea54c74051a7ed11b41badd014c20709b708802f55bb9eebb2b32a');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (44, 1795438841241224, X'0b131cdf33ea54c74051a7ed11b41badd014c20709b708802f55bb9eebb2b32a', X'6f2460e69ebf26553886ced23f3f72ac177c571da0e31f47c578065dfe5e5eba', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0e253f7530bcef3ec29908c72138a2b84031a6a09c9a58ff661419528b1d8382');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (45, 1795438841787685, X'0e253f7530bcef3ec29908c72138a2b84031a6a09c9a58ff661419528b1d8382', X'4e22331c0a650d9cbdde10cfd8b5800865a8a7278b6c10fcb4abf7476ea74d90', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'244f9e7f8d74ea54f1c042c9ed9c7246e6e2a309c75752a5698b7a49d7c8faff');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (46, 1795438842314776, X'244f9e7f8d74ea54f1c042c9ed9c7246e6e2a309c75752a5698b7a49d7c8faff', X'ccd104e8cd9564f6603a52bf667170a1ce664a3e4bc5f2bdfb68ffce2da0f852', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f8b4ddb490fd104b551e3d9ec43005f77076bb3bbfe93937ff847ba328ce1545');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (47, 1795438842871431, X'f8b4ddb490fd104b551e3d9ec43005f77076bb3bbfe93937ff847ba328ce1545', X'8d53d5d9d647cf91c5714a1de83e9d4309a30ce58bce4749c6b55c23180f4b69', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'3f26333319d4c0a7497d0a08748c591bcfd6db6b2a559d59304ead7244e08a96');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (48, 1795438843420536, X'3f26333319d4c0a7497d0a08748c591bcfd6db6b2a559d59304ead7244e08a96', X'db3e17c30e9e6977ae400d1f45220669d6fe98a844a18513d473ec73c1af580d', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0b312bb88653137fd1155482e211c3a144da7052bf9da900a3b43d89e0db9a6d');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (49, 1795438843979735, X'0b312bb88653137fd1155482e211c3a144da7052bf9da900a3b43d89e0db9a6d', X'f1a374833160744664ad35935314b10ef2242a5cc26488473df864eb24143406', X'724d96718bb3ba569e1a74d7adc8868c7e38d510f5c91c7b86331141ea8d13b9', X'53479c43ea8bf5e13072d8808b3348f05434c6cf47b8108646adf43f577fcd0c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (50, 1795438844005218, X'53479c43ea8bf5e13072d8808b3348f05434c6cf47b8108646adf43f577fcd0c', X'3c5a76e021faf5d9af75c7ab653d7d2edbb3a246e4e0c733fcc06e0418a66f94', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd43d82381e96f7205c0bc7b1718852b2d09c45bd6d6ae0a73952e7ebb812c7f3');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (51, 1795438844029752, X'd43d82381e96f7205c0bc7b1718852b2d09c45bd6d6ae0a73952e7ebb812c7f3', X'7502584a202c564b922811b6dd0490fed46c9d441bbd0f103a2a96dbef7284c3', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'3eac1a1d17c63b7a3b8bc538c320a0492ec028ef7bc98c3baf6d3aa02bb5e58d');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (52, 1795438844614498, X'3eac1a1d17c63b7a3b8bc538c320a0492ec028ef7bc98c3baf6d3aa02bb5e58d', X'81ae7e223cafe60d51d6827ea2eb1263e2ca2d9a046ea133cd4c7d471c01c24a', X'3e18f6d28313264caadae2201a888f355425c269c32b42f1a444d4d7f6a04944', X'8b92f5429a0cf80a2486ca1317a34b72b0940c46b5ae051efa97b97b75088fd7');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (53, 1795438844640141, X'8b92f5429a0cf80a2486ca1317a34b72b0940c46b5ae051efa97b97b75088fd7', X'e7143468484bcd58ce1a53ce05b815d6ba0cabbd2972334bfce02677277dba79', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'4b34e95a18388cfc17e45a05cdbfc1ec037db671a0766bda78c1e9988835ebc2');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (54, 1795438845229665, X'4b34e95a18388cfc17e45a05cdbfc1ec037db671a0766bda78c1e9988835ebc2', X'07018231208f86319e897e58fcdda78478dda7f350a7fe6fce08afa211b97c27', X'f7a806c68db5f6e5c502af234ecf4feda65c8ef8e8b023d5732189e04206cd82', X'19327c5cda858fdc659bfafcadcebd5cef7beb0b7da838e23ac2c0379e1fb96f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (55, 1795438845256319, X'19327c5cda858fdc659bfafcadcebd5cef7beb0b7da838e23ac2c0379e1fb96f', X'6f2ca83bf686d1cd8671e067b3e03c499547a4f39ba62e38b4f029a24da644e6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'9a6cdf4ee6a93a94a2fd6a7dbca726fea3a2fe0e757eb939aa6e6895593bc104');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (56, 1795438845794490, X'9a6cdf4ee6a93a94a2fd6a7dbca726fea3a2fe0e757eb939aa6e6895593bc104', X'8ef956882237f2e64bae924432fa8225988ce14ec2d0d6ad88c981345dd7c64c', X'2ec4381a3a98a15cfc10bbcb8c7c7c524b2d58a1fd1d0dfb8ff3635e0fe9c7a7', X'8817fe82b24d146be9a37ddefebd7d4a515c7a1b2076c8e9cbcfb8a174b1d438');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (57, 1795438845803986, X'8817fe82b24d146be9a37ddefebd7d4a515c7a1b2076c8e9cbcfb8a174b1d438', X'34986b3b47721ba2d633e026871f6608ee6429437460cf0d89d39e2b7269d4c6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'2901d934311ab5b29d3bc5ecea93c50f6e80e8f3ae6811d33ab430e99308d519');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (58, 1795438846370549, X'2901d934311ab5b29d3bc5ecea93c50f6e80e8f3ae6811d33ab430e99308d519', X'ac574e4dc681bb0acc721c43dad83960b10337b695e09878f5742557cce3887f', X'32bf167329cb8e4e941c947becb73a1031a31f8231d4bc0a51a21ec36ad8c773', X'6a3cbc79b3754a277ebe526ea312938caeab98425879dfab85af9393d04ac863');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (59, 1795438846381041, X'6a3cbc79b3754a277ebe526ea312938caeab98425879dfab85af9393d04ac863', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'bef38d12283078ccb052415516e329153236b1ec82045420427465640c87a326', X'bb9ca18afa5070b633bd21b9ac76c5bfd59ccab6d4096624c04587a2f32d5e21');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (60, 1795438846804847, X'bb9ca18afa5070b633bd21b9ac76c5bfd59ccab6d4096624c04587a2f32d5e21', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'fae1c71e8fe398f1fdb1c6e4b679bceed068e46c3eb2946e5d663ae289091aae', X'56a546b5812707e811df20834db75c2dadcaf3259ee3aaac91c0791164bd19cb');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (61, 1795438846813395, X'56a546b5812707e811df20834db75c2dadcaf3259ee3aaac91c0791164bd19cb', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'2d25e9fb3f79fc6746bdf10c500823530f88b4c8e9065a942d99596cef0b9adc', X'1e8132616562512c9e71055adc11d520567981abbbb566d9f7a5de3cd204d058');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (62, 1795438846822683, X'1e8132616562512c9e71055adc11d520567981abbbb566d9f7a5de3cd204d058', X'06b3b3b3894aec76af45af4580143380567cba084568d54afa754bc68bb41541', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'0acdeb8f82c3b10cf2c7b0be6045459711bde483bf005df58baa4426ac9f1184');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (63, 1795438847413048, X'0acdeb8f82c3b10cf2c7b0be6045459711bde483bf005df58baa4426ac9f1184', X'54fc412a617bc0eff61f46088c8e88a15aea5468d62b6864e27a5c6d5f6f9ccb', X'0984838932f04044d25a1b3315e5b6a78c45540ece8924a80c6585906fa30f9b', X'b3e584546f750b94ec614a9d886b535052fb72d58c26f1b8ff1cdaf9936884b4');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (64, 1795438847448392, X'b3e584546f750b94ec614a9d886b535052fb72d58c26f1b8ff1cdaf9936884b4', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'36b411eb0c92c4f93b5cb5b598890c76389078dae20b38daa1144e33e751e184', X'715bb2ad68974726307e56796fd7307e89903b238053c3bcaa678b9f612903be');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (65, 1795438848035654, X'715bb2ad68974726307e56796fd7307e89903b238053c3bcaa678b9f612903be', X'c104c78ed1de4e9cc8598ea77d02101bd0341b660f7cd8fda1fabd73fd5bd1c0', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'5fe015725a3fca35260bb85cbdd2f0e696231f705180216f736ca4e13a833af8');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (66, 1795438848101228, X'5fe015725a3fca35260bb85cbdd2f0e696231f705180216f736ca4e13a833af8', X'5bcce9e006bc8e9591872e58998125f3a6624c71d24549d201b279183d87b6dc', X'd121a78283dc7662dfa4f123276c9575005be394943ab8f303e374b6497c85ff', X'31b0acffaabc19e815187d32db95e0ad776cdb2ee33609669092c7fcd2f42387');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (67, 1795438848122517, X'31b0acffaabc19e815187d32db95e0ad776cdb2ee33609669092c7fcd2f42387', X'bc5c9cbdf8312a7d1f16c631a3c5d28795cbbc116e06c0f06d474d30a7cbaf4c', X'bf2adb9819092ba3b0a92a945fc7631c4a4babdd4d44e98a741aa86e49c3d7ae', X'e7138393af18d2afa24da5b3a1d4a42d265da9d1f6473b4457aa3f1ff4a9876b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (68, 1795438848152095, X'e7138393af18d2afa24da5b3a1d4a42d265da9d1f6473b4457aa3f1ff4a9876b', X'88b0038622e4863cfe89a7d795fab07f63469f49d3047f6617bc7719423a4e94', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd15ea3d54b73f0360f2bf30a28f78263f67d238fa6ad46107049f1734058d682');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (69, 1795438848180088, X'd15ea3d54b73f0360f2bf30a28f78263f67d238fa6ad46107049f1734058d682', X'9c37403ff3787af8180b06f3c70e7f31bda313bca6f99af7f6ee1f3e128b5aad', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'b4b9c8ea1105105ea7c5fd7c554e7235be4ad99f63e2a06f4157ac023907d430');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (70, 1795438848222802, X'b4b9c8ea1105105ea7c5fd7c554e7235be4ad99f63e2a06f4157ac023907d430', X'fa79bdc2a506dccfbd7dda5e435bdf19ecb759690b46a2d7a772d7e674987ab6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'46ffad1892058238ade5b17ad57b859e14e0aa1e71e1ce645e1e8263dfc87a6e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (71, 1795438848260484, X'46ffad1892058238ade5b17ad57b859e14e0aa1e71e1ce645e1e8263dfc87a6e', X'7049b06ae8ab7844e921eb2dbe02df2347f413453a57f326b52a9351ef74cc27', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd54982a5f8600b899462200dd5ec6ad941f153461b22b88aff9dd294a5eb0b8e');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (72, 1795438848835609, X'd54982a5f8600b899462200dd5ec6ad941f153461b22b88aff9dd294a5eb0b8e', X'8119413f37fc8d9c5036be874f7b0381fdbb3ce0d6fbe9cccd7c4048cf7abeb9', X'8a9a3fbf8de36b477ff2f21b48b1b5abb87dd708e5f18b228d0be5079e1270f5', X'f560e1f45cd585110351424a580d35cc8085015b61067b892a15cc86426355fc');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (73, 1795438848867853, X'f560e1f45cd585110351424a580d35cc8085015b61067b892a15cc86426355fc', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'66be65cc324e6c399e536b3bdbdf96a1984c675c919ebdf9f76e10f30de46f34', X'1252ab3c0b58b057c15ae7bd062d12dbe60454405a4b1523f2414404eed0f0c4');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (74, 1795438850956558, X'1252ab3c0b58b057c15ae7bd062d12dbe60454405a4b1523f2414404eed0f0c4', X'8f56d2f217f564befe8db8c476394590504fa037db8eab5a62e2fec202da9713', X'34a985da7a9a00ae8217b656e3413384a51417f6136beb8ca4380bf62f3f518a', X'97e2c3a142df45da43206674a31983598b6f4ab72e5b7c43361190a431e80895');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (75, 1795438850988002, X'97e2c3a142df45da43206674a31983598b6f4ab72e5b7c43361190a431e80895', X'ae0f0dc38f14ccf3a744459d4a01198bf303cbe75170271732a1c96877b2a7be', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'bf4b87ffdf35fbe5a565e8231038fa28512c4fcb9e1fdf80b1032e810d580cba');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (76, 1795438851003831, X'bf4b87ffdf35fbe5a565e8231038fa28512c4fcb9e1fdf80b1032e810d580cba', X'6adda4f1fdcab870def8b3242404013ac093437e43ca438d0d67c0646482381f', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'ea2df0daba9b52b2a8994ba1127099ee2290ecce3ee4cd2fba2bbfefad8e7872');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (77, 1795438851046535, X'ea2df0daba9b52b2a8994ba1127099ee2290ecce3ee4cd2fba2bbfefad8e7872', X'423d913174b3de433f92745050de785e8120c10f30ec97398476557f27162c2b', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'310262222e3c649a391747d9e134deed2cf0b89b3df5a0dfb72a13d08614c35c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (78, 1795438851087925, X'310262222e3c649a391747d9e134deed2cf0b89b3df5a0dfb72a13d08614c35c', X'79c2e485afbccfb885df17469251287d77fd4f2a2751db5377ededf68bab2916', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'e623bebc3acc688a4be464acc977226898e452d6ad827fbd63d6de2160e023ab');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (79, 1795438851113302, X'e623bebc3acc688a4be464acc977226898e452d6ad827fbd63d6de2160e023ab', X'1116a2dd21229524fe76fa5f4b85bac841836d2123774869e8cc20b124eccd1d', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd440a357007e9847acf41a205e5c369da6d6bc0485f36714bbf613b5dd6e6e48');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (80, 1795438851145619, X'd440a357007e9847acf41a205e5c369da6d6bc0485f36714bbf613b5dd6e6e48', X'e31d380b2e7b9edec000e0b1215fc14f65f3389436dcc073d1304ee316bff9ed', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'841c9925e4c4bfcb299943b5856bb002d00ce16383cfe51107470f852d75c4fd');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (81, 1795438851767996, X'841c9925e4c4bfcb299943b5856bb002d00ce16383cfe51107470f852d75c4fd', X'050f3cd0700388dc33ab7d7c2eb0364194fd7bc1e36a3d45c3b913da2141fa9d', X'6a322782d525a52c955a3a679b899b436684039c47b6e677a708a20ceca05d67', X'b36629b6424b51193cbaa7e062e01a66fecafb7e194c68fc9389fdd42c8b5bd6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (82, 1795438851777743, X'b36629b6424b51193cbaa7e062e01a66fecafb7e194c68fc9389fdd42c8b5bd6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'9564593219cbd3b03c30124565f3195abcb6e4aec49e64cd1338a75b060964ab', X'560d50e6c75a48b1755cabc071e642e7d2091f21560aac756624f38504052fce');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (83, 1795438851782174, X'560d50e6c75a48b1755cabc071e642e7d2091f21560aac756624f38504052fce', X'19144ce09598724c6cf2c2825fc42f4ac7569cf5516c018ae73063775e7d4d29', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'4c9bc84b86e74c8dc73065ab18417ef7fcd6a7b28dd307de0ecdf2ce5fa7b882');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (84, 1795438851786366, X'4c9bc84b86e74c8dc73065ab18417ef7fcd6a7b28dd307de0ecdf2ce5fa7b882', X'51d3292cc480d7a24d9d807edb9e1f316e54635c78a9fcf4c7aab6a4bc88c845', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'324be547550ed4c72bcc56e89e3b6205bcf7b5579f86b461307cab3392c8acf0');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (85, 1795438851800868, X'324be547550ed4c72bcc56e89e3b6205bcf7b5579f86b461307cab3392c8acf0', X'591c842d02531124a57a2e63a06266f29f4091cf174c4afdcce964589cd538cf', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'401cb86895ccc94b9793564bd31e63dcd7915540ad8609d48eedabc645d43291');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (86, 1795438851809726, X'401cb86895ccc94b9793564bd31e63dcd7915540ad8609d48eedabc645d43291', X'299efe02ae4de9d04f482bafd83dd868efe788651ed2461c4b249a776b14abc4', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'a44a9422ed6a4938063a0a8043dcb4e344d0e7a78c5999b881651291f65512f8');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (87, 1795438852311749, X'a44a9422ed6a4938063a0a8043dcb4e344d0e7a78c5999b881651291f65512f8', X'7286ddfa86c7cc97e8c24632b8132156e2012b5f92620b255d114baebbc5c194', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'5d0c234d32751abd42d665f790bf1ce18e5a85eb2418ed5fcabcfdf213c4043b');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (88, 1795438852332281, X'5d0c234d32751abd42d665f790bf1ce18e5a85eb2418ed5fcabcfdf213c4043b', X'4feec07427777dc1dfb06d48f622dcc14961bac73f4a42210338c8d49e27a092', X'd7db77737ffdb59f53e0bb46d01f178356c337df5247228f6f39e101964aa555', X'8c9d1e431dc60217fe5fb69efc50e7076e31b7b4395e237e82411291b5e6295f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (89, 1795438852340673, X'8c9d1e431dc60217fe5fb69efc50e7076e31b7b4395e237e82411291b5e6295f', X'd9dcaf8f4d10483f8c663285f553ce8d0626b4fe004b81a3f15566a7c4c24ad6', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'310e075058dbacb9d4a66e8c782b908cfaf79f7bff8ee0a48ddefdf9b6981766');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (90, 1795438852344790, X'310e075058dbacb9d4a66e8c782b908cfaf79f7bff8ee0a48ddefdf9b6981766', X'c36f51dd62258758aed28e992c963ef6c157185454dd12cabc349ff761a96f30', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'bcf2fd2187383863ecd621f86d4ee1e1363d079ef20e0130d514e2c8d58468e3');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (91, 1795438853479712, X'bcf2fd2187383863ecd621f86d4ee1e1363d079ef20e0130d514e2c8d58468e3', X'1dfc7548905f94a540f9d9f4723794c8c0189d6a162f59c9aa384686b75f3f69', X'a6ce7aab4a03dcf44024bef87e267485519864c86fa056b0a5d4c2b7db434305', X'e857a063c3e21d3c53f50d7d4d1d759445354267b0c363f5e12bffd82ca370eb');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (92, 1795438853616608, X'e857a063c3e21d3c53f50d7d4d1d759445354267b0c363f5e12bffd82ca370eb', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'8d592c48c6f7f322f7a3ecb8b51497ee073478f5034c91da6a0177b5f99ae5df', X'a8f29e5d52b393de4265d605731bc0b89f25df609dab92a3ce0fded78a392689');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (93, 1795438853697737, X'a8f29e5d52b393de4265d605731bc0b89f25df609dab92a3ce0fded78a392689', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'43d0657298ac04db549617bdacbd8b6b5f255d27cbe105a97332cd9cdb9064a8', X'7975423bc252ba8630e85ea8ce5e6d7e713a1bbc5de968c51987f096cb61bdda');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (94, 1795438854233820, X'7975423bc252ba8630e85ea8ce5e6d7e713a1bbc5de968c51987f096cb61bdda', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'cd7ff592d3bc862149854cc269472c219e9ed7996036328cf377f69d3fa8bde3', X'251e454a03cb74b0d3da2a6d410c8ba6806162a374a726604943e48c6d5c2247');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (95, 1795438854255989, X'251e454a03cb74b0d3da2a6d410c8ba6806162a374a726604943e48c6d5c2247', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'233bb34e0ca192faabd34bbf14c80b7dcf517d49844e71e24342fb9de37289ea', X'5edc17e775b0bfaf15e2e20913d3401df3fc969da7bc51a8e16bb9708ddcd567');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (96, 1795438855006431, X'5edc17e775b0bfaf15e2e20913d3401df3fc969da7bc51a8e16bb9708ddcd567', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'8bbc891d468065f9373c6b892f00e78b5185354850ae521b452945b0487175bc', X'7f0ab23a523765ed9b3932c3104b5161b1c863667727eb29d36923dda753cf62');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (97, 1795438855452360, X'7f0ab23a523765ed9b3932c3104b5161b1c863667727eb29d36923dda753cf62', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'b311089fcc6adc8e562f7566dda189aec70ea23416bcff18c6b863ff3f6146bc', X'1fb772007084c7fb419b5e0698c61c7fe0773ba7491534cca34b563995adb379');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (98, 1795438855502274, X'1fb772007084c7fb419b5e0698c61c7fe0773ba7491534cca34b563995adb379', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'39dfd165213d21d8a3b308eb79dc3ae41d1020b4eb2d46da73b5894790b986ac', X'4ce1b274160939ebbf441dcf866f52804fdf924e7cc934658decab82bc952b7d');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (99, 1795438856032100, X'4ce1b274160939ebbf441dcf866f52804fdf924e7cc934658decab82bc952b7d', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'3c068cc1edf3e6d9ebdaded67989e2b4e3faafda05f607441d66d66e4d13a898', X'2505502590519a519148380f14b52d39b9238d09375aeb3382939f6cafbe32f6');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (100, 1795438856042618, X'2505502590519a519148380f14b52d39b9238d09375aeb3382939f6cafbe32f6', X'82d51fb4382ba8cf745a34f02bf54a94d98d9261e8d1d0f6b390817ed73637e2', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'1d7e2e9f7e36ec2b1fef2407ed8b3d8045979fda3304a7d114e61d6c995077e9');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (101, 1795438856052822, X'1d7e2e9f7e36ec2b1fef2407ed8b3d8045979fda3304a7d114e61d6c995077e9', X'2c2f66fd13655ddb9eae7f975e9c7e53f85c8e2c1945e8c8d08047ccf241cc43', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'3388f02b3c97b04671425de7f78a143f5963ac0a331f290bcf20e110f33498fb');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (102, 1795438856073752, X'3388f02b3c97b04671425de7f78a143f5963ac0a331f290bcf20e110f33498fb', X'edd30bdf8660654347965d434c94076656e738019db1a0c1622c47112b037baf', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7889c1ce6565b66126695853afa6d3e09a6dcca43f7b988e343bca92c0a7a9ad');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (103, 1795438856085292, X'7889c1ce6565b66126695853afa6d3e09a6dcca43f7b988e343bca92c0a7a9ad', X'48679f8de1b02d527fd42a167734c563c362828c7f64d19e9fcea587a23392cf', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'654b7be17537797599fbfbaf4475546788f663461053273f84b4246028cd2907');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (104, 1795438856093315, X'654b7be17537797599fbfbaf4475546788f663461053273f84b4246028cd2907', X'43050ef2ff162248a07b3b603ba765c2122fad8c8888890459873c403bedbcb0', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd0f87d2ab3d72d9471197f3bbcb00c29bcc7fe825a40b24a44b028f14b6536dd');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (105, 1795438856104701, X'd0f87d2ab3d72d9471197f3bbcb00c29bcc7fe825a40b24a44b028f14b6536dd', X'd2fd54efc47f4e10b79276e0a77e3b6c9d558d0b2fb1c7f986e5bb5d9567a7d7', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'82824c547256802547700af231f0b222088c43fd519eb70484d510c9a8bbbd0c');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (106, 1795438856112520, X'82824c547256802547700af231f0b222088c43fd519eb70484d510c9a8bbbd0c', X'8eb3611c229702ef851cd5a128ff985286596c0263eae9bc439ac2cde411fe71', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'b653b87a22f45815df9341ae4b40717022933a0361c3b103d73d6df947465e02');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (107, 1795438856122854, X'b653b87a22f45815df9341ae4b40717022933a0361c3b103d73d6df947465e02', X'cc8b8af1060e5d94ebd2d40c62987f1ad806a668f1b6c18128d6cb0b398745f4', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'c17a3a69161cf59fd32c5bdc941d5e46d3c09f2a04ccf83c4e0ace4138f85fc8');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (108, 1795438856129779, X'c17a3a69161cf59fd32c5bdc941d5e46d3c09f2a04ccf83c4e0ace4138f85fc8', X'57953ba5900e0cd2745fcc6eeb64018c6d07c237d5f5175a102f0300397861a5', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'6d28807ea272a32d40cb260d6592f55325500968112de810e54839de9cc86483');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (109, 1795438856139301, X'6d28807ea272a32d40cb260d6592f55325500968112de810e54839de9cc86483', X'5162abda658fedbb62c608169deb6b39189dddc63903a1e50251ae8f09accdf9', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'13d5596f23f3910ae0a545e1ee1f44d38778bb0e8435af4496a78bec878fff4f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (110, 1795438856144332, X'13d5596f23f3910ae0a545e1ee1f44d38778bb0e8435af4496a78bec878fff4f', X'c33a5e8719ee74646add8ecca85e7250710f9f10a2d63dd70ac2085708455799', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'cfd5639d562f3606207ae2f1699562d12a2043fb90d240f62632a8e20a313a88');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (111, 1795438856151600, X'cfd5639d562f3606207ae2f1699562d12a2043fb90d240f62632a8e20a313a88', X'f0d8e9a55e44d508db1056c5f0b5a2d0b411dcd6c29f43b49b93f89cfe395899', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'5219ff91682849c99d30d6c6a04f9eda7fa95a19616a8998ab670ceb1cf28830');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (112, 1795438856156046, X'5219ff91682849c99d30d6c6a04f9eda7fa95a19616a8998ab670ceb1cf28830', X'0303cb36e55d2e41bccc6906a47636cefc9587301e304a8d35f22a2d141e31d1', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'7ac01b4c92d1ed0d39ada885ffd581081dfd7dbf0a8800146cdbac5914b3f76f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (113, 1795438856163350, X'7ac01b4c92d1ed0d39ada885ffd581081dfd7dbf0a8800146cdbac5914b3f76f', X'939607dccb98a1c612dcee969af63505763d91b88fc4d5d10a4249bcb6f90171', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'1d65d4e87fd953580f26b328c69656b878760dcbf2b36a1f7adbc82028101c71');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (114, 1795438856168405, X'1d65d4e87fd953580f26b328c69656b878760dcbf2b36a1f7adbc82028101c71', X'eb501681571cd80b57913d0153eea46ee4d845baad7876a34edd9cc2169c0067', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'9ca338132b305063aa1f9bc352e724cd6ca5f53bd5a901631cedfe5c8cc46a0f');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (115, 1795438856175610, X'9ca338132b305063aa1f9bc352e724cd6ca5f53bd5a901631cedfe5c8cc46a0f', X'1a0a1f36db0385c6257deaaae74a2891957baaf79bef6e7bcd9baae75ad1ebac', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'f07a80921487378a2c8946d3db7c094346cd45ec1e0b997dd7c4dea13c31c0af');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (116, 1795438856179970, X'f07a80921487378a2c8946d3db7c094346cd45ec1e0b997dd7c4dea13c31c0af', X'a59084d9d7d63e834b26ea4a4c27b7cec606d330cc4e527382adfb5993f78e09', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'298f86bdcf502a2bb95a82589e5b5b899dc35137d66a128e4f75adfeacc31423');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (117, 1795438856187229, X'298f86bdcf502a2bb95a82589e5b5b899dc35137d66a128e4f75adfeacc31423', X'df83615af8934d08502a94fb393464718ac7494efbe422c0e821b39c2cecf86c', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'd3d1f33e26a563d12d2fa1ebc81040327c475e422c2b67f54016d450bbe3bff1');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (118, 1795438856191563, X'd3d1f33e26a563d12d2fa1ebc81040327c475e422c2b67f54016d450bbe3bff1', X'9b35bdea3f5ad8f2d882469c9bd6aa975e7b6c314411e3d1d7f5b9b47617c9a4', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'2d980f70702de170dd9b1431a3875bacf8c420bdc79756c4c0e2ae7dacf73641');
INSERT INTO journal ("n", "at", "previous", "rows", "snapshots", "digest") VALUES (119, 1795438856198824, X'2d980f70702de170dd9b1431a3875bacf8c420bdc79756c4c0e2ae7dacf73641', X'a42b5fdfd1350020876b53778084199049a8f8d29716760bd227370371539e05', X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', X'a7899811044e6d9908f6a63c53fac342a5ed338c2a10079cbf86e3893fb1c01c');
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'47674e65018801f2d1365a1c709ad19d29b8af6a1e42c0af4cdf098eb544d7ee', 200, 'not_json', 'the body is not JSON', X'3c21646f63747970652068746d6c3e3c7469746c653e5369676e20696e3c2f7469746c653e3c703e506c65617365207369676e20696e20746f2074686973206e6574776f726b2e3c2f703e0a', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', 404, 'not_found', 'DID not found', X'7b226572726f72223a207b22636f6465223a20226e6f745f666f756e64222c20226d657373616765223a2022444944206e6f7420666f756e64227d7d', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'a10d0df94305bba7293e4c9b270d733ee3830b92b4264bad527f45556c924474', 200, 'other_did', 'the body is that of another DID', X'7b226964223a20226469645f313031222c2022637573746f6d65725f6964223a2022637573745f313233222c20226170706c69636174696f6e5f6964223a20226170705f6d61696e74656e616e6365222c20226e756d6265725f65313634223a20222b3135353531323330303031222c202270726f7669646572223a20226469647777222c2022737461747573223a2022616374697665222c2022726f7574655f6d6f6465223a2022776562686f6f6b222c2022637265617465645f6174223a2022323032362d30352d32395431323a30303a30305a222c2022757064617465645f6174223a2022323032362d31312d32335431333a30303a32305a227d', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'360f497720b5317d951e6cac36d4e25ae2980037ad45f19a44d7c719858ec87a', 200, 'not_json', 'the body is not JSON', X'fffe207b6e6f74206a736f6e', 24);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'76410d4ac2aaf1dfd44dcea84f3a826af6e3e4b484ca4bc5d257d2854e142501', 503, 'http_503', 'the API answered 503', X'002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078002078', 25);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'faeff569e9dfe4bc627ccbd91734c739a075f08696435aef396af192e7fb99bc', NULL, 'late', 'received before a newer answer; kept, begins no revision', X'7b226964223a20226469645f313033222c2022637573746f6d65725f6964223a2022637573745f313233222c20226170706c69636174696f6e5f6964223a20226170705f6f6c64222c20226e756d6265725f65313634223a20222b3135353531323330303033222c202270726f7669646572223a20226469647777222c2022737461747573223a2022616374697665222c2022726f7574655f6d6f6465223a2022776562686f6f6b222c2022637265617465645f6174223a2022323032362d30352d32395431323a30303a30305a222c2022757064617465645f6174223a2022323032362d30352d32395431323a30303a30305a227d', 30);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'1f1c9b246d6cb76746352b505b9728313e3eae4d3d1d5ffaa8a984471f112a39', 503, 'service_unavailable', 'Planned by the sandbox', X'7b226572726f72223a207b22636f6465223a2022736572766963655f756e617661696c61626c65222c20226d657373616765223a2022506c616e6e6564206279207468652073616e64626f78227d7d', 74);
INSERT INTO problem ("digest", "status", "code", "message", "body", "entry") VALUES (X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, 'connection_refused', 'the connection was refused', X'', 91);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'17cb54e4e750804b3de12794003a4e1b227f692fd459aab2a90a06a93cc0c48d', 0, NULL, X'789c8b564ac94c8937343054d281b28ce02c6338cb04ca8a293530484b568851ca48cc498b5152503572d3cfcf4bb5874a1767164059498945a950664e7e5eba522c00f6211e8f', 3);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'133ed99a26ffb3b39fb76c41b30dd630f39828727b3119645e1b5020c2f734dd', 0, NULL, X'789c8b564ac94c89373430558a050013ff0323', 6);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'1640889a821d9a0c68c0ddd6fefa75d7c501ce35fc73bf9253cff61d2b449298', 1, NULL, NULL, 8);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'79cf4fdd74298e63beb862127a26fece466feb87623758053733d6ba063e7f1e', 0, NULL, X'789c8b564ac94c892fce2c50d251d23634353535343236303030528a050063e4069c', 20);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'c672aa2c7b85114d44afd143ab69e16bf896b8a5b5c067d03bee028e5825cf0b', 0, NULL, X'789c8b564ac94c89b7b4b454d251d236343535b58400a5580059340632', 27);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'6ab4ee24a7933dec4c4ada1e2b8860369e06ebe578d15ba604c0889eb600565f', 0, NULL, X'789c8b564ac94c89cfc9cf4b578a05001b59043d', 40);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'9be2292c1178f1645b3024632db586c51a4462b96fe323d23da5efa92ffeddc8', 0, NULL, X'789c8b564ac94c89373430538a050014020324', 52);
INSERT INTO selection ("digest", "every", "shard", "names", "entry") VALUES (X'a8e01fe0908582072cd14421fb123f22e2026489e6c7c948dec71b3258cb6067', 0, NULL, X'789c8b564ac94c8937343054d281b2cce02c5338cb48291600e9070adf', 58);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (1, 1795438848150201, 'all', 'changed', NULL, 'did_long', '+15551230044', 3, 19, 1, '["did_long"]', NULL, NULL, NULL, NULL, NULL, 'stdout on-change', 69);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (2, 1795438850986179, 'all', 'changed', NULL, 'did_101', '+15551230001', 5, 20, 1, '["did_101"]', NULL, NULL, NULL, NULL, NULL, 'stdout on-change', 76);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (3, 1795438850986179, 'all', 'unreadable', NULL, 'did_102', '+15551230099', NULL, 20, 1, '["did_102"]', 1795438850953692, 1, 503, 'service_unavailable', 'Planned by the sandbox', 'stdout on-change', 76);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (4, 1795438851780608, 'all', 'recovered', NULL, 'did_102', '+15551230099', NULL, 21, 1, '["did_102"]', NULL, NULL, NULL, NULL, NULL, 'stdout on-change', 84);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (5, 1795438856040657, 'all', 'unreadable', NULL, 'did_101', '+15551230001', NULL, 23, 1, '["did_101"]', 1795438854230778, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (6, 1795438856040657, 'all', 'unreadable', NULL, 'did_102', '+15551230099', NULL, 23, 1, '["did_102"]', 1795438853612425, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (7, 1795438856040657, 'all', 'unreadable', NULL, 'did_103', '+15551230003', NULL, 23, 1, '["did_103"]', 1795438855003251, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (8, 1795438856040657, 'all', 'unreadable', NULL, 'did_104', '+15551230004', NULL, 23, 1, '["did_104"]', 1795438853475185, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (9, 1795438856040657, 'all', 'unreadable', NULL, 'did_105', '+15551230005', NULL, 23, 1, '["did_105"]', 1795438855448511, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (10, 1795438856040657, 'all', 'unreadable', NULL, 'did_106', '+15551230002', NULL, 23, 1, '["did_106"]', 1795438853694817, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (11, 1795438856040657, 'all', 'unreadable', NULL, 'did_long', '+15551230044', NULL, 23, 1, '["did_long"]', 1795438854243389, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (12, 1795438856040657, 'all', 'unreadable', NULL, 'did_sip', '+15551230043', NULL, 23, 1, '["did_sip"]', 1795438855495196, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO alert ("id", "at", "watch", "kind", "what", "did", "number", "revision", "capture", "count", "dids", "since", "in_a_row", "status", "code", "message", "channels", "entry") VALUES (13, 1795438856040657, 'all', 'unreadable', NULL, 'did_ü "half" %2F/one?', '+15551230042', NULL, 23, 1, '["did_\u00fc \"half\" %2F/one?"]', 1795438856028898, 1, NULL, 'connection_refused', 'the connection was refused', 'stdout on-change', 101);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_maintenance', 1795438817890313, 'https://voice.example.com/maintenance/answer', 2, 3);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_sales', 1795438817890313, 'https://voice.example.com/sales/answer', 2, 3);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_support', 1795438817890313, 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 2, 3);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_support', 1795438822126627, 'https://voice.example.com/new', 5, 11);
INSERT INTO application ("application_id", "seen_at", "answer_url", "capture", "entry") VALUES ('app_support', 1795438843979735, 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 13, 49);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (1, 1795438816906280, '[]', NULL, 2);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (2, 1795438817918271, '[]', NULL, 5);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (3, 1795438818761510, '["a destination was fetched, so the stated one was not used"]', NULL, 7);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (4, 1795438820308621, '[]', NULL, 10);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (5, 1795438822173152, '[]', NULL, 13);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (6, 1795438822242600, '[]', NULL, 16);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (7, 1795438824925370, '[]', NULL, 19);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (8, 1795438826418506, '[]', NULL, 22);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (9, 1795438830202602, '["with the key key-24f0476d, applications could not be read: internal_server_error; with the key sales, applications could not be read: internal_server_error"]', NULL, 26);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (10, 1795438831073290, '["with the key key-24f0476d, applications could not be read: internal_server_error; with the key sales, applications could not be read: internal_server_error"]', NULL, 29);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (11, 1795438831950121, '["1 received before what the log holds, so they begin no revision; restore names them where no target is left"]', NULL, 31);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (12, 1795438839479948, '[]', NULL, 41);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (13, 1795438844027819, '[]', NULL, 51);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (14, 1795438844638407, '[]', NULL, 53);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (15, 1795438845254518, '[]', NULL, 55);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (16, 1795438845802364, '[]', NULL, 57);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (17, 1795438846820966, '[]', NULL, 62);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (19, 1795438848150201, '[]', NULL, 68);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (20, 1795438850986179, '[]', NULL, 75);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (21, 1795438851780608, '[]', NULL, 83);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (22, 1795438852339232, '[]', NULL, 89);
INSERT INTO capture_end ("capture", "finished_at", "remarks", "unread", "entry") VALUES (23, 1795438856040657, '["with the key key-24f0476d, applications could not be read: connection_refused; with the key sales, applications could not be read: connection_refused"]', NULL, 100);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('+15559999999', 1795438831028659, 10, NULL, X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', NULL, NULL, 28);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795165200000000, 1, 1, NULL, NULL, NULL, 1);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438817882468, 2, 2, NULL, NULL, NULL, 3);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438820261296, 4, 2, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438822109619, 5, 3, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438822205297, 6, 3, NULL, NULL, NULL, 14);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438824865192, 7, 3, NULL, NULL, NULL, 17);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438827816716, 9, 3, NULL, NULL, NULL, 23);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438843977322, 13, 4, NULL, NULL, NULL, 49);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438846362206, 17, 4, NULL, NULL, NULL, 58);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438847410310, 18, 4, NULL, NULL, NULL, 63);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438848098893, 19, 4, NULL, NULL, NULL, 66);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438848823935, 20, 5, NULL, NULL, NULL, 72);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438851758146, 21, 5, NULL, NULL, NULL, 81);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438852328552, 22, 5, NULL, NULL, NULL, 88);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_101', 1795438854230778, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 94);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795165200000000, 1, 1, NULL, NULL, NULL, 1);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438817882585, 2, 2, NULL, NULL, NULL, 3);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438820261086, 4, 2, NULL, NULL, NULL, 8);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438822110418, 5, 3, NULL, NULL, NULL, 11);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438822206352, 6, 3, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438824865114, 7, 3, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438827816872, 9, 3, NULL, NULL, NULL, 23);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438846801985, 17, 3, NULL, NULL, NULL, 61);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438848102677, 19, 3, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438850953692, 20, NULL, X'1f1c9b246d6cb76746352b505b9728313e3eae4d3d1d5ffaa8a984471f112a39', NULL, NULL, 74);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438851766065, 21, 3, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_102', 1795438853612425, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 92);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795305600000000, 11, NULL, X'faeff569e9dfe4bc627ccbd91734c739a075f08696435aef396af192e7fb99bc', NULL, NULL, 30);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438817882627, 2, 1, NULL, NULL, NULL, 3);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438820262010, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438822125610, 5, 2, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438822205081, 6, 2, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438824865232, 7, 2, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438827816801, 9, 2, NULL, NULL, NULL, 23);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438848107132, 19, 2, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438848824775, 20, 2, NULL, NULL, NULL, 72);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438851763741, 21, 2, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_103', 1795438855003251, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 96);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438817887275, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438820264253, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438822115295, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438822206423, 6, 1, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438824866467, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438827824174, 9, NULL, X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', 1, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438845488735, 16, 2, NULL, NULL, NULL, 56);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438848107546, 19, 2, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438848832376, 20, 2, NULL, NULL, NULL, 73);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438851759087, 21, 2, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_104', 1795438853475185, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 91);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438818717382, 3, 1, NULL, NULL, NULL, 6);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438820275294, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438822114695, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438822207630, 6, 1, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438824866233, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438827823791, 9, NULL, X'47674e65018801f2d1365a1c709ad19d29b8af6a1e42c0af4cdf098eb544d7ee', NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438846801545, 17, 1, NULL, NULL, NULL, 60);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438848107791, 19, 1, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438848833219, 20, 1, NULL, NULL, NULL, 73);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438851765868, 21, 1, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_105', 1795438855448511, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 97);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438826346162, 8, 1, NULL, NULL, NULL, 21);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438827824235, 9, 1, NULL, NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438844611841, 14, 2, NULL, NULL, NULL, 52);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438845225147, 15, 3, NULL, NULL, NULL, 54);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438846362585, 17, 3, NULL, NULL, NULL, 59);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438847410739, 18, 3, NULL, NULL, NULL, 64);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438848110168, 19, 3, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438848833371, 20, 3, NULL, NULL, NULL, 73);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438851766224, 21, 3, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_106', 1795438853694817, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 93);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_999', 1795438831021922, 10, NULL, X'f6a3962f034e1f6d53036c83dc0527e195c1ba82b6a630b135b410ed6644d0cb', NULL, NULL, 27);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438817883633, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438820266144, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438822125533, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438822206461, 6, 1, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438824870515, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_bare', 1795438827824279, 9, NULL, X'a10d0df94305bba7293e4c9b270d733ee3830b92b4264bad527f45556c924474', NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438817885739, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438820264340, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438822121602, 5, 2, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438822207728, 6, 2, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438824874901, 7, 2, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438827827256, 9, 2, NULL, NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438839429006, 12, 2, NULL, NULL, NULL, 40);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438848110718, 19, 3, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438848830664, 20, 3, NULL, NULL, NULL, 73);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438851766491, 21, 3, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_long', 1795438854243389, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 95);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438817888893, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438820275609, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438822122789, 5, 1, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438822206696, 6, 1, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438824870642, 7, 1, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438826321821, 8, 2, NULL, NULL, NULL, 20);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438827827075, 9, NULL, X'360f497720b5317d951e6cac36d4e25ae2980037ad45f19a44d7c719858ec87a', NULL, NULL, 24);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438848110442, 19, 2, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438848834327, 20, 2, NULL, NULL, NULL, 73);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438851768850, 21, 2, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_sip', 1795438855495196, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 98);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438817887401, 2, 1, NULL, NULL, NULL, 4);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438820268863, 4, 1, NULL, NULL, NULL, 9);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438822144233, 5, 2, NULL, NULL, NULL, 12);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438822210384, 6, 2, NULL, NULL, NULL, 15);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438824870967, 7, 2, NULL, NULL, NULL, 18);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438830179734, 9, NULL, X'76410d4ac2aaf1dfd44dcea84f3a826af6e3e4b484ca4bc5d257d2854e142501', NULL, NULL, 25);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438848106272, 19, 2, NULL, NULL, NULL, 67);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438848833700, 20, 2, NULL, NULL, NULL, 73);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438851769059, 21, 2, NULL, NULL, NULL, 82);
INSERT INTO snapshot ("did", "received_at", "capture", "revision", "problem", "hidden", "key", "entry") VALUES ('did_ü "half" %2F/one?', 1795438856028898, 23, NULL, X'76d196d89b3a72d59bde6f8920623dad7395aa2798a3e78364a6af331f19e592', NULL, NULL, 99);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('pre', 1795438817329276, 2, 'olga', 1795438817890313, 3);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('ivr-7:before', 1795438822093932, 5, 'olga', 1795438822126627, 11);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('ivr-7:after', 1795438822196154, 6, 'olga', 1795438822213215, 14);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('post', 1795438823667824, 7, 'olga', 1795438824869195, 17);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('noon', 1795262400000000, NULL, 'olga', 1795438840035431, 42);
INSERT INTO tag ("name", "at", "capture", "author", "created_at", "entry") VALUES ('now', 1795438840554253, NULL, 'olga', 1795438840556904, 43);
INSERT INTO watch_round ("watch", "at", "capture", "requested", "read", "stopped", "entry") VALUES ('all', 1795438848035654, NULL, 0, 0, NULL, 65);
INSERT INTO watch_round ("watch", "at", "capture", "requested", "read", "stopped", "entry") VALUES ('all', 1795438848150201, 19, 9, 9, NULL, 69);
INSERT INTO watch_round ("watch", "at", "capture", "requested", "read", "stopped", "entry") VALUES ('all', 1795438850986179, 20, 9, 8, NULL, 76);
INSERT INTO watch_round ("watch", "at", "capture", "requested", "read", "stopped", "entry") VALUES ('all', 1795438851780608, 21, 9, 9, NULL, 84);
INSERT INTO watch_round ("watch", "at", "capture", "requested", "read", "stopped", "entry") VALUES ('all', 1795438856040657, 23, 9, 0, NULL, 101);
INSERT INTO watch_round ("watch", "at", "capture", "requested", "read", "stopped", "entry") VALUES ('ce5833bfe20f7d11', 1795438852311749, NULL, 0, 0, NULL, 87);
INSERT INTO watch_round ("watch", "at", "capture", "requested", "read", "stopped", "entry") VALUES ('ce5833bfe20f7d11', 1795438852339232, 22, 1, 1, NULL, 90);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230001', 'did_101', 1);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230002', 'did_102', 3);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230002', 'did_106', 21);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230003', 'did_103', 3);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230004', 'did_104', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230005', 'did_105', 6);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230042', 'did_ü "half" %2F/one?', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230043', 'did_sip', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230044', 'did_long', 4);
INSERT INTO did_number ("number", "did", "entry") VALUES ('+15551230099', 'did_102', 11);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 1, 1, '+15551230001', 'app_support', 'webhook', NULL, NULL, 'active', 1795165200000000, 1, X'0123321281ee1ce2f188aeaa1600', X'917801df43361945', 1);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 2, 1, '+15551230001', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438817882468, 2, X'0123321281ee1ce2f188aeaa1600', X'9facb82ce447753f', 3);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 3, 3, '+15551230001', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438822109619, 5, X'0123323281ee1c26f1691c62680c52650454550b00', X'33a622a5688eee82', 12);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 4, 1, '+15551230001', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438843977322, 13, X'0123321281ee1c06f1681c62680c5265621ca5540b00', X'39fcf4f5fe9b9779', 49);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_101', 5, 5, '+15551230001', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'active', 1795438848823935, 20, X'0123320281ee1cf271681c62680c52656211a5540b00', X'aec892eb25172df1', 72);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_102', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1795165200000000, 1, X'01c312f818810c4e5ad8020c35e041ca6a01', X'0b58a8a8e383702e', 1);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_102', 2, 2, '+15551230002', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438817882585, 2, X'0123321281ee1ce2f188aeaa1600', X'59e876970f2b628a', 3);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_102', 3, 3, '+15551230099', NULL, 'reject', NULL, NULL, 'active', 1795438822110418, 5, X'012332b280cec41a5fe0543ac863cc38c4d018a4ca08a8aa1600', X'688d5f1be178c6dc', 11);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_103', 1, 1, '+15551230003', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438817882627, 2, X'0123321281ee1ce2f188aeaa1600', X'0499b92c08dad37d', 3);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_103', 2, 2, '+15551230003', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'suspended', 1795438822125610, 5, X'0123321a814e1d0e31691c62680c52650454550b00', X'5a0f3ca29456630b', 12);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_104', 1, 1, '+15551230004', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'active', 1795438817887275, 2, X'0123320281ee1cd27188aeaa1600', X'228e4d09aaee8319', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_104', 2, 2, '+15551230004', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438845488735, 16, X'0123323281ee1c26f1691c62680c5265621aa5540b00', X'59dfae1d1c0dc4c5', 56);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_105', 1, 1, '+15551230005', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'active', 1795438818717382, 3, X'0123320281ee1cd27188aeaa1600', X'0e96e3fdddada8ce', 6);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_106', 1, 1, '+15551230002', 'app_support', 'webhook', 'https://voice.example.com/new', 'fetched', 'active', 1795438826346162, 8, X'0123321281ee1ce2f188aeaa1600', X'a95cbf200e8ba218', 21);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_106', 2, 2, '+15551230002', 'app_sales', 'webhook', 'https://voice.example.com/sales/answer', 'fetched', 'active', 1795438844611841, 14, X'0123320281ee1cf271681c62680c52656212a5540b00', X'9c10f62679febf8d', 52);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_106', 3, 3, '+15551230002', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438845225147, 15, X'0123321281ee1c06f1681c62680c52656212a5540b00', X'c58e60ba5493c656', 54);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_bare', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, 1795438817883633, 2, X'01c308fe5a00', X'15e19e8a69ea7c15', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_long', 1, 1, '+15551230044', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438817885739, 2, X'01d5d53b4e03311405d0ad44ac00fffdd61251202535525250b177868f8f1b8ab47457a3d13dd63cdbf3e8188f85fef349fef1d6cf113c9dbfc2e9f9f7c929ad9057282bd415da0a7d85b1c25c2114ee6add4979d29ed427fd0990080991189991f7fa199991199991199991199951188551f647621446611446611446615446655446dd93605446655446655446633446633446dbe3663446633446637446677446677446df7b8ad1199dd119833118833118833118636f5cc6600cc6644cc6644cc6644cc664cc7d3a1893118c60042318c10846308211fb08c6f18b3c6e9dd7fbfdfdedf67d5f9d6fd7cb71cd5c2f2f4f1f9f', X'b6e391fe6e16bd00', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_long', 2, 2, '+15551230044', 'app_support', 'webhook', 'https://voice.example.com/new', 'fetched', 'active', 1795438822121602, 5, X'01d5d53b4e03311405d0ad44ac00fffdd61251202535525250b177868f8f1b8ab47457a3d13dd63cdbf3e8188f85fef349fef1d6cf593b9dbfc2e9f9f7c929ad9057282bd415da0a7d85b1c25c2114ee6add4979d29ed427fd0990080991189991f7fa199991199991199991199951188551f647621446611446611446615446655446dd93605446655446655446633446633446dbe3663446633446637446677446677446df7b8ad1199dd119833118833118833118636f5cc6600cc6644cc6644cc6644cc664cc7d3a1893118c60042318c10846308211fb08c6f12f3c6e9dd7fbfdfdedf67d5f9d6fd7cb71cd5c2f2f4f1f9f', X'60736f0bdba87641', 12);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_long', 3, 1, '+15551230044', 'app_support', 'webhook', 'https://olga:pw@voice.example.com/ä?token=s&lang=de', 'fetched', 'active', 1795438848110718, 19, X'01d5d53b4e03311405d0ad44ac00fffdd61251202535525250b177868f8f1b8ab47457a3d13dd63cdbf3e8188f85fef349fef1d6cf113c9dbfc2e9f9f7c929ad9057282bd415da0a7d85b1c25c2114ee6add4979d29ed427fd0990080991189991f7fa199991199991199991199951188551f647621446611446611446615446655446dd93605446655446655446633446633446dbe3663446633446637446677446677446df7b8ad1199dd119833118833118833118636f5cc6600cc6644cc6644cc6644cc664cc7d3a1893118c60042318c10846308211fb08c6f18b3c6e9dd7fbfdfdedf67d5f9d6fd7cb71cd5c2f2f4f1f9f', X'8df1cd553f394b64', 67);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_sip', 1, 1, '+15551230043', NULL, 'sip', 'ü@x', 'body', NULL, 1795438817888893, 2, X'01c3123504021b6b4802a9f8d2a24c90484ca981415ab24385522d00', X'b776ed939582fbc6', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_sip', 2, 2, '+15551230043', NULL, 'sip', 'sip:desk@pbx.example', 'body', NULL, 1795438826321821, 8, X'01c3123504021b6b4802a9f8d2a24ca8084602c0138cc62186c620571a994629d50200', X'1df1d33cc34503a6', 20);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_ü "half" %2F/one?', 1, 1, '+15551230042', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438817887401, 2, X'01438eea98520383b4648518b09763084738d0f1c320ceb1a8ca494c4acd0129702f02878919884c494b5588293532330053064620ca00081480990eec80c49c9ce2f892fc944460b65630048aa4a4a6160099d54ac0d240211a5c742818ea99c6d6d60200', X'e630bef86ac89ae0', 4);
INSERT INTO revision ("did", "revision", "routing", "number", "application_id", "route_mode", "destination", "destination_source", "status", "first_seen_at", "capture", "body", "digest", "entry") VALUES ('did_ü "half" %2F/one?', 2, 1, '+15551230042', 'app_maintenance', 'webhook', 'https://voice.example.com/maintenance/answer', 'fetched', 'active', 1795438822144233, 5, X'01438eea98520383b4648518b09763084738d0f1c324ce8d430c8d41aa8c20aa7212935273400adc8bc06162062253d25215624a8dcc0cc0948111883200020560a6033b203127a738be243f251198ad15cc812229a9a9054066b512b034508806171d0a46b1b5b500', X'2e626e49dda5f778', 12);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (1, 'on-change', 1795438848260484, 'exit 1', 71);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (1, 'stdout', 1795438848222802, 'printed', 70);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (2, 'on-change', 1795438851087925, 'exit 1', 78);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (2, 'stdout', 1795438851046535, 'printed', 77);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (3, 'on-change', 1795438851145619, 'exit 1', 80);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (3, 'stdout', 1795438851113302, 'printed', 79);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (4, 'on-change', 1795438851809726, 'exit 1', 86);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (4, 'stdout', 1795438851800868, 'printed', 85);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (5, 'on-change', 1795438856085292, 'exit 1', 103);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (5, 'stdout', 1795438856073752, 'printed', 102);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (6, 'on-change', 1795438856104701, 'exit 1', 105);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (6, 'stdout', 1795438856093315, 'printed', 104);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (7, 'on-change', 1795438856122854, 'exit 1', 107);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (7, 'stdout', 1795438856112520, 'printed', 106);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (8, 'on-change', 1795438856139301, 'exit 1', 109);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (8, 'stdout', 1795438856129779, 'printed', 108);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (9, 'on-change', 1795438856151600, 'exit 1', 111);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (9, 'stdout', 1795438856144332, 'printed', 110);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (10, 'on-change', 1795438856163350, 'exit 1', 113);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (10, 'stdout', 1795438856156046, 'printed', 112);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (11, 'on-change', 1795438856175610, 'exit 1', 115);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (11, 'stdout', 1795438856168405, 'printed', 114);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (12, 'on-change', 1795438856187229, 'exit 1', 117);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (12, 'stdout', 1795438856179970, 'printed', 116);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (13, 'on-change', 1795438856198824, 'exit 1', 119);
INSERT INTO alert_delivery ("alert", "channel", "at", "outcome", "entry") VALUES (13, 'stdout', 1795438856191563, 'printed', 118);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_101', 5, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_102', 3, 'unreadable', 76);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_102', 4, 'recovered', 84);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_102', 6, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_103', 7, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_104', 8, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_105', 9, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_106', 10, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_long', 11, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_sip', 12, 'unreadable', 101);
INSERT INTO trouble ("watch", "did", "alert", "kind", "entry") VALUES ('all', 'did_ü "half" %2F/one?', 13, 'unreadable', 101);
INSERT INTO confirmation ("did", "revision", "returned", "routing", "at", "capture", "entry") VALUES ('did_101', 2, 4, 1, 1795438844005218, 13, 50);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c1', 'call.completed', 'did_103', 1795438840735599, 2, 2, 'pass', 'hörte die Ansage', '{"event": "call.completed", "created_at": "2026-11-23T13:00:40.735599Z", "call": {"id": "call \u00fc c1", "customer_id": "cust_1", "application_id": "app_sales", "direction": "inbound", "from": "+15550000000", "to": "+15551230003", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 44);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c2', 'call.completed', 'did_long', 1795438840735599, 2, 2, 'fail', 'silence', '{"event": "call.completed", "created_at": "2026-11-23T13:00:40.735599Z", "call": {"id": "call \u00fc c2", "customer_id": "cust_1", "application_id": "app_support", "direction": "inbound", "from": "+15550000000", "to": "+15551230044", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 45);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c3', 'call.completed', 'did_ü "half" %2F/one?', 1795438840735599, 2, 1, 'reached', '', '{"event": "call.completed", "created_at": "2026-11-23T13:00:40.735599Z", "call": {"id": "call \u00fc c3", "customer_id": "cust_1", "application_id": "app_maintenance", "direction": "inbound", "from": "+15550000000", "to": "+15551230042", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 46);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c4', 'call.completed', 'did_105', 1795438840735599, 1, 1, 'differs', 'application_id is app_maintenance, the log has app_sales', '{"event": "call.completed", "created_at": "2026-11-23T13:00:40.735599Z", "call": {"id": "call \u00fc c4", "customer_id": "cust_1", "application_id": "app_maintenance", "direction": "inbound", "from": "+15550000000", "to": "+15551230005", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 47);
INSERT INTO evidence ("call", "event", "did", "at", "revision", "routing", "result", "reason", "body", "author", "entry") VALUES ('call ü c3', 'heard:call.completed', 'did_ü "half" %2F/one?', 1795438840735599, 2, 1, 'pass', '', '{"event": "call.completed", "created_at": "2026-11-23T13:00:40.735599Z", "call": {"id": "call \u00fc c3", "customer_id": "cust_1", "application_id": "app_maintenance", "direction": "inbound", "from": "+15550000000", "to": "+15551230042", "route_mode": "webhook"}, "variables": {}, "data": {}}', 'olga', 48);
INSERT INTO note ("did", "at", "revision", "author", "text", "entry") VALUES ('did_101', 1795438832795474, 1, 'bob', 'größer: it''s
fine', 32);
INSERT INTO note ("did", "at", "revision", "author", "text", "entry") VALUES ('did_101', 1795438833619866, 3, 'olga', 'n2 :x % \x00''', 33);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_101', 1795438834286886, 2, 1, 'good', 'calls went through', 'olga', 34);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_101', 1795438835030023, 3, 3, 'bad', 'silence', 'olga', 35);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_103', 1795438836035547, 2, 2, 'bad', 'first thought', 'olga', 36);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_103', 1795438836981640, 2, 2, 'good', 'on second thought', 'bob', 37);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_bare', 1795438837875589, 1, 1, 'retired', 'given back', 'olga', 38);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_long', 1795438838644915, 2, 2, 'retired', 'by mistake', 'olga', 39);
INSERT INTO verdict ("did", "at", "revision", "routing", "verdict", "reason", "author", "entry") VALUES ('did_long', 1795438839437864, 2, 2, 'returned', 'recorded by name and readable again', 'olga', 40);
