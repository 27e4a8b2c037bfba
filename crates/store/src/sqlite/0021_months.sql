-- schema 21: closed months as one row each (docs/DECISIONS/0028-months.md).

-- series_month: versions of one series on local days of one month, under one key. period: the first local day of the month,
-- counted from 1970-01-01. first_day: the first local day the row holds; its key seals the row. held: which versions there
-- are, by day and registration, in the clear as in the key of series_block. sealed: their values. A version lies here or in
-- series_block, never in both. Rows are written anew as others with the same versions, and erased. Class: personal.
CREATE TABLE series_month (
    period    INTEGER NOT NULL,
    series_no INTEGER NOT NULL,
    key_no    INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    held      BLOB NOT NULL,
    sealed    BLOB NOT NULL,
    PRIMARY KEY (period, series_no, key_no, first_day)
) STRICT;

-- compacted_month: months of which anything ever lay in series_month, by their first local day. Class: none.
CREATE TABLE compacted_month (
    period INTEGER PRIMARY KEY
) STRICT;
