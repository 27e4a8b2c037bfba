-- schema 18: how far operating days have come (docs/DECISIONS/0026-operating-days.md).

-- cycle_day: how many interval series of a grid area are in a state on a local day, kept up in the transaction that adds
-- a version or releases one. Of days of which nothing came there is no row. Class: reference; a count names nobody.
CREATE TABLE cycle_day (
    area_no INTEGER NOT NULL REFERENCES area,
    period  INTEGER NOT NULL,
    state   TEXT NOT NULL,
    series  INTEGER NOT NULL,
    PRIMARY KEY (area_no, period, state)
) STRICT, WITHOUT ROWID;

-- cycle_calls: how many calls were made for a local day at meters of an area, how many of them were made again, and how
-- many were given up. Class: reference.
CREATE TABLE cycle_calls (
    area_no INTEGER NOT NULL REFERENCES area,
    period  INTEGER NOT NULL,
    called  INTEGER NOT NULL,
    retried INTEGER NOT NULL,
    failed  INTEGER NOT NULL,
    PRIMARY KEY (area_no, period)
) STRICT, WITHOUT ROWID;

-- release: one act of letting values go out, and the permit it was done under. Class: reference.
CREATE TABLE release (
    release_no  INTEGER PRIMARY KEY,
    released_ms INTEGER NOT NULL,
    permit_seq  INTEGER NOT NULL,
    recipient   TEXT
) STRICT;

-- released: which version of a local day of a series goes out. The newest row counts; rows go with their day. `is_late`:
-- whether the first release of the day came after its deadline. Class: pseudonymous; holds no value.
CREATE TABLE released (
    series_no      INTEGER NOT NULL,
    period         INTEGER NOT NULL,
    release_no     INTEGER NOT NULL REFERENCES release,
    registered_seq INTEGER NOT NULL,
    is_late        INTEGER NOT NULL CHECK (is_late IN (0, 1)),
    PRIMARY KEY (series_no, period, release_no)
) STRICT, WITHOUT ROWID;
