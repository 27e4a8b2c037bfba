-- schema 17, part 5 of 6: the log, and what happened in cases.

CREATE TABLE log_origin (
    origin BYTEA NOT NULL CHECK (length(origin) = 16)
);
INSERT INTO log_origin (origin) VALUES (uuid_send(gen_random_uuid()));
COMMENT ON TABLE log_origin IS 'The name of this store in its checkpoints; one row, never changed. Class: none.';
COMMENT ON COLUMN log_origin.origin IS '16 random bytes';

CREATE TABLE log_stream (
    stream_no   BIGINT PRIMARY KEY,
    stream      TEXT NOT NULL CHECK (stream IN ('facts', 'uses')),
    writer      BIGINT NOT NULL,
    segment_no  BIGINT NOT NULL,
    first_seq   BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    first_day   BIGINT,
    prior       BYTEA NOT NULL,
    last_hash   BYTEA NOT NULL,
    peaks       BYTEA NOT NULL,
    UNIQUE (stream, writer)
);
INSERT INTO log_stream (stream_no, stream, writer, segment_no, first_seq, event_count, prior, last_hash, peaks)
VALUES (1, 'facts', 1, 1, 1, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), ''),
       (2, 'uses', 1, 1, 1, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), '');
COMMENT ON TABLE log_stream IS 'One stream of one writer, with its open segment. Class: none.';
COMMENT ON COLUMN log_stream.stream_no IS 'number of the stream';
COMMENT ON COLUMN log_stream.stream IS 'which kind';
COMMENT ON COLUMN log_stream.writer IS 'number of the writer';
COMMENT ON COLUMN log_stream.segment_no IS 'number of the open segment';
COMMENT ON COLUMN log_stream.first_seq IS 'its first event';
COMMENT ON COLUMN log_stream.event_count IS 'its events so far';
COMMENT ON COLUMN log_stream.first_day IS 'local day of the first one, counted from 1970-01-01';
COMMENT ON COLUMN log_stream.prior IS 'head of the segment before, 32 bytes';
COMMENT ON COLUMN log_stream.last_hash IS 'hash of the last event, 32 bytes';
COMMENT ON COLUMN log_stream.peaks IS 'roots of the full subtrees so far, 32 bytes each, the largest first';

CREATE TABLE segment (
    stream_no   BIGINT NOT NULL REFERENCES log_stream,
    segment_no  BIGINT NOT NULL,
    form        BIGINT NOT NULL,
    first_seq   BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    root        BYTEA NOT NULL,
    prior       BYTEA NOT NULL,
    closed_ms   BIGINT NOT NULL,
    signature   BYTEA NOT NULL,
    is_expired  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (stream_no, segment_no)
);
COMMENT ON TABLE segment IS 'A closed segment and the signature of its checkpoint. Class: none.';
COMMENT ON COLUMN segment.stream_no IS 'stream';
COMMENT ON COLUMN segment.segment_no IS 'number of the segment';
COMMENT ON COLUMN segment.form IS 'how its events are encoded';
COMMENT ON COLUMN segment.first_seq IS 'its first event';
COMMENT ON COLUMN segment.event_count IS 'its events';
COMMENT ON COLUMN segment.root IS 'Merkle root, 32 bytes';
COMMENT ON COLUMN segment.prior IS 'head of the segment before, 32 bytes';
COMMENT ON COLUMN segment.closed_ms IS 'when, milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN segment.signature IS 'Ed25519 signature of the checkpoint';
COMMENT ON COLUMN segment.is_expired IS '1 if its events were deleted, and an event of the facts says so';

CREATE TABLE event (
    stream_no BIGINT NOT NULL REFERENCES log_stream,
    event_seq BIGINT NOT NULL,
    at_ms     BIGINT NOT NULL,
    kind      TEXT NOT NULL,
    actor     TEXT NOT NULL,
    purpose   TEXT,
    rule      TEXT,
    subjects  BYTEA NOT NULL,
    case_id   TEXT,
    detail    TEXT NOT NULL,
    hash      BYTEA NOT NULL,
    PRIMARY KEY (stream_no, event_seq)
);
CREATE INDEX fact_by_kind ON event (kind, event_seq) WHERE stream_no = 1;
CREATE INDEX event_by_case ON event (case_id) WHERE case_id IS NOT NULL;
COMMENT ON TABLE event IS
    'The log: words, names of the register and keyed commitments. Class: pseudonymous for as long as the subject''s '
    'key lives, then none.';
