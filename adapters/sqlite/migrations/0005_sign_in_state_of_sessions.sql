-- The state of a session has columns of its own. It was kept among the application's values before.

-- A sign-in that waits for its second step: all four columns or none. Then there is no signed-in user.
ALTER TABLE sessions ADD COLUMN pending_user_id INTEGER;
ALTER TABLE sessions ADD COLUMN pending_user_epoch INTEGER;
ALTER TABLE sessions ADD COLUMN pending_since INTEGER;
ALTER TABLE sessions ADD COLUMN pending_permanent INTEGER;
-- The sealed seed of a second factor that waits for its first code.
ALTER TABLE sessions ADD COLUMN enrolment BLOB;
-- Messages for the next page, as a JSON list. NULL if there are none.
ALTER TABLE sessions ADD COLUMN notices TEXT;

UPDATE sessions SET
    pending_user_id = data ->> '$._pending.user',
    pending_user_epoch = data ->> '$._pending.epoch',
    pending_since = data ->> '$._pending.at',
    pending_permanent = data ->> '$._pending.permanent',
    -- The seed was a list of numbers.
    enrolment = (
        SELECT unhex(group_concat(format('%02x', value), '' ORDER BY key))
        FROM json_each(data, '$._enrolment')
    ),
    notices = data -> '$._flash',
    data = nullif(json_remove(data, '$._pending', '$._enrolment', '$._flash'), '{}')
    -- A quick test; a row that passes it without one of these keys stays as it is. So does a damaged one.
    WHERE instr(data, '"_') AND json_valid(data);
