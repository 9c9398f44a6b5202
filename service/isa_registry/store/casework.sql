-- name: events_down
-- A body's own events in a stretch of the log, newest first: as provider ($4) and as recipient ($5). The other party of
-- what it decided itself is the recipient.
SELECT provider, id, index, withheld_index, recipient, decision, purpose, decided_at, flags
FROM sharing_event
WHERE index >= $1 AND index < $2
    AND (($4 AND provider = $3) OR ($5 AND recipient_sees AND recipient = $3))
    AND ($6::text IS NULL OR purpose = $6)
    AND ($7::text IS NULL OR decision = $7)
    AND ($8::text IS NULL OR $8 = CASE WHEN provider = $3 THEN recipient ELSE provider END)
    AND ($9::timestamptz IS NULL OR decided_at >= $9)
    AND ($10::timestamptz IS NULL OR decided_at < $10)
ORDER BY index DESC LIMIT $11

-- name: referenced_down
-- The same of its own decisions alone, those with one of its references.
SELECT provider, id, index, withheld_index, recipient, decision, purpose, decided_at, flags
FROM sharing_event
WHERE index >= $1 AND index < $2 AND provider = $3
    AND index IN (SELECT r.index FROM event_reference r WHERE r.organisation = $3 AND r.reference = ANY ($4::text[]))
    AND ($5::text IS NULL OR purpose = $5)
    AND ($6::text IS NULL OR decision = $6)
    AND ($7::text IS NULL OR recipient = $7)
    AND ($8::timestamptz IS NULL OR decided_at >= $8)
    AND ($9::timestamptz IS NULL OR decided_at < $9)
ORDER BY index DESC LIMIT $10

-- name: correcting
-- Which of a body's own events correct one of these.
SELECT corrects, id FROM sharing_event WHERE provider = $1 AND corrects = ANY ($2::uuid[]) ORDER BY index

-- name: acknowledged
-- What recipients said of these events, the latest of each.
SELECT DISTINCT ON (event) event, recipient, received_at, matches, index
FROM acknowledgement WHERE provider = $1 AND event = ANY ($2::uuid[]) ORDER BY event, index DESC

-- name: checks_at
-- Where a body's own checks were logged.
SELECT id, index FROM check_record WHERE organisation = $1 AND id = ANY ($2::text[])

-- name: consents_of
-- Every entry in the lives of the consents that a body recorded about these subjects, oldest first.
SELECT c.consent, c.index, c.event, c.at
FROM consent_entry c
WHERE c.organisation = $1 AND c.consent IN (
    SELECT s.consent FROM consent_entry s WHERE s.organisation = $1 AND s.subject = ANY ($2::text[])
)
ORDER BY c.index

-- name: announced
-- Which of these entries are announced for erasure.
SELECT index FROM erasure_notice WHERE index = ANY ($1::bigint[])

-- name: erased_events
-- How many of a body's own events were erased. Their references went with them.
SELECT count(*) FROM erased_record WHERE organisation = $1 AND id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7'

-- name: how_many
-- How many of a body's own decisions among the first entries have one of its references, narrowed like the others.
SELECT count(*) FROM sharing_event
WHERE index < $1 AND provider = $2
    AND index IN (SELECT r.index FROM event_reference r WHERE r.organisation = $2 AND r.reference = ANY ($3::text[]))
    AND ($4::text IS NULL OR purpose = $4)
    AND ($5::text IS NULL OR decision = $5)
    AND ($6::text IS NULL OR recipient = $6)
    AND ($7::timestamptz IS NULL OR decided_at >= $7)
    AND ($8::timestamptz IS NULL OR decided_at < $8)

-- name: by_id
-- Those of a body's events, as provider or recipient, that have these ids.
SELECT provider, id, index, withheld_index, recipient, decision, purpose, decided_at, flags
FROM sharing_event
WHERE id = ANY ($2::uuid[]) AND (provider = $1 OR (recipient_sees AND recipient = $1))
ORDER BY index DESC

-- name: flagged_down
-- A body's own decisions that the registry marked, newest first.
SELECT provider, id, index, withheld_index, recipient, decision, purpose, decided_at, flags
FROM sharing_event
WHERE provider = $1 AND index < $2 AND flags <> '{}'
ORDER BY index DESC LIMIT $3
