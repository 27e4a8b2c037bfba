-- schema 1: the walk
-- Every table says its data class. Values, names and telegrams are sealed; what else tells something
-- about a person stands under a pseudonym. Both belong to a category of the register, and the program
-- does not start if the register does not name them (PERSONAL_COLUMNS).
-- Days are local days counted from 1970-01-01; instants are milliseconds since 1970-01-01T00:00Z.

-- area: a building or an electricity grid area. Class: reference.
CREATE TABLE area (
    area_no INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    kind    TEXT NOT NULL CHECK (kind IN ('building', 'grid-area', 'unassigned'))
) STRICT;

-- point: a metering point of any commodity. Class: reference; flat label and room say where, not who.
-- premises_key_no seals its data for days nobody lives there.
CREATE TABLE point (
    point_no        INTEGER PRIMARY KEY,
    area_no         INTEGER NOT NULL REFERENCES area,
    own_id          TEXT NOT NULL UNIQUE,
    commodity       TEXT NOT NULL,
    flat            TEXT,
    room            TEXT,
    premises_key_no INTEGER NOT NULL
) STRICT;
CREATE INDEX point_by_area ON point (area_no);

-- device: a meter. Class: reference.
CREATE TABLE device (
    device_no    INTEGER PRIMARY KEY,
    manufacturer INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    medium       INTEGER NOT NULL,
    UNIQUE (manufacturer, number, version, medium)
) STRICT;

-- installation: which device hung where, [start_day, end_day). Class: reference.
CREATE TABLE installation (
    device_no INTEGER NOT NULL REFERENCES device,
    start_day INTEGER NOT NULL,
    end_day   INTEGER NOT NULL,
    point_no  INTEGER NOT NULL REFERENCES point,
    PRIMARY KEY (device_no, start_day)
) STRICT, WITHOUT ROWID;

-- subject: a person. Class: personal; name and contact sealed with the subject's key.
CREATE TABLE subject (
    subject_no     INTEGER PRIMARY KEY,
    reference      TEXT NOT NULL UNIQUE,
    key_no         INTEGER NOT NULL,
    sealed_name    BLOB NOT NULL,
    sealed_contact BLOB NOT NULL
) STRICT;

-- occupancy: one subject's time in one flat, or one supply period, [start_day, end_day). Class: pseudonymous.
CREATE TABLE occupancy (
    occupancy_no INTEGER PRIMARY KEY,
    subject_no   INTEGER NOT NULL REFERENCES subject,
    start_day    INTEGER NOT NULL,
    end_day      INTEGER NOT NULL,
    key_no       INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX occupancy_by_subject ON occupancy (subject_no);

-- occupancy_point: the metering points an occupancy uses. Class: pseudonymous.
CREATE TABLE occupancy_point (
    point_no     INTEGER NOT NULL REFERENCES point,
    occupancy_no INTEGER NOT NULL REFERENCES occupancy,
    PRIMARY KEY (point_no, occupancy_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX occupancy_point_by_occupancy ON occupancy_point (occupancy_no);

-- supply: the supplier of an electricity metering point, [start_day, end_day). Class: reference.
CREATE TABLE supply (
    point_no  INTEGER NOT NULL REFERENCES point,
    start_day INTEGER NOT NULL,
    end_day   INTEGER NOT NULL,
    supplier  TEXT NOT NULL,
    PRIMARY KEY (point_no, start_day)
) STRICT, WITHOUT ROWID;

-- series: one register of one metering point. Class: reference.
CREATE TABLE series (
    series_no  INTEGER PRIMARY KEY,
    point_no   INTEGER NOT NULL REFERENCES point,
    device_no  INTEGER NOT NULL DEFAULT 0,
    kind       TEXT NOT NULL CHECK (kind IN ('interval', 'register')),
    quantity   TEXT NOT NULL,
    unit       TEXT NOT NULL,
    resolution TEXT NOT NULL,
    tariff     INTEGER NOT NULL DEFAULT 0,
    subunit    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (point_no, device_no, kind, quantity, resolution, tariff, subunit)
) STRICT;

-- source: a file or upload data came from. Class: reference.
CREATE TABLE source (
    source_no INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE
) STRICT;

-- registration: one durable batch. Its number orders versions; `as_of` looks it up by time. Class: reference.
CREATE TABLE registration (
    registered_seq INTEGER PRIMARY KEY,
    registered_ms  INTEGER NOT NULL,
    source_no      INTEGER NOT NULL REFERENCES source,
    permit_seq     INTEGER NOT NULL
) STRICT;
CREATE INDEX registration_by_time ON registration (registered_ms);

-- series_block: the values of one series on one local day, as registered once. Class: personal, sealed
-- with the key of the occupancy (or the premises). Rows are only ever added.
CREATE TABLE series_block (
    period         INTEGER NOT NULL,
    series_no      INTEGER NOT NULL,
    registered_seq INTEGER NOT NULL,
    key_no         INTEGER NOT NULL,
    sealed         BLOB NOT NULL,
    PRIMARY KEY (period, series_no, registered_seq)
) STRICT, WITHOUT ROWID;

-- series_state: running statistic of a series for the validation rules, and its first and last local day
-- with a block. Class: personal, sealed like a block.
CREATE TABLE series_state (
    series_no INTEGER PRIMARY KEY,
    key_no    INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day  INTEGER NOT NULL,
    sealed    BLOB NOT NULL
) STRICT;

-- finding: a rule that failed at a position of a block; holds no value. Class: pseudonymous.
CREATE TABLE finding (
    period         INTEGER NOT NULL,
    series_no      INTEGER NOT NULL,
    registered_seq INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    rule           TEXT NOT NULL,
    PRIMARY KEY (period, series_no, registered_seq, position, rule)
) STRICT, WITHOUT ROWID;

-- raw_telegram: a telegram as received. Class: personal, sealed like a block. `digest` is a keyed hash.
-- `time_stated`: 1 if the gateway said when it heard it; 0 if received_ms is when it was stored.
-- state: `received` until decoded; `decoded`; `quarantined` with the reason (no key, layout not yet).
CREATE TABLE raw_telegram (
    telegram_no INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    time_stated INTEGER NOT NULL CHECK (time_stated IN (0, 1)),
    device_no   INTEGER NOT NULL REFERENCES device,
    key_no      INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('received', 'decoded', 'quarantined')),
    reason      TEXT,
    sealed      BLOB NOT NULL
) STRICT;
CREATE INDEX raw_telegram_by_digest ON raw_telegram (digest);
CREATE INDEX raw_telegram_not_decoded ON raw_telegram (state) WHERE state <> 'decoded';

-- reception: who heard a telegram, and how well. Class: reference.
CREATE TABLE reception (
    telegram_no INTEGER NOT NULL REFERENCES raw_telegram,
    gateway     TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    rssi_dbm    INTEGER,
    PRIMARY KEY (telegram_no, gateway, received_ms)
) STRICT, WITHOUT ROWID;

-- event: the log. Hash-chained; holds names of the register and keyed commitments, no personal data.
CREATE TABLE event (
    event_seq  INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    actor      TEXT NOT NULL,
    purpose    TEXT,
    rule       TEXT,
    commitment BLOB,
    detail     TEXT NOT NULL,
    hash       BLOB NOT NULL
) STRICT;
CREATE INDEX event_by_kind ON event (kind);

-- write_epoch: random part of nonces, new at every start so that none repeats, also after a restore.
CREATE TABLE write_epoch (
    epoch     BLOB PRIMARY KEY,
    opened_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
