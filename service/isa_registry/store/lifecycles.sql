-- name: insert_events
-- In the order of their entries. The database fills in the state that follows, and refuses an event that the table does
-- not have in the state before it.
INSERT INTO lifecycle_event (index, machine, thing, event)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) ORDER BY 1

-- name: all_events
SELECT index, machine, thing, event, state FROM lifecycle_event ORDER BY index

-- name: all_steps
SELECT machine, state, event, to_state FROM lifecycle_step ORDER BY machine, state, event
