-- schema 37: requests that are done once, however often they are sent.

CREATE TABLE api_answer (
    print    BYTEA NOT NULL PRIMARY KEY CHECK (length(print) = 32),
    asked    BYTEA NOT NULL CHECK (length(asked) = 32),
    begun_ms BIGINT NOT NULL,
    status   BIGINT,
    body     TEXT,
    CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX api_answer_begun ON api_answer (begun_ms);
COMMENT ON TABLE api_answer IS 'What a program was answered to a request that changes something, for 24 hours. Class: none.';
COMMENT ON COLUMN api_answer.print IS 'hash of who asked and of the key they gave to the request';
COMMENT ON COLUMN api_answer.asked IS 'hash of what was asked';
COMMENT ON COLUMN api_answer.begun_ms IS 'when, in milliseconds since 1970-01-01T00:00Z';
COMMENT ON COLUMN api_answer.status IS 'status of the answer; null while it is worked on';
COMMENT ON COLUMN api_answer.body IS 'the answer, without a value or name of a person; null while it is worked on';
