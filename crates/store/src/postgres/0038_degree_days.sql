-- schema 38: how cold months were (docs/DECISIONS/0027-two-times.md).

CREATE TABLE degree_day (
    area        TEXT NOT NULL CHECK (area <> ''),
    from_ms     BIGINT NOT NULL,
    created_seq BIGINT NOT NULL REFERENCES master_change,
    retired_seq BIGINT REFERENCES master_change,
    tenths      BIGINT NOT NULL CHECK (tenths >= 0),
    PRIMARY KEY (area, from_ms, created_seq)
);
COMMENT ON TABLE degree_day IS 'How cold months were. Class: reference.';
COMMENT ON COLUMN degree_day.area IS 'whose weather, by name';
COMMENT ON COLUMN degree_day.from_ms IS 'when the month begins, in milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN degree_day.created_seq IS 'the change that made the row';
COMMENT ON COLUMN degree_day.retired_seq IS 'the change that retired the row';
COMMENT ON COLUMN degree_day.tenths IS 'in tenths of a kelvin times a day';

CREATE TABLE normal_degree_day (
    area        TEXT NOT NULL CHECK (area <> ''),
    from_ms     BIGINT NOT NULL,
    created_seq BIGINT NOT NULL REFERENCES master_change,
    retired_seq BIGINT REFERENCES master_change,
    tenths      BIGINT NOT NULL CHECK (tenths >= 0),
    PRIMARY KEY (area, from_ms, created_seq)
);
COMMENT ON TABLE normal_degree_day IS 'How cold months of the same name are normally. Class: reference.';
COMMENT ON COLUMN normal_degree_day.area IS 'whose weather, by name';
COMMENT ON COLUMN normal_degree_day.from_ms IS 'when the month begins, in milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN normal_degree_day.created_seq IS 'the change that made the row';
COMMENT ON COLUMN normal_degree_day.retired_seq IS 'the change that retired the row';
COMMENT ON COLUMN normal_degree_day.tenths IS 'in tenths of a kelvin times a day';
