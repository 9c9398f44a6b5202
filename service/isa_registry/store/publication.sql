-- name: standing
-- What a worker shows of the log's head: our newest checkpoint, the published one with its witnesses' lines, and the
-- checkpointer's last word. One row at least.
SELECT c.size, c.root, c.note, c.signed_at, c.size = published.size AS published,
       ARRAY(
           SELECT newest.line
           FROM (
               SELECT DISTINCT ON (s.name, s.key_id) s.name, s.key_id, s.line
               FROM cosignature s WHERE s.size = c.size ORDER BY s.name, s.key_id, s.at DESC
           ) newest
           ORDER BY newest.name, newest.key_id
       ) AS lines,
       k.state, k.reasons, extract(epoch FROM clock_timestamp() - k.said_at)::float8 AS said_before
FROM (SELECT max(size) AS size FROM publication) published
CROSS JOIN (SELECT max(size) AS size FROM checkpoint) newest
LEFT JOIN checkpoint c ON c.size IN (published.size, newest.size)
LEFT JOIN checkpointer k ON true
ORDER BY c.size

-- name: newest_published
SELECT max(size) FROM publication

-- name: publish
-- Compare and swap: a checkpoint is published only if the one before it is still the newest published.
INSERT INTO publication (size, previous, published_at)
SELECT $1, $2, $3
WHERE coalesce((SELECT max(size) FROM publication), -1) = $2

-- name: insert_cosignatures
INSERT INTO cosignature (size, name, key_id, at, line)
SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::timestamptz[], $5::text[])
ON CONFLICT DO NOTHING

-- name: say
-- The checkpointer's word, with the database's own time.
INSERT INTO checkpointer (state, reasons, said_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (only_one) DO UPDATE SET state = excluded.state, reasons = excluded.reasons, said_at = excluded.said_at

-- name: server_time
SELECT clock_timestamp()

-- name: ask
-- A worker that made a new connection asks the checkpointer for its word.
SELECT pg_notify('isa_word', '')

-- name: said_since
-- The checkpointer's word, if it gave one after a moment.
SELECT state, reasons FROM checkpointer WHERE said_at > $1
