-- name: stretch
-- Entries with what is stored beside them, in order. For checking, as the owner: no reader is told apart.
SELECT e.index, e.kind, e.at, e.leaf, e.leaf_hash, p.kind AS payload_kind, p.readers, p.payload, p.salt
FROM entry e LEFT JOIN payload p USING (index) WHERE e.index >= $1 AND e.index < $2 ORDER BY e.index

-- name: orphans
-- Payloads within a stretch that belong to no entry.
SELECT p.index FROM payload p LEFT JOIN entry e USING (index)
WHERE p.index >= $1 AND p.index < $2 AND e.index IS NULL ORDER BY p.index

-- name: next_entry
-- Where the log goes on after a gap.
SELECT index FROM entry WHERE index >= $1 ORDER BY index LIMIT 1

-- name: payloads_beyond
SELECT index FROM payload WHERE index >= $1 ORDER BY index LIMIT 100

-- name: checkpoints
-- Those of sizes above one and up to another.
SELECT size, root, note, signed_at FROM checkpoint WHERE size > $1 AND size <= $2 ORDER BY size

-- name: tiles
SELECT number, hashes, root FROM tile WHERE level = $1 AND number >= $2 AND number < $3 ORDER BY number

-- name: tiles_beyond
-- Full tiles of a level from a number on, which a log of this size does not have.
SELECT number FROM tile WHERE level = $1 AND number >= $2 ORDER BY number LIMIT 100

-- name: highest_level
SELECT coalesce(max(level), -1) FROM tile

-- name: publications
-- Published checkpoints above a size, in order; the note is NULL where there is no such checkpoint.
SELECT p.size, p.previous, c.note FROM publication p LEFT JOIN checkpoint c USING (size)
WHERE p.size > $1 ORDER BY p.size LIMIT $2

-- name: cosignatures
-- Witnesses' lines after one of them, in the order of its columns, with the checkpoint that they stand under.
SELECT s.size, s.name, s.key_id, s.at, s.line, c.note FROM cosignature s LEFT JOIN checkpoint c USING (size)
WHERE (s.size, s.name, s.key_id, s.at) > ($1, $2, $3, $4) ORDER BY s.size, s.name, s.key_id, s.at LIMIT $5

-- name: answers_beyond
-- Keys of requests whose first answer would be an entry that the log does not have.
SELECT index FROM idempotency WHERE index < 0 OR index >= $1 ORDER BY index LIMIT 100

-- name: answers_left
-- Hashes of requests whose entry's payload is not there any more.
SELECT index FROM idempotency i
WHERE index >= 0 AND index < $1 AND request_sha256 <> decode(repeat('00', 32), 'hex')
    AND NOT EXISTS (SELECT FROM payload p WHERE p.index = i.index)
ORDER BY index LIMIT 100
