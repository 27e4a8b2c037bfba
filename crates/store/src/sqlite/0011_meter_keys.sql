-- schema 11: keys of meters, learned formats, and what undecoded telegrams lack
-- (docs/DECISIONS/0018-meter-keys.md).

-- meter_key: a key of a meter, sealed with the key of its class. version and medium: -1 where the key is for any. slot: which
-- of the meter's keys. key_version: 1, 2, … in the order in which they came. [from_day, to_day): the local days it
-- holds. fingerprint: a keyed hash. Class: meter keys; rows are deleted when what they open is gone.
CREATE TABLE meter_key (
    meter_key_no INTEGER PRIMARY KEY,
    manufacturer INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    medium       INTEGER NOT NULL,
    slot         INTEGER NOT NULL,
    key_version  INTEGER NOT NULL,
    from_day     INTEGER NOT NULL,
    to_day       INTEGER NOT NULL,
    fingerprint  BLOB NOT NULL CHECK (length(fingerprint) = 8),
    added_ms     INTEGER NOT NULL,
    sealed       BLOB NOT NULL,
    UNIQUE (manufacturer, number, version, medium, slot, key_version)
) STRICT;

-- meter_key_use: how many telegrams a key opened, and when it did last. Class: none.
CREATE TABLE meter_key_use (
    meter_key_no INTEGER PRIMARY KEY,
    uses         INTEGER NOT NULL,
    last_ms      INTEGER NOT NULL
) STRICT;

-- key_export: requests to hand out keys of meters. area_no: of one area; NULL: of all. hash: what an approval names. state:
-- `asked`, `approved`, `written`. Class: none; the actors are staff.
CREATE TABLE key_export (
    export_no INTEGER PRIMARY KEY,
    asked_ms  INTEGER NOT NULL,
    asked_by  TEXT NOT NULL,
    area_no   INTEGER,
    party     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    key_count INTEGER NOT NULL,
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    state     TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'written')),
    approver  TEXT
) STRICT;

-- telegram_format: the record headers of compact frames, learned from full ones. Class: none; of a meter type, not a meter.
CREATE TABLE telegram_format (
    manufacturer INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    medium       INTEGER NOT NULL,
    signature    INTEGER NOT NULL,
    is_protected INTEGER NOT NULL CHECK (is_protected IN (0, 1)),
    headers      BLOB NOT NULL,
    learned_ms   INTEGER NOT NULL,
    PRIMARY KEY (manufacturer, version, medium, is_protected, signature)
) STRICT, WITHOUT ROWID;

-- ci: of a telegram in quarantine, the CI field that says how it goes on; NULL where it is not known.
ALTER TABLE raw_telegram ADD COLUMN ci INTEGER;
CREATE INDEX raw_telegram_by_device ON raw_telegram (device_no, received_ms);
DROP INDEX raw_telegram_not_decoded;
CREATE INDEX raw_telegram_not_decoded ON raw_telegram (device_no, reason, ci) WHERE state <> 'decoded';
