-- schema 17, part 2 of 6: measured values.

CREATE TABLE series_block (
    period         BIGINT NOT NULL,
    series_no      BIGINT NOT NULL,
    registered_seq BIGINT NOT NULL,
    key_no         BIGINT NOT NULL,
    sealed         BYTEA NOT NULL,
    PRIMARY KEY (period, series_no, registered_seq)
) PARTITION BY RANGE (period);
COMMENT ON TABLE series_block IS
    'The values of one series on one local day, as registered once. Rows are only ever added. Partitioned by month '
    'of period; make_months makes the partitions. Class: personal.';
COMMENT ON COLUMN series_block.period IS 'local day, counted from 1970-01-01';
COMMENT ON COLUMN series_block.series_no IS 'series; distribution column';
COMMENT ON COLUMN series_block.registered_seq IS 'registration; the highest is current';
COMMENT ON COLUMN series_block.key_no IS 'key of the occupancy or the premises';
COMMENT ON COLUMN series_block.sealed IS 'the block, AES-256-GCM. Class: personal';

CREATE TABLE series_state (
    series_no  BIGINT PRIMARY KEY,
    key_no     BIGINT NOT NULL,
    first_day  BIGINT NOT NULL,
    last_day   BIGINT NOT NULL,
    sealed     BYTEA NOT NULL,
    sealed_day BIGINT NOT NULL DEFAULT 0
);
COMMENT ON TABLE series_state IS
    'Running statistic of a series for validation, and its days. It may be overwritten, since it can be made again. '
    'Class: personal.';
COMMENT ON COLUMN series_state.series_no IS 'series; distribution column';
COMMENT ON COLUMN series_state.key_no IS 'key of the occupancy or the premises';
COMMENT ON COLUMN series_state.first_day IS 'first local day, counted from 1970-01-01, with a block';
COMMENT ON COLUMN series_state.last_day IS 'last local day, counted from 1970-01-01, with a block';
COMMENT ON COLUMN series_state.sealed IS 'the statistic, AES-256-GCM. Class: personal';
COMMENT ON COLUMN series_state.sealed_day IS 'local day whose key sealed it, counted from 1970-01-01';

-- make_months: makes the partitions of a table for the months of the local days from first_day to last_day, as far as
-- they are missing, and says how many it made. For tables partitioned by `period`, a local day. The store calls it
-- before it writes days of a month it has not written yet. It runs as the owner of the schema, since the program has a
-- role that makes no tables. A partition is made apart and then attached, so that nobody who reads or writes has to wait.
CREATE FUNCTION make_months(parent TEXT, first_day BIGINT, last_day BIGINT) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidstro, pg_temp AS $$
DECLARE
    epoch CONSTANT DATE := DATE '1970-01-01';
    month DATE := date_trunc('month', epoch + first_day::INTEGER)::DATE;
    made  BIGINT := 0;
    name  TEXT;
BEGIN
    PERFORM FROM pg_partitioned_table WHERE partrelid = to_regclass(quote_ident(parent));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table `%` has no months', parent;
    END IF;
    WHILE month <= epoch + last_day::INTEGER LOOP
        name := parent || to_char(month, '_YYYY_MM');
        IF to_regclass(quote_ident(name)) IS NULL THEN
            -- Two sessions may want the same month; the second waits here and finds it made. A lock that readers and
            -- writers of rows do not notice.
            EXECUTE format('LOCK TABLE %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
        END IF;
        IF to_regclass(quote_ident(name)) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING COMMENTS INCLUDING STORAGE)', name, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, name,
                           month - epoch, (month + INTERVAL '1 month')::DATE - epoch);
            made := made + 1;
        END IF;
        month := (month + INTERVAL '1 month')::DATE;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION make_months IS 'Makes the missing partitions of a table for the months of some local days.';
REVOKE ALL ON FUNCTION make_months FROM PUBLIC;

-- Sealed bytes do not compress.
ALTER TABLE series_block ALTER COLUMN sealed SET STORAGE EXTERNAL;
