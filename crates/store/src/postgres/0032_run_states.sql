-- schema 32: calculations of settlement in pieces (docs/DECISIONS/0029-settlement-kept.md).

ALTER TABLE settlement_run ADD COLUMN state TEXT NOT NULL DEFAULT 'finished'
    CHECK (state IN ('begun', 'finished', 'removed'));
COMMENT ON COLUMN settlement_run.state IS
    'begun while days are still missing, finished once it has all of them, removed if it never was and its days are gone';

CREATE TABLE settlement_run_month (
    run_no    BIGINT NOT NULL REFERENCES settlement_run,
    month     BIGINT NOT NULL,
    known_seq BIGINT NOT NULL,
    PRIMARY KEY (run_no, month)
);
COMMENT ON TABLE settlement_run_month IS 'What master data a calculation saw when it took the days of a month. Class: reference.';
COMMENT ON COLUMN settlement_run_month.run_no IS 'the calculation';
COMMENT ON COLUMN settlement_run_month.month IS 'first local day of the month, counted from 1970-01-01';
COMMENT ON COLUMN settlement_run_month.known_seq IS 'the last change of master data by then';
