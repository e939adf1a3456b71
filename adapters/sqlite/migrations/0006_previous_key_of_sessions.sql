-- The key that the last rotation replaced. A client that still presents the old token can end the session.

-- The whole key, 32 bytes. NULL for a session that was never rotated.
ALTER TABLE sessions ADD COLUMN previous BLOB;

CREATE INDEX sessions_by_previous ON sessions (previous) WHERE previous IS NOT NULL;
