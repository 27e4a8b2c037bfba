-- schema 14: meters of DLMS beside those of M-Bus (docs/DECISIONS/0020-device-ids.md).

-- device: a meter. Class: reference. Known by one of three: its M-Bus address (manufacturer, number, version and
-- medium), its system title (8 bytes), or the name it gives itself in the clear.
CREATE TABLE device_anew (
    device_no    INTEGER PRIMARY KEY,
    manufacturer INTEGER,
    number       INTEGER,
    version      INTEGER,
    medium       INTEGER,
    title        BLOB UNIQUE CHECK (length(title) = 8),
    name         TEXT UNIQUE CHECK (length(name) BETWEEN 1 AND 32),
    UNIQUE (manufacturer, number, version, medium),
    CHECK ((manufacturer IS NULL) = (number IS NULL) AND (manufacturer IS NULL) = (version IS NULL)
           AND (manufacturer IS NULL) = (medium IS NULL)),
    CHECK ((manufacturer IS NOT NULL) + (title IS NOT NULL) + (name IS NOT NULL) = 1)
) STRICT;
INSERT INTO device_anew (device_no, manufacturer, number, version, medium)
SELECT device_no, manufacturer, number, version, medium FROM device;
DROP TABLE device;
ALTER TABLE device_anew RENAME TO device;

-- device_name: what a device with a system title called itself in a message whose tag was right. What is heard in the
-- clear under that name is heard of this device. Class: reference.
CREATE TABLE device_name (
    name      TEXT PRIMARY KEY,
    device_no INTEGER NOT NULL REFERENCES device
) STRICT, WITHOUT ROWID;

-- meter_key: as before, and keys of meters with a system title; their manufacturer and number are NULL. slot of these: 0
-- encryption, 1 authentication, 2 encryption of what many meters receive.
CREATE TABLE meter_key_anew (
    meter_key_no INTEGER PRIMARY KEY,
    manufacturer INTEGER,
    number       INTEGER,
    version      INTEGER NOT NULL,
    medium       INTEGER NOT NULL,
    slot         INTEGER NOT NULL,
    key_version  INTEGER NOT NULL,
    from_day     INTEGER NOT NULL,
    to_day       INTEGER NOT NULL,
    fingerprint  BLOB NOT NULL CHECK (length(fingerprint) = 8),
    added_ms     INTEGER NOT NULL,
    sealed       BLOB NOT NULL,
    title        BLOB CHECK (length(title) = 8),
    UNIQUE (manufacturer, number, version, medium, slot, key_version),
    UNIQUE (title, slot, key_version),
    CHECK ((manufacturer IS NULL) = (number IS NULL) AND (manufacturer IS NULL) = (title IS NOT NULL))
) STRICT;
INSERT INTO meter_key_anew
    (meter_key_no, manufacturer, number, version, medium, slot, key_version, from_day, to_day, fingerprint, added_ms,
     sealed)
SELECT meter_key_no, manufacturer, number, version, medium, slot, key_version, from_day, to_day, fingerprint, added_ms,
       sealed
FROM meter_key;
DROP TABLE meter_key;
ALTER TABLE meter_key_anew RENAME TO meter_key;
