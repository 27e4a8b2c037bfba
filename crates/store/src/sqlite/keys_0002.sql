-- schema 2 of the key file: keys that forget month by month, and keys of dossiers.
-- first_month: months since January of year 0; the oldest month the key still opens, from which the keys
-- of later months are derived. NULL: the key is used as it is, for every month (subjects, dossiers, and all
-- keys made before this schema; kind `occupancy` is made no more).
-- wrapped: always 60 bytes, so that a new value overwrites the old one where it lies; all zero when the
-- key is destroyed. Rows are never deleted: a deletion would move other keys and leave copies behind.

CREATE TABLE sealing_key_2 (
    key_no      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('subject', 'occupancy', 'premises', 'consumption',
                                              'indoor-climate', 'telegrams', 'dossier')),
    first_month INTEGER,
    wrapped     BLOB NOT NULL CHECK (length(wrapped) = 60)
) STRICT;
INSERT INTO sealing_key_2 (key_no, kind, first_month, wrapped)
SELECT key_no, kind, NULL, wrapped FROM sealing_key;
DROP TABLE sealing_key;
ALTER TABLE sealing_key_2 RENAME TO sealing_key;
