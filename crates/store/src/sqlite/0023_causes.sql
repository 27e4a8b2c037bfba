-- schema 23: where versions come from (docs/DECISIONS/0030-where-a-value-comes-from.md).

-- cause: what made the versions of a registration: `source` (a telegram or file of its source), `validation`, `estimation`,
-- `correction` or `cancellation`. made_by: the rules or methods, by name. Class: reference.
ALTER TABLE registration ADD COLUMN cause TEXT NOT NULL DEFAULT 'source';
ALTER TABLE registration ADD COLUMN made_by TEXT;

-- version_note: who made a version, and why, in their own words, which may name people. Class: personal, sealed with the
-- key of the version's day; it goes with it.
CREATE TABLE version_note (
    period         INTEGER NOT NULL,
    series_no      INTEGER NOT NULL,
    registered_seq INTEGER NOT NULL,
    key_no         INTEGER NOT NULL,
    sealed         BLOB NOT NULL,
    PRIMARY KEY (series_no, period, registered_seq)
) STRICT, WITHOUT ROWID;
