-- Where a rotated session came from, so that whoever read it under a former key can still end it.

-- The whole first key, 32 bytes; NULL for a session that was never rotated, as most are.
ALTER TABLE sessions ADD COLUMN origin BLOB;

CREATE INDEX sessions_by_origin ON sessions (origin) WHERE origin IS NOT NULL;
