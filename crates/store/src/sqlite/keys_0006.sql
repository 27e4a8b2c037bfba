-- schema 6 of the key file: keys of alarms, a fourth one for each occupancy.
-- Columns as in schema 4.

CREATE TABLE sealing_key_6 (
    key_no      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('subject', 'occupancy', 'premises', 'consumption',
                                              'indoor-climate', 'telegrams', 'alarms', 'dossier')),
    first_month INTEGER,
    first_day   INTEGER CHECK (first_day IS NULL OR first_month IS NULL),
    wrapped     BLOB NOT NULL CHECK (length(wrapped) = iif(first_day IS NULL, 60, 92))
) STRICT;
INSERT INTO sealing_key_6 (key_no, kind, first_month, first_day, wrapped)
SELECT key_no, kind, first_month, first_day, wrapped FROM sealing_key;
DROP TABLE sealing_key;
ALTER TABLE sealing_key_6 RENAME TO sealing_key;
