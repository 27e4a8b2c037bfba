-- schema 3 of the key file.

-- signing_key: the seed of the Ed25519 key that signs the log's checkpoints; wrapped by the controller's key.
CREATE TABLE signing_key (
    signing_no INTEGER PRIMARY KEY,
    wrapped    BLOB NOT NULL CHECK (length(wrapped) = 60)
) STRICT;
