-- schema 13: what was heard of a device last, so that a telegram sent again by somebody else gives nothing.

-- device_counters: the newest counters of a device, and which protection it has used, as bytes of the telegram rules; sealed
-- with a key of the controller's, for they tell one telegram from another. One row for a device, overwritten. Class:
-- reference.
CREATE TABLE device_counters (
    device_no INTEGER PRIMARY KEY REFERENCES device,
    sealed    BLOB NOT NULL
) STRICT;
