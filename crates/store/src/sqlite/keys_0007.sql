-- schema 7 of the key file: keys of pseudonyms.

-- pseudonym_key: what the pseudonyms of exports are made with, wrapped by the controller's key. One for each purpose,
-- recipient (empty where data go to nobody outside) and year of the calendar. Rows of past years are deleted: from then on
-- nobody can tell any more which metering point a pseudonym stood for. Numbers are never used again, because the log names them.
CREATE TABLE pseudonym_key (
    pseudonym_key_no INTEGER PRIMARY KEY AUTOINCREMENT,
    purpose          TEXT NOT NULL,
    recipient        TEXT NOT NULL,
    year             INTEGER NOT NULL,
    wrapped          BLOB NOT NULL CHECK (length(wrapped) = 60),
    UNIQUE (purpose, recipient, year)
) STRICT;
