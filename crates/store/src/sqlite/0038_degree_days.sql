-- schema 38: how cold months were (docs/DECISIONS/0027-two-times.md).

-- degree_day: degree days of a month. area: whose weather, by name; from_ms: when the month begins, in milliseconds since
-- 1970-01-01T00:00Z; tenths: in tenths of a kelvin times a day. Created and retired as in point_period. Class: reference.
CREATE TABLE degree_day (
    area        TEXT NOT NULL CHECK (area <> ''),
    from_ms     INTEGER NOT NULL,
    created_seq INTEGER NOT NULL REFERENCES master_change,
    retired_seq INTEGER REFERENCES master_change,
    tenths      INTEGER NOT NULL CHECK (tenths >= 0),
    PRIMARY KEY (area, from_ms, created_seq)
) STRICT, WITHOUT ROWID;

-- normal_degree_day: the same of a normal month of the same name. Class: reference.
CREATE TABLE normal_degree_day (
    area        TEXT NOT NULL CHECK (area <> ''),
    from_ms     INTEGER NOT NULL,
    created_seq INTEGER NOT NULL REFERENCES master_change,
    retired_seq INTEGER REFERENCES master_change,
    tenths      INTEGER NOT NULL CHECK (tenths >= 0),
    PRIMARY KEY (area, from_ms, created_seq)
) STRICT, WITHOUT ROWID;
