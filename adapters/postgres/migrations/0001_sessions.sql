-- Sessions.
--
-- Times are milliseconds since the Unix epoch. Durations are milliseconds. Kunci passes the present time.

CREATE TABLE kunci_sessions (
    -- The SHA-256 digest of the token, 32 bytes.
    key                BYTEA   NOT NULL,
    -- The end of the session: the earlier of last_seen_at + idle_millis and created_at + absolute_millis.
    expires_at         BIGINT  NOT NULL,
    created_at         BIGINT  NOT NULL,
    last_seen_at       BIGINT  NOT NULL,
    idle_millis        BIGINT  NOT NULL,
    absolute_millis    BIGINT  NOT NULL,
    permanent          BOOLEAN NOT NULL,
    revision           BIGINT  NOT NULL,
    -- The signed-in user: all three columns, or none.
    -- No foreign key, because users may be stored in another engine.
    user_id            BIGINT,
    user_epoch         BIGINT,
    authenticated_at   BIGINT,
    -- A sign-in that waits for its second step: all four columns or none. Then there is no signed-in user.
    pending_user_id    BIGINT,
    pending_user_epoch BIGINT,
    pending_since      BIGINT,
    pending_permanent  BOOLEAN,
    -- The sealed seed of a second factor that waits for its first code.
    enrolment          BYTEA,
    -- Messages for the next page, as a JSON list. NULL if there are none.
    notices            TEXT,
    user_agent         TEXT    NOT NULL,
    address            INET,
    -- The application's values as JSON, NULL if there are none. Text keeps each number as it was written.
    data               TEXT,
    -- The first key of a rotated session, and the key that the last rotation replaced. NULL if it was never
    -- rotated.
    origin             BYTEA,
    previous           BYTEA,
    CONSTRAINT kunci_sessions_key PRIMARY KEY (key)
);

CREATE INDEX kunci_sessions_by_end ON kunci_sessions (expires_at);

CREATE INDEX kunci_sessions_by_user ON kunci_sessions (user_id, key) WHERE user_id IS NOT NULL;

CREATE INDEX kunci_sessions_by_origin ON kunci_sessions (origin) WHERE origin IS NOT NULL;

CREATE INDEX kunci_sessions_by_previous ON kunci_sessions (previous) WHERE previous IS NOT NULL;
