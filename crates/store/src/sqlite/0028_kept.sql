-- schema 28: what became of a commit whose answer was lost (docs/DECISIONS/0032-two-databases.md).

-- write_epoch.last_mark: the mark of the last transaction of this start that was kept; 0 for none. Of use where the database
-- is behind a network; always 0 in a file. Class: none.
ALTER TABLE write_epoch ADD COLUMN last_mark INTEGER NOT NULL DEFAULT 0;
