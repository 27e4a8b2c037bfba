-- schema 4: dossiers, their records, and what moves leases.

-- dossier: one subject's records in one affair (a newsletter subscription, a ticket, a proceeding); subject_no
-- is NULL where nobody is identified. Class: pseudonymous.
CREATE TABLE dossier (
    dossier_no INTEGER PRIMARY KEY,
    subject_no INTEGER REFERENCES subject,
    kind       TEXT NOT NULL,
    opened_ms  INTEGER NOT NULL,
    key_no     INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX dossier_by_subject ON dossier (subject_no);
CREATE INDEX dossier_by_kind ON dossier (kind);

-- record: one entry of a dossier, sealed with the dossier's key. Class: personal; its category is written beside it.
CREATE TABLE record (
    record_no  INTEGER PRIMARY KEY,
    dossier_no INTEGER NOT NULL REFERENCES dossier,
    category   TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    sealed     BLOB NOT NULL
) STRICT;
CREATE INDEX record_by_dossier ON record (dossier_no);

-- subject_event: what began, moved, suspended or ended leases of a subject: consent, objection, restriction, hold,
-- account delivered. occupancy_no, dossier_no and activity narrow it; NULL means all. start_day and end_day: the
-- local days an account is for, half open. Rows are only ever added, and erased with their subject. Class: pseudonymous.
CREATE TABLE subject_event (
    subject_event_no INTEGER PRIMARY KEY,
    subject_no       INTEGER NOT NULL REFERENCES subject,
    at_ms            INTEGER NOT NULL,
    kind             TEXT NOT NULL,
    occupancy_no     INTEGER REFERENCES occupancy,
    dossier_no       INTEGER REFERENCES dossier,
    activity         TEXT,
    start_day        INTEGER,
    end_day          INTEGER,
    CHECK (occupancy_no IS NULL OR dossier_no IS NULL),
    CHECK ((start_day IS NULL) = (end_day IS NULL))
) STRICT;
CREATE INDEX subject_event_by_subject ON subject_event (subject_no);
CREATE INDEX subject_event_by_kind ON subject_event (kind);
