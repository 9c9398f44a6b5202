-- Invitations of bodies to join: what the business unit invited, and what was answered, until it is decided. The link's
-- token is here as its SHA-256 alone. `body` is the record to confirm, `answer` what came back; both are canonical JSON.
-- The address to which a link was sent goes as soon as the link is used, withdrawn or over; an answer when it is decided.
CREATE TABLE body_invitation (
    id            text        PRIMARY KEY,
    organisation  text        NOT NULL,
    body          bytea       NOT NULL,
    state         text        NOT NULL CHECK (state IN ('invited', 'answered', 'confirmed', 'withdrawn')),
    token_sha256  bytea       UNIQUE CHECK (octet_length(token_sha256) = 32),
    address       text,
    invited_by    bigint      NOT NULL,
    invited_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    answer        bytea,
    answer_sha256 bytea       CHECK (octet_length(answer_sha256) = 32),
    answered_at   timestamptz,
    decided_by    bigint,
    decided_at    timestamptz,
    entry         bigint,
    proposal      text,
    CHECK (state = 'invited' OR address IS NULL),
    CHECK ((state = 'answered') = (answer IS NOT NULL)),
    CHECK ((answer IS NULL) = (answer_sha256 IS NULL)),
    CHECK (answer IS NULL OR answered_at IS NOT NULL),
    CHECK ((state IN ('confirmed', 'withdrawn')) = (decided_by IS NOT NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (state = 'confirmed' OR (entry IS NULL AND proposal IS NULL)),
    CHECK (state <> 'withdrawn' OR token_sha256 IS NULL)
);

-- A body has one invitation that waits.
CREATE UNIQUE INDEX body_invitation_once ON body_invitation (organisation) WHERE state IN ('invited', 'answered');

-- Statistics hold samples of what a column contains, and outlive the rows.
ALTER TABLE body_invitation ALTER COLUMN address SET STATISTICS 0, ALTER COLUMN answer SET STATISTICS 0,
    ALTER COLUMN answer_sha256 SET STATISTICS 0, ALTER COLUMN body SET STATISTICS 0,
    ALTER COLUMN token_sha256 SET STATISTICS 0;

GRANT SELECT, INSERT, UPDATE, DELETE ON body_invitation TO isa_work;
GRANT SELECT ON body_invitation TO isa_read;

ALTER TABLE body_invitation ENABLE ROW LEVEL SECURITY;
CREATE POLICY worked ON body_invitation TO isa_work USING (true) WITH CHECK (true);
CREATE POLICY everything ON body_invitation FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) = '*'
);
