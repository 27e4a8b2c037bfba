-- schema 4 of the key file: keys that forget day by day.
-- first_day: days since 1 January of year 0; the oldest local day the key still opens, from which the keys of
-- later days are derived. At most one of first_day and first_month is there.
-- first_month: months since January of year 0, of a key of the older form; such keys are made no more, and
-- go on sealing and forgetting whole months. Both NULL: the key is used as it is, for every day (subjects,
-- dossiers, and keys of schema 1).
-- wrapped: 92 bytes with first_day (a day's key and the key of the month after), otherwise 60; always the same
-- for one key, so that a new value overwrites the old one where it lies. All zero when it is destroyed.

CREATE TABLE sealing_key_4 (
    key_no      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL CHECK (kind IN ('subject', 'occupancy', 'premises', 'consumption',
                                              'indoor-climate', 'telegrams', 'dossier')),
    first_month INTEGER,
    first_day   INTEGER CHECK (first_day IS NULL OR first_month IS NULL),
    wrapped     BLOB NOT NULL CHECK (length(wrapped) = iif(first_day IS NULL, 60, 92))
) STRICT;
INSERT INTO sealing_key_4 (key_no, kind, first_month, first_day, wrapped)
SELECT key_no, kind, first_month, NULL, wrapped FROM sealing_key;
DROP TABLE sealing_key;
ALTER TABLE sealing_key_4 RENAME TO sealing_key;
