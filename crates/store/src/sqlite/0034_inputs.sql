-- schema 34: what became of what was ingested.

-- input: a file or stream of telegrams or interval data that was ingested, and what became of it. begun_ms, ended_ms: when, in
-- milliseconds since 1970-01-01T00:00Z; ended_ms is NULL while it runs and stays so if it was cut short. lines: lines with something on them;
-- readings: readings and values of intervals; days_added, days_changed, days_unchanged: local days of series. Class: reference.
CREATE TABLE input (
    input_no       INTEGER PRIMARY KEY,
    source_no      INTEGER NOT NULL REFERENCES source,
    begun_ms       INTEGER NOT NULL,
    ended_ms       INTEGER,
    lines          INTEGER NOT NULL DEFAULT 0,
    readings       INTEGER NOT NULL DEFAULT 0,
    days_added     INTEGER NOT NULL DEFAULT 0,
    days_changed   INTEGER NOT NULL DEFAULT 0,
    days_unchanged INTEGER NOT NULL DEFAULT 0
) STRICT;

-- input_refusal: the lines of an input that were refused for one reason. reason: the word of the reason; lines: how many; first_line: the
-- first of them, counted from 1. What stood in the lines is not kept. Class: reference.
CREATE TABLE input_refusal (
    input_no   INTEGER NOT NULL REFERENCES input,
    reason     TEXT NOT NULL CHECK (reason <> ''),
    lines      INTEGER NOT NULL,
    first_line INTEGER NOT NULL,
    PRIMARY KEY (input_no, reason)
) STRICT, WITHOUT ROWID;
