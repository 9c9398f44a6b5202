-- Attesting, as working state: who was asked to attest a version and how far they have come, what they asked about its
-- words and what they were told, and how a person had proved who they are. What binds is in the log.

-- A body's invitation to attest a version; the parties of an opened version are invited without a row until something
-- happens. Its life is held to `lifecycle_step`, machine `invitation`; `event` is the last. `since` is a
-- whole minute, `decided_by` the entry that made the person known who did the last step.
CREATE TABLE attestation_invitation (
    agreement    text        NOT NULL,
    version      text        NOT NULL,
    organisation text        NOT NULL,
    state        text        NOT NULL,
    event        text        NOT NULL,
    since        timestamptz NOT NULL CHECK (since = date_trunc('minute', since)),
    decided_by   bigint      NOT NULL,
    PRIMARY KEY (agreement, version, organisation)
);

CREATE TRIGGER lives BEFORE INSERT OR UPDATE ON attestation_invitation
    FOR EACH ROW EXECUTE FUNCTION hold_lifecycle('invitation');

CREATE INDEX attestation_invitation_of ON attestation_invitation (organisation);

-- A question about a clause, by codes and references alone, and its answer. People are entries that made them known.
CREATE TABLE attestation_query (
    id            text        PRIMARY KEY,
    agreement     text        NOT NULL,
    version       text        NOT NULL,
    organisation  text        NOT NULL,
    clause        text        NOT NULL,
    question      text        NOT NULL CHECK (question ~ '^[a-z][a-z-]{0,63}$'),
    reference     text        CHECK (octet_length(reference) <= 64),
    state         text        NOT NULL CHECK (state IN ('asked', 'answered', 'settled')),
    asked_by      bigint      NOT NULL,
    asked_at      timestamptz NOT NULL CHECK (asked_at = date_trunc('minute', asked_at)),
    answer        text        CHECK (answer ~ '^[a-z][a-z-]{0,63}$'),
    answer_clause text,
    answered_by   bigint,
    answered_at   timestamptz CHECK (answered_at = date_trunc('minute', answered_at)),
    settled_by    bigint,
    settled_at    timestamptz CHECK (settled_at = date_trunc('minute', settled_at)),
    CHECK ((answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)),
    CHECK (answer IS NOT NULL OR answer_clause IS NULL),
    CHECK ((settled_by IS NULL) = (settled_at IS NULL)),
    CHECK (CASE state WHEN 'asked' THEN answer IS NULL WHEN 'answered' THEN answer IS NOT NULL ELSE true END),
    CHECK ((state = 'settled') = (settled_by IS NOT NULL))
);

-- The same question of the same body about the same clause waits once.
CREATE UNIQUE INDEX attestation_query_once ON attestation_query (agreement, version, organisation, clause, question)
    WHERE state <> 'settled';
CREATE INDEX attestation_query_of_version ON attestation_query (agreement, version, asked_at);

GRANT SELECT, INSERT, UPDATE ON attestation_invitation, attestation_query TO isa_work;
GRANT SELECT ON attestation_invitation, attestation_query TO isa_read;

-- How far a body has come with a version is its own affair, and the business unit's, whose route reads as the whole.
ALTER TABLE attestation_invitation ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON attestation_invitation TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY own ON attestation_invitation FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN ('*', organisation)
);

-- What one body asks of the words, every signatory is to see with its answer, so that all sign the same understanding of
-- them: so a question is shown to every body, and holds nothing about a person. Nobody who names no body sees one, nor
-- the service's own reading. Which partnership a body belongs to the register says: the application asks that.
ALTER TABLE attestation_query ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON attestation_query TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY bodies ON attestation_query FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) NOT IN ('', '@register')
);

-- How a person had signed in, should the registry sign on their authority: the SHA-256 of the ID token, which itself is
-- not kept, and what it said of the kind of authentication.
ALTER TABLE person_session
    ADD COLUMN id_token_sha256 bytea CHECK (octet_length(id_token_sha256) = 32),
    ADD COLUMN acr text CHECK (octet_length(acr) <= 256),
    ADD COLUMN amr text[] NOT NULL DEFAULT '{}' CHECK (cardinality(amr) <= 16);
ALTER TABLE person_session ALTER COLUMN id_token_sha256 SET STATISTICS 0;
