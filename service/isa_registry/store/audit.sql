-- name: entries_down
-- A stretch of the log, newest first, with what row-level security shows of the payloads. An organisation is not shown
-- that another's record is there at all; an auditor is ($6). Of a record that was erased only its leaf is known. Kinds of
-- the register alone ($7) are found by their own index.
SELECT e.index, e.at, e.kind AS leaf_kind, e.leaf, e.leaf_hash, p.kind, p.readers, p.payload, p.salt
FROM entry e LEFT JOIN payload p USING (index)
WHERE e.index >= $1 AND e.index < $2
  AND ($3::text[] IS NULL OR coalesce(p.kind, e.kind) = ANY ($3))
  AND ($4::text[] IS NULL OR e.kind <> 'record' OR p.readers && $4)
  AND (p.index IS NOT NULL OR e.kind <> 'record' OR $6)
  AND (NOT $7 OR e.kind <> 'record')
ORDER BY e.index DESC LIMIT $5

-- name: entries_up
-- The same, oldest first: for exports.
SELECT e.index, e.at, e.kind AS leaf_kind, e.leaf, e.leaf_hash, p.kind, p.readers, p.payload, p.salt
FROM entry e LEFT JOIN payload p USING (index)
WHERE e.index >= $1 AND e.index < $2
  AND ($3::text[] IS NULL OR coalesce(p.kind, e.kind) = ANY ($3))
  AND ($4::text[] IS NULL OR e.kind <> 'record' OR p.readers && $4)
  AND (p.index IS NOT NULL OR e.kind <> 'record' OR $6)
  AND (NOT $7 OR e.kind <> 'record')
ORDER BY e.index LIMIT $5

-- name: entries_at
-- Chosen entries, in order.
SELECT e.index, e.at, e.kind AS leaf_kind, e.leaf, e.leaf_hash, p.kind, p.readers, p.payload, p.salt
FROM entry e LEFT JOIN payload p USING (index)
WHERE e.index = ANY ($1::bigint[]) ORDER BY e.index

-- name: erased_by
-- Which entries erased these.
SELECT index AS erased, by AS index FROM erasure WHERE index = ANY ($1::bigint[])

-- name: checkpoint_within
-- Whether a checkpoint was made of a size in this range: then its partial tiles are published.
SELECT EXISTS (SELECT FROM checkpoint WHERE size >= $1 AND size < $2)

-- name: full_tile
SELECT hashes FROM tile WHERE level = $1 AND number = $2
