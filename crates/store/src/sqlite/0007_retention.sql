-- schema 7: retention runs, and what they leave behind.

-- The first local day whose values are still held, for each category of an occupancy; earlier ones are erased, and
-- what arrives for them is too old. -2147483648: nothing is erased. 2147483647: everything is. Class: as occupancy.
ALTER TABLE occupancy ADD COLUMN consumption_from INTEGER NOT NULL DEFAULT -2147483648;
ALTER TABLE occupancy ADD COLUMN climate_from INTEGER NOT NULL DEFAULT -2147483648;
ALTER TABLE occupancy ADD COLUMN telegram_from INTEGER NOT NULL DEFAULT -2147483648;
ALTER TABLE occupancy ADD COLUMN finding_from INTEGER NOT NULL DEFAULT -2147483648;

-- closed_before: local days before it belonged to somebody who is erased; nothing of them is taken in. Class: reference.
ALTER TABLE point ADD COLUMN closed_before INTEGER NOT NULL DEFAULT -2147483648;

-- contact_key_no: a contact may end before the name. Subjects of an older schema have one key for both.
ALTER TABLE subject ADD COLUMN contact_key_no INTEGER NOT NULL DEFAULT 0;
UPDATE subject SET contact_key_no = key_no;

CREATE INDEX raw_telegram_by_key ON raw_telegram (key_no, received_ms);

-- retention_preview: one look at what no activity keeps, and what became of it. rows and keys count what a run
-- has destroyed so far. certificate: as issued. Class: none.
CREATE TABLE retention_preview (
    preview_no  INTEGER PRIMARY KEY,
    at_ms       INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    hash        BLOB NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('previewed', 'approved', 'running', 'done')),
    approver    TEXT,
    row_count   INTEGER NOT NULL DEFAULT 0,
    key_count   INTEGER NOT NULL DEFAULT 0,
    certificate TEXT
) STRICT;

-- retention_item: one part of what a preview found: of an occupancy, a dossier, or a subject itself. Days are local days,
-- half open. state: 0 found, 1 erased, 2 left, because something keeps it by now. is_noted: whom it concerns is in
-- retention_concerned, so that its keys may go. Deleted when the run is done.
-- Class: pseudonymous.
CREATE TABLE retention_item (
    preview_no   INTEGER NOT NULL REFERENCES retention_preview,
    item_no      INTEGER NOT NULL,
    subject_no   INTEGER NOT NULL,
    occupancy_no INTEGER,
    dossier_no   INTEGER,
    category     TEXT NOT NULL,
    is_frame     INTEGER NOT NULL,
    start_day    INTEGER NOT NULL,
    end_day      INTEGER NOT NULL,
    bucket       TEXT NOT NULL,
    activity     TEXT,
    since_ms     INTEGER,
    protection   TEXT,
    state        INTEGER NOT NULL DEFAULT 0,
    is_noted     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (preview_no, item_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX retention_item_found ON retention_item (preview_no, subject_no) WHERE state = 0;

-- retention_concerned: keyed commitments of whom a running run concerns, until they are in its certificate. Class:
-- none once the subject's key is destroyed.
CREATE TABLE retention_concerned (
    preview_no INTEGER NOT NULL REFERENCES retention_preview,
    commitment BLOB NOT NULL,
    PRIMARY KEY (preview_no, commitment)
) STRICT, WITHOUT ROWID;

-- retention_key: keys whose values were sealed anew, to be destroyed next. Class: none.
CREATE TABLE retention_key (
    key_no INTEGER PRIMARY KEY
) STRICT;

CREATE INDEX record_by_category ON record (category);
