-- schema 12: what is kept aside has an end.

-- event_aside: lines of outside reporters and events that were not admitted, and why; sealed, for they may hold
-- anything. line: the number in its file, 0 for what comes from no file. Deleted when the register keeps its category no
-- longer; a number is never given twice. Class: personal.
CREATE TABLE event_aside_12 (
    aside_no INTEGER PRIMARY KEY AUTOINCREMENT,
    kept_ms  INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    line     INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    sealed   BLOB NOT NULL
) STRICT;
INSERT INTO event_aside_12 (aside_no, kept_ms, actor, line, reason, sealed)
SELECT aside_no, kept_ms, actor, line, reason, sealed FROM event_aside ORDER BY aside_no;
DROP TABLE event_aside;
ALTER TABLE event_aside_12 RENAME TO event_aside;
CREATE INDEX event_aside_by_age ON event_aside (kept_ms);
