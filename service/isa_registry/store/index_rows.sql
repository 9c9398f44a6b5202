-- name: insert_check_record
INSERT INTO check_record (id, index, organisation, decided_at, purpose, urgency, outcome, basis)
SELECT * FROM unnest(
    $1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[])

-- name: insert_sharing_event
-- Flags come joined by commas: unnest would take an array of arrays apart.
INSERT INTO sharing_event
    (provider, id, index, withheld_index, sha256, recipient, recipient_sees, decision, purpose, decided_at, flags,
     retention, urgency, basis, check_id, corrects, late_entry)
SELECT provider, id, index, withheld_index, sha256, recipient, recipient_sees, decision, purpose, decided_at,
    string_to_array(flags, ','), retention, urgency, basis, check_id, corrects, late_entry
FROM unnest(
    $1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bytea[], $6::text[], $7::boolean[], $8::text[],
    $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::uuid[],
    $17::boolean[])
AS row (provider, id, index, withheld_index, sha256, recipient, recipient_sees, decision, purpose, decided_at, flags,
    retention, urgency, basis, check_id, corrects, late_entry)

-- name: insert_event_reference
INSERT INTO event_reference (index, organisation, reference)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])

-- name: insert_acknowledgement
INSERT INTO acknowledgement (index, provider, event, recipient, event_sha256, matches, received_at)
SELECT * FROM unnest(
    $1::bigint[], $2::text[], $3::uuid[], $4::text[], $5::bytea[], $6::boolean[], $7::timestamptz[])

-- name: insert_consent_entry
INSERT INTO consent_entry (index, consent, organisation, subject, event, at)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])

-- name: insert_challenge_entry
INSERT INTO challenge_entry (index, challenge, organisation, other, by_body, event, stage, at)
SELECT * FROM unnest(
    $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])

-- name: insert_search_record
INSERT INTO search_record (index, organisation, what)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])

-- name: insert_thread
INSERT INTO thread (thread, index)
SELECT * FROM unnest($1::text[], $2::bigint[])

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
SELECT index, challenge, organisation, other, by_body, event, stage, at
FROM challenge_entry WHERE index >= $1 AND index < $2

-- name: stored_search_record
SELECT index, organisation, what FROM search_record WHERE index >= $1 AND index < $2

-- name: stored_thread
SELECT thread, index FROM thread WHERE index >= $1 AND index < $2

-- name: newest_in_threads
-- The newest entry in each of these threads.
SELECT thread, max(index) AS index FROM thread WHERE thread = ANY ($1::text[]) GROUP BY thread
