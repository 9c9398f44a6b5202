-- Index tables over the record kinds, rebuilt from the log whenever they are doubted; and working state.

CREATE TABLE check_record (
    id           text        PRIMARY KEY,
    index        bigint      NOT NULL UNIQUE,
    organisation text        NOT NULL,
    decided_at   timestamptz NOT NULL
);

CREATE TABLE sharing_event (
    provider        text        NOT NULL,
    id              uuid        NOT NULL,
    index           bigint      NOT NULL UNIQUE,
    withheld_index  bigint,
    sha256          bytea       NOT NULL CHECK (octet_length(sha256) = 32),
    recipient       text,
    recipient_sees  boolean     NOT NULL,
    decision        text        NOT NULL CHECK (decision IN ('shared', 'part-shared', 'not-shared', 'deferred')),
    purpose         text        NOT NULL,
    decided_at      timestamptz NOT NULL,
    flags           text[]      NOT NULL,
    PRIMARY KEY (provider, id),
    CHECK (NOT recipient_sees OR (recipient IS NOT NULL AND decision IN ('shared', 'part-shared')))
);

CREATE INDEX sharing_event_by_provider ON sharing_event (provider, index DESC);
CREATE INDEX sharing_event_by_recipient ON sharing_event (recipient, index DESC) WHERE recipient_sees;

-- Kept 24 hours: hashes and the entry's index, never a body. The sequencer claims, the worker sweeps.
CREATE TABLE idempotency (
    scope_sha256   bytea       PRIMARY KEY CHECK (octet_length(scope_sha256) = 32),
    request_sha256 bytea       NOT NULL CHECK (octet_length(request_sha256) = 32),
    index          bigint      NOT NULL,
    claimed_at     timestamptz NOT NULL
);

CREATE INDEX idempotency_by_age ON idempotency (claimed_at);

CREATE TABLE register_snapshot (
    size     bigint      PRIMARY KEY CHECK (size > 0),
    format   text        NOT NULL,
    leaf_hash bytea      NOT NULL CHECK (octet_length(leaf_hash) = 32),
    sha256   bytea       NOT NULL CHECK (octet_length(sha256) = 32),
    body     bytea       NOT NULL,
    made_at  timestamptz NOT NULL
);

GRANT SELECT, INSERT ON check_record, sharing_event TO isa_sequence;
GRANT SELECT, INSERT, UPDATE ON idempotency TO isa_sequence;
GRANT SELECT ON check_record, sharing_event TO isa_read;
GRANT SELECT, DELETE ON idempotency TO isa_work;
GRANT SELECT, INSERT, DELETE ON register_snapshot TO isa_work;

ALTER TABLE check_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY sequenced ON check_record TO isa_sequence USING (true) WITH CHECK (true);
CREATE POLICY own ON check_record FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (organisation, '*')
);

ALTER TABLE sharing_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY sequenced ON sharing_event TO isa_sequence USING (true) WITH CHECK (true);
CREATE POLICY parties ON sharing_event FOR SELECT TO isa_read USING (
    current_setting('isa.organisation', true) IN (provider, '*')
    OR (recipient_sees AND current_setting('isa.organisation', true) = recipient)
);
