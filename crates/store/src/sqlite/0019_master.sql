-- schema 19: master data with two times (docs/DECISIONS/0027-two-times.md). Valid time: the local days a row is about,
-- [start_day, end_day). Registered time: the change that made it, and the change that retired it. Rows are only added and
-- retired: what was known at any moment can be told.

-- master_change: one durable change of master data. changed_ms: when; strictly rising. source_no: the file it came from,
-- if it was one. permit_seq: the permit it was made under. Class: reference.
CREATE TABLE master_change (
    change_seq INTEGER PRIMARY KEY,
    changed_ms INTEGER NOT NULL UNIQUE,
    source_no  INTEGER REFERENCES source,
    permit_seq INTEGER NOT NULL
) STRICT;
-- What was there before this step counts as known since ever.
INSERT INTO master_change (change_seq, changed_ms, permit_seq)
SELECT 1, 0, 0 WHERE EXISTS (SELECT 1 FROM point);

-- point_period: what the market registers of an electricity point. The periods of one point that are not retired follow
-- each other without gap. kind, settlement_method: ebIX codes. resolution: PT15M, PT1H or P1M. grid_area: three digits;
-- from_area and to_area of exchange. parent_no: the point it is a child of. factor: proportional factor of a scaled point
-- in thousandths. for_grid_loss: whether the grid loss of its area is booked here. Class: reference.
CREATE TABLE point_period (
    point_no          INTEGER NOT NULL REFERENCES point,
    start_day         INTEGER NOT NULL,
    end_day           INTEGER NOT NULL CHECK (start_day < end_day),
    created_seq       INTEGER NOT NULL REFERENCES master_change,
    retired_seq       INTEGER REFERENCES master_change,
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
    parent_no         INTEGER REFERENCES point,
    factor            INTEGER NOT NULL DEFAULT 1000 CHECK (factor > 0),
    for_grid_loss     INTEGER NOT NULL DEFAULT 0 CHECK (for_grid_loss IN (0, 1)),
    PRIMARY KEY (point_no, start_day, created_seq),
    CHECK ((from_area IS NULL) = (to_area IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX point_period_by_area ON point_period (grid_area, start_day);
CREATE INDEX point_period_by_exchange ON point_period (from_area, to_area) WHERE from_area IS NOT NULL;
CREATE INDEX point_period_by_parent ON point_period (parent_no) WHERE parent_no IS NOT NULL;

-- supply: who supplies an electricity point, and who answers for the supplier's balance; GLN. Class: reference.
ALTER TABLE supply RENAME TO supply_before;
CREATE TABLE supply (
    point_no            INTEGER NOT NULL REFERENCES point,
    start_day           INTEGER NOT NULL,
    end_day             INTEGER NOT NULL CHECK (start_day < end_day),
    created_seq         INTEGER NOT NULL REFERENCES master_change,
    retired_seq         INTEGER REFERENCES master_change,
    supplier            TEXT NOT NULL,
    balance_responsible TEXT,
    PRIMARY KEY (point_no, start_day, created_seq)
) STRICT, WITHOUT ROWID;

-- installation: which device hung where. factor: ratio of the measuring transformers, multiplier: what one count of the
-- register means, both in thousandths. digits: how many the register shows before it begins at 0 again. Class: reference.
ALTER TABLE installation RENAME TO installation_before;
CREATE TABLE installation (
    point_no    INTEGER NOT NULL REFERENCES point,
    device_no   INTEGER NOT NULL REFERENCES device,
    start_day   INTEGER NOT NULL,
    end_day     INTEGER NOT NULL CHECK (start_day < end_day),
    created_seq INTEGER NOT NULL REFERENCES master_change,
    retired_seq INTEGER REFERENCES master_change,
    factor      INTEGER NOT NULL DEFAULT 1000 CHECK (factor > 0),
    multiplier  INTEGER NOT NULL DEFAULT 1000 CHECK (multiplier > 0),
    digits      INTEGER CHECK (digits BETWEEN 1 AND 18),
    PRIMARY KEY (point_no, device_no, start_day, created_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX installation_by_device ON installation (device_no, start_day);

-- A point of a grid area with intervals was connected from its first supply on; its consumption is settled flex.
INSERT INTO point_period
    (point_no, start_day, end_day, created_seq, kind, settlement_method, sub_type, connection, resolution, grid_area,
     unit, product)
SELECT p.point_no, coalesce((SELECT min(s.start_day) FROM supply_before s WHERE s.point_no = p.point_no), 0), 2932896, 1,
       CASE p.commodity WHEN 'electricity-consumption' THEN 'E17' ELSE 'E18' END,
       CASE p.commodity WHEN 'electricity-consumption' THEN 'D01' END, 'physical', 'connected', min(i.resolution), a.name,
       'KWH', '8716867000030'
FROM point p JOIN area a USING (area_no) JOIN series i ON i.point_no = p.point_no AND i.kind = 'interval'
WHERE a.kind = 'grid-area' AND a.name GLOB '[0-9][0-9][0-9]' AND length(p.own_id) = 18 AND p.own_id NOT GLOB '*[^0-9]*' AND i.resolution IN ('PT15M', 'PT1H')
      AND p.commodity IN ('electricity-consumption', 'electricity-production')
GROUP BY p.point_no;
INSERT INTO supply (point_no, start_day, end_day, created_seq, supplier)
SELECT point_no, start_day, end_day, 1, supplier FROM supply_before WHERE start_day < end_day;
INSERT INTO installation (point_no, device_no, start_day, end_day, created_seq)
SELECT point_no, device_no, start_day, end_day, 1 FROM installation_before WHERE start_day < end_day;
DROP TABLE supply_before;
DROP TABLE installation_before;

-- master_file: what became of one file of master data: rows taken, rows that said nothing new, rows refused. Class: reference.
CREATE TABLE master_file (
    file_no     INTEGER PRIMARY KEY,
    source_no   INTEGER NOT NULL REFERENCES source,
    imported_ms INTEGER NOT NULL,
    permit_seq  INTEGER NOT NULL,
    change_seq  INTEGER REFERENCES master_change,
    digest      BLOB NOT NULL,
    rows        INTEGER NOT NULL,
    refused     INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    retired     INTEGER NOT NULL
) STRICT;
