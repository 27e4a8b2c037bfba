-- schema 8: findings are in the marks of the sealed values and nowhere else (docs/DECISIONS/0014-retention-run.md).
-- A table of its own would say in the clear, also in old backups, on which day something was odd at whose meter.
DROP TABLE finding;
ALTER TABLE occupancy DROP COLUMN finding_from;
