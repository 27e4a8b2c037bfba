-- schema 5: what happened in cases, from which clocks are computed.

-- case_event: one thing that happened in a case. at_ms: when; for an event of which only the local day is known, the
-- first instant of on_day (days since 1970-01-01). step: trigger, extension, pause or resume. A trigger has its name and,
-- where something was announced, the local day it starts; the others name the obligation whose clock they move.
-- amount: of an extension, as the register writes amounts. reason: in words, without names. log_seq: the event of the
-- facts that says the same. Rows are only ever added. Class: none; actor names staff or a job.
CREATE TABLE case_event (
    case_event_no INTEGER PRIMARY KEY,
    case_id       TEXT NOT NULL,
    at_ms         INTEGER NOT NULL,
    on_day        INTEGER,
    step          TEXT NOT NULL CHECK (step IN ('trigger', 'extension', 'pause', 'resume')),
    trigger_id    TEXT,
    starts_day    INTEGER,
    obligation    TEXT,
    amount        TEXT,
    reason        TEXT,
    actor         TEXT NOT NULL,
    recorded_ms   INTEGER NOT NULL,
    log_seq       INTEGER NOT NULL UNIQUE,
    CHECK ((step = 'trigger') = (trigger_id IS NOT NULL)),
    CHECK ((step = 'trigger') = (obligation IS NULL)),
    CHECK ((step = 'extension') = (amount IS NOT NULL)),
    CHECK ((step IN ('extension', 'pause')) = (reason IS NOT NULL))
) STRICT;
CREATE INDEX case_event_by_case ON case_event (case_id);
