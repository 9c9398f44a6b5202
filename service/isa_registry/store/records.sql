-- name: check_index
-- Where a check was logged, as far as the reader may know.
SELECT index FROM check_record WHERE id = $1

-- name: sharing_event_by_id
-- An id is unique for a provider only; a reader may be provider of one and recipient of another.
SELECT provider, id, index, withheld_index, sha256, recipient, recipient_sees, decision, purpose, decided_at, flags,
    retention, urgency, basis, check_id, corrects, late_entry
FROM sharing_event WHERE id = $1 ORDER BY (provider = $2) DESC, index LIMIT 1

-- name: recorded_events
-- A provider's own, with the time at which each was logged.
SELECT s.provider, s.id, s.index, s.withheld_index, s.sha256, s.recipient, s.recipient_sees, s.decision, s.purpose,
    s.decided_at, s.flags, s.retention, s.urgency, s.basis, s.check_id, s.corrects, s.late_entry, e.at
FROM sharing_event s JOIN entry e USING (index) WHERE s.id = ANY ($1::uuid[]) AND s.provider = $2

-- name: correctable_events
-- A provider's own that are to be corrected, each with the event that corrects it already.
SELECT s.id, (SELECT c.id FROM sharing_event c WHERE c.provider = s.provider AND c.corrects = s.id) AS corrected_by
FROM sharing_event s WHERE s.id = ANY ($1::uuid[]) AND s.provider = $2

-- name: erased_events
SELECT id FROM erased_record WHERE id = ANY ($1::text[]) AND organisation = $2

-- name: check_payloads
-- Of checks, as far as the reader may know them.
SELECT c.id, p.payload FROM check_record c JOIN payload p USING (index) WHERE c.id = ANY ($1::text[])

-- name: claimed_events
-- Which of these events are recorded already, with what content; none of an erased one is known.
WITH wanted AS (
    SELECT provider, id
    FROM unnest(string_to_array($1, ' '), string_to_array($2, ' ')::uuid[]) AS wanted(provider, id)
)
SELECT s.provider, s.id, s.index, s.sha256
FROM sharing_event s JOIN wanted USING (provider, id)
UNION ALL
SELECT wanted.provider, wanted.id, x.index, NULL
FROM erased_record x JOIN wanted
ON x.organisation = wanted.provider AND x.id = wanted.id::text

-- name: claimed_keys
-- Which of these idempotency keys were used in the last 24 hours, for which request.
SELECT scope_sha256, request_sha256, index FROM idempotency
WHERE scope_sha256 = ANY ($1::bytea[]) AND claimed_at > $2::timestamptz - interval '24 hours'

-- name: claim_keys
-- A key older than 24 hours that was not swept yet is taken over; a younger one was found before.
INSERT INTO idempotency (scope_sha256, request_sha256, index, claimed_at)
SELECT scope_sha256, request_sha256, index, $4
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[]) AS claim(scope_sha256, request_sha256, index)
ON CONFLICT (scope_sha256) DO UPDATE
SET request_sha256 = excluded.request_sha256, index = excluded.index, claimed_at = excluded.claimed_at
WHERE idempotency.claimed_at <= excluded.claimed_at - interval '24 hours'

-- name: sweep_keys
DELETE FROM idempotency WHERE claimed_at <= $1::timestamptz - interval '24 hours'
