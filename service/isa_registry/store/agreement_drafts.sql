-- name: begin
-- One draft of a version at a time.
INSERT INTO agreement_draft
    (id, organisation, partnership, agreement, version, words, schedule, text_sha256, schedule_sha256, state, event,
     begun_at, changed_at, written_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'begin', $11, $11, $12)
ON CONFLICT (organisation, agreement, version) WHERE state NOT IN ('published', 'discarded') DO NOTHING

-- name: draft
SELECT id, organisation, partnership, agreement, version, words, schedule, text_sha256, schedule_sha256, state, event,
    reason, begun_at, changed_at, written_by, submitted_by, passed_by, entry
FROM agreement_draft WHERE id = $1 AND organisation = $2

-- name: draft_to_change
-- The same, kept from everybody else until the transaction ends.
SELECT id, organisation, partnership, agreement, version, words, schedule, text_sha256, schedule_sha256, state, event,
    reason, begun_at, changed_at, written_by, submitted_by, passed_by, entry
FROM agreement_draft WHERE id = $1 AND organisation = $2 FOR UPDATE

-- name: draft_of
-- The draft of a version that is neither published nor discarded.
SELECT id FROM agreement_draft
WHERE organisation = $1 AND agreement = $2 AND version = $3 AND state NOT IN ('published', 'discarded')

-- name: drafts
-- Without words and schedules, newest first.
SELECT id, organisation, partnership, agreement, version, NULL::bytea AS words, NULL::bytea AS schedule, text_sha256,
    schedule_sha256, state, event, reason, begun_at, changed_at, written_by, submitted_by, passed_by, entry
FROM agreement_draft WHERE organisation = $1 ORDER BY changed_at DESC, id LIMIT $2

-- name: change
-- Everything that an event can set, at once. The table of lives is the trigger's to hold.
UPDATE agreement_draft SET words = $2, schedule = $3, text_sha256 = $4, schedule_sha256 = $5, state = $6, event = $7,
    reason = $8, changed_at = $9, written_by = $10, submitted_by = $11, passed_by = $12, entry = $13
WHERE id = $1

-- name: sweep
-- What was published or discarded, once it has been seen for a while.
DELETE FROM agreement_draft
WHERE state IN ('published', 'discarded') AND changed_at <= $1::timestamptz - interval '90 days'
