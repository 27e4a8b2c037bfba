-- schema 33: alarms of series that are estimated for too long (docs/DECISIONS/0040-alarms-of-estimates.md).

-- alarm: as before, of a device or of a series: the number of the other is 0. The table is made anew, because an alarm of a
-- series refers to no device.
CREATE TABLE alarm_of (
    alarm_no  INTEGER PRIMARY KEY,
    point_no  INTEGER NOT NULL REFERENCES point,
    device_no INTEGER NOT NULL DEFAULT 0,
    day       INTEGER NOT NULL,
    key_no    INTEGER NOT NULL,
    sealed    BLOB NOT NULL,
    series_no INTEGER NOT NULL DEFAULT 0,
    CHECK ((device_no = 0) <> (series_no = 0))
) STRICT;
INSERT INTO alarm_of (alarm_no, point_no, device_no, day, key_no, sealed)
SELECT e.alarm_no, e.point_no, e.device_no, e.day, e.key_no, e.sealed FROM alarm e;
DROP TABLE alarm;
ALTER TABLE alarm_of RENAME TO alarm;
CREATE INDEX alarm_by_device ON alarm (device_no);
CREATE INDEX alarm_by_point ON alarm (point_no, day);
CREATE INDEX alarm_by_key ON alarm (key_no);
CREATE INDEX alarm_by_series ON alarm (series_no) WHERE series_no <> 0;
