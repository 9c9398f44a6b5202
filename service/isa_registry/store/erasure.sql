-- name: insert_erasures
INSERT INTO erasure (index, by, reason, rule, until)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])

-- name: insert_hold
INSERT INTO legal_hold (hold, index, organisations, entries, since, until) VALUES ($1, $2, $3, $4, $5, $6)

-- name: insert_hold_lifted
INSERT INTO legal_hold_lifted (hold, index) VALUES ($1, $2)

-- name: erase_payload
-- The only statement that deletes a payload.
SELECT erase_payload($1, $2)

-- name: one_run
-- One erasure run at a time; the lock is its session's.
SELECT pg_try_advisory_lock(7304)

-- name: all_erasures
SELECT index, by, reason, rule, until FROM erasure ORDER BY by

-- name: erasures_of
-- Which of these entries are erased, and by which entry.
SELECT index, by FROM erasure WHERE index = ANY ($1::bigint[])

-- name: register_erased_by
-- Whether an entry from one index up to another (exclusive) says that one of the register before it is erased.
SELECT EXISTS (SELECT FROM erasure WHERE until IS NOT NULL AND by >= $1 AND by < $2)

-- name: register_erasures
-- The entries that erase one of the register in a range, with their payloads.
SELECT x.index AS erased, e.index, e.at, e.leaf, p.payload, p.salt, p.kind
FROM erasure x JOIN entry e ON e.index = x.by JOIN payload p ON p.index = x.by
WHERE x.until IS NOT NULL AND x.index >= $1 AND x.index < $2 ORDER BY x.index

-- name: erased_need
-- The first erased entry on which the register of a size depended, other than of the kinds that no answer reads.
SELECT x.index, x.by FROM erasure x JOIN entry e USING (index)
WHERE x.until IS NOT NULL AND x.index < $1 AND x.until > $1 AND e.kind <> ALL ($2::text[])
ORDER BY x.index LIMIT 1

-- name: kept_check_naming
-- A check later than an entry whose payload is kept and names what that entry holds. Hashes are looked for as bytes: a
-- check that names the same hash for another reason keeps it too.
SELECT c.index FROM check_record c JOIN payload p USING (index)
WHERE c.index > $1 AND position($2::bytea IN p.payload) > 0 LIMIT 1

-- name: all_holds
SELECT hold, index, organisations, entries, since, until FROM legal_hold ORDER BY index

-- name: all_holds_lifted
SELECT hold, index FROM legal_hold_lifted ORDER BY index

-- name: all_erased_records
SELECT index FROM erased_record ORDER BY index

-- name: erased_record
-- Where a check or an event with this id was, as far as the reader may know.
SELECT index FROM erased_record WHERE id = $1 ORDER BY (organisation = $2) DESC LIMIT 1

-- name: target
-- What an erasure needs to know of an entry. A payload that is gone has neither kind nor readers.
SELECT e.index, e.kind AS leaf_kind, e.at, e.leaf_hash, p.kind, p.readers, parties_of(e.index) AS parties,
    coalesce(c.organisation, s.provider, q.organisation) AS organisation, s.retention, x.by,
    coalesce(c.decided_at, s.decided_at, CASE WHEN q.index IS NOT NULL THEN e.at END) AS decided_at
FROM entry e LEFT JOIN payload p USING (index) LEFT JOIN check_record c USING (index)
LEFT JOIN sharing_event s USING (index) LEFT JOIN search_record q USING (index) LEFT JOIN erasure x USING (index)
WHERE e.index = $1

-- name: following
-- The kinds of the payloads right after an entry: an event's companions are among them.
SELECT index, kind FROM payload WHERE index > $1 AND index <= $1 + 2 ORDER BY index

-- name: belonging
-- What goes with an event, wherever in the log it stands: what its recipient said of it.
SELECT a.index FROM sharing_event s JOIN acknowledgement a ON a.provider = s.provider AND a.event = s.id
WHERE s.index = $1 ORDER BY a.index

-- name: name_of_event
SELECT provider, id::text AS id FROM sharing_event WHERE index = $1

-- name: present
-- Which of these entries have a payload and no hold on it, with the entry's leaf hash.
SELECT index, leaf_hash FROM payloads_present($1)

-- name: unfinished
-- Entries that the log says are erased, and whose payload is there all the same.
SELECT x.index, x.by FROM erasure x JOIN payload p USING (index) ORDER BY x.by LIMIT 1000

-- name: announce
INSERT INTO erasure_notice
    (index, organisation, readers, reason, rule, requested_by, approved_by, announced_at, erase_after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (index) DO NOTHING

-- name: approve
-- By somebody else than who asked, for the same reason, once.
UPDATE erasure_notice SET approved_by = $2, erase_after = $4
WHERE index = $1 AND reason = $3 AND rule IS NULL AND approved_by IS NULL AND requested_by <> $2

-- name: notice
SELECT index, organisation, readers, reason, rule, requested_by, approved_by, announced_at, erase_after
FROM erasure_notice WHERE index = $1

-- name: notices
-- What is announced, as far as the reader may know, by entry.
SELECT index, organisation, readers, reason, rule, requested_by, approved_by, announced_at, erase_after
FROM erasure_notice WHERE index > $1 ORDER BY index LIMIT $2

-- name: ripe
-- What was announced long enough ago.
SELECT index, organisation, readers, reason, rule, requested_by, approved_by, announced_at, erase_after
FROM erasure_notice WHERE erase_after <= $1 ORDER BY index LIMIT $2

-- name: withdraw
DELETE FROM erasure_notice WHERE index = $1

-- name: erased_records
-- What was erased, as far as the reader may know, newest first.
SELECT r.index, r.organisation, r.id, x.by, x.reason, x.rule, e.at
FROM erased_record r JOIN erasure x USING (index) JOIN entry e ON e.index = x.by
WHERE x.by < $1 ORDER BY x.by DESC LIMIT $2
