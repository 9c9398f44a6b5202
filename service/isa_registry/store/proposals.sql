-- name: propose
-- One more open proposal, unless this person has as many as may wait, or the same one. One person's many are not in
-- another's way.
INSERT INTO access_proposal (id, organisation, change, sha256, state, proposed_by, proposed_at, expires_at, proposed_mark)
SELECT $1, $2, $3, $4, 'open', $5, $6, $7, $9
WHERE (
    SELECT count(*) FROM access_proposal WHERE proposed_by = $5 AND change IS NOT NULL AND expires_at > $6
) < $8
ON CONFLICT (proposed_by, sha256) WHERE state = 'open' DO NOTHING

-- name: same_wish
SELECT id FROM access_proposal WHERE proposed_by = $1 AND sha256 = $2 AND state = 'open' AND expires_at > $3

-- name: proposal
SELECT id, organisation, change, sha256, state, proposed_by, proposed_at, expires_at, approved_by, approved_at,
    approved_size, entry, proposed_mark, approved_mark
FROM access_proposal WHERE id = $1

-- name: undecided
-- What waits for somebody, oldest first.
SELECT id, organisation, change, sha256, state, proposed_by, proposed_at, expires_at, approved_by, approved_at,
    approved_size, entry, proposed_mark, approved_mark
FROM access_proposal
WHERE change IS NOT NULL AND (expires_at > $1 OR state = 'approved') AND starts_with(id, $3)
ORDER BY proposed_at, id LIMIT $2

-- name: approve
-- By somebody else than who proposed it, of exactly what was proposed, in time, once.
UPDATE access_proposal SET state = 'approved', approved_by = $2, approved_at = $4, approved_size = $5, approved_mark = $6
WHERE id = $1 AND state = 'open' AND sha256 = $3 AND proposed_by <> $2 AND expires_at > $4

-- name: reopen
-- An approval that did not become an entry, by the same person at the same moment.
UPDATE access_proposal SET state = 'open', approved_by = NULL, approved_at = NULL, approved_size = NULL,
    approved_mark = NULL
WHERE id = $1 AND state = 'approved' AND approved_by = $2 AND approved_at = $3

-- name: logged
-- It is an entry of the log now, approved by whom that entry names.
UPDATE access_proposal SET state = 'logged', entry = $2, approved_by = $3, change = NULL, sha256 = NULL,
    proposed_mark = NULL, approved_mark = NULL, approved_at = coalesce(approved_at, $4), approved_size = coalesce(approved_size, $2)
WHERE id = $1 AND state IN ('open', 'approved')

-- name: close
-- Withdrawn or declined.
UPDATE access_proposal SET state = $2, change = NULL, sha256 = NULL, proposed_mark = NULL WHERE id = $1 AND state = 'open'

-- name: logged_as
-- The entry from an index on that holds exactly these bytes.
SELECT index FROM payload WHERE index >= $1 AND kind = $2 AND payload = $3 ORDER BY index LIMIT 1

-- name: sweep
-- What nobody approved in time at once; what was decided when it has been seen for a while.
DELETE FROM access_proposal
WHERE (state = 'open' AND expires_at <= $1) OR expires_at <= $1::timestamptz - interval '7 days'
