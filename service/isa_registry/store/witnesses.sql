-- name: tell_witnesses
-- The last cosignature of a key is remembered across the checkpointer's restarts, and never that of another key.
INSERT INTO witness (position, name, vkey, state, size, cosigned_at, error, told_at, accepts_following)
SELECT * FROM unnest(
    $1::integer[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[], $8::timestamptz[],
    $9::boolean[]
)
ON CONFLICT (name) DO UPDATE SET
    position = excluded.position,
    vkey = excluded.vkey,
    state = excluded.state,
    size = CASE WHEN witness.vkey = excluded.vkey THEN coalesce(excluded.size, witness.size) ELSE excluded.size END,
    cosigned_at = CASE
        WHEN witness.vkey = excluded.vkey THEN coalesce(excluded.cosigned_at, witness.cosigned_at)
        ELSE excluded.cosigned_at
    END,
    error = excluded.error,
    told_at = excluded.told_at,
    accepts_following = excluded.accepts_following

-- name: forget_acceptance
UPDATE witness SET accepts_following = NULL WHERE accepts_following IS NOT NULL

-- name: drop_other_witnesses
-- Those that the policy no longer names.
DELETE FROM witness WHERE name <> ALL ($1::text[])

-- name: witnesses
SELECT name, vkey, state, size, cosigned_at, error, told_at, accepts_following FROM witness ORDER BY position
