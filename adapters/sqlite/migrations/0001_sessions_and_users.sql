-- Sessions and users.
--
-- Times and durations are milliseconds, times since the Unix epoch.

CREATE TABLE sessions (
    -- The first 63 bits of the key: a look-up by rowid is the quickest that SQLite has, and the order
    -- of the rows is the order of the keys. A second key with the same 63 bits is refused as taken.
    id               INTEGER PRIMARY KEY,
    -- The whole key, 32 bytes, against which whatever was found by id is compared.
    key              BLOB    NOT NULL,
    -- When the session ends: the earlier of last_seen_at + idle_millis and created_at + absolute_millis.
    expires_at       INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    idle_millis      INTEGER NOT NULL,
    absolute_millis  INTEGER NOT NULL,
    permanent        INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    -- Who signed in: all three, or none for a visitor.
    -- No foreign key, because users may be kept in another engine.
    user_id          INTEGER,
    user_epoch       INTEGER,
    authenticated_at INTEGER,
    user_agent       TEXT    NOT NULL,
    -- Four bytes or sixteen.
    address          BLOB,
    -- The application's values as JSON, NULL when there are none. Last, because it may be long.
    data             TEXT
) STRICT;

CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE INDEX sessions_by_user ON sessions (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE users (
    id                  INTEGER PRIMARY KEY,
    -- As its owner wrote it, and the form in which names are unique.
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
