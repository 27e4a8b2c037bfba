-- schema 6: the texts of the registers that decided (docs/DECISIONS/0013-register-changes.md).

-- register_version: each register that was active, with SHA-256 of its text and the instant it became active. The newest
-- one decides. Class: none.
CREATE TABLE register_version (
    version_no   INTEGER PRIMARY KEY,
    hash         BLOB NOT NULL CHECK (length(hash) = 32),
    activated_ms INTEGER NOT NULL
) STRICT;

-- register_file: the files of each, in the order in which they are read as one. Nothing about subjects; names of staff as
-- the operator wrote them. Class: none.
CREATE TABLE register_file (
    version_no INTEGER NOT NULL REFERENCES register_version,
    file_no    INTEGER NOT NULL,
    name       TEXT NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (version_no, file_no)
) STRICT, WITHOUT ROWID;
