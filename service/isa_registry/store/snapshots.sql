-- name: newest_snapshot
-- The newest in the format that this version reads.
SELECT size, leaf_hash, sha256, body FROM register_snapshot WHERE format = $1 ORDER BY size DESC LIMIT 1

-- name: keep_snapshot
-- Unless it holds what was erased since it was folded.
INSERT INTO register_snapshot (size, format, leaf_hash, sha256, body, made_at)
SELECT $1, $2, $3, $4, $5, $6
WHERE NOT EXISTS (SELECT FROM erasure x WHERE x.until IS NOT NULL AND x.index < $1 AND x.by >= $1)
ON CONFLICT (size) DO NOTHING

-- name: drop_older_snapshots
-- The last three stay.
DELETE FROM register_snapshot
WHERE size < (SELECT min(size) FROM (SELECT size FROM register_snapshot ORDER BY size DESC LIMIT 3) AS kept)

-- name: all_snapshots
-- For checking.
SELECT size, leaf_hash, sha256, body FROM register_snapshot WHERE format = $1 ORDER BY size
