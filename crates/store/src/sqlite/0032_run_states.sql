-- schema 32: calculations of settlement in pieces (docs/DECISIONS/0029-settlement-kept.md).

-- settlement_run.state: begun while days are still missing, finished once it has all of them, removed if it never was and its
-- days are gone. Only a finished one is a calculation.
ALTER TABLE settlement_run ADD COLUMN state TEXT NOT NULL DEFAULT 'finished'
    CHECK (state IN ('begun', 'finished', 'removed'));

-- settlement_run_month: what master data a calculation saw when it took the days of a month. month: its first local day, counted
-- from 1970-01-01; known_seq: the last change of master data by then. Class: reference.
CREATE TABLE settlement_run_month (
    run_no    INTEGER NOT NULL REFERENCES settlement_run,
    month     INTEGER NOT NULL,
    known_seq INTEGER NOT NULL,
    PRIMARY KEY (run_no, month)
) STRICT, WITHOUT ROWID;
