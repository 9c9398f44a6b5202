-- name: invite
-- One more invitation, unless the body has one that waits.
INSERT INTO body_invitation (id, organisation, body, state, token_sha256, address, invited_by, invited_at, expires_at)
VALUES ($1, $2, $3, 'invited', $4, $5, $6, $7, $8)
ON CONFLICT (organisation) WHERE state IN ('invited', 'answered') DO NOTHING

-- name: invitation
SELECT id, organisation, body, state, token_sha256, address, invited_by, invited_at, expires_at, answer, answer_sha256,
    answered_at, decided_by, decided_at, entry, proposal
FROM body_invitation WHERE id = $1

-- name: by_token
-- The invitation to which an unused link, or one that was used and is not over, leads.
SELECT id, organisation, body, state, token_sha256, address, invited_by, invited_at, expires_at, answer, answer_sha256,
    answered_at, decided_by, decided_at, entry, proposal
FROM body_invitation WHERE token_sha256 = $1 AND expires_at > $2

-- name: listed
-- What waits first, then what was decided, the newest first.
SELECT id, organisation, body, state, token_sha256, address, invited_by, invited_at, expires_at, answer, answer_sha256,
    answered_at, decided_by, decided_at, entry, proposal
FROM body_invitation
ORDER BY array_position(ARRAY['answered', 'invited', 'confirmed', 'withdrawn'], state), invited_at DESC, id DESC LIMIT $1

-- name: send_again
-- A new link, and the old one leads nowhere; what was answered is to be answered anew.
UPDATE body_invitation SET state = 'invited', token_sha256 = $2, address = coalesce($3, address), expires_at = $4,
    answer = NULL, answer_sha256 = NULL, answered_at = NULL
WHERE id = $1 AND state IN ('invited', 'answered')

-- name: answer
-- Once: whoever has the link fills it in. The address is needed no longer.
UPDATE body_invitation SET state = 'answered', answer = $3, answer_sha256 = $4, answered_at = $2, address = NULL
WHERE token_sha256 = $1 AND state = 'invited' AND expires_at > $2

-- name: withdraw
UPDATE body_invitation SET state = 'withdrawn', token_sha256 = NULL, address = NULL, answer = NULL,
    answer_sha256 = NULL, decided_by = $2, decided_at = $3
WHERE id = $1 AND state IN ('invited', 'answered')

-- name: confirm
-- Exactly what was answered; it is in the log, or proposed, and is forgotten here.
UPDATE body_invitation SET state = 'confirmed', answer = NULL, answer_sha256 = NULL, decided_by = $3, decided_at = $4,
    entry = $5, proposal = $6
WHERE id = $1 AND state = 'answered' AND answer_sha256 = $2

-- name: sweep_links
-- The links that are over, and where they had been sent.
UPDATE body_invitation SET token_sha256 = NULL, address = NULL
WHERE expires_at <= $1 AND (token_sha256 IS NOT NULL OR address IS NOT NULL)

-- name: sweep_rows
-- What nobody decided, and what was decided some while ago.
DELETE FROM body_invitation WHERE greatest(expires_at, answered_at, decided_at) <= $1::timestamptz - $2::interval
