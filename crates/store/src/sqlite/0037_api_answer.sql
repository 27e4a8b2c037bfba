-- schema 37: requests that are done once, however often they are sent.

-- api_answer: what a program was answered to a request that changes something, for 24 hours. print: hash of who asked and of the key
-- they gave to the request; asked: hash of what was asked; begun_ms: when, in milliseconds since 1970-01-01T00:00Z; status, body: the
-- answer, without a value or name of a person; NULL while it is worked on. Class: none.
CREATE TABLE api_answer (
    print    BLOB NOT NULL PRIMARY KEY CHECK (length(print) = 32),
    asked    BLOB NOT NULL CHECK (length(asked) = 32),
    begun_ms INTEGER NOT NULL,
    status   INTEGER,
    body     TEXT,
    CHECK ((status IS NULL) = (body IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answer_begun ON api_answer (begun_ms);
