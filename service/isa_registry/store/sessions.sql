-- name: open_session
INSERT INTO person_session
    (id_sha256, issuer, subject, organisation, provider_subject, provider_session, auth_time, reaches, claims, browser,
     signed_in_at, last_used_at, expires_at, refresh_token, refresh_due_at, id_token_sha256, acr, amr)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, date_trunc('minute', $11::timestamptz),
    date_trunc('minute', $11::timestamptz), date_trunc('minute', $12::timestamptz), $13, $14, $15, $16, $17)

-- name: live_session
-- A session that was not revoked, has not reached its end, and was used lately enough.
SELECT id_sha256, issuer, subject, organisation, provider_subject, provider_session, auth_time, reaches, claims, browser,
    signed_in_at, last_used_at, expires_at, refresh_token, refresh_due_at, id_token_sha256, acr, amr
FROM person_session
WHERE id_sha256 = $1 AND revoked_at IS NULL AND expires_at > $2 AND last_used_at > $3

-- name: sessions_of_person
SELECT id_sha256, issuer, subject, organisation, provider_subject, provider_session, auth_time, reaches, claims, browser,
    signed_in_at, last_used_at, expires_at, refresh_token, refresh_due_at, id_token_sha256, acr, amr
FROM person_session
WHERE issuer = $1 AND subject = $2 AND revoked_at IS NULL AND expires_at > $3 AND last_used_at > $4
ORDER BY last_used_at DESC, signed_in_at DESC, id_sha256

-- name: touch_session
UPDATE person_session SET last_used_at = date_trunc('minute', $2::timestamptz)
WHERE id_sha256 = $1 AND last_used_at < date_trunc('minute', $2::timestamptz)

-- name: revoke_session
UPDATE person_session SET revoked_at = $2, refresh_token = NULL, refresh_due_at = NULL
WHERE id_sha256 = $1 AND revoked_at IS NULL RETURNING id_sha256, organisation

-- name: revoke_oldest_of_person
-- All but the newest so many.
UPDATE person_session SET revoked_at = $3, refresh_token = NULL, refresh_due_at = NULL
WHERE revoked_at IS NULL AND id_sha256 IN (
    SELECT id_sha256 FROM person_session WHERE issuer = $1 AND subject = $2 AND revoked_at IS NULL
    ORDER BY last_used_at DESC, signed_in_at DESC, (id_sha256 = $5) DESC OFFSET $4
) RETURNING id_sha256, organisation

-- name: revoke_others_of_person
UPDATE person_session SET revoked_at = $4, refresh_token = NULL, refresh_due_at = NULL
WHERE issuer = $1 AND subject = $2 AND id_sha256 <> $3 AND revoked_at IS NULL RETURNING id_sha256, organisation

-- name: revoke_by_provider
-- By the provider's own session where it names one, otherwise all of the person's. A session of the person's for which
-- the provider never named its own ends with either.
UPDATE person_session SET revoked_at = $4, refresh_token = NULL, refresh_due_at = NULL
WHERE issuer = $1 AND revoked_at IS NULL
    AND ($2::text IS NULL OR provider_subject = $2) AND (
        $3::text IS NULL OR provider_session = $3 OR (provider_session IS NULL AND $2::text IS NOT NULL)
    )
    AND ($2::text IS NOT NULL OR $3::text IS NOT NULL)
RETURNING id_sha256, organisation

-- name: revoke_of_organisation
UPDATE person_session SET revoked_at = $2, refresh_token = NULL, refresh_due_at = NULL
WHERE organisation = $1 AND revoked_at IS NULL RETURNING id_sha256, organisation

-- name: revoked_since
SELECT id_sha256, revoked_at FROM person_session WHERE revoked_at > $1

-- name: claim_refresh
-- One worker at a time: whoever moves the due time on has the token.
UPDATE person_session SET refresh_due_at = $3
WHERE id_sha256 = $1 AND revoked_at IS NULL AND refresh_due_at <= $2 RETURNING refresh_token

-- name: refreshed
UPDATE person_session SET refresh_token = $2, refresh_due_at = $3, claims = coalesce($4, claims),
    reaches = coalesce($5, reaches)
WHERE id_sha256 = $1 AND revoked_at IS NULL AND refresh_token IS NOT NULL

-- name: see_logout_token
INSERT INTO logout_token_seen (token_sha256, forget_at) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: sweep_sessions
DELETE FROM person_session
WHERE revoked_at < $1 OR (revoked_at IS NULL AND (expires_at < $1 OR last_used_at < $2))

-- name: sweep_logout_tokens
DELETE FROM logout_token_seen WHERE forget_at < $1
