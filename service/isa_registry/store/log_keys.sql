-- name: rotations
-- Every entry that changes the log's keys, in order, with its payload: public to every role that looks at checkpoints.
SELECT index, at, leaf, payload, salt, kind FROM log_key_rotation ORDER BY index

-- name: checkpoints_down
-- Checkpoints below a size, newest first: since when two sets of keys sign.
SELECT size, root, note, signed_at FROM checkpoint WHERE size < $1 ORDER BY size DESC LIMIT $2

-- name: oldest_checkpoint
SELECT size, root, note, signed_at FROM checkpoint ORDER BY size LIMIT 1

-- name: first_checkpoint
-- The first checkpoint that covers a size.
SELECT size, root, note, signed_at FROM checkpoint WHERE size >= $1 ORDER BY size LIMIT 1

-- name: first_published
-- The first published checkpoint that covers a size, with the first line of each of its witnesses.
SELECT c.size, c.root, c.note, c.signed_at,
       ARRAY(
           SELECT first.line
           FROM (
               SELECT DISTINCT ON (s.name, s.key_id) s.name, s.key_id, s.line
               FROM cosignature s WHERE s.size = c.size ORDER BY s.name, s.key_id, s.at
           ) first
           ORDER BY first.name, first.key_id
       ) AS lines
FROM publication p JOIN checkpoint c USING (size)
WHERE p.size >= $1 ORDER BY p.size LIMIT 1
