-- Working state: who is signed in on the pages, and which logout tokens were seen. Nothing here is in the log.

-- A session is known by the SHA-256 of its id, which only the browser holds. A person is an issuer and a subject, never a
-- name; no address and no full browser string is kept; the times of signing in and of last use are those of a minute.
-- What is revoked stays until no fallback of it can live, so that every worker learns of it, and is then swept.
CREATE TABLE person_session (
    id_sha256        bytea       PRIMARY KEY CHECK (octet_length(id_sha256) = 32),
    issuer           text        NOT NULL,
    subject          text        NOT NULL,
    organisation     text        NOT NULL,
    provider_subject text        NOT NULL,
    provider_session text,
    auth_time        timestamptz,
    reaches          text[]      NOT NULL,
    claims           text[]      NOT NULL,
    browser          text        NOT NULL CHECK (browser ~ '^[a-z]{1,16}$'),
    signed_in_at     timestamptz NOT NULL CHECK (signed_in_at = date_trunc('minute', signed_in_at)),
    last_used_at     timestamptz NOT NULL CHECK (last_used_at = date_trunc('minute', last_used_at)),
    expires_at       timestamptz NOT NULL CHECK (expires_at = date_trunc('minute', expires_at)),
    refresh_token    text,
    refresh_due_at   timestamptz,
    revoked_at       timestamptz,
    CHECK ((refresh_token IS NULL) = (refresh_due_at IS NULL)),
    CHECK (revoked_at IS NULL OR refresh_token IS NULL)
);

CREATE INDEX person_session_of_person ON person_session (issuer, subject) WHERE revoked_at IS NULL;
CREATE INDEX person_session_of_provider ON person_session (issuer, provider_subject) WHERE revoked_at IS NULL;
CREATE INDEX person_session_of_provider_session ON person_session (issuer, provider_session) WHERE revoked_at IS NULL;
CREATE INDEX person_session_of_organisation ON person_session (organisation) WHERE revoked_at IS NULL;
CREATE INDEX person_session_revoked ON person_session (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX person_session_by_end ON person_session (expires_at);

-- A logout token counts once, whichever worker it comes to (OpenID Connect Back-Channel Logout 1.0 section 2.6).
CREATE TABLE logout_token_seen (
    token_sha256 bytea       PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    forget_at    timestamptz NOT NULL
);

-- Statistics hold samples of what a column contains, and outlive the rows.
ALTER TABLE person_session
    ALTER COLUMN subject SET STATISTICS 0,
    ALTER COLUMN provider_subject SET STATISTICS 0,
    ALTER COLUMN provider_session SET STATISTICS 0,
    ALTER COLUMN claims SET STATISTICS 0,
    ALTER COLUMN refresh_token SET STATISTICS 0;

GRANT SELECT, INSERT, UPDATE, DELETE ON person_session, logout_token_seen TO isa_work;
