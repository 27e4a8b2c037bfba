-- schema 1 of the key file. Kept apart from the data, so that it is backed up apart and for a short time:
-- a data backup whose keys are gone says nothing.

-- controller_key: wrapped by the master key.
CREATE TABLE controller_key (
    controller_no INTEGER PRIMARY KEY,
    wrapped       BLOB NOT NULL
) STRICT;

-- sealing_key: one per subject, per occupancy, per metering point (premises); wrapped by the controller's key.
CREATE TABLE sealing_key (
    key_no  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL CHECK (kind IN ('subject', 'occupancy', 'premises')),
    wrapped BLOB NOT NULL
) STRICT;
