-- schema 29: what is in no sum, by runs of days (docs/DECISIONS/0029-settlement-kept.md).

-- settlement_left: local days [start_day, end_day) of a series whose newest blocks are in no sum, or not in all of their
-- groups, and why. Runs of one series share no day, and two that follow each other have other reasons. Class: pseudonymous.
ALTER TABLE settlement_left RENAME TO settlement_left_before;
CREATE TABLE settlement_left (
    series_no INTEGER NOT NULL,
    start_day INTEGER NOT NULL,
    end_day   INTEGER NOT NULL CHECK (start_day < end_day),
    reason    TEXT NOT NULL,
    PRIMARY KEY (series_no, start_day)
) STRICT, WITHOUT ROWID;
INSERT INTO settlement_left (series_no, start_day, end_day, reason)
SELECT b.series_no, min(b.period), max(b.period) + 1, b.reason
FROM (SELECT l.series_no, l.period, l.reason,
             l.period - row_number() OVER (PARTITION BY l.series_no, l.reason ORDER BY l.period) AS run
      FROM settlement_left_before l) b
GROUP BY b.series_no, b.reason, b.run;
DROP TABLE settlement_left_before;
