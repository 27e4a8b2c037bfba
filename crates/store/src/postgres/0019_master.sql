-- schema 19: master data with two times (docs/DECISIONS/0027-two-times.md), as step 19 of SQLite.

CREATE TABLE master_change (
    change_seq BIGINT PRIMARY KEY,
    changed_ms BIGINT NOT NULL UNIQUE,
    source_no  BIGINT REFERENCES source,
    permit_seq BIGINT NOT NULL
);
COMMENT ON TABLE master_change IS 'One durable change of master data. Class: reference.';
COMMENT ON COLUMN master_change.change_seq IS 'number of the change';
COMMENT ON COLUMN master_change.changed_ms IS 'when, in milliseconds since 1970-01-01T00:00Z; strictly rising';
COMMENT ON COLUMN master_change.source_no IS 'file it came from, if it was one';
COMMENT ON COLUMN master_change.permit_seq IS 'permit it was made under';
INSERT INTO master_change (change_seq, changed_ms, permit_seq)
SELECT 1, 0, 0 WHERE EXISTS (SELECT 1 FROM point);

CREATE TABLE point_period (
    point_no          BIGINT NOT NULL REFERENCES point,
    start_day         BIGINT NOT NULL,
    end_day           BIGINT NOT NULL CHECK (start_day < end_day),
    created_seq       BIGINT NOT NULL REFERENCES master_change,
    retired_seq       BIGINT REFERENCES master_change,
    kind              TEXT NOT NULL,
    settlement_method TEXT,
    sub_type          TEXT NOT NULL CHECK (sub_type IN ('physical', 'virtual', 'calculated')),
    connection        TEXT NOT NULL CHECK (connection IN ('new', 'connected', 'disconnected', 'closed-down')),
    resolution        TEXT NOT NULL,
    grid_area         TEXT NOT NULL CHECK (length(grid_area) = 3),
    from_area         TEXT CHECK (length(from_area) = 3),
    to_area           TEXT CHECK (length(to_area) = 3),
    unit              TEXT NOT NULL,
    product           TEXT NOT NULL,
    parent_no         BIGINT REFERENCES point,
    factor            BIGINT NOT NULL DEFAULT 1000 CHECK (factor > 0),
    for_grid_loss     BIGINT NOT NULL DEFAULT 0 CHECK (for_grid_loss IN (0, 1)),
    PRIMARY KEY (point_no, start_day, created_seq),
    CHECK ((from_area IS NULL) = (to_area IS NULL))
);
CREATE INDEX point_period_by_area ON point_period (grid_area, start_day);
CREATE INDEX point_period_by_exchange ON point_period (from_area, to_area) WHERE from_area IS NOT NULL;
CREATE INDEX point_period_by_parent ON point_period (parent_no) WHERE parent_no IS NOT NULL;
COMMENT ON TABLE point_period IS
    'What the market registers of an electricity point for some local days. The periods of one point that are not '
    'retired follow each other without gap. Class: reference.';
COMMENT ON COLUMN point_period.point_no IS 'point';
COMMENT ON COLUMN point_period.start_day IS 'first local day, counted from 1970-01-01';
COMMENT ON COLUMN point_period.end_day IS 'first local day after it, counted from 1970-01-01';
COMMENT ON COLUMN point_period.created_seq IS 'change that made it';
COMMENT ON COLUMN point_period.retired_seq IS 'change that retired it; NULL while it holds';
COMMENT ON COLUMN point_period.kind IS 'type of the point, ebIX code';
COMMENT ON COLUMN point_period.settlement_method IS 'how consumption is settled, ebIX code';
COMMENT ON COLUMN point_period.sub_type IS 'how it comes to its values';
COMMENT ON COLUMN point_period.connection IS 'whether energy flows';
COMMENT ON COLUMN point_period.resolution IS 'how often it measures: PT15M, PT1H or P1M';
COMMENT ON COLUMN point_period.grid_area IS 'grid area it lies in, three digits';
COMMENT ON COLUMN point_period.from_area IS 'of exchange: where the energy comes from, three digits';
COMMENT ON COLUMN point_period.to_area IS 'of exchange: where it goes to, three digits';
COMMENT ON COLUMN point_period.unit IS 'what its values count, code of the market';
COMMENT ON COLUMN point_period.product IS 'what is traded, 13 digits';
COMMENT ON COLUMN point_period.parent_no IS 'point it is a child of';
COMMENT ON COLUMN point_period.factor IS 'proportional factor of a scaled point, in thousandths';
COMMENT ON COLUMN point_period.for_grid_loss IS '1 if the grid loss of its area is booked here';

ALTER TABLE supply RENAME TO supply_before;
CREATE TABLE supply (
    point_no            BIGINT NOT NULL REFERENCES point,
    start_day           BIGINT NOT NULL,
    end_day             BIGINT NOT NULL CHECK (start_day < end_day),
    created_seq         BIGINT NOT NULL REFERENCES master_change,
    retired_seq         BIGINT REFERENCES master_change,
    supplier            TEXT NOT NULL,
    balance_responsible TEXT,
    PRIMARY KEY (point_no, start_day, created_seq)
);
COMMENT ON TABLE supply IS
    'Who supplies an electricity point, and who answers for the supplier''s balance. Class: reference.';
