-- schema 36: what waits for a decision (docs/DECISIONS/0045-open-findings.md).

-- open_finding: a rule that a value of a local day of a series failed, or that misses one in it, and about which nobody has decided:
-- by the newest version of the day, kept up in the transaction that adds one. area_no, category ('consumption' or
-- 'indoor-climate') and resolution are those of the series, so that a cause is counted and listed from one index. Rows go with their
-- day. Class: pseudonymous; holds no value.
CREATE TABLE open_finding (
    series_no  INTEGER NOT NULL,
    period     INTEGER NOT NULL,
    rule       TEXT NOT NULL,
    area_no    INTEGER NOT NULL REFERENCES area,
    category   TEXT NOT NULL,
    resolution TEXT NOT NULL,
    PRIMARY KEY (series_no, period, rule)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_finding_by_cause ON open_finding (area_no, category, rule, resolution, period, series_no);
