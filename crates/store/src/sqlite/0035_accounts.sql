-- schema 35: who may log in (docs/DECISIONS/0042-who-logs-in.md).

-- account: an actor who may log in; closed ones are deleted. actor: as the register names it, or resident:N; dossier_no: its key
-- seals what belongs to the account; name_print: keyed hash of the name it logs in with, NULL before it has one; sealed_name: that
-- name, empty before; is_proved: whether mail to that name has reached its owner; removed_roles: roles a review has taken, in a row;
-- seen_ms: last log-in. Class: pseudonymous; sealed_name personal.
CREATE TABLE account (
    account_no    INTEGER PRIMARY KEY,
    actor         TEXT NOT NULL UNIQUE,
    dossier_no    INTEGER NOT NULL UNIQUE REFERENCES dossier,
    name_print    BLOB UNIQUE CHECK (length(name_print) = 32),
    sealed_name   BLOB NOT NULL,
    is_proved     INTEGER NOT NULL CHECK (is_proved IN (0, 1)),
    state         TEXT NOT NULL CHECK (state IN ('new', 'open', 'locked')),
    removed_roles TEXT NOT NULL,
    opened_ms     INTEGER NOT NULL,
    seen_ms       INTEGER
) STRICT;

-- account_secret: what proves an account: the hash of a password, the secret of an authenticator program (offered until a code of it
-- was right), hashes of recovery codes; all sealed. made_ms: since when; used: the last step of a code, or when a recovery code was
-- used. Class: personal.
CREATE TABLE account_secret (
    account_no INTEGER NOT NULL REFERENCES account,
    kind       TEXT NOT NULL CHECK (kind IN ('password', 'totp', 'totp-offered', 'recovery')),
    secret_no  INTEGER NOT NULL,
    made_ms    INTEGER NOT NULL,
    used       INTEGER,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (account_no, kind, secret_no)
) STRICT, WITHOUT ROWID;

-- account_code: codes on their way to somebody, good once and until ends_ms. print: keyed hash of a letter's code, or hash of a
-- token; code_print: of a mail's code, the hash with its token; tries: wrong ones so far. Class: pseudonymous.
CREATE TABLE account_code (
    print      BLOB NOT NULL PRIMARY KEY CHECK (length(print) = 32),
    account_no INTEGER NOT NULL REFERENCES account,
    kind       TEXT NOT NULL CHECK (kind IN ('letter', 'mail-link', 'mail-code', 'mail-check')),
    code_print BLOB CHECK (length(code_print) = 32),
    ends_ms    INTEGER NOT NULL,
    tries      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_code_by_account ON account_code (account_no);

-- account_session: who is logged in. print: hash of the token; factors: how many were proved, 0 while the second is awaited;
-- browser: its kind, in a few words. Class: pseudonymous; browser personal.
CREATE TABLE account_session (
    print      BLOB NOT NULL PRIMARY KEY CHECK (length(print) = 32),
    account_no INTEGER NOT NULL REFERENCES account,
    factors    INTEGER NOT NULL CHECK (factors IN (0, 1, 2)),
    began_ms   INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,
    proved_ms  INTEGER NOT NULL,
    browser    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_session_by_account ON account_session (account_no);

-- login_attempt: how often log-in failed with one name, whoever has it, or from one class of origins. who: keyed hash. Deleted a day
-- after the last one. Class: pseudonymous.
CREATE TABLE login_attempt (
    who       BLOB NOT NULL PRIMARY KEY CHECK (length(who) = 32),
    failures  INTEGER NOT NULL,
    last_ms   INTEGER NOT NULL,
    locked_ms INTEGER
) STRICT, WITHOUT ROWID;

-- account_recovery: that somebody asked for a new code for an account of staff; a second person approves. Class: pseudonymous.
CREATE TABLE account_recovery (
    recovery_no INTEGER PRIMARY KEY,
    account_no  INTEGER NOT NULL REFERENCES account,
    asked_by    TEXT NOT NULL,
    asked_ms    INTEGER NOT NULL
) STRICT;

-- machine_token: what another program logs in with. print: hash; scopes: the purposes it may name, in a row. Class: none.
CREATE TABLE machine_token (
    token_no     INTEGER PRIMARY KEY,
    print        BLOB NOT NULL UNIQUE CHECK (length(print) = 32),
    actor        TEXT NOT NULL,
    label        TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    made_by      TEXT NOT NULL,
    made_ms      INTEGER NOT NULL,
    ends_ms      INTEGER NOT NULL,
    seen_ms      INTEGER,
    withdrawn_ms INTEGER
) STRICT;

-- access_review: one look at who has which role. Class: none.
CREATE TABLE access_review (
    review_no INTEGER PRIMARY KEY,
    begun_by  TEXT NOT NULL,
    begun_ms  INTEGER NOT NULL
) STRICT;

-- access_review_item: one role of one actor, as it was when the review began, and what was decided about it. Class: pseudonymous.
CREATE TABLE access_review_item (
    review_no  INTEGER NOT NULL REFERENCES access_review,
    actor      TEXT NOT NULL,
    role       TEXT NOT NULL,
    decision   TEXT CHECK (decision IN ('confirmed', 'removed')),
    decided_by TEXT,
    decided_ms INTEGER,
    PRIMARY KEY (review_no, actor, role)
) STRICT, WITHOUT ROWID;
