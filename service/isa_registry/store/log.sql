-- name: take_turn
-- Only one worker appends at a time; the lock ends with the transaction.
SELECT pg_advisory_xact_lock(7302)

-- name: tail
-- The newest entry: what the next one follows.
SELECT index, at, leaf_hash FROM entry ORDER BY index DESC LIMIT 1

-- name: insert_entries
-- Entries of one time, one after another from an index on. The primary key is the guard against two histories. What has
-- many bytes comes in one piece, with the length of each part, and what has few in words: the driver takes arrays apart
-- value by value. Readers begin with a plus, so that nobody at all differs from everybody.
WITH part AS MATERIALIZED (
    SELECT *, sum(leaf_length) OVER before AS leaf_end, sum(payload_length) OVER before AS payload_end
    FROM unnest(
        string_to_array($7, ' '), string_to_array($8, ' '), string_to_array($9, ' '),
        string_to_array($10, ' ')::int[], string_to_array($11, ' ')::int[]) WITH ORDINALITY
    AS part(kind, payload_kind, readers, leaf_length, payload_length, place)
    WINDOW before AS (ORDER BY place)
), logged AS (
    INSERT INTO entry (index, kind, at, leaf, leaf_hash)
    SELECT $1::bigint + place - 1, kind, $2::timestamptz,
        substring($3::bytea FROM (leaf_end - leaf_length)::int + 1 FOR leaf_length),
        substring($4::bytea FROM 32 * place::int - 31 FOR 32)
    FROM part
)
INSERT INTO payload (index, kind, readers, payload, salt)
SELECT $1::bigint + place - 1, payload_kind,
    CASE WHEN readers <> '-' THEN string_to_array(substr(readers, 2), ',') END,
    substring($5::bytea FROM (payload_end - payload_length)::int + 1 FOR payload_length),
    substring($6::bytea FROM 32 * place::int - 31 FOR 32)
FROM part

-- name: insert_tiles
-- A full tile, once.
INSERT INTO tile (level, number, hashes, root)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])

-- name: announce
-- Wakes every worker that follows the log.
SELECT pg_notify('isa_log', $1)

-- name: ask_registers
-- Asks every worker that follows the log for the digest of its register after a number of entries.
SELECT pg_notify('isa_register', $1)

-- name: show_register
SELECT pg_notify('isa_register_shown', $1)

-- name: others
-- How many sessions of this service there are beside this one.
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'isa-registry isa_%' AND pid <> pg_backend_pid()

-- name: leaf_hashes
-- In order, from one index up to another (exclusive).
SELECT leaf_hash FROM entry WHERE index >= $1 AND index < $2 ORDER BY index

-- name: leaves
-- The stored bytes themselves, in order, with the hash that was stored beside them.
SELECT index, leaf, leaf_hash FROM entry WHERE index >= $1 AND index < $2 ORDER BY index

-- name: leaf_hashes_at
-- Which of these indexes hold which leaf: how a commit whose answer was lost is found again.
SELECT index, leaf_hash FROM entry WHERE index = ANY ($1::bigint[])

-- name: register_entries
-- What the fold needs: register kinds only, in order.
SELECT e.index, e.at, e.leaf, p.payload, p.salt, p.kind
FROM entry e LEFT JOIN payload p USING (index)
WHERE e.kind <> 'record' AND e.index >= $1 AND e.index < $2
ORDER BY e.index

-- name: entry
-- One entry with its payload, as far as row-level security shows it.
SELECT e.index, e.at, e.leaf, p.payload, p.salt, p.kind
FROM entry e JOIN payload p USING (index) WHERE e.index = $1

-- name: tile_roots
-- The roots of full tiles: the hashes of the level above.
SELECT root FROM tile WHERE level = $1 AND number >= $2 AND number < $3 ORDER BY number

-- name: full_tile
SELECT hashes FROM tile WHERE level = $1 AND number = $2

-- name: full_tiles
-- For checking: every full tile in a range.
SELECT number, hashes, root FROM tile WHERE level = $1 AND number >= $2 AND number < $3 ORDER BY number

-- name: size_at
-- What the log held at a moment: the largest size whose last entry is not later. Times never fall, so the range is
-- halved again and again: a look at every entry since then would grow with the log.
WITH RECURSIVE search(low, high) AS (
    SELECT 0::bigint, (SELECT coalesce(max(index) + 1, 0) FROM entry)
    UNION ALL
    SELECT CASE WHEN e.at <= $1 THEN e.index + 1 ELSE s.low END, CASE WHEN e.at <= $1 THEN s.high ELSE e.index END
    FROM search s JOIN entry e ON e.index = (s.low + s.high) / 2
    WHERE s.low < s.high
)
SELECT low FROM search WHERE low = high

-- name: checker_leads
-- One worker signs; the lock is its session's.
SELECT pg_try_advisory_lock(7303)

-- name: newest_checkpoint
SELECT size, root, note, signed_at FROM checkpoint ORDER BY size DESC LIMIT 1

-- name: record_checkpoint
-- Compare and swap: a checkpoint is recorded only if the one it was signed after is still the newest.
INSERT INTO checkpoint (size, root, note, signed_at)
SELECT $1, $2, $3, $4
WHERE coalesce((SELECT max(size) FROM checkpoint), -1) = $5

-- name: announce_checkpoint
SELECT pg_notify('isa_checkpoint', $1)

-- name: entries
-- For checking: entries with their payloads, in order.
SELECT e.index, e.at, e.leaf, p.payload, p.salt, p.kind
FROM entry e JOIN payload p USING (index) WHERE e.index >= $1 AND e.index < $2 ORDER BY e.index

-- name: columns
-- For checking: what stands beside a leaf and beside its payload. The fold and row-level security rely on it.
SELECT coalesce(e.index, p.index) AS index, e.kind AS kind, e.at AS at, p.kind AS payload_kind, p.readers AS readers
FROM entry e FULL JOIN payload p USING (index)
WHERE coalesce(e.index, p.index) >= $1 AND coalesce(e.index, p.index) < $2 ORDER BY 1

-- name: payloads_from
-- For checking: payloads that belong to no entry.
SELECT index FROM payload WHERE index >= $1 ORDER BY index LIMIT 100

-- name: checkpoints
-- For checking: every checkpoint ever recorded.
SELECT size, root, note, signed_at FROM checkpoint ORDER BY size
