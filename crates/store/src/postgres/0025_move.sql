-- schema 25: where a data set is while it is moved (docs/DECISIONS/0031-moving-a-data-set.md).

CREATE TABLE data_move (
    state       TEXT PRIMARY KEY CHECK (state IN ('arriving', 'gone')),
    other_place TEXT NOT NULL,
    origin      BYTEA NOT NULL CHECK (length(origin) = 16),
    mark        BYTEA NOT NULL CHECK (length(mark) = 32),
    began_ms    BIGINT NOT NULL
);
COMMENT ON TABLE data_move IS
    'A row while a data set is arriving here, or once it has gone elsewhere; none otherwise. Class: none.';
COMMENT ON COLUMN data_move.state IS 'whether it is arriving or has gone';
COMMENT ON COLUMN data_move.other_place IS 'folder or server, without a password';
COMMENT ON COLUMN data_move.origin IS 'which data set: its name in the checkpoints of the log, 16 bytes';
COMMENT ON COLUMN data_move.mark IS 'how far its log, registrations and telegrams had come, SHA-256';
COMMENT ON COLUMN data_move.began_ms IS 'when, milliseconds since 1970-01-01T00:00Z';