COMMENT ON COLUMN supply.point_no IS 'point';
COMMENT ON COLUMN supply.start_day IS 'first local day, counted from 1970-01-01';
COMMENT ON COLUMN supply.end_day IS 'first local day after it, counted from 1970-01-01';
COMMENT ON COLUMN supply.created_seq IS 'change that made it';
COMMENT ON COLUMN supply.retired_seq IS 'change that retired it; NULL while it holds';
COMMENT ON COLUMN supply.supplier IS 'GLN, 13 digits';
COMMENT ON COLUMN supply.balance_responsible IS 'GLN, 13 digits';

ALTER TABLE installation RENAME TO installation_before;
CREATE TABLE installation (
    point_no    BIGINT NOT NULL REFERENCES point,
    device_no   BIGINT NOT NULL REFERENCES device,
    start_day   BIGINT NOT NULL,
    end_day     BIGINT NOT NULL CHECK (start_day < end_day),
    created_seq BIGINT NOT NULL REFERENCES master_change,
    retired_seq BIGINT REFERENCES master_change,
    factor      BIGINT NOT NULL DEFAULT 1000 CHECK (factor > 0),
    multiplier  BIGINT NOT NULL DEFAULT 1000 CHECK (multiplier > 0),
    digits      BIGINT CHECK (digits BETWEEN 1 AND 18),
    PRIMARY KEY (point_no, device_no, start_day, created_seq)
);
CREATE INDEX installation_by_device ON installation (device_no, start_day);
COMMENT ON TABLE installation IS 'Which device hung where. Class: reference.';
COMMENT ON COLUMN installation.point_no IS 'point';
COMMENT ON COLUMN installation.device_no IS 'device';
COMMENT ON COLUMN installation.start_day IS 'first local day, counted from 1970-01-01';
COMMENT ON COLUMN installation.end_day IS 'first local day after it, counted from 1970-01-01';
COMMENT ON COLUMN installation.created_seq IS 'change that made it';
COMMENT ON COLUMN installation.retired_seq IS 'change that retired it; NULL while it holds';
COMMENT ON COLUMN installation.factor IS 'ratio of the measuring transformers, in thousandths';
COMMENT ON COLUMN installation.multiplier IS 'what one count of the register means, in thousandths';
COMMENT ON COLUMN installation.digits IS 'how many digits the register shows before it begins at 0 again';

INSERT INTO point_period
    (point_no, start_day, end_day, created_seq, kind, settlement_method, sub_type, connection, resolution, grid_area,
     unit, product)
SELECT p.point_no, coalesce((SELECT min(s.start_day) FROM supply_before s WHERE s.point_no = p.point_no), 0), 2932896, 1,
       CASE p.commodity WHEN 'electricity-consumption' THEN 'E17' ELSE 'E18' END,
       CASE p.commodity WHEN 'electricity-consumption' THEN 'D01' END, 'physical', 'connected', min(i.resolution), a.name,
       'KWH', '8716867000030'
FROM point p JOIN area a USING (area_no) JOIN series i ON i.point_no = p.point_no AND i.kind = 'interval'
WHERE a.kind = 'grid-area' AND a.name ~ '^[0-9]{3}$' AND p.own_id ~ '^[0-9]{18}$' AND i.resolution IN ('PT15M', 'PT1H')
      AND p.commodity IN ('electricity-consumption', 'electricity-production')
GROUP BY p.point_no, p.commodity, a.name;
INSERT INTO supply (point_no, start_day, end_day, created_seq, supplier)
SELECT point_no, start_day, end_day, 1, supplier FROM supply_before WHERE start_day < end_day;
INSERT INTO installation (point_no, device_no, start_day, end_day, created_seq)
SELECT point_no, device_no, start_day, end_day, 1 FROM installation_before WHERE start_day < end_day;
DROP TABLE supply_before;
DROP TABLE installation_before;

CREATE TABLE master_file (
    file_no     BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    source_no   BIGINT NOT NULL REFERENCES source,
    imported_ms BIGINT NOT NULL,
    permit_seq  BIGINT NOT NULL,
    change_seq  BIGINT REFERENCES master_change,
    digest      BYTEA NOT NULL,
    rows        BIGINT NOT NULL,
    refused     BIGINT NOT NULL,
    added       BIGINT NOT NULL,
    retired     BIGINT NOT NULL
);
COMMENT ON TABLE master_file IS 'What became of one file of master data. Class: reference.';
COMMENT ON COLUMN master_file.file_no IS 'number of the import';
COMMENT ON COLUMN master_file.source_no IS 'name of the file';
COMMENT ON COLUMN master_file.imported_ms IS 'when, in milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN master_file.permit_seq IS 'permit it was imported under';
COMMENT ON COLUMN master_file.change_seq IS 'change it made, if it said anything new';
COMMENT ON COLUMN master_file.digest IS 'keyed hash of its bytes';
COMMENT ON COLUMN master_file.rows IS 'rows with something on them';
COMMENT ON COLUMN master_file.refused IS 'rows that were refused';
COMMENT ON COLUMN master_file.added IS 'rows of master data it added';
COMMENT ON COLUMN master_file.retired IS 'rows of master data it retired';
