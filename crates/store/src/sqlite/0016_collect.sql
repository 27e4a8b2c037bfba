-- schema 16: meters that are asked (docs/DECISIONS/0021-collecting.md).

-- invocation_counter: for our own client under one key, the next counter that was never reserved; for a meter under one
-- key, the highest it has shown. `print` is a keyed hash of title and key. Rows are never deleted: a counter used twice
-- under a key would open both messages (docs/DECISIONS/0021-collecting.md). Class: reference.
CREATE TABLE invocation_counter (
    print   BLOB PRIMARY KEY CHECK (length(print) = 32),
    counter INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- collect_call: what the calls of a meter came to in one cycle; `cycle_ms` is the end of the cycle. `reason` is a word,
-- `advice` what to do. Holds no value. Class: reference.
CREATE TABLE collect_call (
    cycle_ms      INTEGER NOT NULL,
    device_no     INTEGER NOT NULL REFERENCES device,
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    tries         INTEGER NOT NULL DEFAULT 0,
    due_ms        INTEGER NOT NULL,
    expected      INTEGER NOT NULL,
    received      INTEGER NOT NULL DEFAULT 0,
    late          INTEGER NOT NULL DEFAULT 0,
    reason        TEXT,
    advice        TEXT,
    clock_ahead_s INTEGER,
    PRIMARY KEY (cycle_ms, device_no)
) STRICT, WITHOUT ROWID;

-- collect_until: the end of the last interval of a meter's load profile that is stored. Class: reference.
CREATE TABLE collect_until (
    device_no INTEGER PRIMARY KEY REFERENCES device,
    until_ms  INTEGER NOT NULL
) STRICT;
