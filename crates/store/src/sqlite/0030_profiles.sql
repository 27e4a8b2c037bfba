-- schema 30: standard load profiles (docs/DECISIONS/0027-two-times.md).

-- profile_share: the share of a profile from an instant on. from_ms: when, in milliseconds since 1970-01-01T00:00Z; share: in
-- billionths of what its shares are of, whose ratios alone count. Created and retired as in point_period. Class: reference.
CREATE TABLE profile_share (
    profile     TEXT NOT NULL CHECK (profile <> ''),
    from_ms     INTEGER NOT NULL,
    created_seq INTEGER NOT NULL REFERENCES master_change,
    retired_seq INTEGER REFERENCES master_change,
    share       INTEGER NOT NULL CHECK (share >= 0),
    PRIMARY KEY (profile, from_ms, created_seq)
) STRICT, WITHOUT ROWID;
