-- schema 33: alarms of series that are estimated for too long (docs/DECISIONS/0040-alarms-of-estimates.md).

ALTER TABLE alarm DROP CONSTRAINT alarm_device_no_fkey;
ALTER TABLE alarm ALTER COLUMN device_no SET DEFAULT 0;
ALTER TABLE alarm ADD COLUMN series_no BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alarm ADD CHECK ((device_no = 0) <> (series_no = 0));
CREATE INDEX alarm_by_series ON alarm (series_no) WHERE series_no <> 0;
COMMENT ON TABLE alarm IS
    'One event of an alarm of a device or a series: it was raised, cleared, or happened. Rows are only ever added, and '
    'erased. Class: personal.';
COMMENT ON COLUMN alarm.device_no IS 'device; 0 of a series';
COMMENT ON COLUMN alarm.series_no IS 'series; 0 of a device';
