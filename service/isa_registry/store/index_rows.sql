-- Rows come as one JSON text: the driver takes arrays apart value by value, at a price for each.

-- name: insert_check_record
INSERT INTO check_record (id, index, organisation, decided_at, purpose, urgency, outcome, basis)
SELECT *
FROM json_to_recordset($1::json) AS row (
    id text, index bigint, organisation text, decided_at timestamptz, purpose text, urgency text, outcome text,
    basis text)

-- name: insert_sharing_event
INSERT INTO sharing_event (
    provider, id, index, withheld_index, sha256, recipient, recipient_sees, decision, purpose, decided_at, flags,
    retention, urgency, basis, check_id, corrects, late_entry)
SELECT
    provider, id, index, withheld_index, decode(sha256, 'base64'), recipient, recipient_sees, decision, purpose,
    decided_at, flags, retention, urgency, basis, check_id, corrects, late_entry
FROM json_to_recordset($1::json) AS row (
    provider text, id uuid, index bigint, withheld_index bigint, sha256 text, recipient text, recipient_sees boolean,
    decision text, purpose text, decided_at timestamptz, flags text[], retention text, urgency text, basis text,
    check_id text, corrects uuid, late_entry boolean)

-- name: insert_event_reference
INSERT INTO event_reference (index, organisation, reference)
SELECT *
FROM json_to_recordset($1::json) AS row (index bigint, organisation text, reference text)

-- name: insert_acknowledgement
INSERT INTO acknowledgement (index, provider, event, recipient, event_sha256, matches, received_at)
SELECT index, provider, event, recipient, decode(event_sha256, 'base64'), matches, received_at
FROM json_to_recordset($1::json) AS row (
    index bigint, provider text, event uuid, recipient text, event_sha256 text, matches boolean,
    received_at timestamptz)

-- name: insert_consent_entry
INSERT INTO consent_entry (index, consent, organisation, subject, event, at)
SELECT *
FROM json_to_recordset($1::json) AS row (
    index bigint, consent text, organisation text, subject text, event text, at timestamptz)

-- name: insert_challenge_entry
INSERT INTO challenge_entry (index, challenge, organisation, other, by_body, event, code, stage, at, partnership)
SELECT *
FROM json_to_recordset($1::json) AS row (
    index bigint, challenge text, organisation text, other text, by_body text, event text, code text, stage text,
    at timestamptz, partnership text)

-- name: insert_search_record
INSERT INTO search_record (index, organisation, what)
SELECT *
FROM json_to_recordset($1::json) AS row (index bigint, organisation text, what text)

-- name: insert_thread
INSERT INTO thread (thread, index)
SELECT *
FROM json_to_recordset($1::json) AS row (thread text, index bigint)

-- name: stored_check_record
SELECT id, index, organisation, decided_at, purpose, urgency, outcome, basis
FROM check_record WHERE index >= $1 AND index < $2

-- name: stored_sharing_event
SELECT provider, id, index, withheld_index, sha256, recipient, recipient_sees, decision, purpose, decided_at, flags,
    retention, urgency, basis, check_id, corrects, late_entry
FROM sharing_event WHERE index >= $1 AND index < $2

-- name: stored_event_reference
SELECT index, organisation, reference FROM event_reference WHERE index >= $1 AND index < $2

-- name: stored_acknowledgement
SELECT index, provider, event, recipient, event_sha256, matches, received_at
FROM acknowledgement WHERE index >= $1 AND index < $2

-- name: stored_consent_entry
SELECT index, consent, organisation, subject, event, at FROM consent_entry WHERE index >= $1 AND index < $2

-- name: stored_challenge_entry
SELECT index, challenge, organisation, other, by_body, event, code, stage, at, partnership
FROM challenge_entry WHERE index >= $1 AND index < $2

-- name: stored_search_record
SELECT index, organisation, what FROM search_record WHERE index >= $1 AND index < $2

-- name: stored_thread
SELECT thread, index FROM thread WHERE index >= $1 AND index < $2

-- name: newest_in_threads
-- The newest entry in each of these threads.
SELECT thread, max(index) AS index FROM thread WHERE thread = ANY ($1::text[]) GROUP BY thread
