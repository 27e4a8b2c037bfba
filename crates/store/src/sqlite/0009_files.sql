-- schema 9: files that were taken
-- taken_file: a file of a watched folder whose lines are all kept. `digest` is a keyed hash of the bytes that were
-- taken, so that a file is known by what is in it, under any name. Class: reference.
CREATE TABLE taken_file (
    digest    BLOB PRIMARY KEY,
    source_no INTEGER NOT NULL REFERENCES source,
    bytes     INTEGER NOT NULL,
    taken_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
