-- schema 28: what became of a commit whose answer was lost (docs/DECISIONS/0032-two-databases.md).

ALTER TABLE write_epoch ADD COLUMN last_mark BIGINT NOT NULL DEFAULT 0;
COMMENT ON COLUMN write_epoch.last_mark IS 'mark of the last transaction of this start that was kept; 0 for none';
