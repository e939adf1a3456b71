-- Who acted, and events that concern no account. The table is rebuilt, because a column loses its NOT NULL.

CREATE TABLE events_with_actors (
    -- Larger than every earlier id, so events are listed in the order of their ids.
    id          INTEGER PRIMARY KEY,
    -- The domain's word for who acted, and the id of an administrator.
    -- No foreign key, because the administrator may be deleted.
    actor       TEXT    NOT NULL,
    actor_id    INTEGER,
    -- The account that the event concerns. NULL if it concerns none. No foreign key, because the event of a
    -- deletion outlives the account.
    target_id   INTEGER,
    at          INTEGER NOT NULL,
    -- The domain's name of the event.
    kind        TEXT    NOT NULL,
    user_agent  TEXT    NOT NULL,
    -- IPv4 as 4 bytes or IPv6 as 16 bytes.
    address     BLOB
) STRICT;

-- Until now, operators acted on the command line only.
INSERT INTO events_with_actors (id, actor, actor_id, target_id, at, kind, user_agent, address)
SELECT
    id,
    CASE
        WHEN kind IN (
            'password_set_by_operator',
            'second_factor_removed_by_operator',
            'enabled_by_operator',
            'disabled_by_operator'
        ) THEN 'command_line'
        ELSE 'owner'
    END,
    NULL, user_id, at, kind, user_agent, address
FROM events ORDER BY id;

DROP TABLE events;

ALTER TABLE events_with_actors RENAME TO events;

-- Every index of this table ends with the id.
CREATE INDEX events_by_target ON events (target_id) WHERE target_id IS NOT NULL;

CREATE INDEX events_by_time ON events (at);
