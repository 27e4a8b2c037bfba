-- schema 36: what waits for a decision (docs/DECISIONS/0045-open-findings.md).

CREATE TABLE open_finding (
    series_no  BIGINT NOT NULL,
    period     BIGINT NOT NULL,
    rule       TEXT NOT NULL,
    area_no    BIGINT NOT NULL REFERENCES area,
    category   TEXT NOT NULL,
    resolution TEXT NOT NULL,
    PRIMARY KEY (series_no, period, rule)
);
CREATE INDEX open_finding_by_cause ON open_finding (area_no, category, rule, resolution, period, series_no);
COMMENT ON TABLE open_finding IS 'A rule that a value of a local day of a series failed, or that misses one in it, and about which nobody has decided. By the newest version of the day, kept up in the transaction that adds one; rows go with their day. Class: pseudonymous; holds no value.';
COMMENT ON COLUMN open_finding.series_no IS 'The series.';
COMMENT ON COLUMN open_finding.period IS 'Local day, counted from 1970-01-01.';
COMMENT ON COLUMN open_finding.rule IS 'The rule, by its code.';
COMMENT ON COLUMN open_finding.area_no IS 'The area its point lies in.';
COMMENT ON COLUMN open_finding.category IS 'consumption or indoor-climate: the category of the series.';
COMMENT ON COLUMN open_finding.resolution IS 'Resolution of the series; raw for registers.';
