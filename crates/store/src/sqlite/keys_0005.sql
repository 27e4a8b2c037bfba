-- schema 5 of the key file.

-- class_key: a key for a whole class of values that belong to no subject and no day: `meter-keys`. Wrapped by the
-- controller's key.
CREATE TABLE class_key (
    class   TEXT PRIMARY KEY,
    wrapped BLOB NOT NULL CHECK (length(wrapped) = 60)
) STRICT, WITHOUT ROWID;
