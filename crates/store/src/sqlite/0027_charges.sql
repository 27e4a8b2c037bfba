-- schema 27: charges with two times, and the amounts of calculations (docs/DECISIONS/0036-charges.md).

-- charge: what suppliers pay for points: its owner's code, tariff, subscription or fee, and the owner's GLN. Class: reference.
CREATE TABLE charge (
    charge_no INTEGER PRIMARY KEY,
    code      TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('tariff', 'subscription', 'fee')),
    owner     TEXT NOT NULL,
    UNIQUE (code, kind, owner)
) STRICT;

-- charge_period: how a charge is settled on local days. resolution: how long one price holds; is_tax: collected for the
-- state. Created and retired as in point_period. Class: reference.
CREATE TABLE charge_period (
    charge_no   INTEGER NOT NULL REFERENCES charge,
    start_day   INTEGER NOT NULL,
    end_day     INTEGER NOT NULL CHECK (start_day < end_day),
    created_seq INTEGER NOT NULL REFERENCES master_change,
    retired_seq INTEGER REFERENCES master_change,
    resolution  TEXT NOT NULL CHECK (resolution IN ('PT15M', 'PT1H', 'P1D', 'P1M')),
    is_tax      INTEGER NOT NULL CHECK (is_tax IN (0, 1)),
    PRIMARY KEY (charge_no, start_day, created_seq)
) STRICT, WITHOUT ROWID;

-- charge_price: what a charge costs from an instant on. from_ms: when, in milliseconds since 1970-01-01T00:00Z; millionths:
-- of a krone. Class: reference.
CREATE TABLE charge_price (
    charge_no   INTEGER NOT NULL REFERENCES charge,
    from_ms     INTEGER NOT NULL,
    created_seq INTEGER NOT NULL REFERENCES master_change,
    retired_seq INTEGER REFERENCES master_change,
    millionths  INTEGER NOT NULL,
    PRIMARY KEY (charge_no, from_ms, created_seq)
) STRICT, WITHOUT ROWID;

-- charge_link: that a point pays a charge on local days, and how many times. Class: reference.
CREATE TABLE charge_link (
    point_no    INTEGER NOT NULL REFERENCES point,
    charge_no   INTEGER NOT NULL REFERENCES charge,
    start_day   INTEGER NOT NULL,
    end_day     INTEGER NOT NULL CHECK (start_day < end_day),
    created_seq INTEGER NOT NULL REFERENCES master_change,
    retired_seq INTEGER REFERENCES master_change,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (point_no, charge_no, start_day, created_seq)
) STRICT, WITHOUT ROWID;

-- settlement_amount: what suppliers owe for a charge on a local day as a calculation left it, sealed with the key of its
-- month as settlement_sum. Never changed. Class: personal, where a supplier has one customer.
CREATE TABLE settlement_amount (
    charge_no INTEGER NOT NULL REFERENCES charge,
    run_no    INTEGER NOT NULL REFERENCES settlement_run,
    period    INTEGER NOT NULL,
    sealed    BLOB NOT NULL,
    PRIMARY KEY (charge_no, run_no, period)
) STRICT, WITHOUT ROWID;
CREATE INDEX settlement_amount_by_run ON settlement_amount (run_no, period);
