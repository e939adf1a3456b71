-- An account may have several links to reset its password, so that a new one does not revoke the others.

DROP INDEX tokens_by_account;

-- An account has one token for each other purpose.
CREATE UNIQUE INDEX tokens_by_account ON tokens (user_id, purpose)
    WHERE user_id IS NOT NULL AND purpose <> 'reset_password';

CREATE INDEX tokens_by_user ON tokens (user_id) WHERE user_id IS NOT NULL;
