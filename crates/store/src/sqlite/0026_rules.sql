-- schema 26: the rules values are judged by (docs/DECISIONS/0034-rules-in-the-data.md).

-- rules_version: each file of rules that judged, whole, with SHA-256 of its text and the instant it was taken in. The newest
-- one judges; none means the rules the program has itself. event_seq: its event in the first stream of facts, which says who
-- took it in. Class: none.
CREATE TABLE rules_version (
    rules_no    INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    name        TEXT NOT NULL,
    text        TEXT NOT NULL,
    taken_in_ms INTEGER NOT NULL,
    event_seq   INTEGER NOT NULL
) STRICT;
