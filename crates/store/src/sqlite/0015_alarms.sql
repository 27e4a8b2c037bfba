-- schema 15: alarms of meters, and the transformer a point hangs behind.

-- alarm: one event of an alarm of a device: it was raised, cleared, or happened. Rows are only ever added, and erased. In
-- the clear stand the point, the device and the local day; the instant, what it says and where it was read are sealed with
-- the key of the alarms of the occupancy, or the premises'. Class: personal.
CREATE TABLE alarm (
    alarm_no  INTEGER PRIMARY KEY,
    point_no  INTEGER NOT NULL REFERENCES point,
    device_no INTEGER NOT NULL REFERENCES device,
    day       INTEGER NOT NULL,
    key_no    INTEGER NOT NULL,
    sealed    BLOB NOT NULL
) STRICT;
CREATE INDEX alarm_by_device ON alarm (device_no);
CREATE INDEX alarm_by_point ON alarm (point_no, day);
CREATE INDEX alarm_by_key ON alarm (key_no);

-- alarm_key_no seals the alarms of an occupancy; 0 in rows of an older schema, until the store is opened, which makes it.
-- alarm_from: as consumption_from. Class: as occupancy.
ALTER TABLE occupancy ADD COLUMN alarm_key_no INTEGER NOT NULL DEFAULT 0;
ALTER TABLE occupancy ADD COLUMN alarm_from INTEGER NOT NULL DEFAULT -2147483648;
CREATE INDEX occupancy_by_alarm_key ON occupancy (alarm_key_no);

-- transformer: what an electricity point hangs behind, by the grid company's own name. Class: reference.
ALTER TABLE point ADD COLUMN transformer TEXT;
CREATE INDEX point_by_transformer ON point (transformer) WHERE transformer IS NOT NULL;
