-- name: times_of
-- When each of these entries was logged, for those that are there.
SELECT index, at FROM entry WHERE index = ANY ($1::bigint[])
