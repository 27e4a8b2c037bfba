-- schema 22: settlement sums (docs/DECISIONS/0029-settlement-kept.md).

-- settlement_group: what is summed together: a grid area with a neighbour, or with a supplier and balance responsible, by
-- GLN. What a group has not is empty. Class: reference.
CREATE TABLE settlement_group (
    group_no            INTEGER PRIMARY KEY,
    area                TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('exchange', 'consumption', 'production')),
    neighbour           TEXT NOT NULL,
    method              TEXT NOT NULL,
    supplier            TEXT NOT NULL,
    balance_responsible TEXT NOT NULL,
    UNIQUE (area, kind, neighbour, method, supplier, balance_responsible)
) STRICT;

-- settlement_sum: exact energy and numbers of qualities of a group on a local day, sealed with the key of its month. It may be
-- overwritten, since it can be made again from the blocks. Class: personal, where a group is one home.
CREATE TABLE settlement_sum (
    group_no INTEGER NOT NULL REFERENCES settlement_group,
    period   INTEGER NOT NULL,
    sealed   BLOB NOT NULL,
    PRIMARY KEY (group_no, period)
) STRICT, WITHOUT ROWID;
CREATE INDEX settlement_sum_by_day ON settlement_sum (period);

-- settlement_left: local days of series whose newest block is in no sum, or not in all of its groups, and why. Class: pseudonymous.
CREATE TABLE settlement_left (
    period    INTEGER NOT NULL,
    series_no INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (period, series_no)
) STRICT, WITHOUT ROWID;

-- settlement_kept: one row while every registration goes through the sums; the first local day that has any. Class: none.
CREATE TABLE settlement_kept (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    kept_from INTEGER NOT NULL
) STRICT;
