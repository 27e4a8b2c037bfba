-- schema 2: the log in streams and segments (docs/DECISIONS/0011-log-segments.md).

-- log_origin: the name of this store in its checkpoints; one row, never changed. Class: none.
CREATE TABLE log_origin (
    origin BLOB NOT NULL CHECK (length(origin) = 16)
) STRICT;
INSERT INTO log_origin (origin) VALUES (randomblob(16));

-- log_stream: one stream of one writer, with its open segment: number, first event, events so far, local day of
-- the first one (days since 1970-01-01), head of the segment before, hash of the last event, and the roots of the full
-- subtrees so far (32 bytes each, the largest first). Class: none.
CREATE TABLE log_stream (
    stream_no   INTEGER PRIMARY KEY,
    stream      TEXT NOT NULL CHECK (stream IN ('facts', 'uses')),
    writer      INTEGER NOT NULL,
    segment_no  INTEGER NOT NULL,
    first_seq   INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    first_day   INTEGER,
    prior       BLOB NOT NULL,
    last_hash   BLOB NOT NULL,
    peaks       BLOB NOT NULL,
    UNIQUE (stream, writer)
) STRICT;

-- segment: a closed segment and the signature of its checkpoint. is_expired: its events were deleted, and an event of
-- the facts says so. form: how its events are encoded. An empty signature: the events of schema 1, which the next
-- start closes. Class: none.
CREATE TABLE segment (
    stream_no   INTEGER NOT NULL REFERENCES log_stream,
    segment_no  INTEGER NOT NULL,
    form        INTEGER NOT NULL,
    first_seq   INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    root        BLOB NOT NULL,
    prior       BLOB NOT NULL,
    closed_ms   INTEGER NOT NULL,
    signature   BLOB NOT NULL,
    is_expired  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (stream_no, segment_no)
) STRICT, WITHOUT ROWID;

-- event: the log. Names of the register, words, and keyed commitments (32 bytes each) to whom it concerns; residents
-- act under a part of their commitment. Class: pseudonymous for as long as the subject's key lives, then none.
DROP INDEX event_by_kind;
ALTER TABLE event RENAME TO event_1;
CREATE TABLE event (
    stream_no INTEGER NOT NULL REFERENCES log_stream,
    event_seq INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    actor     TEXT NOT NULL,
    purpose   TEXT,
    rule      TEXT,
    subjects  BLOB NOT NULL,
    case_id   TEXT,
    detail    TEXT NOT NULL,
    hash      BLOB NOT NULL,
    PRIMARY KEY (stream_no, event_seq)
) STRICT, WITHOUT ROWID;
-- Facts are folded by kind and by case; uses are not.
CREATE INDEX fact_by_kind ON event (kind, event_seq) WHERE stream_no = 1;
CREATE INDEX event_by_case ON event (case_id) WHERE case_id IS NOT NULL;

-- event_subject: by commitment, the events that concern it; made from event.subjects. Class: as event.
CREATE TABLE event_subject (
    commitment BLOB NOT NULL,
    stream_no  INTEGER NOT NULL,
    event_seq  INTEGER NOT NULL,
    PRIMARY KEY (commitment, stream_no, event_seq)
) STRICT, WITHOUT ROWID;

-- event_source: where the lines of one outside reporter stand: the hash of the last one that fitted, and the instant
-- of the last one taken. Class: none.
CREATE TABLE event_source (
    actor     TEXT PRIMARY KEY,
    last_line BLOB NOT NULL,
    last_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- event_aside: lines of an outside reporter that were not taken, and why; sealed, for they may hold anything.
-- Class: personal.
CREATE TABLE event_aside (
    aside_no INTEGER PRIMARY KEY,
    kept_ms  INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    line     INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    sealed   BLOB NOT NULL
) STRICT;

-- The events of schema 1 become the first segment of the uses, with their numbers and hashes as they are.
INSERT INTO log_stream (stream_no, stream, writer, segment_no, first_seq, event_count, prior, last_hash, peaks)
VALUES (1, 'facts', 1, 1, 1, 0, zeroblob(32), zeroblob(32), x'');
INSERT INTO log_stream (stream_no, stream, writer, segment_no, first_seq, event_count, prior, last_hash, peaks)
SELECT 2, 'uses', 1, 1 + (count(*) > 0), 1 + ifnull(max(event_seq), 0), 0, zeroblob(32), zeroblob(32), x''
FROM event_1;
INSERT INTO segment (stream_no, segment_no, form, first_seq, event_count, root, prior, closed_ms, signature)
SELECT 2, 1, 1, min(event_seq), count(*), x'', zeroblob(32), 0, x'' FROM event_1 HAVING count(*) > 0;
INSERT INTO event (stream_no, event_seq, at_ms, kind, actor, purpose, rule, subjects, detail, hash)
SELECT 2, event_seq, at_ms, kind, actor, purpose, rule, ifnull(commitment, x''), detail, hash FROM event_1;
INSERT OR IGNORE INTO event_subject (commitment, stream_no, event_seq)
SELECT commitment, 2, event_seq FROM event_1 WHERE commitment IS NOT NULL;
DROP TABLE event_1;
