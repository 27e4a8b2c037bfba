-- schema 21: closed months as one row each (docs/DECISIONS/0028-months.md).

CREATE TABLE series_month (
    period    BIGINT NOT NULL,
    series_no BIGINT NOT NULL,
    key_no    BIGINT NOT NULL,
    first_day BIGINT NOT NULL,
    held      BYTEA NOT NULL,
    sealed    BYTEA NOT NULL,
    PRIMARY KEY (period, series_no, key_no, first_day)
) PARTITION BY RANGE (period);
COMMENT ON TABLE series_month IS
    'Versions of one series on local days of one month, under one key. A version lies here or in series_block, never in '
    'both. Rows are written anew as others with the same versions, and erased. Partitioned by month of period; '
    'make_months makes the partitions. Class: personal.';
COMMENT ON COLUMN series_month.period IS 'first local day of the month, counted from 1970-01-01';
COMMENT ON COLUMN series_month.series_no IS 'series; distribution column';
COMMENT ON COLUMN series_month.key_no IS 'key of the occupancy or the premises';
COMMENT ON COLUMN series_month.first_day IS 'first local day the row holds, counted from 1970-01-01; its key seals the row';
COMMENT ON COLUMN series_month.held IS 'which versions there are: days and registrations, in the clear';
COMMENT ON COLUMN series_month.sealed IS 'their values, AES-256-GCM. Class: personal';
-- Sealed bytes do not compress.
ALTER TABLE series_month ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE compacted_month (
    period BIGINT PRIMARY KEY
);
COMMENT ON TABLE compacted_month IS 'Months of which anything ever lay in series_month. Class: none.';
COMMENT ON COLUMN compacted_month.period IS 'first local day of the month, counted from 1970-01-01';
