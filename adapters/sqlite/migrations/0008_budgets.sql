-- Budgets of attempts that belong to accounts, and those that names without an account share.

CREATE TABLE budgets (
    -- The id of a user, or the number of a share.
    owner       INTEGER NOT NULL,
    is_share    INTEGER NOT NULL,
    -- The domain's name of the kind.
    kind        TEXT    NOT NULL,
    -- When the budget will be full. A full budget has no row.
    full_at     INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    PRIMARY KEY (owner, is_share, kind)
) STRICT, WITHOUT ROWID;

-- One row: the secret that decides which names share a budget.
CREATE TABLE budget_secret (secret BLOB NOT NULL) STRICT;

INSERT INTO budget_secret VALUES (randomblob(16));
