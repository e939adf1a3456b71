-- The first key of a rotated session. A request that read the session under an earlier key can still end it.

-- The whole first key, 32 bytes. NULL for a session that was never rotated.
ALTER TABLE sessions ADD COLUMN origin BLOB;

CREATE INDEX sessions_by_origin ON sessions (origin) WHERE origin IS NOT NULL;
