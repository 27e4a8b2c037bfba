-- schema 30: standard load profiles (docs/DECISIONS/0027-two-times.md).

CREATE TABLE profile_share (
    profile     TEXT NOT NULL CHECK (profile <> ''),
    from_ms     BIGINT NOT NULL,
    created_seq BIGINT NOT NULL REFERENCES master_change,
    retired_seq BIGINT REFERENCES master_change,
    share       BIGINT NOT NULL CHECK (share >= 0),
    PRIMARY KEY (profile, from_ms, created_seq)
);
COMMENT ON TABLE profile_share IS 'Shares of standard load profiles. Class: reference.';
COMMENT ON COLUMN profile_share.profile IS 'the profile, by name';
COMMENT ON COLUMN profile_share.from_ms IS 'from when, in milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN profile_share.created_seq IS 'the change that made the row';
COMMENT ON COLUMN profile_share.retired_seq IS 'the change that retired the row';
COMMENT ON COLUMN profile_share.share IS 'in billionths of what its shares are of, whose ratios alone count';
