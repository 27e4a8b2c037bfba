-- schema 24: calculations of settlement (docs/DECISIONS/0029-settlement-kept.md).

-- settlement_run: one calculation that was run; its number is its version. Days are local days, half open. Class: reference.
CREATE TABLE settlement_run (
    run_no      INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    area        TEXT NOT NULL,
    start_day   INTEGER NOT NULL,
    end_day     INTEGER NOT NULL,
    is_internal INTEGER NOT NULL CHECK (is_internal IN (0, 1)),
    run_ms      INTEGER NOT NULL,
    permit_seq  INTEGER NOT NULL
) STRICT;

-- settlement_frozen: the sum of a group and local day as a calculation left it, sealed as settlement_sum. Never changed.
-- Class: personal, where a group is one home.
CREATE TABLE settlement_frozen (
    group_no INTEGER NOT NULL REFERENCES settlement_group,
    run_no   INTEGER NOT NULL REFERENCES settlement_run,
    period   INTEGER NOT NULL,
    sealed   BLOB NOT NULL,
    PRIMARY KEY (group_no, run_no, period)
) STRICT, WITHOUT ROWID;
CREATE INDEX settlement_frozen_by_run ON settlement_frozen (run_no, period);
