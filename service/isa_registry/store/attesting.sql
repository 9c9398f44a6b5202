-- name: invitation
SELECT agreement, version, organisation, state, since, decided_by FROM attestation_invitation
WHERE agreement = $1 AND version = $2 AND organisation = $3

-- name: invitations_of_version
SELECT agreement, version, organisation, state, since, decided_by FROM attestation_invitation
WHERE agreement = $1 AND version = $2 ORDER BY organisation

-- name: invitations_of_body
SELECT agreement, version, organisation, state, since, decided_by FROM attestation_invitation
WHERE organisation = $1 ORDER BY agreement, version

-- name: begin_invitation
-- The first step of a body towards a version; nothing where there is one already.
INSERT INTO attestation_invitation (agreement, version, organisation, state, event, since, decided_by)
VALUES ($1, $2, $3, $4, $5, date_trunc('minute', $6::timestamptz), $7) ON CONFLICT DO NOTHING

-- name: move_invitation
-- From the state that was read, and from no other.
UPDATE attestation_invitation SET state = $5, event = $6, since = date_trunc('minute', $7::timestamptz), decided_by = $8
WHERE agreement = $1 AND version = $2 AND organisation = $3 AND state = $4

-- name: ask
INSERT INTO attestation_query
    (id, agreement, version, organisation, clause, question, reference, state, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'asked', $8, date_trunc('minute', $9::timestamptz)) ON CONFLICT DO NOTHING

-- name: waiting
-- How many of a body's questions about a version are not settled.
SELECT count(*) FROM attestation_query
WHERE agreement = $1 AND version = $2 AND organisation = $3 AND state <> 'settled'

-- name: queries_of_version
SELECT id, agreement, version, organisation, clause, question, reference, state, asked_by, asked_at, answer,
    answer_clause, answered_by, answered_at, settled_by, settled_at
FROM attestation_query WHERE agreement = $1 AND version = $2 ORDER BY asked_at, id

-- name: query
SELECT id, agreement, version, organisation, clause, question, reference, state, asked_by, asked_at, answer,
    answer_clause, answered_by, answered_at, settled_by, settled_at
FROM attestation_query WHERE id = $1

-- name: answer
-- Once: whoever was told something has acted on it.
UPDATE attestation_query SET state = 'answered', answer = $2, answer_clause = $3, answered_by = $4,
    answered_at = date_trunc('minute', $5::timestamptz)
WHERE id = $1 AND state = 'asked'

-- name: settle
UPDATE attestation_query SET state = 'settled', settled_by = $2, settled_at = date_trunc('minute', $3::timestamptz)
WHERE id = $1 AND state <> 'settled'
