-- One-time tokens, the history of accounts, and what accounts have beside a password.

-- When the user showed that mail to the address arrives; NULL before that.
ALTER TABLE users ADD COLUMN email_confirmed_at INTEGER;

-- The second factor: all four or, as for most users, none.
-- The seed as it was sealed elsewhere, and the latest half minute, counted since the Unix epoch, whose code was spent.
ALTER TABLE users ADD COLUMN totp_seed BLOB;
ALTER TABLE users ADD COLUMN totp_last_step INTEGER;
-- The SHA-256 digests of the codes that are left, 32 bytes each, one after another.
ALTER TABLE users ADD COLUMN recovery_codes BLOB;
ALTER TABLE users ADD COLUMN second_factor_since INTEGER;

-- Addresses are looked up whatever the case of their ASCII letters, and users are told in the order of their names.
CREATE INDEX users_by_confirmed_email ON users (email COLLATE NOCASE, folded_name)
    WHERE email_confirmed_at IS NOT NULL;

CREATE TABLE tokens (
    -- The SHA-256 of the secret, 32 bytes; the secret itself is nowhere.
    key         BLOB    NOT NULL PRIMARY KEY,
    -- What it is good for, by the domain's word.
    purpose     TEXT    NOT NULL,
    -- Whose account it acts on, and in which epoch it was issued: both or none.
    -- No foreign key, because users may be kept in another engine.
    user_id     INTEGER,
    user_epoch  INTEGER,
    email       TEXT,
    -- How often it may still be used, and how often when it was issued: giving back goes no further.
    uses_left   INTEGER NOT NULL,
    uses        INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An account has one token for each purpose.
CREATE UNIQUE INDEX tokens_by_account ON tokens (user_id, purpose) WHERE user_id IS NOT NULL;

-- It ends with the key, as every index of this table does, so that lists come in the order of the keys.
CREATE INDEX tokens_by_purpose ON tokens (purpose);

CREATE INDEX tokens_by_end ON tokens (expires_at);

CREATE TABLE events (
    -- Larger than that of every event before, so that the order of a history is that of its ids.
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    -- What happened, by the domain's word.
    kind        TEXT    NOT NULL,
    user_agent  TEXT    NOT NULL,
    -- Four bytes or sixteen.
    address     BLOB
) STRICT;

-- It ends with the id, as every index does.
CREATE INDEX events_by_user ON events (user_id);

CREATE INDEX events_by_time ON events (at);
