-- schema 25: where a data set is while it is moved (docs/DECISIONS/0031-moving-a-data-set.md).

-- data_move: a row while a data set is arriving here, or once it has gone elsewhere; none otherwise. other_place: folder or
-- server, without a password. origin and mark: which data set, and how far its log had come. Class: none.
CREATE TABLE data_move (
    state       TEXT PRIMARY KEY CHECK (state IN ('arriving', 'gone')),
    other_place TEXT NOT NULL,
    origin      BLOB NOT NULL CHECK (length(origin) = 16),
    mark        BLOB NOT NULL CHECK (length(mark) = 32),
    began_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
