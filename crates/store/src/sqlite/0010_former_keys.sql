-- schema 10: what was sealed anew because it became known late whose it is.

-- former_key: backups of the data may have under key_no what owner_key_no seals by now. When that must go, key_no goes
-- too, and what it seals besides is sealed anew. Class: none.
CREATE TABLE former_key (
    owner_key_no INTEGER NOT NULL,
    key_no       INTEGER NOT NULL,
    PRIMARY KEY (owner_key_no, key_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_key_by_key ON former_key (key_no);
