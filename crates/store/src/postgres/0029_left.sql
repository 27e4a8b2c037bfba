-- schema 29: what is in no sum, by runs of days (docs/DECISIONS/0029-settlement-kept.md).

ALTER TABLE settlement_left RENAME TO settlement_left_before;
ALTER TABLE settlement_left_before RENAME CONSTRAINT settlement_left_pkey TO settlement_left_before_pkey;
CREATE TABLE settlement_left (
    series_no BIGINT NOT NULL,
    start_day BIGINT NOT NULL,
    end_day   BIGINT NOT NULL CHECK (start_day < end_day),
    reason    TEXT NOT NULL,
    PRIMARY KEY (series_no, start_day)
);
INSERT INTO settlement_left (series_no, start_day, end_day, reason)
SELECT b.series_no, min(b.period), max(b.period) + 1, b.reason
FROM (SELECT l.series_no, l.period, l.reason,
             l.period - row_number() OVER (PARTITION BY l.series_no, l.reason ORDER BY l.period) AS run
      FROM settlement_left_before l) b
GROUP BY b.series_no, b.reason, b.run;
DROP TABLE settlement_left_before;
COMMENT ON TABLE settlement_left IS 'Runs of local days of series whose newest blocks are in no sum, or not in all of their groups. Class: pseudonymous.';
COMMENT ON COLUMN settlement_left.series_no IS 'the series';
COMMENT ON COLUMN settlement_left.start_day IS 'first local day, counted from 1970-01-01';
COMMENT ON COLUMN settlement_left.end_day IS 'first local day after, counted from 1970-01-01';
COMMENT ON COLUMN settlement_left.reason IS 'why, a word';
