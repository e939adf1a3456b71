-- Sessions and users.
--
-- Times are milliseconds since the Unix epoch. Durations are milliseconds.

CREATE TABLE sessions (
    -- The first 63 bits of the key. The rowid is SQLite's fastest look-up, and rows are sorted like the keys.
    -- A second key with the same 63 bits is refused as a collision.
    id               INTEGER PRIMARY KEY,
    -- The whole key, 32 bytes. A row found by id is compared with it.
    key              BLOB    NOT NULL,
    -- The end of the session: the earlier of last_seen_at + idle_millis and created_at + absolute_millis.
    expires_at       INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    idle_millis      INTEGER NOT NULL,
    absolute_millis  INTEGER NOT NULL,
    permanent        INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    -- The signed-in user: all three columns, or none for a visitor.
    -- No foreign key, because users may be stored in another engine.
    user_id          INTEGER,
    user_epoch       INTEGER,
    authenticated_at INTEGER,
    user_agent       TEXT    NOT NULL,
    -- IPv4 as 4 bytes or IPv6 as 16 bytes.
    address          BLOB,
    -- The application's values as JSON, NULL if there are none. Last, because it may be long.
    data             TEXT
) STRICT;

CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE INDEX sessions_by_user ON sessions (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE users (
    id                  INTEGER PRIMARY KEY,
    -- The name as entered, and its folded form, which is unique.
    name                TEXT    NOT NULL,
    folded_name         TEXT    NOT NULL UNIQUE,
    email               TEXT,
    password_hash       TEXT    NOT NULL,
    -- 'member' or 'administrator'.
    role                TEXT    NOT NULL,
    disabled            INTEGER NOT NULL,
    epoch               INTEGER NOT NULL,
    revision            INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    password_changed_at INTEGER NOT NULL
) STRICT;