COMMENT ON COLUMN event.stream_no IS 'stream; distribution column';
COMMENT ON COLUMN event.event_seq IS 'number in the stream';
COMMENT ON COLUMN event.at_ms IS 'when, milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN event.kind IS 'what happened';
COMMENT ON COLUMN event.actor IS 'who did it';
COMMENT ON COLUMN event.purpose IS 'activity of the register';
COMMENT ON COLUMN event.rule IS 'rule that decided';
COMMENT ON COLUMN event.subjects IS 'keyed commitments of whom it concerns, 32 bytes each';
COMMENT ON COLUMN event.case_id IS 'case';
COMMENT ON COLUMN event.detail IS 'operation and search criteria';
COMMENT ON COLUMN event.hash IS 'hash over this event and the one before, 32 bytes';

CREATE TABLE event_subject (
    commitment BYTEA NOT NULL,
    stream_no  BIGINT NOT NULL,
    event_seq  BIGINT NOT NULL,
    PRIMARY KEY (commitment, stream_no, event_seq)
);
COMMENT ON TABLE event_subject IS
    'By commitment, the events that concern it; made from event.subjects. Class: as event.';
COMMENT ON COLUMN event_subject.commitment IS 'keyed commitment, 32 bytes';
COMMENT ON COLUMN event_subject.stream_no IS 'stream; distribution column';
COMMENT ON COLUMN event_subject.event_seq IS 'number in the stream';

CREATE TABLE event_source (
    actor     TEXT PRIMARY KEY,
    last_line BYTEA NOT NULL,
    last_ms   BIGINT NOT NULL
);
COMMENT ON TABLE event_source IS 'Where the lines of one outside reporter stand. Class: none.';
COMMENT ON COLUMN event_source.actor IS 'reporter';
COMMENT ON COLUMN event_source.last_line IS 'hash of the last line that fitted';
COMMENT ON COLUMN event_source.last_ms IS 'instant of the last one taken, milliseconds since 1970-01-01T00:00Z';

CREATE TABLE event_aside (
    aside_no BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kept_ms  BIGINT NOT NULL,
    actor    TEXT NOT NULL,
    line     BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    sealed   BYTEA NOT NULL
);
CREATE INDEX event_aside_by_age ON event_aside (kept_ms);
COMMENT ON TABLE event_aside IS
    'Lines of outside reporters and events that were not admitted, and why. A number is never given twice. Class: '
    'personal.';
COMMENT ON COLUMN event_aside.aside_no IS 'number of what was kept aside';
COMMENT ON COLUMN event_aside.kept_ms IS 'when, milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN event_aside.actor IS 'who reported it';
COMMENT ON COLUMN event_aside.line IS 'number in its file; 0 for what comes from no file';
COMMENT ON COLUMN event_aside.reason IS 'why it was not taken';
COMMENT ON COLUMN event_aside.sealed IS 'the line, AES-256-GCM; it may name anybody. Class: personal';

CREATE TABLE case_event (
    case_event_no BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    case_id       TEXT NOT NULL,
    at_ms         BIGINT NOT NULL,
    on_day        BIGINT,
    step          TEXT NOT NULL CHECK (step IN ('trigger', 'extension', 'pause', 'resume')),
    trigger_id    TEXT,
    starts_day    BIGINT,
    obligation    TEXT,
    amount        TEXT,
    reason        TEXT,
    actor         TEXT NOT NULL,
    recorded_ms   BIGINT NOT NULL,
    log_seq       BIGINT NOT NULL UNIQUE,
    CHECK ((step = 'trigger') = (trigger_id IS NOT NULL)),
    CHECK ((step = 'trigger') = (obligation IS NULL)),
    CHECK ((step = 'extension') = (amount IS NOT NULL)),
    CHECK ((step IN ('extension', 'pause')) = (reason IS NOT NULL))
);
CREATE INDEX case_event_by_case ON case_event (case_id);
COMMENT ON TABLE case_event IS
    'One thing that happened in a case. Rows are only ever added. Class: none; actor names staff or a job.';
COMMENT ON COLUMN case_event.case_event_no IS 'number of the event';
COMMENT ON COLUMN case_event.case_id IS 'case';
COMMENT ON COLUMN case_event.at_ms IS 'when, or the first instant of on_day, milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN case_event.on_day IS 'local day, counted from 1970-01-01, where the time is not known';
COMMENT ON COLUMN case_event.step IS 'what kind of event';
COMMENT ON COLUMN case_event.trigger_id IS 'name of a trigger';
COMMENT ON COLUMN case_event.starts_day IS 'local day, counted from 1970-01-01, on which what was announced starts';
COMMENT ON COLUMN case_event.obligation IS 'obligation whose clock is moved';
COMMENT ON COLUMN case_event.amount IS 'of an extension, as the register writes amounts';
COMMENT ON COLUMN case_event.reason IS 'in words, without names';
COMMENT ON COLUMN case_event.actor IS 'who recorded it';
COMMENT ON COLUMN case_event.recorded_ms IS 'when it was recorded, milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN case_event.log_seq IS 'event of the facts that says the same';
