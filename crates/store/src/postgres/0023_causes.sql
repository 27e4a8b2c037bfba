-- schema 23: where versions come from (docs/DECISIONS/0030-where-a-value-comes-from.md).

ALTER TABLE registration ADD COLUMN cause TEXT NOT NULL DEFAULT 'source';
ALTER TABLE registration ADD COLUMN made_by TEXT;
COMMENT ON COLUMN registration.cause IS
    'What made its versions: source (a telegram or file), validation, estimation, correction or cancellation.';
COMMENT ON COLUMN registration.made_by IS 'The rules or methods, by name.';

CREATE TABLE version_note (
    period         BIGINT NOT NULL,
    series_no      BIGINT NOT NULL,
    registered_seq BIGINT NOT NULL,
    key_no         BIGINT NOT NULL,
    sealed         BYTEA NOT NULL,
    PRIMARY KEY (series_no, period, registered_seq)
);
COMMENT ON TABLE version_note IS
    'Who made a version, and why, in their own words. Class: personal, sealed with the key of the version''s day.';
COMMENT ON COLUMN version_note.period IS 'Local day, counted from 1970-01-01.';
COMMENT ON COLUMN version_note.series_no IS 'The series.';
COMMENT ON COLUMN version_note.registered_seq IS 'The registration of the version.';
COMMENT ON COLUMN version_note.key_no IS 'Key of the occupancy or the premises.';
COMMENT ON COLUMN version_note.sealed IS 'Actor and reason, AES-256-GCM. Class: personal';
