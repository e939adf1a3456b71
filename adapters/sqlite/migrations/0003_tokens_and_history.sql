-- One-time tokens, the audit log, confirmed addresses and second factors.

-- When the user confirmed the address. NULL before that.
ALTER TABLE users ADD COLUMN email_confirmed_at INTEGER;

-- The second factor: all four columns or none.
-- The seed is sealed by the caller. The last step is the latest half minute since the Unix epoch whose code was
-- spent.
ALTER TABLE users ADD COLUMN totp_seed BLOB;
ALTER TABLE users ADD COLUMN totp_last_step INTEGER;
-- The SHA-256 digests of the unused recovery codes, 32 bytes each, concatenated.
ALTER TABLE users ADD COLUMN recovery_codes BLOB;
ALTER TABLE users ADD COLUMN second_factor_since INTEGER;

-- Addresses are compared without the case of ASCII letters. Users are listed in the order of their names.
CREATE INDEX users_by_confirmed_email ON users (email COLLATE NOCASE, folded_name)
    WHERE email_confirmed_at IS NOT NULL;

CREATE TABLE tokens (
    -- The SHA-256 digest of the secret, 32 bytes. The secret itself is not stored.
    key         BLOB    NOT NULL PRIMARY KEY,
    -- The domain's name of the purpose.
    purpose     TEXT    NOT NULL,
    -- The account that the token acts on, and its epoch at issue: both columns or none.
    -- No foreign key, because users may be stored in another engine.
    user_id     INTEGER,
    user_epoch  INTEGER,
    email       TEXT,
    -- The uses left, and the uses at issue, which uses_left never exceeds.
    uses_left   INTEGER NOT NULL,
    uses        INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An account has one token for each purpose.
CREATE UNIQUE INDEX tokens_by_account ON tokens (user_id, purpose) WHERE user_id IS NOT NULL;

-- Every index of this table ends with the key, so lists are in the order of the keys.
CREATE INDEX tokens_by_purpose ON tokens (purpose);

CREATE INDEX tokens_by_end ON tokens (expires_at);

CREATE TABLE events (
    -- Larger than every earlier id, so events are listed in the order of their ids.
    id          INTEGER PRIMARY KEY,
    user_id     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    -- The domain's name of the event.
    kind        TEXT    NOT NULL,
    user_agent  TEXT    NOT NULL,
    -- IPv4 as 4 bytes or IPv6 as 16 bytes.
    address     BLOB
) STRICT;

-- Every index of this table ends with the id.
CREATE INDEX events_by_user ON events (user_id);

CREATE INDEX events_by_time ON events (at);
